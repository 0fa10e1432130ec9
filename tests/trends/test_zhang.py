"""Zhang's iteration on a belt of eight against one series after the other in plain NumPy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.compiled import kernel
from abz.eights import EIGHT, store
from abz.trends.prewhitening import lag1_autocorrelation
from abz.trends.reported import RESULTS
from abz.trends.zhang import zhang

N = 20
I, J = np.triu_indices(N - 1, 1)


def red_noise(seed, number, rho=0.6, n=N):
    noise = np.random.default_rng(seed).normal(size=(number, n))
    for t in range(1, n):
        noise[:, t] += rho * noise[:, t - 1]
    return noise


@kernel
def correlate(tile, out):
    store(out, 0, lag1_autocorrelation(tile))


def correlation(x):
    """To the last bit: an unsettled iteration magnifies any other."""
    out = np.empty((1, EIGHT))
    correlate(np.repeat(x[:, None], EIGHT, axis=1), out)
    return out[0, 0]


def plain_zhang(x, preserve_range):
    """Autocorrelation, slope and passes: all of them, with no cycle skipped."""
    t, c, runs = np.arange(1.0, x.size + 1), correlation(x), 1
    y = (x[1:] - c * x[:-1]) / ((1 - c) if preserve_range else 1.0)
    b = np.median((y[J] - y[I]) / (J - I))
    while runs < 500:
        latest = correlation(x - b * t)
        steady = abs(latest - c) <= 1e-4
        if latest < 0.05 and steady:
            break
        y = (x[1:] - latest * x[:-1]) / (1 - latest)
        before, b, runs = b, np.median((y[J] - y[I]) / (J - I)), runs + 1
        if steady and b != 0 and abs((b - before) / b) <= 1e-3:
            break
        c = latest
    return c, b, runs


def found(values, preserve_range=False, raw_slope=False):
    out = np.full((RESULTS, len(values)), np.nan)
    zhang(values, preserve_range, raw_slope, out)
    return {"slope": out[0], "p": out[3], "c": out[6], "runs": out[7], "converged": out[8]}


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_is_the_plain_iteration(seed, preserve_range, ties):
    """Many lanes at different passes at once, weak autocorrelation and exact rest among them."""
    values = red_noise(seed, 29)
    if ties:
        values = np.round(values)
    got = found(values, preserve_range)
    for k, x in enumerate(values):
        c = correlation(x)
        if c < 0.05:
            assert (got["c"][k], got["runs"][k]) == (c, 1)
            continue
        c, b, runs = plain_zhang(x, preserve_range)
        assert got["runs"][k] == runs
        assert (got["c"][k], got["slope"][k]) == (c, b)
        stands_still = b == 0 and correlation(x) == c
        assert got["converged"][k] == (runs < 500 or stands_still)


def test_skipping_turns_of_a_cycle_changes_nothing():
    """Cycles of a few passes, and iterations that never come back, bit for bit."""
    values = red_noise(1, 600, rho=0.8)
    got = found(values)
    cycling = np.flatnonzero(got["runs"] == 500)
    assert cycling.size > 5
    for k in cycling:
        assert (got["c"][k], got["slope"][k], 500) == plain_zhang(values[k], False)


def test_the_place_on_the_belt_does_not_matter():
    values = red_noise(3, 200, rho=0.7)
    order = np.random.default_rng(0).permutation(200)
    whole, mixed, single = found(values), found(values[order]), found(values[:1])
    for name, expected in whole.items():
        np.testing.assert_array_equal(mixed[name], expected[order])
        np.testing.assert_array_equal(single[name], expected[:1])


def test_no_series_and_no_result():
    assert found(np.empty((0, N)))["slope"].size == 0
    values = red_noise(5, 12)
    values[3], values[7] = 2.0, np.nan
    got = found(values)
    assert np.flatnonzero(np.isnan(got["slope"])).tolist() == [3, 7]
    assert np.flatnonzero(got["runs"] == 0).tolist() == [3, 7]
