"""Zonal sums: exact, order-free, guarded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.errors import InputError
from abz.grid.zonal import valid_area_quanta, zonal_quanta
from abz.units import AREA_QUANTUM, GRAM_QUANTUM

SHAPE = (5, 7)
densities = arrays(
    np.float32,
    (3, *SHAPE),
    elements=st.one_of(st.just(float("nan")), st.floats(-600, 600, width=32)),
)
areas = arrays(np.float64, SHAPE, elements=st.floats(0, 1e10))
atoms = arrays(np.int32, SHAPE, elements=st.integers(-1, 3))


def naive(density, area, atom, n_atoms, quantum):
    """Python integers, one cell at a time."""
    total = [[0] * n_atoms for _ in density]
    for step, layer in enumerate(density):
        for value, cell_area, a in zip(layer.ravel(), area.ravel(), atom.ravel(), strict=True):
            if a >= 0 and not np.isnan(value):
                total[step][a] += round(float(value) * float(cell_area) / quantum)
    return np.array(total)


@given(densities, areas, atoms)
def test_equals_the_naive_sum(density, area, atom):
    got = zonal_quanta(density, area, atom, 4, GRAM_QUANTUM)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, naive(density, area, atom, 4, GRAM_QUANTUM))


@given(densities, areas, atoms, st.integers(0, 2**32 - 1))
def test_order_and_blocks_do_not_matter(density, area, atom, seed):
    whole = zonal_quanta(density, area, atom, 4)
    order = np.random.default_rng(seed).permutation(area.size)
    mixed = [a.reshape(*a.shape[:-2], -1)[..., order][..., None, :] for a in (density, area, atom)]
    np.testing.assert_array_equal(zonal_quanta(*mixed, 4), whole)
    cut = seed % SHAPE[0]
    halves = [
        zonal_quanta(density[:, rows], area[rows], atom[rows], 4)
        for rows in (slice(0, cut), slice(cut, None))
    ]
    np.testing.assert_array_equal(halves[0] + halves[1], whole)


@given(densities, areas, atoms)
def test_parts_equal_the_whole_and_signs_flip(density, area, atom):
    parts = zonal_quanta(density, area, atom, 4)
    whole = zonal_quanta(density, area, np.where(atom < 0, -1, 0), 1)
    np.testing.assert_array_equal(parts.sum(axis=-1, keepdims=True), whole)
    np.testing.assert_array_equal(zonal_quanta(-density, area, atom, 4), -parts)


def test_halves_go_to_even():
    density = np.array([[0.5, 1.5, 2.5, -0.5, -1.5]])
    ones, own = np.ones((1, 5)), np.arange(5, dtype=np.int32)[None]
    assert zonal_quanta(density, ones, own, 5, 1.0).tolist() == [0, 2, 2, 0, -2]


def test_error_is_at_most_half_a_quantum_a_cell():
    rng = np.random.default_rng(1)
    density, area = rng.normal(0, 50, SHAPE), rng.uniform(0, 1e6, SHAPE)
    quanta = zonal_quanta(density, area, np.zeros(SHAPE, np.int32), 1)
    exact = sum(Fraction(d) * Fraction(a) for d, a in zip(density.flat, area.flat, strict=True))
    assert abs(int(quanta[0]) * GRAM_QUANTUM - exact) <= density.size * GRAM_QUANTUM / 2 * 1.001


def test_leading_dimensions_are_kept():
    density = np.ones((2, 3, *SHAPE), np.float32)
    assert zonal_quanta(density, np.ones(SHAPE), np.zeros(SHAPE, int), 2).shape == (2, 3, 2)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30])
def test_overflow_is_an_error(value):
    density = np.full(SHAPE, value)
    with pytest.raises(InputError, match="64-bit"):
        zonal_quanta(density, np.ones(SHAPE), np.zeros(SHAPE, np.int32), 1)


def test_overflow_of_the_sum_is_an_error_even_where_it_cancels():
    density = np.array([[1.0, 1.0, -1.0, -1.0]]) * 2.0**62
    with pytest.raises(InputError, match="64-bit"):
        zonal_quanta(density, np.ones((1, 4)), np.zeros((1, 4), np.int32), 1, 1.0)


@pytest.mark.parametrize("code", [-2, 4])
def test_foreign_atoms_are_an_error(code):
    with pytest.raises(InputError, match="atom"):
        zonal_quanta(np.ones(SHAPE), np.ones(SHAPE), np.full(SHAPE, code), 4)


def test_shapes_must_fit():
    with pytest.raises(InputError, match="do not fit"):
        zonal_quanta(np.ones((2, 2)), np.ones(SHAPE), np.zeros(SHAPE, int), 1)


@given(densities, areas, atoms)
def test_valid_area_counts_cells_with_a_value(density, area, atom):
    got = valid_area_quanta(density, area, atom, 4)
    present = np.where(np.isnan(density), np.nan, 1.0)
    np.testing.assert_array_equal(got, zonal_quanta(present, area, atom, 4, AREA_QUANTUM))
