import numpy as np
import pytest
import xarray as xr

from abz.report.mapping_tables import MAPPING_TABLES
from abz.report.results import Results

NAMES = ["month", "lst", "vegetation"]


@pytest.fixture
def results():
    totals = xr.Dataset(
        {
            "missing": (("time", "predictor"), np.array([[0, 3, 0], [0, 1, 0]])),
            "unseen": (("time", "predictor"), np.array([[0, 0, 2], [0, 0, 2]])),
            "predicted": ("time", np.array([50, 50])),
            "unpredicted": ("time", np.array([5, 3])),
            "outside_cells": (
                ("flux", "time", "predictor"),
                np.array([[[0, 10, 0], [0, 15, 0]], [[0, 0, 0], [0, 0, 0]]]),
            ),
        },
        coords={"predictor": NAMES, "flux": ["nee", "gpp"]},
    )
    return Results(name="a", missing={"fine": totals})


def test_what_has_no_flux_is_told_by_predictor_and_reason(results):
    table = MAPPING_TABLES["missing"](results)
    bare = table.bare.set_index("predictor")
    assert bare.loc["lst", ["missing", "unseen"]].tolist() == [4, 0]
    assert bare.loc["vegetation", ["missing", "unseen"]].tolist() == [0, 4]
    assert len(table.shown) == 2


def test_shares_outside_the_range_are_of_mapped_cell_months(results):
    table = MAPPING_TABLES["outside_range"](results)
    bare = table.bare.set_index("predictor")
    assert bare.index.tolist() == ["lst"]
    assert bare.loc["lst", "nee"] == pytest.approx(0.25)
    assert bare.loc["lst", "gpp"] == 0
    assert table.shown.iloc[0].tolist()[2:] == ["25.00", "0.00"]


def test_a_run_without_maps_has_none_of_them():
    assert all(make(Results(name="a")) is None for make in MAPPING_TABLES.values())
