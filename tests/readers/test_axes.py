"""Grids from centres, windows of boxes, and coordinates that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError
from abz.readers.axes import check_degrees, grid_of_centres, lonlat_window

CELLS_PER_DEGREE = [1, 2, 4, 5, 10, 12, 24, 48]


@given(
    per_degree=st.sampled_from(CELLS_PER_DEGREE),
    west=st.integers(-180, 150),
    north=st.integers(50, 90),
    centred=st.booleans(),
    kind=st.sampled_from(["f4", "f8"]),
)
def test_centres_give_exact_edges(per_degree, west, north, centred, kind):
    step = 1 / per_degree
    shift = 0.0 if centred else step / 2
    lon = (west + shift + step * np.arange(20)).astype(kind)
    lat = (north - shift - step * np.arange(10)).astype(kind)
    grid = grid_of_centres(lon, lat)
    np.testing.assert_allclose(grid.transform.a, step, rtol=1e-12)
    np.testing.assert_allclose(grid.bounds[0], west + shift - step / 2, atol=1e-10)
    np.testing.assert_allclose(grid.bounds[3], north - shift + step / 2, atol=1e-10)
    assert grid.shape == (10, 20)


@pytest.mark.parametrize("centres", [[0.0, 1.0, 3.0], [0.0], [5.0, 5.0]])
def test_uneven_centres_are_refused(centres):
    with pytest.raises(GridError, match="longitude"):
        grid_of_centres(np.array(centres), np.array([60.0, 59.0]))


@given(
    east_from=st.sampled_from([-180.0, 0.0]),
    north_up=st.booleans(),
    west=st.integers(-180, 100),
    south=st.integers(-90, 60),
    width=st.integers(10, 80),
)
def test_a_window_holds_the_cells_of_its_box(east_from, north_up, west, south, width):
    lon = east_from + 2.5 + 5.0 * np.arange(72)
    lat = (-87.5 + 5.0 * np.arange(36))[:: -1 if north_up else 1]
    stored = np.add.outer(lat, (lon + 180) % 360 - 180) + 1000 * lat[:, None]
    box = (float(west), float(south), float(west + width), float(south + 25))
    window = lonlat_window(lon, lat, "a", box)
    part = window.turned(stored[window.rows, window.columns])
    expected = np.add.outer(window.latitude, window.longitude) + 1000 * window.latitude[:, None]
    np.testing.assert_array_equal(part, expected)
    wrapped = np.sort((lon + 180) % 360 - 180)
    inside = wrapped[(wrapped >= west) & (wrapped <= west + width)]
    np.testing.assert_array_equal(window.longitude, inside)
    assert (np.diff(window.latitude) == -5.0).all()
    assert window.grid.shape == part.shape


def test_a_box_beside_the_file_is_refused():
    lon, lat = np.arange(0.5, 10), np.arange(50.5, 60)
    with pytest.raises(GridError, match="too few cells"):
        lonlat_window(lon, lat, "a", (20.0, 50.0, 30.0, 60.0))


@pytest.mark.parametrize(
    ("lon", "lat", "message"),
    [
        ([-3.1, 3.1], [0.8, 1.5], "a are in radians"),
        ([0.1, 6.2], [-1.5, 1.5], "a are in radians"),
        ([-4e6, 4e6], [0.0, 1e6], "lie off the globe"),
        ([50.0, 80.0], [-170.0, 170.0], "lie off the globe"),
        ([-9999.0, 10.0], [60.0, 70.0], "lie off the globe"),
    ],
)
def test_coordinates_that_are_no_degrees(lon, lat, message):
    with pytest.raises(GridError, match=message):
        check_degrees(np.array(lon), np.array(lat), "a")


def test_degrees_and_nothing_pass():
    check_degrees(np.array([-180.0, 180.0]), np.array([49.0, 90.0]), "a")
    check_degrees(np.array([np.nan]), np.array([np.nan]), "a")
