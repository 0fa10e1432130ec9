"""Bands and samples of trend maps: bands change nothing, zones have their means."""

import numpy as np
import pytest
import xarray as xr

from abz.cli import trend_layers
from abz.cli.trend_layers import Sample, season_layers

ZONES = {("abz", "ABZ"): np.ones((30, 20), bool), ("biome", "tundra"): np.zeros((30, 20), bool)}
ZONES["biome", "tundra"][:4] = True


@pytest.fixture
def zones():
    rng = np.random.default_rng(3)
    domain = (rng.random((30, 20)) < 0.7).astype(np.int8)
    area = rng.uniform(1e8, 2e8, (30, 20))
    return xr.Dataset({"domain": (("y", "x"), domain), "area": (("y", "x"), area)})


def layer(seed=0):
    values = np.random.default_rng(seed).normal(size=(6, 30, 20)).astype(np.float32)
    values[:, 5, 5] = np.nan
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": range(2001, 2007)})


@pytest.mark.parametrize("height", [1, 7, 30])
def test_bands_change_neither_the_sample_nor_the_means(zones, height, monkeypatch):
    monkeypatch.setattr(trend_layers, "SAMPLED_CELLS", 60)
    name, whole = ("nee", "annual"), layer()
    one, many = Sample.of(zones, ZONES), Sample.of(zones, ZONES)
    one.add({name: whole}, 0)
    for top in range(0, 30, height):
        many.add({name: whole.isel(y=slice(top, top + height))}, top)
    assert one.step == 3
    for first, second in zip(one.series(name), many.series(name), strict=True):
        np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(one.zone_means(name), many.zone_means(name), rtol=1e-12)


def test_the_sample_is_of_land_with_a_value_and_zones_have_weighted_means(zones):
    name, whole = ("nee", "annual"), layer(1)
    sample = Sample.of(zones, ZONES)
    sample.add({name: whole}, 0)
    series, area = sample.series(name)
    known = (zones["domain"].values > 0) & np.isfinite(whole.values).all(axis=0)
    assert sample.step == 1
    assert len(series) == known.sum() == len(area)
    weights = np.where(known, zones["area"].values, 0.0)
    expected = (np.nan_to_num(whole.values) * weights).sum(axis=(1, 2)) / weights.sum()
    np.testing.assert_allclose(sample.zone_means(name)[0], expected, rtol=1e-6)


def test_layers_are_nee_by_season_and_what_changes_with_time():
    time = xr.date_range("2001-01-01", periods=24, freq="MS")
    month = xr.DataArray(np.ones((24, 2, 2)), dims=("time", "y", "x"), coords={"time": time})
    year = xr.DataArray(np.ones((2, 2, 2)), dims=("year", "y", "x"), coords={"year": [2001, 2002]})
    flux = xr.Dataset({"nee": month.assign_attrs(units="g C m-2 month-1")})
    cube = xr.Dataset(
        {"lst": month.assign_attrs(units="K"), "tree_cover": year.assign_attrs(units="%"),
         "cti": month.isel(time=0, drop=True), "co2": month.isel(y=0, x=0, drop=True)}
    )  # fmt: skip
    found = dict(season_layers(flux, cube, slice(0, 1)))
    assert set(found) == {
        ("tree_cover", "annual"), ("nee", "MAM"), ("nee", "JJA"), ("nee", "SON"),
        ("lst", "annual"), ("lst", "JJA"), ("lst", "SON"),
    }  # fmt: skip
    assert float(found["nee", "JJA"].max()) == 3.0
    assert float(found["lst", "JJA"].max()) == 1.0
    assert all(layer.sizes["y"] == 1 for layer in found.values())
