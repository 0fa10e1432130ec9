"""Axes in metres: windows, bands, directions, and axes that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError, InputError
from abz.grid import FINE_CELL_M, POLAR_CRS, polar_grid
from abz.readers.projected import projected_window

GRID = polar_grid(FINE_CELL_M * 500)


@given(
    south_up=st.booleans(),
    west_first=st.booleans(),
    west=st.integers(-5_000_000, 3_000_000),
    south=st.integers(-4_300_000, 2_000_000),
    rows=st.tuples(st.integers(0, 2), st.integers(3, 4)),
)
def test_a_window_is_that_part_of_the_grid(south_up, west_first, west, south, rows):
    x = GRID.x if west_first else GRID.x[::-1]
    y = GRID.y[::-1] if south_up else GRID.y
    stored = np.add.outer(1000 * y, x)
    box = (float(west), float(south), west + 2.1e6, south + 2.1e6)
    window = projected_window(x, y, POLAR_CRS, "a", bounds=box, band=rows)
    part = window.turned(stored[window.rows, window.columns])
    expected = np.add.outer(1000 * window.grid.y, window.grid.x)
    np.testing.assert_allclose(part, expected, rtol=0, atol=1e-2)
    whole = projected_window(x, y, POLAR_CRS, "a", bounds=box)
    same = whole.grid.window(slice(*rows), slice(None))
    assert same.shape == window.grid.shape
    np.testing.assert_allclose(same.bounds, window.grid.bounds, rtol=0, atol=1e-3)
    assert projected_window(x, y, POLAR_CRS, "a").grid.shape == GRID.shape


@pytest.mark.parametrize("crs", [None, "EPSG:4326"])
def test_no_projection(crs):
    with pytest.raises(GridError, match="a does not say where it lies"):
        projected_window(GRID.x, GRID.y, crs, "a")


def test_axes_that_are_uneven_or_degrees():
    with pytest.raises(GridError, match="easting of a is not evenly spaced"):
        projected_window(np.delete(GRID.x, 5), GRID.y, POLAR_CRS, "a")
    with pytest.raises(GridError, match="northing of a is not evenly spaced in metres"):
        projected_window(GRID.x, np.linspace(90, 60, 40), POLAR_CRS, "a")


def test_boxes_and_bands_beyond_the_map():
    with pytest.raises(GridError, match="does not reach into the box"):
        projected_window(GRID.x, GRID.y, POLAR_CRS, "a", bounds=(9e6, 0.0, 9.5e6, 1e6))
    with pytest.raises(InputError, match="stop row"):
        projected_window(GRID.x, GRID.y, POLAR_CRS, "a", band=(0, 1000))
