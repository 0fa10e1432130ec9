"""Fine cells in coarse cells: shares, mass, land, bands."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from abz.compare import aggregate, shared_cells
from abz.errors import GridError, InputError
from abz.grid import POLAR_CRS, Grid, lonlat_grid, overlap, polar_grid


def grid(cell, west, north, shape):
    return Grid(POLAR_CRS, Affine(cell, 0.0, west, 0.0, -cell, north), shape)


@st.composite
def nested(draw):
    """A fine grid of any cell and place, and a coarse one of another cell that covers it."""
    fine_cell, ratio = draw(st.floats(0.5e3, 2e3)), draw(st.floats(0.6, 9.0))
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    west, north = draw(st.floats(-4e6, 4e6)), draw(st.floats(-4e6, 4e6))
    coarse_cell = fine_cell * ratio
    aside = draw(st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 1.0)))
    covering = tuple(int(n * fine_cell / coarse_cell) + 3 for n in shape)
    corner = west - aside[0] * coarse_cell, north + aside[1] * coarse_cell
    return grid(fine_cell, west, north, shape), grid(coarse_cell, *corner, covering)


def fields(shape, seed, lead=()):
    """Densities with gaps, and land."""
    rng = np.random.default_rng(seed)
    density = np.where(
        rng.random((*lead, *shape)) < 0.2, np.nan, rng.normal(-30, 90, (*lead, *shape))
    )
    return density, np.where(rng.random(shape) < 0.2, 0.0, rng.random(shape) * 1e6)


@given(nested(), st.integers(0, 99))
def test_mass_and_land_are_kept(grids, seed):
    fine, coarse = grids
    density, area = fields(fine.shape, seed, (2,))
    mean, land = aggregate(density, area, shared_cells(fine, coarse))
    known = np.isfinite(density)
    size = np.nansum(np.abs(density) * area, axis=(1, 2)) + 1e-9
    mass = np.nansum(density * area, axis=(1, 2))
    assert np.all(np.abs(np.nansum(mean * land, axis=(1, 2)) - mass) < 1e-10 * size)
    np.testing.assert_allclose(land.sum(axis=(1, 2)), (known * area).sum(axis=(1, 2)), rtol=1e-10)
    assert np.array_equal(np.isnan(mean), land == 0)


@given(nested(), st.integers(0, 99), st.integers(1, 4))
def test_bands_change_no_bit(grids, seed, size):
    fine, coarse = grids
    shared = shared_cells(fine, coarse)
    density, area = fields(fine.shape, seed)
    whole = aggregate(density[shared.reach(slice(None))], area[shared.reach(slice(None))], shared)
    for top in range(0, coarse.shape[0], size):
        rows = slice(top, min(top + size, coarse.shape[0]))
        held = shared.reach(rows)
        band = aggregate(density[held], area[held], shared, rows)
        for part, all_of_it in zip(band, whole, strict=True):
            assert part.tobytes() == all_of_it[rows].tobytes()


@given(st.integers(1, 5), st.integers(0, 99))
def test_coarse_cells_repeated_come_back(times, seed):
    coarse = grid(8000.0, -3e5, 2e5, (4, 5))
    fine = grid(8000.0 / times, -3e5, 2e5, (4 * times, 5 * times))
    density, area = fields(coarse.shape, seed)
    repeated = np.kron(density, np.ones((times, times)))
    land = np.kron(area, np.ones((times, times))) / times**2
    mean, held = aggregate(repeated, land, shared_cells(fine, coarse))
    expected = np.where(area > 0, density, np.nan)
    np.testing.assert_allclose(mean, expected, rtol=1e-12)
    np.testing.assert_allclose(held, np.where(np.isfinite(density), area, 0.0), rtol=1e-12)


@pytest.mark.parametrize("cells", [(4e5, 8e5), (3e5, 8e5), (999.97108203905224855, 7995.296)])
def test_shares_are_those_of_many_small_parts(cells):
    """The independent way: parts of source cells, each in the target cell that holds its centre."""
    fine, coarse = (
        polar_grid(cell, tuple(6.3 * cells[1] * w for w in (-1, -1, 1, 1))) for cell in cells
    )
    values = np.random.default_rng(3).random(fine.shape)
    found = shared_cells(fine, coarse).sums(values)
    parts = overlap(fine, coarse, samples=40).sums(values) / fine.cell_area()[0, 0]
    np.testing.assert_allclose(found, parts, atol=0.04 * found.max())
    if cells[1] % cells[0] == 0:
        np.testing.assert_allclose(found, parts, rtol=1e-12)


def test_what_lies_outside_the_target_is_dropped():
    fine, coarse = grid(1.0, 0.0, 0.0, (4, 4)), grid(2.0, 1.0, -1.0, (1, 1))
    shared = shared_cells(fine, coarse)
    assert shared.reach(slice(0, 1)) == slice(1, 3)
    assert shared.sums(np.ones((2, 4))).tolist() == [[4.0]]
    nowhere = shared_cells(fine, grid(2.0, 100.0, 100.0, (2, 2)))
    assert nowhere.reach(slice(0, 2)) == slice(0, 0)
    assert (nowhere.sums(np.ones((0, 4))) == 0).all()


def test_edges_that_differ_in_their_last_bits_make_no_sliver():
    fine = grid(1000.0, 0.1 + 0.2, 0.0, (2, 4))
    coarse = grid(2000.0, 0.3, 0.0, (1, 2))
    mean, land = aggregate(
        np.array([[1.0, 1, np.nan, np.nan]] * 2), np.ones((2, 4)), shared_cells(fine, coarse)
    )
    assert mean[0, 0] == 1.0
    assert np.isnan(mean[0, 1])
    assert land[0, 1] == 0


def test_other_projections_and_other_rows_are_refused():
    with pytest.raises(GridError, match="projections"):
        shared_cells(lonlat_grid(5.0), polar_grid(1e6))
    shared = shared_cells(polar_grid(1e6), polar_grid(2e6))
    with pytest.raises(GridError, match="reach"):
        shared.sums(np.ones((3, 10)), slice(0, 1))
    with pytest.raises(InputError, match="density and area"):
        aggregate(np.ones(shared.source.shape), np.ones((2, 2)), shared)
