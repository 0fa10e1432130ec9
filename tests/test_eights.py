"""Eight numbers as one value against NumPy, lane by lane."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.compiled import kernel
from abz.eights import (
    EIGHT,
    any_of,
    choose,
    halfway,
    joined,
    larger,
    load,
    magnitude,
    multiply_add,
    nothing,
    number,
    rounded,
    rounded_down,
    single,
    smaller,
    spread,
    square_root,
    store,
    tallied,
)

eights = arrays(np.float64, EIGHT, elements=st.floats() | st.integers(-3, 3).map(float))
quiet = np.errstate(all="ignore")


@kernel
def arithmetic(rows, out):
    a, b = load(rows, 0), load(rows, 1)
    store(out, 0, a + b)
    store(out, 1, a - b)
    store(out, 2, a * b)
    store(out, 3, a / b)
    store(out, 4, magnitude(a))
    store(out, 5, square_root(a))
    store(out, 6, rounded_down(a))
    store(out, 7, rounded(a))
    store(out, 8, single(a))
    store(out, 9, larger(a, b))
    store(out, 10, smaller(a, b))


@quiet
@given(eights, eights)
def test_arithmetic_is_that_of_numpy(a, b):
    out = np.empty((11, EIGHT))
    arithmetic(np.stack([a, b]), out)
    expected = [
        a + b, a - b, a * b, a / b, np.abs(a), np.sqrt(a), np.floor(a), np.rint(a),
        a.astype(np.float32).astype(float), np.where(a > b, a, b), np.where(a < b, a, b),
    ]  # fmt: skip
    np.testing.assert_array_equal(out, np.stack(expected))


@kernel
def comparisons(rows, out):
    a, b, one, zero = load(rows, 0), load(rows, 1), spread(1.0), spread(0.0)
    masks = (
        a < b, a <= b, a > b, a >= b, a == b, ~(a < b), (a < b) & (b > zero), (a < b) | (b > zero)
    )  # fmt: skip
    for place, mask in enumerate(masks):
        store(out, place, choose(mask, one, zero))
    return any_of(a < b)


@given(eights, eights)
def test_nan_passes_no_comparison(a, b):
    out = np.empty((8, EIGHT))
    some = comparisons(np.stack([a, b]), out)
    expected = [
        a < b,
        a <= b,
        a > b,
        a >= b,
        a == b,
        ~(a < b),
        (a < b) & (b > 0),
        (a < b) | (b > 0),
    ]
    np.testing.assert_array_equal(out, np.stack(expected))
    assert some == (a < b).any()


@kernel
def counts(rows, out):
    low, high = nothing(), nothing()
    for i in range(rows.shape[0]):
        low = tallied(low, load(rows, i) < spread(0.0))
        high = tallied(high, load(rows, i) > spread(0.0))
    store(out, 0, number(low))
    store(out, 1, number(joined(low, high)))


@given(arrays(np.float64, (5, EIGHT), elements=st.floats(-1, 1) | st.just(np.nan)))
def test_masks_are_counted(rows):
    out = np.empty((2, EIGHT))
    counts(rows, out)
    np.testing.assert_array_equal(out[0], (rows < 0).sum(axis=0))
    np.testing.assert_array_equal(out[1], (rows < 0).sum(axis=0) + (rows > 0).sum(axis=0))


@kernel
def fused(rows, out):
    store(out, 0, multiply_add(load(rows, 0), load(rows, 1), load(rows, 2)))


@given(arrays(np.float64, (3, EIGHT), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_fused_multiply_add_is_rounded_once(rows):
    scaled, out = rows / 3.0, np.empty((1, EIGHT))
    fused(scaled, out)
    a, b, c = ([Fraction(float(v)) for v in row] for row in scaled)
    exact = [float(x * y + z) for x, y, z in zip(a, b, c, strict=True)]
    np.testing.assert_array_equal(out[0], exact)


@pytest.mark.parametrize("row", [0, 2])
def test_only_the_row_is_written(row):
    rows, out = np.arange(8.0 * 3).reshape(3, 8), np.zeros((3, 8))

    @kernel
    def copy(rows, out, row):
        store(out, row, load(rows, row))

    copy(rows, out, row)
    expected = np.zeros((3, 8))
    expected[row] = rows[row]
    np.testing.assert_array_equal(out, expected)


@kernel
def middles(rows, out):
    store(out, 0, halfway(load(rows, 0), load(rows, 1)))


def places(values):
    """Places in the row of all numbers, −0 before 0."""
    whole = values.view(np.int64)
    return np.where(whole < 0, whole ^ np.int64(2**63 - 1), whole)


@given(arrays(np.float64, (2, EIGHT), elements=st.floats(allow_nan=False)))
def test_halfway_is_halfway_in_the_row_of_all_numbers(rows):
    out = np.empty((1, EIGHT))
    middles(rows, out)
    low, high = ([int(place) for place in places(row)] for row in rows)
    assert places(out[0]).tolist() == [(a + b) // 2 for a, b in zip(low, high, strict=True)]
