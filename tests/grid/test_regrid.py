"""Regridding keeps area, mass, constants and classes, whatever the pair of grids."""

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError
from abz.grid import (
    FINE_CELL_M,
    Grid,
    area_mean,
    bilinear,
    bilinear_weights,
    class_fraction,
    conserve,
    lonlat_grid,
    majority,
    nearest,
    overlap,
    polar_grid,
    sinusoidal_grid,
)

grids = st.one_of(
    st.builds(polar_grid, st.sampled_from([2.5e5, 3.3e5, 7e5])),
    st.builds(lonlat_grid, st.sampled_from([2.5, 5.0]), st.just((-180.0, 40.0, 180.0, 90.0))),
    st.builds(lonlat_grid, st.just(3.0), st.just((0.0, 45.0, 360.0, 90.0))),
    st.builds(sinusoidal_grid, st.sampled_from([3, 4]), st.just((12, 24)), st.just((1, 4))),
)


def field(grid: Grid, seed: int = 0, missing: float = 0.0, steps: int = 2) -> xr.DataArray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(steps, *grid.shape))
    values[rng.random(values.shape) < missing] = np.nan
    return xr.DataArray(
        values, dims=("time", "y", "x"), coords=grid.coords(), attrs={"units": "g C m-2 month-1"}
    )


def constant(grid: Grid, value: float) -> xr.DataArray:
    return xr.DataArray(np.full(grid.shape, value), dims=("y", "x"), coords=grid.coords())


@given(grids, grids, st.integers(1, 4))
def test_overlap_shares_out_no_more_than_the_source_area(source, target, samples):
    given_out = np.asarray(overlap(source, target, samples).matrix.sum(axis=0))
    assert (given_out <= source.cell_area().ravel() * (1 + 1e-9)).all()


@given(grids, grids, st.integers(0, 99), st.sampled_from([0.0, 0.4]))
def test_conserve_keeps_mass_exactly(source, target, seed, missing):
    shared = overlap(source, target)
    density = field(source, seed, missing)
    moved = conserve(density, shared)
    taken = np.asarray(shared.matrix.sum(axis=0)).reshape(source.shape)
    for step in range(2):
        before = np.nansum(density[step].values * taken)
        after = np.nansum(moved[step].values * target.cell_area())
        assert after == pytest.approx(before, rel=1e-11, abs=1e-3)


@given(grids, grids, st.integers(0, 99))
def test_what_is_taken_and_what_is_covered_is_one_area(source, target, seed):
    shared = overlap(source, target, whole=bool(seed % 2))
    assert shared.taken.sum() == pytest.approx(shared.covered.sum(), rel=1e-12)


def test_a_cell_at_the_seam_arrives_whole():
    source = sinusoidal_grid(6, (8, 28), (2, 5))
    target = polar_grid(1e5, (-7e6, -7e6, 7e6, 7e6))
    on_globe = overlap(source, target, whole=False).taken / source.cell_area()
    seam = (on_globe > 0) & (on_globe < 1 - 1e-9)
    assert seam.sum() > 10
    whole = overlap(source, target, whole=True).taken / source.cell_area()
    np.testing.assert_allclose(whole[on_globe > 0], 1.0, rtol=1e-10)
    np.testing.assert_array_equal(whole[on_globe == 0], 0.0)


def test_sixteen_parts_of_a_native_cell_scatter_little():
    """Cells of 463 m in cells of 1 km: a constant keeps its mean, and scatters by a percent."""
    source = sinusoidal_grid(2400)
    near = Grid(source.crs, source.transform * Affine.translation(46000, 7200), (300, 300))
    x, y = polar_grid(1e3).from_lonlat(*(axis[150, 150] for axis in near.lonlat()))
    around = (x - 3e4, y - 3e4, x + 3e4, y + 3e4)
    target = polar_grid(FINE_CELL_M, around)
    density = conserve(constant(near, 1.0), overlap(near, target, whole=True)).values
    exact = conserve(constant(near, 1.0), overlap(near, target, 16, whole=True)).values
    assert np.nanmean(density) == pytest.approx(np.nanmean(exact), rel=2e-3)
    assert np.nanstd(density / exact) < 0.03
    # The sphere of the product is a little smaller than the ellipsoid of the map.
    assert 0.993 < np.nanmean(exact) < 0.996


def test_conserve_keeps_the_mass_of_the_globe():
    source, target = lonlat_grid(2.0, (-180.0, 60.0, 180.0, 90.0)), polar_grid(2e5)
    density = np.abs(field(source, 1))
    moved = conserve(density, overlap(source, target))
    before = (density * source.cell_area()).sum().item()
    assert (moved * target.cell_area()).sum().item() == pytest.approx(before, rel=1e-12)


@given(grids, grids, st.floats(-50, 50))
def test_constants_stay_constant(source, target, value):
    for weights in (overlap(source, target), bilinear_weights(source, target)):
        mean = area_mean(constant(source, value), weights).values
        assert np.allclose(mean[np.isfinite(mean)], value, rtol=1e-12, atol=1e-12)
        assert (np.isfinite(mean) == (weights.covered > 0)).all()


@given(grids, grids, st.integers(0, 99))
def test_area_mean_commutes_with_shift_and_scale(source, target, seed):
    weights, values = overlap(source, target), field(source, seed, 0.3)
    moved = area_mean(3.0 * values + 5.0, weights)
    np.testing.assert_allclose(moved, 3.0 * area_mean(values, weights) + 5.0, atol=1e-9)


