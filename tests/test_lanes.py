"""Wide operations against NumPy, lane by lane."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.compiled import kernel
from abz.lanes import (
    DOUBLES,
    LANES,
    add_where,
    lowest,
    not_above,
    rises_and_falls,
    slopes_at_lag,
    split_at,
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


@kernel
def parted(values, size, pivot, found):
    split_at(values, size, pivot, found)


@kernel
def slopes(times, values, lag, size, out, offset):
    slopes_at_lag(times, values, lag, size, out, offset)


@kernel
def counted(values, size, found):
    rises_and_falls(values, size, found)


doubles = st.floats(-1e9, 1e9) | st.just(np.nan)


@given(st.lists(doubles, min_size=8, max_size=40), st.floats(-1e9, 1e9))
def test_a_pivot_parts_the_values(values, pivot):
    size = len(values) // DOUBLES * DOUBLES
    array, found = np.array(values), np.empty(3)
    parted(array, size, pivot, found)
    low = [v for v in values[:size] if v <= pivot]
    high = [v for v in values[:size] if v > pivot]
    assert found.tolist() == [len(low), max(low, default=-np.inf), min(high, default=np.inf)]


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=30), st.integers(1, 29))
def test_slopes_at_a_lag_are_those_of_each_pair(values, lag):
    n = len(values)
    lag = min(lag, n - 1)
    y, t = np.zeros(n + 16), np.zeros(n + 16)
    y[:n], t[:n] = values, np.cumsum(np.arange(1, n + 1))
    out = np.full(n + 24, 7.0)
    slopes(t, y, lag, n - lag, out, 5)
    assert (out[:5] == 7.0).all()
    expected = (y[lag:n] - y[: n - lag]) / (t[lag:n] - t[: n - lag])
    assert out[5 : 5 + n - lag].tobytes() == expected.tobytes()


@given(st.lists(st.integers(-3, 3).map(float), max_size=30))
def test_pairs_that_rise_and_fall_are_counted(values):
    n = len(values)
    array, found = np.full(n + DOUBLES, 99.0), np.empty(2)
    array[:n] = values
    counted(array, n, found)
    pairs = [(values[i], values[j]) for i in range(n) for j in range(i + 1, n)]
    assert found.tolist() == [sum(b > a for a, b in pairs), sum(b < a for a, b in pairs)]
