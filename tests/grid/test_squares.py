"""Squares of eight cells by eight layers against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.compiled import kernel
from abz.eights import store
from abz.grid.squares import (
    COPIES,
    LARGEST_AMOUNT,
    add_each,
    add_one,
    all_alike,
    places,
    together,
    weigh,
)

CELLS = 11
ROWS = 5
atoms = arrays(np.int32, CELLS, elements=st.integers(-1, 3))


@kernel
def weighed(stack, starts, cell, weights, atom, tables):
    """Add the square at a cell to both tables, with atom 0 in their second row."""
    amounts, areas, sizes = weigh(stack, starts, cell, weights)
    where = places(atom, cell, 1)
    add_each(tables[0], where, amounts)
    add_each(tables[1], where, areas)
    out = np.empty((1, 8))
    store(out, 0, sizes)
    return out


@kernel
def summed(stack, starts, cell, weights, table):
    """Add the sum of the square at a cell to the third row of a table."""
    amounts, _, _ = weigh(stack, starts, cell, weights)
    add_one(table, 2, together(amounts))
    add_one(None, 2, together(amounts))


@kernel
def alike(atom, cell):
    return all_alike(atom, cell)


def tables_of_zeros():
    return np.zeros((ROWS, COPIES, 8), np.int64), np.zeros((ROWS, COPIES, 8), np.int64)


def square(seed, kind):
    """Eight layers in any order, starts, weights."""
    rng = np.random.default_rng(seed)
    stack = rng.normal(0, 40, (9, CELLS)).astype(kind)
    stack[rng.random(stack.shape) < 0.2] = np.nan
    starts = rng.permutation(9)[:8] * CELLS
    scales = rng.uniform(0, 1e6, CELLS)
    return stack, starts, (scales, rng.integers(0, 10**9, CELLS))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@given(seed=st.integers(0, 2**32 - 1), atom=atoms, cell=st.integers(0, CELLS - 8))
def test_a_square_is_weighed_and_added_by_atom(kind, seed, atom, cell):
    stack, starts, weights = square(seed, kind)
    tables = tables_of_zeros()
    sizes = weighed(stack, starts, cell, weights, atom, tables)
    eight = stack.reshape(-1)[starts[:, None] + cell + np.arange(8)].astype(np.float64)
    expected = np.zeros((2, ROWS, 8), np.int64)
    for number in range(8):
        here = cell + number
        amount = np.nan_to_num(np.rint(eight[:, number] * weights[0][here])).astype(np.int64)
        expected[0, atom[here] + 1] += amount
        expected[1, atom[here] + 1] += ~np.isnan(eight[:, number]) * weights[1][here]
    np.testing.assert_array_equal([table.sum(axis=1) for table in tables], expected)
    assert sizes.max() == np.nanmax(np.abs(eight))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_sum_of_cells_goes_to_one_row(kind):
    stack, starts, weights = square(1, kind)
    table, _ = tables_of_zeros()
    summed(stack, starts, 2, weights, table)
    eight = stack.reshape(-1)[starts[:, None] + 2 + np.arange(8)].astype(np.float64)
    amounts = np.nan_to_num(np.rint(eight * weights[0][2:10])).astype(np.int64)
    assert (table[2].sum(axis=0) == amounts.sum(axis=1)).all()
    assert not table[[0, 1, 3, 4]].any()


def test_amounts_up_to_the_largest_are_rounded_as_halves_to_even():
    near = np.nextafter(LARGEST_AMOUNT, 0)
    values = np.array([near, -near, 0.5, 1.5, -2.5, 2.0**50 + 0.5, 2.0**50 + 1.5, -0.0])
    stack, starts = values.repeat(8).reshape(8, 8), np.arange(8) * 8
    table, _ = tables_of_zeros()
    weights = np.array([1.0] + [0.0] * 7), np.zeros(8, np.int64)
    summed(stack, starts, 0, weights, table)
    assert table[2].sum(axis=0).tolist() == [round(value) for value in values.tolist()]


@given(atoms, st.integers(0, CELLS - 8))
def test_alike_is_one_atom(atom, cell):
    assert alike(atom, cell) == (len(set(atom[cell : cell + 8].tolist())) == 1)
    assert alike(np.full(CELLS, atom[0]), cell)
