"""Annual sums of maps, and their trends."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.grid import Grid, polar_grid
from abz.trends import annual_sums, flux_trends, trend_series
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX

GRID = polar_grid(2.0e6)


def monthly(first="2001-01", n=240, seed=0):
    time = (np.datetime64(first, "M") + np.arange(n)).astype("datetime64[ns]")
    values = np.random.default_rng(seed).normal(size=(n, *GRID.shape)).astype(np.float32)
    return xr.DataArray(
        values, dims=("time", "y", "x"), coords={**GRID.coords(), "time": time},
        attrs={"units": MONTHLY_FLUX},
    )  # fmt: skip


def test_a_year_is_the_sum_of_its_months():
    nee = monthly()
    sums = annual_sums(nee)
    assert sums.attrs["units"] == ANNUAL_FLUX
    assert sums["year"].values.tolist() == list(range(2001, 2021))
    reference = nee.astype(float).groupby("time.year").sum()
    np.testing.assert_allclose(sums, reference)


def test_a_missing_month_makes_the_year_missing():
    nee = monthly()
    nee[14, 1, 2] = np.nan
    sums = annual_sums(nee)
    assert np.isnan(sums.sel(year=2002).values[1, 2])
    assert int(sums.isnull().sum()) == 1


def test_a_month_that_is_there_twice_is_named():
    twice = monthly(n=24).isel(time=[*range(24), 17])
    with pytest.raises(InputError, match="2 steps in 2002-06"):
        annual_sums(twice)


def test_no_whole_year_has_no_trend():
    with pytest.raises(InputError, match="at least one year"):
        flux_trends({"nee": annual_sums(monthly("2001-02", 12))})


def test_years_without_all_months_are_left_out():
    assert annual_sums(monthly("2001-02", 23))["year"].values.tolist() == [2002]


def test_each_flux_has_its_own_years():
    fluxes = {"nee": annual_sums(monthly()), "nee_fire": annual_sums(monthly(seed=1))[1:]}
    found = flux_trends(fluxes, "zhang")
    assert found["mean"].dims == ("flux", "y", "x")
    assert found["first_year"].values.tolist() == [2001, 2002]
    assert found["last_year"].values.tolist() == [2020, 2020]
    assert Grid.of(found) == GRID
    assert set(found["n_valid"].sel(flux="nee_fire").values.flat) == {19}
    for name, sums in fluxes.items():
        cell = trend_series(sums.values[:, 2, 3][None], sums["year"].values)
        layer = found.sel(flux=name).isel(y=2, x=3)
        assert layer["slope"].item() == np.float32(cell.slope[0])
        assert layer["p_value"].item() == np.float32(cell.p_value[0])
        assert layer["mean"].item() == np.float32(sums.values[:, 2, 3].mean())


@pytest.mark.parametrize(
    ("method", "preserve_range"), [("none", False), ("yue_pilon", False), ("yue_pilon", True)]
)
def test_the_test_is_the_one_that_is_asked_for(method, preserve_range):
    sums = annual_sums(monthly()).cumsum("year", keep_attrs=True)
    found = flux_trends({"nee": sums}, method, preserve_range).sel(flux="nee")
    cells = trend_series(sums.values.reshape(20, -1).T, sums["year"].values, method,
                         preserve_range=preserve_range)  # fmt: skip
    for name in ("slope", "p_value", "lower"):
        values = getattr(cells, name).astype(np.float32)
        np.testing.assert_array_equal(found[name].values.ravel(), values)
    assert found.attrs["method"] == method


def test_units_are_checked():
    with pytest.raises(UnitsError):
        annual_sums(monthly().assign_attrs(units="g C m-2 d-1"))
    with pytest.raises(UnitsError):
        flux_trends({"nee": monthly().rename(time="year")})
