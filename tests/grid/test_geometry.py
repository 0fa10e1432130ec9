"""Grids know where their cells lie and how large they are."""

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import AbzError, GridError
from abz.grid import Grid, lonlat_grid, polar_grid, sinusoidal_grid


def test_polar_grid_covers_the_box_of_the_study():
    grid = polar_grid(1e5)
    assert grid.shape == (85, 100)
    assert grid.bounds == (-5.0e6, -4.3e6, 5.0e6, 4.2e6)


@given(st.floats(1e4, 9e5))
def test_polar_grid_is_snapped_and_covers(cell):
    grid = polar_grid(cell)
    west, south, east, north = grid.bounds
    assert west <= -5.0e6 and south <= -4.3e6 and east >= 5.0e6 and north >= 4.2e6
    steps = np.array(grid.bounds) / cell
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)


@given(st.floats(-180, 179.9), st.floats(55, 89.9))
def test_index_finds_the_cell_that_holds_the_point(lon, lat):
    for grid in (polar_grid(1e5), lonlat_grid(1.0), lonlat_grid(1.0, (0.0, 45.0, 360.0, 90.0))):
        row, column = grid.index(np.array([lon]), np.array([lat]))
        x, y = grid.from_lonlat(np.array([lon]), np.array([lat]))
        assert abs(grid.x[column[0]] - x[0]) <= grid.transform.a / 2 * (1 + 1e-9)
        assert abs(grid.y[row[0]] - y[0]) <= -grid.transform.e / 2 * (1 + 1e-9)


def test_centres_come_back_from_longitude_and_latitude():
    grid = polar_grid(4e5)
    x, y = grid.from_lonlat(*grid.lonlat())
    np.testing.assert_allclose(x, np.broadcast_to(grid.x, grid.shape), atol=1e-3)
    np.testing.assert_allclose(y, np.broadcast_to(grid.y[:, None], grid.shape), atol=1e-3)


def test_points_off_the_grid_have_no_cell():
    row, column = polar_grid(1e5).index(np.array([0.0, np.nan]), np.array([-60.0, 60.0]))
    assert row.tolist() == column.tolist() == [-1, -1]


def test_the_globe_has_the_area_of_the_ellipsoid():
    globe = lonlat_grid(5.0, (-180.0, -90.0, 180.0, 90.0))
    assert globe.cell_area().sum() == pytest.approx(510065621724089.0, rel=1e-9)


def test_corners_of_the_sinusoidal_grid_are_off_the_globe():
    lon, _ = sinusoidal_grid(4).lonlat()
    assert np.isnan(lon[0, 0]) and np.isfinite(lon[0, 72])


@given(
    st.integers(0, 35), st.integers(0, 17), st.integers(1, 4),
    st.floats(0, 1), st.floats(0, 1), st.sampled_from([1, 2, 7]),
)  # fmt: skip
def test_a_mesh_has_the_longitudes_of_its_points(h, v, tiles, left, top, count):
    grid = sinusoidal_grid(1, (h, h + 1), (v, v + 1))
    cell = grid.transform.a
    x = grid.transform.c + cell * (left + np.linspace(0, tiles, count))
    y = grid.transform.f - cell * (top + np.linspace(0, tiles, count + 1))
    for own in (grid, polar_grid(1e5), lonlat_grid(1.0)):
        scale = 1e-5 if own.is_lonlat else 1.0
        found = own.mesh_to_lonlat(x * scale, y * scale)
        expected = own.to_lonlat(*np.meshgrid(x * scale, y * scale))
        np.testing.assert_array_equal(found, expected)


def test_coordinates_give_the_grid_back():
    for grid in (polar_grid(3e5), lonlat_grid(2.5), sinusoidal_grid(4, (17, 19), (2, 4))):
        dataset = xr.Dataset(coords=grid.coords())
        assert Grid.of(dataset) == grid


def test_a_dataset_that_moved_is_refused():
    dataset = xr.Dataset(coords=polar_grid(1e6).coords())
    with pytest.raises(GridError, match="y coordinate"):
        Grid.of(dataset.assign_coords(y=dataset["y"][::-1]))
    with pytest.raises(GridError, match="no grid"):
        Grid.of(dataset.drop_vars("spatial_ref"))


@pytest.mark.parametrize("transform", [Affine.scale(1.0, 1.0), Affine.rotation(10)])
def test_flipped_and_rotated_grids_are_refused(transform):
    with pytest.raises(GridError, match="rotated or flipped"):
        Grid("EPSG:4326", transform, (2, 2))


@given(st.integers(8, 60))
def test_blocks_tile_the_grid_once(size):
    grid = polar_grid(2e5)
    seen = np.zeros(grid.shape, int)
    for rows, columns in grid.blocks(size):
        seen[rows, columns] += 1
        window = grid.window(rows, columns)
        np.testing.assert_allclose(window.x, grid.x[columns])
        np.testing.assert_allclose(window.y, grid.y[rows])
    assert (seen == 1).all()


def test_a_block_needs_a_size():
    with pytest.raises(AbzError, match="block size"):
        list(polar_grid(1e6).blocks(0))
