"""Maps that lie wrong are told by their coasts; others are left alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError
from abz.grid import Grid, polar_grid
from abz.readers.orientation import (
    LAND,
    check_orientation,
    check_polar_orientation,
    is_mostly_land,
)
from abz.world.land import is_land

LON, LAT = np.arange(-179.0, 180.0, 2.0), np.arange(89.0, 44.0, -2.0)


def test_the_land_is_that_of_the_globe_mask():
    part = (np.arange(10) + 0.5) / 2
    lat = (90.0 - 5.0 * np.arange(9)[:, None] - part).ravel()
    lon = (-180.0 + 5.0 * np.arange(72)[:, None] + part).ravel()
    east, north = (axis.ravel() for axis in np.meshgrid(lon, lat))
    share = is_land(east, north).reshape(9, 10, 72, 10).mean(axis=(1, 3))
    drawn = np.array([[cell == "#" for cell in row] for row in LAND.split()])
    assert drawn.shape == (36, 72)
    sure = np.abs(share - 0.5) > 0.05
    np.testing.assert_array_equal(drawn[:9][sure], (share >= 0.5)[sure])
    assert sure.mean() > 0.9


def coasts(seed):
    """Land as a finer product sees it: some lakes in it, some islands beside it."""
    rng = np.random.default_rng(seed)
    land = is_mostly_land(LON, LAT) ^ (rng.random((LAT.size, LON.size)) < 0.1)
    return np.where(land, rng.normal(size=land.shape), np.nan)


@given(seed=st.integers(0, 999), ocean=st.sampled_from([np.nan, 0.0]))
def test_each_fault_is_found_and_named(seed, ocean):
    values = np.nan_to_num(coasts(seed), nan=ocean)[None]
    check_orientation(values, LON, LAT, "x")
    with pytest.raises(GridError, match="x lies upside down"):
        check_orientation(values[:, ::-1], LON, LAT, "x")
    with pytest.raises(GridError, match="mirrored"):
        check_orientation(values[:, :, ::-1], LON, LAT, "x")
    with pytest.raises(GridError, match="half a turn"):
        check_orientation(np.roll(values, LON.size // 2, axis=2), LON, LAT, "x")


@given(seed=st.integers(0, 999), share=st.floats(0, 1))
def test_noise_tells_nothing(seed, share):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((LAT.size, LON.size)) < share, np.nan, 1.0)
    check_orientation(values, LON, LAT, "x")


def test_small_and_empty_maps_tell_nothing():
    check_orientation(coasts(0)[::-1][:, :40], LON[:40], LAT, "x")
    check_orientation(np.full((LAT.size, LON.size), np.nan), LON, LAT, "x")
    check_orientation(np.ones((LAT.size, LON.size)), LON, LAT, "x")


@pytest.mark.parametrize("meridian", [0, 180])
@given(seed=st.integers(0, 99), thinner=st.sampled_from([1, 3]))
def test_maps_round_the_pole(meridian, seed, thinner):
    grid = polar_grid(1e5)
    grid = Grid(f"+proj=laea +lat_0=90 +lon_0={meridian} +datum=WGS84", grid.transform, grid.shape)
    lon, lat = grid.lonlat()
    land = is_land(lon, lat) & (lat > 45)
    held = land ^ (np.random.default_rng(seed).random(land.shape) < 0.04)
    held = held[thinner // 2 :: thinner, thinner // 2 :: thinner]
    check_polar_orientation(held, grid, "x")
    for fault, turned in (
        ("x lies upside down", held[::-1]),
        ("x is mirrored", held[:, ::-1]),
        ("x is turned", held[::-1, ::-1]),
    ):
        with pytest.raises(GridError, match=fault):
            check_polar_orientation(turned, grid, "x")


def test_a_projected_map_without_the_pole_passes():
    grid = polar_grid(1e5, (5e5, 5e5, 4e6, 4e6))
    check_polar_orientation(np.eye(*grid.shape, dtype=bool), grid, "x")
    held = np.random.default_rng(1).random(grid.shape) < 0.5
    check_polar_orientation(held, Grid("EPSG:3035", polar_grid(1e5).transform, grid.shape), "x")
