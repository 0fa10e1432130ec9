import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.errors import MissingDataError
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling.totals import LABELS, label_totals


def parts():
    grams = np.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    months = pd.date_range("2001-01-01", periods=4, freq="MS")
    sizes = {"flux": 2, "member": 3, "time": 4, "atom_id": 2, "predictor": 3}
    sums = {
        name: np.ones([sizes[dim] for dim in dims], np.int64)
        for name, (dims, _, _) in LABELS.items()
    }
    return {
        "sums": sums | {"grams": grams},
        "fluxes": ["nee", "gpp"],
        "time": xr.DataArray(months, dims="time", coords={"time": months}),
        "predictors": ["month", "lst", "ndvi"],
        "zones": xr.Dataset(
            {"domain": (("y", "x"), np.ones((1, 2)))},
            coords={
                "atom_biome": ("atom_id", np.int16([6, 11])),
                "atom_area": ("atom_id", np.float64([3, 4])),
            },
        ),
    }


def test_totals_keep_their_atoms_units_and_quanta():
    totals = label_totals(**parts())
    assert totals["grams"].dims == ("flux", "member", "time", "atom_id")
    assert totals["grams"].dtype == np.int64
    assert totals["atom_biome"].values.tolist() == [6, 11]
    assert totals["member"].values.tolist() == [0, 1, 2]
    assert set(totals.data_vars) == set(LABELS)
    assert all(totals[name].dims == dims for name, (dims, _, _) in LABELS.items())
    assert totals["grams"].attrs["scale"] == GRAM_QUANTUM
    assert totals["valid_area"].attrs["scale"] == AREA_QUANTUM
    assert totals["outside_area"].attrs["scale"] == AREA_QUANTUM
    assert all("units" in da.attrs and "long_name" in da.attrs for da in totals.values())


def test_zones_without_atoms_are_refused():
    with pytest.raises(MissingDataError, match="atom_area"):
        label_totals(**{**parts(), "zones": xr.Dataset()})
