"""Trends of labelled maps."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.grid import polar_grid
from abz.trends import trend, trend_series

GRID = polar_grid(1.0e6)
YEARS = np.arange(2001, 2021)


def maps(dtype=np.float32):
    values = np.random.default_rng(1).normal(size=(20, *GRID.shape)).cumsum(axis=0).astype(dtype)
    values[:, 0, 0] = np.nan
    return xr.DataArray(
        values, dims=("year", "y", "x"), coords={**GRID.coords(), "year": YEARS},
        attrs={"units": "g C m-2 yr-1"},
    )  # fmt: skip


@pytest.mark.parametrize("method", ["none", "yue_pilon", "zhang"])
def test_every_cell_is_its_own_series(method):
    da = maps()
    result = trend(da, method)
    cell = trend_series(da.values[:, 3, 4][None], YEARS, method)
    for name in cell.__dataclass_fields__:
        assert result[name].values[3, 4] == getattr(cell, name)[0]
    assert np.isnan(result["slope"].values[0, 0])
    assert result["n_valid"].values[0, 0] == 0


def test_units_and_grid_go_along():
    result = trend(maps())
    assert result["slope"].attrs["units"] == "g C m-2 yr-1 per year"
    assert result["p_value"].attrs["units"] == "1"
    assert all("long_name" in variable.attrs for variable in result.data_vars.values())
    assert type(GRID).of(result) == GRID
    assert "year" not in result.coords


def test_dates_and_the_place_of_the_dimension_do_not_matter():
    da = maps()
    dated = da.rename(year="time").assign_coords(time=np.array(YEARS - 1970, "datetime64[Y]"))
    dated["time"] = dated["time"].astype("datetime64[ns]")
    xr.testing.assert_identical(trend(dated, dim="time"), trend(da))
    xr.testing.assert_identical(trend(da.transpose("y", "x", "year")), trend(da))


def test_one_series_without_other_dimensions():
    assert trend(maps()[:, 2, 2])["slope"].ndim == 0


def test_units_are_needed():
    with pytest.raises(UnitsError, match="no units"):
        trend(maps().drop_attrs())


def test_the_dimension_is_needed():
    with pytest.raises(InputError, match="'time'"):
        trend(maps(), dim="time")
