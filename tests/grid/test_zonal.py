"""Zonal sums: exact, order-free, guarded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.errors import InputError
from abz.grid.zonal import SLAB, valid_area_quanta, zonal_quanta, zonal_sums
from abz.units import AREA_QUANTUM, GRAM_QUANTUM

SHAPE = (5, 7)
densities = arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.sampled_from([1, 2, 3, 8, 9, 12]), *map(st.just, SHAPE)),
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


@st.composite
def maps(draw):
    """Layers, areas and atoms of maps of any size, with long and short runs of an atom."""
    layers, cells = draw(st.integers(1, 20)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from([np.float32, np.float64]))
    density = rng.normal(0, 300, (layers, 1, cells)).astype(kind)
    density[rng.random(density.shape) < draw(st.sampled_from([0, 0.3, 1]))] = np.nan
    run = draw(st.sampled_from([1, 3, 8, 40]))
    atom = np.repeat(rng.integers(-1, 6, cells), run)[:cells].astype(np.int32)
    area = rng.uniform(0, 1e7, (1, cells))
    area[rng.random(area.shape) < 0.1] = np.nan
    return density, area, atom[None]


def by_bincount(density, area, atom, n_atoms, quantum):
    """Amounts rounded by NumPy and counted by its bincount, exact as long as they stay below 2^53.

    The first counter is that of the atom −1.
    """
    amount = np.rint(density.astype(np.float64) * (area / quantum))
    counts = [
        np.bincount(atom.ravel() + 1, np.nan_to_num(layer).ravel(), n_atoms + 1)[1:]
        for layer in amount
    ]
    return np.array(counts, np.int64)


@given(maps())
def test_equals_bincount(case):
    density, area, atom = case
    grams = by_bincount(density, area, atom, 6, GRAM_QUANTUM)
    here = np.where(np.isnan(density), np.nan, 1.0)
    held = by_bincount(here, area, atom, 6, AREA_QUANTUM)
    np.testing.assert_array_equal(zonal_quanta(density, area, atom, 6), grams)
    np.testing.assert_array_equal(valid_area_quanta(density, area, atom, 6), held)
    both = zonal_sums(density, area, atom, 6)
    np.testing.assert_array_equal(both[0], grams)
    np.testing.assert_array_equal(both[1], held)


@given(maps(), st.integers(0, 2**32 - 1))
def test_layers_do_not_meet(case, seed):
    density, area, atom = case
    sums = np.stack(zonal_sums(density, area, atom, 6))
    order = np.random.default_rng(seed).permutation(len(density))
    mixed = np.stack(zonal_sums(density[order], area, atom, 6))
    np.testing.assert_array_equal(mixed, sums[:, order])
    alone = [np.stack(zonal_sums(layer, area, atom, 6)) for layer in density]
    np.testing.assert_array_equal(np.stack(alone, axis=1), sums)


@given(maps())
def test_how_values_lie_in_memory_does_not_matter(case):
    density, area, atom = case
    sums = zonal_sums(density, area, atom, 6)
    wide = np.repeat(np.repeat(density, 2, axis=0), 3, axis=-1)[::2, :, ::3]
    swapped = np.asfortranarray(density).astype(density.dtype.newbyteorder())
    for other in (wide, swapped, density.astype(np.float64)):
        np.testing.assert_array_equal(zonal_sums(other, area, atom, 6), sums)
    columns = (a.swapaxes(-1, -2) for a in (density, area, atom))
    np.testing.assert_array_equal(zonal_sums(*columns, 6), sums)


@pytest.mark.parametrize("lead", [(), (0,), (1,), (2, 3), (3, 2 * SLAB // 3 + 1)])
@pytest.mark.parametrize("step", [1, 2])
def test_any_number_of_layers(lead, step):
    rng = np.random.default_rng(3)
    density = rng.integers(-9, 9, (*lead, 4, 10 * step)).astype(np.float64)[..., ::step]
    atom, ones = rng.integers(-1, 3, (4, 10)), np.ones((4, 10))
    expected = np.stack([(density * (atom == a)).sum(axis=(-1, -2)) for a in range(3)], axis=-1)
    got = zonal_quanta(density, ones, atom, 3, 1.0)
    assert got.shape == (*lead, 3)
    np.testing.assert_array_equal(got, expected)


def test_whole_numbers_are_densities_too():
    density = np.arange(180, dtype=np.int16).reshape(9, 4, 5)
    got = zonal_quanta(density, np.ones((4, 5)), np.zeros((4, 5), int), 1, 1.0)
    assert got[:, 0].tolist() == [190 + 400 * layer for layer in range(9)]


def test_halves_go_to_even():
    density = np.array([[[0.5, 1.5, 2.5, -0.5, -1.5, 3.5, -2.5, -3.5]]]).repeat(8, axis=0)
    ones, own = np.ones((1, 8)), np.arange(8, dtype=np.int32)[None]
    even = [0, 2, 2, 0, -2, 4, -2, -4]
    assert zonal_quanta(density, ones, own, 8, 1.0).tolist() == [even] * 8
    assert zonal_quanta(density[0], ones, own, 8, 1.0).tolist() == even


def test_error_is_at_most_half_a_quantum_a_cell():
    rng = np.random.default_rng(1)
    density, area = rng.normal(0, 50, SHAPE), rng.uniform(0, 1e6, SHAPE)
    quanta = zonal_quanta(density, area, np.zeros(SHAPE, np.int32), 1)
    exact = sum(Fraction(d) * Fraction(a) for d, a in zip(density.flat, area.flat, strict=True))
    assert abs(int(quanta[0]) * GRAM_QUANTUM - exact) <= density.size * GRAM_QUANTUM / 2 * 1.001


def test_leading_dimensions_are_kept():
    density = np.ones((2, 3, *SHAPE), np.float32)
    assert zonal_quanta(density, np.ones(SHAPE), np.zeros(SHAPE, int), 2).shape == (2, 3, 2)


def stack_of(layer, layers=9, fill=1.0):
    """Layers of which only the last but one is not all the same."""
    density = np.full((layers, 1, len(layer)), fill)
    density[-2] = layer
    return density


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("place", [0, 15, 18])
def test_overflow_is_an_error(value, place):
    layer = np.ones(19)
    layer[place] = value
    ones, atom = np.ones((1, 19)), np.zeros((1, 19), np.int32)
    for density in (layer[None], stack_of(layer)):
        with pytest.raises(InputError, match="64-bit") as found:
            zonal_quanta(density, ones, atom, 1, 1.0)
        assert f"{abs(value) + 0.0:g}" in str(found.value)
        with pytest.raises(InputError, match="64-bit"):
            zonal_sums(density, ones, atom, 1)


def test_overflow_of_the_sum_is_an_error_even_where_it_cancels():
    layer = np.tile([1.0, 1.0, -1.0, -1.0], 4) * 2.0**59
    ones, atom = np.ones((1, 16)), np.zeros((1, 16), np.int32)
    for density in (layer[None], stack_of(layer)):
        with pytest.raises(InputError, match="64-bit"):
            zonal_quanta(density, ones, atom, 1, 1.0)
        atoms = np.array([[0, 1] * 8])
        got = zonal_quanta(0.99 * density, ones, atoms, 2, 1.0).reshape(-1, 2)
        assert got.tolist() == [[8, 8]] * 7 + [[0, 0], [8, 8]] or got.tolist() == [[0, 0]]


@pytest.mark.parametrize("cells", [2040, 4088, 4104])
def test_many_amounts_fit_only_together(cells):
    density = np.tile([2.0**50, -(2.0**50)], (8, 1, cells // 2))
    given = density, np.ones((1, cells)), np.zeros((1, cells), np.int32), 1, 1.0
    if cells * 2.0**50 < 2.0**62:
        assert zonal_quanta(*given).tolist() == [[0]] * 8
    else:
        with pytest.raises(InputError, match="64-bit"):
            zonal_quanta(*given)


@pytest.mark.parametrize("power", [50, 51, 52, 53, 57, 58])
def test_large_amounts_are_exact(power):
    rng = np.random.default_rng(power)
    layer = np.rint(rng.uniform(-1, 1, 19) * 2.0**power)
    layer[3] = 2.0**power
    ones, atom = np.ones((1, 19)), rng.integers(0, 2, (1, 19))
    expected = [sum(int(v) for v in layer[atom[0] == a]) for a in range(2)]
    assert zonal_quanta(layer[None], ones, atom, 2, 1.0).tolist() == expected
    got = zonal_quanta(stack_of(layer, fill=2.0), ones, atom, 2, 1.0)
    assert got[-2].tolist() == expected
    assert got[-1].tolist() == [2 * int((atom == a).sum()) for a in range(2)]


def test_what_is_infinite_outside_or_without_area_adds_nothing():
    layer = np.ones(19)
    layer[[2, 5]] = np.inf
    area, atom = np.ones((1, 19)), np.zeros((1, 19), np.int32)
    atom[0, 2], area[0, 5] = -1, 0.0
    for density in (layer[None], stack_of(layer)):
        got = zonal_quanta(density, area, atom, 1, 1.0).reshape(-1)
        assert got[-2:].tolist() == [17, 17] or got.tolist() == [17]
    area[0, 2] = np.inf
    assert zonal_sums(stack_of(layer), area, atom, 1)[1].shape == (9, 1)


def test_areas_that_do_not_fit_are_an_error():
    area = np.full((1, 9), 1e30)
    with pytest.raises(InputError, match="64-bit"):
        valid_area_quanta(np.ones((8, 1, 9)), area, np.zeros((1, 9), int), 1)


@pytest.mark.parametrize("quantum", [0.0, -1.0, np.nan])
def test_a_quantum_is_positive(quantum):
    given = np.ones((1, 9)), np.ones((1, 9)), np.zeros((1, 9), int), 1
    for sums in (zonal_quanta, valid_area_quanta):
        with pytest.raises(InputError, match="quantum"):
            sums(*given, quantum)


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
