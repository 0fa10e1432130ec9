"""Cells of products: uneven rows and columns find their points; gaps are refused."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.compare.products import UnevenCells, cells_of
from abz.errors import GridError
from abz.grid import lonlat_grid


def as_uneven(grid):
    west, south, east, north = grid.bounds
    y = np.linspace(north, south, grid.shape[0] + 1)
    x = np.linspace(west, east, grid.shape[1] + 1)
    return UnevenCells(y[:-1], y[1:], x[:-1], x[1:])


@given(st.integers(0, 99), st.sampled_from([1.0, 2.5, 5.0]))
def test_even_cells_are_those_of_a_grid(seed, step):
    rng = np.random.default_rng(seed)
    grid = lonlat_grid(step)
    cells = as_uneven(grid)
    lon, lat = rng.uniform(-180, 540, 50), rng.uniform(30, 90, 50)
    for one, other in zip(cells.index(lon, lat), grid.index(lon, lat), strict=True):
        known = other >= 0
        assert np.array_equal(one[known], other[known])
        assert (one[lat < 45] == -1).all()
    np.testing.assert_allclose(cells.cell_area(), grid.cell_area())


def test_gaps_overlaps_and_more_than_a_turn():
    one = as_uneven(lonlat_grid(5.0))
    with pytest.raises(GridError, match="gaps or overlap"):
        UnevenCells(one.north, one.south + 0.1, one.west, one.east)
    with pytest.raises(GridError, match="in one turn"):
        UnevenCells(one.north, one.south, one.west * 1.1, one.east * 1.1)


def test_a_product_says_where_its_cells_lie():
    with pytest.raises(GridError, match="where its cells lie"):
        cells_of(xr.Dataset(coords={"y": [60.0], "x": [0.0]}))
