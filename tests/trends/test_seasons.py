"""Seasonal values of monthly maps and their trends."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.trends import TREND_SEASONS, annual_sums, layer_trends, seasonal_values, trend


def maps(units, start="2001-01-01", months=60, seed=0):
    time = xr.date_range(start, periods=months, freq="MS")
    values = np.random.default_rng(seed).normal(size=(months, 2, 3)).astype(np.float32)
    return xr.DataArray(
        values, dims=("time", "y", "x"), coords={"time": time, "y": [1.0, 0.0], "x": [0.0, 1, 2]},
        attrs={"units": units},
    )  # fmt: skip


def test_fluxes_are_summed_as_annual_sums_do():
    nee = maps("g C m-2 month-1")
    found = seasonal_values(nee)
    assert found.attrs["units"] == "g C m-2 yr-1"
    np.testing.assert_allclose(found.sel(season="annual"), annual_sums(nee), rtol=1e-5, atol=1e-5)
    summer = nee.sel(time=nee["time"].dt.month.isin([6, 7, 8])).groupby("time.year").sum()
    np.testing.assert_allclose(found.sel(season="JJA"), summer, rtol=1e-4, atol=1e-5)


@given(st.integers(0, 100))
def test_everything_else_is_averaged(seed):
    warmth = maps("K", seed=seed)
    found = seasonal_values(warmth)
    assert found.attrs["units"] == "K"
    autumn = warmth.sel(time=warmth["time"].dt.month.isin([9, 10, 11])).groupby("time.year").mean()
    np.testing.assert_allclose(found.sel(season="SON"), autumn, rtol=1e-4, atol=1e-6)
    assert list(found["season"].values) == list(TREND_SEASONS)


def test_missing_months_are_missing_seasons_and_short_years_do_not_count():
    warmth = maps("K", "2001-03-01", 30)
    warmth[17, 0, 0] = np.nan
    found = seasonal_values(warmth)
    assert found["year"].values.tolist() == [2002]
    assert np.isnan(found.sel(season="JJA", year=2002)[0, 0])
    assert np.isfinite(found.sel(season="SON", year=2002)).all()


def test_a_month_that_is_there_twice_is_named():
    with pytest.raises(InputError, match="2 steps in 2001-06"):
        seasonal_values(maps("K").isel(time=[5, *range(24)]))


def test_a_map_without_units_is_refused():
    with pytest.raises(InputError, match="no units"):
        seasonal_values(maps("K").drop_attrs())


@pytest.mark.parametrize(
    "test", [("zhang", False), ("none", False), ("yue_pilon", False), ("yue_pilon", True)]
)
def test_layers_are_tested_as_each_alone(test):
    values = seasonal_values(maps("K", months=240)).cumsum("year", keep_attrs=True)
    layers = {("lst", s): values.sel(season=s, drop=True) for s in ("annual", "JJA")}
    found = layer_trends(layers, *test)
    assert found["layer"].values.tolist() == ["lst_annual", "lst_JJA"]
    assert found["units"].values.tolist() == ["K", "K"]
    for (variable, season), layer in layers.items():
        alone = trend(layer, *test)
        row = found.sel(layer=f"{variable}_{season}")
        np.testing.assert_allclose(row["slope"], alone["slope"], rtol=1e-6)
        np.testing.assert_allclose(row["p_value"], alone["p_value"], rtol=1e-6)
        assert (int(row["first_year"]), int(row["last_year"])) == (2001, 2020)
