import numpy as np
import pytest
import xarray as xr

from abz.applicability.levels import levels_by_zone
from abz.errors import MissingDataError
from abz.units import AREA_QUANTUM


@pytest.fixture
def totals():
    """Three atoms, two levels; NEE rests on a stand-in for one of them, GPP on none."""
    atoms = {
        "biome": [6, 6, 11], "permafrost": [0, 1, 1], "region": [4, 1, 1],
        "vegetation": [70, 160, 160],
    }  # fmt: skip
    km2 = np.array([[300, 0, 0], [0, 100, 200]]) * 10**6
    return xr.Dataset(
        {
            "level_support": (("flux", "level"), [[0, 1], [0, 2]]),
            "stand_in": (("flux", "level"), [[-1, 21], [-1, -1]]),
            "level_area": (("level", "atom_id"), (km2 / AREA_QUANTUM).astype(np.int64)),
            "level_cells": (("level", "atom_id"), [[3, 0, 0], [0, 1, 2]]),
        },
        coords={
            "flux": ["nee", "gpp"],
            "level_predictor": ("level", ["vegetation", "vegetation"]),
            "level_code": ("level", np.int16([70, 160])),
            **{f"atom_{name}": ("atom_id", codes) for name, codes in atoms.items()},
            "atom_area": ("atom_id", km2.sum(axis=0).astype(float)),
        },
    )


def test_areas_and_cells_by_zone(totals):
    rows = levels_by_zone(totals).set_index(["flux", "zone", "level"])
    boreal = rows.loc[("nee", "boreal", 160)]
    assert boreal[["cells", "area_m2", "zone_share"]].tolist() == [1, 1e8, 0.25]
    assert boreal[["support", "stand_in"]].tolist() == ["pooled", 21]
    assert rows.loc[("gpp", "tundra", 160)][["support", "cells"]].tolist() == ["unsupported", 2]
    assert ("nee", "tundra", 70) not in rows.index


def test_zones_of_a_set_add_up_to_the_whole(totals):
    rows = levels_by_zone(totals)
    for zone_set in ("biome", "region", "vegetation", "permafrost"):
        part = rows[rows["zone_set"] == zone_set].groupby(["flux", "level"])["area_m2"].sum()
        whole = rows[rows["zone_set"] == "abz"].set_index(["flux", "level"])["area_m2"]
        assert part.sort_index().equals(whole.sort_index())
    assert np.allclose(rows.groupby(["flux", "zone_set", "zone"])["zone_share"].sum(), 1)


def test_totals_must_speak_of_levels(totals):
    with pytest.raises(MissingDataError, match="level_support"):
        levels_by_zone(totals.drop_vars("level_support"))
