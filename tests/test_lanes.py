"""Wide operations against NumPy, lane by lane."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.compiled import kernel
from abz.lanes import (
    LANES,
    add_where,
    lowest,
    not_above,
)

floats = st.floats(width=32, allow_nan=True)
words = st.integers(0, 2**64 - 1)


@kernel
def compare(values, offset, limit):
    return not_above(values, offset, limit)


@kernel
def add(sums, offset, rows, value):
    add_where(sums, offset, rows, value)


@kernel
def first_bit(rows):
    return lowest(rows)


def bits(word):
    return np.array([word >> lane & 1 for lane in range(LANES)], bool)


@given(st.lists(floats, min_size=LANES, max_size=LANES), floats, st.integers(0, 9))
def test_comparison_is_that_of_float32(values, limit, offset):
    array = np.concatenate([np.full(offset, -np.inf), values]).astype(np.float32)
    found = compare(array, offset, np.float32(limit))
    assert (bits(int(found)) == (array[offset:] <= np.float32(limit))).all()


@given(words, st.floats(-1e300, 1e300), st.integers(0, 9))
def test_only_chosen_lanes_change(word, value, offset):
    sums = np.random.default_rng(word % 1000).normal(size=offset + LANES + 3)
    expected = sums.copy()
    expected[offset : offset + LANES][bits(word)] += value
    add(sums, offset, np.uint64(word), value)
    assert sums.tobytes() == expected.tobytes()


@given(words.filter(bool))
def test_lowest_bit(word):
    assert first_bit(np.uint64(word)) == np.flatnonzero(bits(word))[0]
