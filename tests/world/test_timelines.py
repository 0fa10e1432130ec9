"""A year of each product that changes with time."""

import numpy as np
import pytest

from abz.grid import Grid, lonlat_grid, sinusoidal_grid
from abz.world import Footprint, World, footprint, timelines


@pytest.fixture(scope="module")
def lonlat(world: World) -> Footprint:
    return footprint(world, lonlat_grid(4.5))


@pytest.fixture(scope="module")
def sinusoidal(world: World) -> Footprint:
    return footprint(world, sinusoidal_grid(3))


def test_monthly_products_hold_twelve_months(world: World, lonlat: Footprint) -> None:
    era5 = timelines.era5_land(world, lonlat, 2003)
    assert set(era5) == {"soil_temperature", "soil_moisture", "snow_cover", "air_temperature"}
    assert era5["snow_cover"].dims == ("time", "y", "x")
    assert str(era5["time"].values[4])[:10] == "2003-05-01"
    assert Grid.of(era5) == lonlat.grid
    expected = world.weather(lonlat.places, 2003, 5).snow_cover.astype(np.float32)
    assert np.array_equal(era5["snow_cover"].values[4].flat[lonlat.cells], expected)
    terra = timelines.terraclimate(world, lonlat, 2003)
    assert terra["srad"].attrs["units"] == "W m-2"


def test_clouds_hide_composites_but_hardly_ever_a_month(
    world: World, sinusoidal: Footprint
) -> None:
    lst = timelines.mod11a2(world, sinusoidal, 2004)
    values = lst["lst"].values.reshape(46, -1)[:, sinusoidal.cells]
    gaps = np.isnan(values)
    assert 0.02 < gaps.mean() < 0.25
    runs = gaps[:-3] & gaps[1:-2] & gaps[2:-1] & gaps[3:]
    assert runs.mean() < 0.005
    assert lst["days"].values[-1] == 6


def test_ndvi_reliability(world: World, sinusoidal: Footprint) -> None:
    data = timelines.mod13a1(world, sinusoidal, 2004)
    codes = data["reliability"].values
    assert codes.dtype == np.int8
    assert set(np.unique(codes)) == {-1, 0, 1, 2, 3}
    assert np.array_equal(np.isnan(data["ndvi"].values), codes == -1)
    ndvi = data["ndvi"].values
    assert ndvi[12][codes[12] == 0].mean() > ndvi[5][codes[5] == 2].mean()


def test_half_months_cover_the_year(world: World, lonlat: Footprint) -> None:
    data = timelines.gimms3g(world, lonlat, 2004)
    assert data["days"].values.sum() == 366
    assert data["days"].values[:4].tolist() == [15, 16, 15, 14]
    assert set(np.unique(data["flag"].values)) <= {-1, 0, 1, 2}


def test_fire_year(world: World, lonlat: Footprint) -> None:
    data = timelines.gfed500m(world, lonlat, 2010)
    burned = data["burned_fraction"].values
    assert np.nanmax(burned) <= 1
    assert np.nanmin(burned) == 0
    assert np.nansum(data["emission"].values[[0, 1, 2, 3, 9, 10, 11]]) == 0


def test_covers_and_co2(world: World, lonlat: Footprint) -> None:
    covers = timelines.annual_covers(world, lonlat, 2010)
    assert covers["year"].values.tolist() == [2010]
    total = sum(covers[name].values for name in covers)
    assert np.nanmax(np.abs(total - 100)) < 1e-3
    series = timelines.co2_series(world, range(1990, 1992))["co2"]
    assert series.sizes == {"time": 24}
    assert series.notnull().all()
