"""Slopes, medians and bounds of eight series at a time against NumPy and SciPy."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from abz.compiled import kernel
from abz.eights import EIGHT, load, spread, store
from abz.trends.theil_sen import (
    _pairwise_slopes,
    _ranked,
    intercept_of,
    present,
    sen_slope,
    slope_with_bounds,
    workspace,
)

whole = st.integers(-50, 50).map(lambda k: k / 4) | st.just(np.nan)
tiles = st.integers(2, 24).flatmap(lambda n: arrays(np.float64, (n, EIGHT), elements=whole))
lanes = arrays(np.float64, EIGHT, elements=st.floats(-30, 30) | st.just(np.nan))


@kernel
def slopes(tile, near, out):
    work = workspace(tile.shape[0])
    store(out, 0, sen_slope(tile, load(near, 0), work))
    store(out, 1, present(tile))


@kernel
def bounds(tile, variance, near, out):
    work = workspace(tile.shape[0])
    slope, lower, upper = slope_with_bounds(tile, load(variance, 0), load(near, 0), work)
    store(out, 0, slope)
    store(out, 1, lower)
    store(out, 2, upper)


@kernel
def intercepts(tile, slope, out):
    store(out, 0, intercept_of(tile, spread(slope), workspace(tile.shape[0])))


@kernel
def pairs(tile, work):
    return _pairwise_slopes(tile, work[0])[0]


@kernel
def ranked(values, told, out):
    near = load(told, 1), load(told, 2)
    first, second = _ranked(values, len(values), load(told, 0), near, load(told, 3) > spread(0.0))
    store(out, 0, first)
    store(out, 1, second)


def naive_slopes(y):
    """All pairwise slopes of one series, in order of size."""
    kept = [(i, v) for i, v in enumerate(y) if np.isfinite(v)]
    return np.sort([(b - a) / (j - i) for (i, a), (j, b) in combinations(kept, 2)])


def median(values):
    return np.median(values) if len(values) else np.nan


@given(tiles, lanes)
def test_slope_is_the_median_of_all_pairs_wherever_the_search_begins(tile, near):
    out = np.empty((2, EIGHT))
    slopes(tile, near[None], out)
    np.testing.assert_array_equal(out[0], [median(naive_slopes(y)) for y in tile.T])
    np.testing.assert_array_equal(out[1], np.isfinite(tile).sum(axis=0))


@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_slope_is_that_of_scipy(seed, n):
    tile, out = np.random.default_rng(seed).standard_t(2, (n, EIGHT)), np.empty((2, EIGHT))
    slopes(tile, np.full((1, EIGHT), np.nan), out)
    np.testing.assert_allclose(out[0], [stats.theilslopes(y).slope for y in tile.T], rtol=1e-14)


@given(tiles, arrays(np.float64, EIGHT, elements=st.floats(-10, 3000) | st.just(np.nan)), lanes)
def test_bounds_are_order_statistics(tile, variance, near):
    out = np.empty((3, EIGHT))
    bounds(tile, variance[None], near[None], out)
    for y, v, slope, lower, upper in zip(tile.T, variance, *out, strict=True):
        ordered = naive_slopes(y)
        np.testing.assert_equal(slope, median(ordered))
        spread_ = 1.959963984540054 * np.sqrt(v) if v >= 0 else np.inf
        low, high = ((ordered.size + sign * spread_) / 2 for sign in (-1, 1))
        if not np.isfinite(low) or round(low) < 0 or not 1 <= round(high) <= ordered.size:
            assert np.isnan([lower, upper]).all()
        else:
            assert upper == ordered[round(high) - 1]
            assert lower == (ordered[round(low) - 1] if round(low) else upper)


@given(tiles, st.sampled_from([0.5, -0.3, 0.0]))
def test_intercept_is_the_median_residual(tile, slope):
    out = np.empty((1, EIGHT))
    intercepts(tile, slope, out)
    residuals = tile - slope * np.arange(1, len(tile) + 1)[:, None]
    expected = [median(column[np.isfinite(column)]) for column in residuals.T]
    np.testing.assert_array_equal(out[0], expected)


@pytest.mark.parametrize("other", [0.0, 1.0, -1.0])
@pytest.mark.parametrize("value", [np.inf, -np.inf, 1.7e308, 3e200])
def test_slopes_that_are_not_finite_are_ignored(value, other):
    """Between a huge value and one of the other sign there is none that a float64 can hold."""
    tile, out = np.arange(5.0 * EIGHT).reshape(5, EIGHT), np.empty((2, EIGHT))
    tile[2, 3], tile[0, 3] = value, other * abs(value) if other else 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        rises = [(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(tile[:, 3]), 2)]
    slopes(tile, np.full((1, EIGHT), np.nan), out)
    expected = np.full(EIGHT, 8.0)
    expected[3] = np.median([slope for slope in rises if np.isfinite(slope)])
    np.testing.assert_allclose(out[0], expected, rtol=1e-15)


def test_quotients_are_rounded_once():
    """Rises chosen so that their slopes lie as near to the middle of two float64 as they can."""
    rng, n = np.random.default_rng(1), 120
    work = workspace(n)
    for _ in range(200):
        lag = int(rng.integers(1, n))
        quotients = rng.integers(2**52, 2**53, EIGHT)
        rises = [
            float(round(Fraction(lag) * (int(q) + Fraction(1, 2)) + int(rng.integers(-3, 4))))
            for q in quotients
        ]
        tile = np.zeros((n, EIGHT))
        tile[lag] = rises
        pairs(tile, work)
        first = sum(n - shorter for shorter in range(1, lag))
        np.testing.assert_array_equal(work[0][first], np.array(rises) / lag)


@given(st.integers(0, 2**32 - 1), st.integers(2, 300))
def test_all_quotients_are_those_of_a_division(seed, n):
    rng = np.random.default_rng(seed)
    n = min(n, 60)
    tile = rng.normal(size=(n, EIGHT)) * 10.0 ** rng.integers(-200, 200, EIGHT)
    work = workspace(n)
    size = pairs(tile, work)
    expected = [(tile[i + k] - tile[i]) / k for k in range(1, n) for i in range(n - k)]
    np.testing.assert_array_equal(work[0][:size], expected)


def skewed(shape, n):
    """Series whose pairwise slopes lie nowhere evenly, each eight times."""
    rng, t = np.random.default_rng(7), np.arange(n)
    series = {
        "steep": 10.0 * t + 1e-3 * rng.normal(size=n),
        "heavy": rng.standard_t(1, n) ** 3,
        "huge": np.where(t == n // 3, 1e155, rng.normal(size=n)),
        "gaps": np.where(t % 5 == 0, np.nan, np.exp(rng.normal(0, 40, n))),
        "subnormal": 5e-324 * rng.integers(-99, 99, n),
        "bits": rng.integers(0, 2**62, n, np.int64).view(np.float64),
    }
    return np.repeat(series[shape][:, None], EIGHT, axis=1)


SHAPES = ["steep", "heavy", "huge", "gaps", "subnormal", "bits"]


def seconds(tile):
    out, near, best = np.empty((3, EIGHT)), np.full((1, EIGHT), np.nan), np.inf
    for _ in range(3):
        start = perf_counter()
        bounds(tile, np.full((1, EIGHT), 1e4), near, out)
        best = min(best, perf_counter() - start)
    return best


@pytest.mark.parametrize("shape", SHAPES)
def test_the_search_is_short_however_the_slopes_are_distributed(shape):
    """One pass a slope would take more than a hundred times as long as it takes for noise."""
    noise = np.random.default_rng(1).normal(size=(160, EIGHT))
    assert seconds(skewed(shape, 160)) < 25 * seconds(noise)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("near", [np.nan, 0.0, -1e300, 1e300, 5e-324])
def test_skewed_slopes_are_those_of_sorting(shape, near):
    tile, out = skewed(shape, 41), np.empty((3, EIGHT))
    bounds(tile, np.full((1, EIGHT), 900.0), np.full((1, EIGHT), near), out)
    size = pairs(tile, work := workspace(41))
    ordered = np.sort(work[0][:size, 0][np.isfinite(work[0][:size, 0])])
    reach = 0.5 * 1.959963984540054 * 30.0
    low, high = (round(ordered.size / 2 + sign * reach) for sign in (-1, 1))
    wanted = [np.median(ordered), ordered[low - 1], ordered[high - 1]]
    np.testing.assert_array_equal(out, np.repeat(np.array(wanted)[:, None], EIGHT, axis=1))


anything = st.floats(allow_nan=True, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308]
)


@given(
    st.integers(1, 17).flatmap(lambda n: arrays(np.float64, (n, EIGHT), elements=anything)),
    st.integers(0, 2**32 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1e308),
)
@settings(max_examples=200)
def test_any_rank_of_any_numbers(values, seed, pivot, step):
    rng, told, out = np.random.default_rng(seed), np.zeros((4, EIGHT)), np.empty((2, EIGHT))
    count = np.isfinite(values).sum(axis=0)
    told[0] = np.where(count > 0, rng.integers(0, np.maximum(count, 1)), -1)
    told[1], told[2], told[3] = pivot, step, rng.random(EIGHT) < 0.5
    ranked(values, told, out)
    ordered = np.vstack([np.sort(values, axis=0), np.full((1, EIGHT), np.inf)])  # NaN last
    for lane, k in enumerate(told[0].astype(int)):
        if k < 0:
            assert np.isnan(out[:, lane]).all()
            continue
        assert out[0, lane] == ordered[k, lane]
        if told[3, lane] and k + 1 < count[lane]:
            assert out[1, lane] == ordered[k + 1, lane]