@given(grids, st.integers(0, 99))
def test_steps_are_independent(target, seed):
    source = lonlat_grid(5.0)
    weights, values = overlap(source, target), field(source, seed, 0.3, steps=4)
    order = np.random.default_rng(seed).permutation(4)
    np.testing.assert_array_equal(
        area_mean(values[order], weights), area_mean(values, weights)[order]
    )


def test_same_grid_gives_the_same_map():
    grid = polar_grid(5e5)
    values = field(grid, 3, 0.2)
    for weights in (overlap(grid, grid), bilinear_weights(grid, grid)):
        np.testing.assert_allclose(area_mean(values, weights), values, rtol=1e-12)
    np.testing.assert_array_equal(nearest(values, grid, grid), values)


def test_area_mean_equals_blocks_of_a_nested_grid():
    source, target = (
        polar_grid(1e5, (-4e5, -4e5, 4e5, 4e5)),
        polar_grid(2e5, (-4e5, -4e5, 4e5, 4e5)),
    )
    values = field(source, 5, steps=1)[0]
    blocks = values.values.reshape(4, 2, 4, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(area_mean(values, overlap(source, target)), blocks)


def test_min_share_asks_for_enough_valid_area():
    source, target = polar_grid(1e5, (0, 0, 2e5, 2e5)), polar_grid(2e5, (0, 0, 2e5, 2e5))
    values = constant(source, 1.0)
    values[0, 0] = np.nan
    weights = overlap(source, target)
    assert area_mean(values, weights, min_share=0.75).item() == 1.0
    assert np.isnan(area_mean(values, weights, min_share=0.76).item())


def test_attributes_and_coordinates_travel():
    source, target = lonlat_grid(5.0), polar_grid(1e6)
    values = field(source).assign_coords(time=("time", [1, 2]))
    moved = area_mean(values, overlap(source, target))
    assert moved.attrs == values.attrs
    assert moved["time"].values.tolist() == [1, 2]
    assert Grid.of(moved) == target


def test_majority_ties_go_to_the_smaller_code():
    source, target = polar_grid(1e5, (0, 0, 3e5, 3e5)), polar_grid(3e5, (0, 0, 3e5, 3e5))
    codes = xr.DataArray(
        np.array([[80, 80, 60], [60, 80, 60], [210, 210, 210]], dtype=np.int16),
        dims=("y", "x"), coords=source.coords(),
    )  # fmt: skip
    shared = overlap(source, target, samples=3)
    assert majority(codes, shared, [80, 60]).item() == 60
    assert majority(codes, shared, [70]).item() == -1
    assert class_fraction(codes, shared, [60, 210]).values.ravel() == pytest.approx([1 / 3, 1 / 3])


@given(grids, grids, st.integers(0, 99))
def test_class_fractions_partition_the_area(source, target, seed):
    codes = np.random.default_rng(seed).choice([21, 60, 80], size=source.shape)
    da = xr.DataArray(codes, dims=("y", "x"), coords=source.coords())
    shared = overlap(source, target)
    total = class_fraction(da, shared, [21, 60, 80]).sum("code").values
    assert np.allclose(total[shared.covered > 0], 1.0)
    winners = majority(da, shared, [21, 60, 80]).values
    assert (winners[shared.covered > 0] > 0).all()


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_bilinear_reproduces_planes_and_joins_the_seam(west):
    source = lonlat_grid(1.0, (west, 40.0, west + 360.0, 90.0))
    target = polar_grid(3e5, (-3e6, -3e6, 3e6, 3e6))
    lon, lat = np.meshgrid(source.x, source.y)
    plane = xr.DataArray(2 * lat, dims=("y", "x"), coords=source.coords())
    wave = plane.copy(data=np.cos(np.radians(lon)))
    true_lon, true_lat = target.lonlat()
    inside = (true_lat < 89) & (true_lat > 45)
    np.testing.assert_allclose(bilinear(plane, source, target).values[inside], 2 * true_lat[inside])
    waved = bilinear(wave, source, target).values
    np.testing.assert_allclose(waved[inside], np.cos(np.radians(true_lon[inside])), atol=1e-4)


def test_bilinear_leaves_missing_neighbours_out():
    source, target = polar_grid(2e5, (0, 0, 4e5, 4e5)), polar_grid(1e5, (0, 0, 4e5, 4e5))
    values = constant(source, 4.0)
    values[0, 0] = np.nan
    moved = bilinear(values, source, target).values
    assert np.isnan(moved[0, 0]) and np.nanmin(moved) == np.nanmax(moved) == 4.0


def test_nearest_is_missing_off_the_source():
    source = lonlat_grid(5.0, (0.0, 60.0, 90.0, 90.0))
    target = polar_grid(1e6)
    codes = xr.DataArray(np.ones(source.shape, np.int16), dims=("y", "x"), coords=source.coords())
    lon, lat = target.lonlat()
    inside = (lon > 0) & (lon < 90) & (lat > 60)
    np.testing.assert_array_equal(nearest(codes, source, target), np.where(inside, 1, -1))


def test_a_map_of_another_grid_is_refused():
    shared = overlap(lonlat_grid(5.0), polar_grid(1e6))
    with pytest.raises(GridError, match="source grid of the overlap"):
        area_mean(field(lonlat_grid(2.5)), shared)
