"""Cells with land."""

import numpy as np

from abz.grid import lonlat_grid, polar_grid, sinusoidal_grid
from abz.world import World, footprint, is_land, subpoints


def test_subpoints_lie_in_their_cells() -> None:
    grid = polar_grid(400_000)
    lon, lat = subpoints(grid, 3)
    rows, columns = grid.index(lon.ravel(), lat.ravel())
    ny, nx = grid.shape
    expected = np.repeat(np.arange(ny * nx), 9)
    assert np.array_equal(rows * nx + columns, expected)


def test_a_cell_with_any_land_is_kept(world: World) -> None:
    grid = lonlat_grid(3.0)
    here = footprint(world, grid)
    lon, lat = subpoints(grid, 4)
    assert np.array_equal(here.cells, np.flatnonzero(is_land(lon, lat).any(axis=2)))
    assert np.isfinite(here.places.lat).all()
    wider = footprint(world, grid, widen=1)
    assert set(here.cells) < set(wider.cells)


def test_cells_that_reach_off_the_projection_are_kept(world: World) -> None:
    grid = sinusoidal_grid(4)
    here = footprint(world, grid)
    lon, lat = subpoints(grid, 4)
    assert here.cells.size == is_land(lon, lat).any(axis=2).sum()


def test_maps_are_missing_elsewhere(world: World) -> None:
    here = footprint(world, lonlat_grid(4.5))
    values = here.map(np.ones(here.cells.size))
    assert values.dtype == np.float32
    assert np.isnan(values).sum() == values.size - here.cells.size
    codes = here.map(np.ones(here.cells.size, np.int16), missing=-1)
    assert codes.dtype == np.int16
    assert set(np.unique(codes)) == {-1, 1}
