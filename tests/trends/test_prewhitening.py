"""Autocorrelation and prewhitening against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.stattools import acf

from abz.trends.prewhitening import lag1_autocorrelation, prewhiten, yue_pilon, zhang
from abz.trends.theil_sen import sen_slope, workspace

seeds = st.integers(0, 2**32 - 1)


def red_noise(seed, n=20, rho=0.6):
    noise = np.random.default_rng(seed).normal(size=n)
    for t in range(1, n):
        noise[t] += rho * noise[t - 1]
    return noise


def plain_zhang(x, preserve_range):
    """All passes, one after the other, with no cycle skipped."""
    work, t = workspace(x.size), np.arange(1.0, x.size + 1)
    c = lag1_autocorrelation(x)
    if c < 0.05:
        return x, c, 1
    y = (x[1:] - c * x[:-1]) / ((1 - c) if preserve_range else 1.0)
    b, runs = sen_slope(y, work), 1
    while runs < 500:
        latest = lag1_autocorrelation(x - b * t)
        if latest < 0.05 and abs(latest - c) <= 1e-4:
            break
        y = (x[1:] - latest * x[:-1]) / (1 - latest)
        slope, runs = sen_slope(y, work), runs + 1
        if abs((slope - b) / slope) <= 1e-3 and abs(latest - c) <= 1e-4:
            break
        b, c = slope, latest
    return np.append(y, np.nan), c, runs


@given(seeds, st.booleans())
def test_zhang_is_the_plain_iteration(seed, preserve_range):
    x, whitened = red_noise(seed), np.empty(20)
    c, runs, _ = zhang(x, preserve_range, whitened, workspace(20))
    expected, c_expected, runs_expected = plain_zhang(x, preserve_range)
    assert (c, runs) == (c_expected, runs_expected)
    np.testing.assert_array_equal(whitened, expected)


def test_skipping_turns_of_a_cycle_changes_nothing():
    cycles = 0
    for seed in range(400):
        x, whitened = red_noise(seed, rho=0.8), np.empty(20)
        c, runs, converged = zhang(x, False, whitened, workspace(20))
        if runs == 500:
            expected, c_expected, _ = plain_zhang(x, False)
            assert c == c_expected
            np.testing.assert_array_equal(whitened, expected)
            assert not converged
            cycles += 1
    assert cycles > 3


@given(seeds)
def test_autocorrelation_without_gaps_is_that_of_statsmodels(seed):
    x = red_noise(seed)
    assert lag1_autocorrelation(x) == pytest.approx(acf(x, nlags=1)[1], abs=1e-14)


def test_autocorrelation_with_gaps():
    x = np.array([1.0, 3.0, np.nan, 2.0, 4.0, 0.0])
    d = x - 2.0
    pairs = d[0] * d[1] + d[3] * d[4] + d[4] * d[5]
    assert lag1_autocorrelation(x) == pytest.approx((pairs / 4) / (np.nansum(d**2) / 5))


@pytest.mark.parametrize("x", [np.full(9, 0.1), np.array([1.0, np.nan, 2.0, np.nan, 0.0])])
def test_no_autocorrelation(x):
    assert np.isnan(lag1_autocorrelation(x))


@given(seeds)
def test_yue_pilon_puts_the_trend_back(seed):
    x, whitened = red_noise(seed) + 0.3 * np.arange(20), np.empty(20)
    c, runs, converged = yue_pilon(x, False, whitened, workspace(20))
    t = np.arange(1.0, 21)
    b = sen_slope(x, workspace(20))
    d = x - b * t
    assert c == lag1_autocorrelation(d)
    np.testing.assert_allclose(whitened[:-1], d[1:] - c * d[:-1] + b * t[:-1], atol=1e-12)
    assert np.isnan(whitened[-1])
    assert (runs, converged) == (1, True)


@given(seeds, st.booleans())
def test_prewhiten_takes_the_share_of_the_year_before(seed, preserve_range):
    x, whitened = red_noise(seed), np.empty(20)
    x[8] = np.nan
    c, runs, converged = prewhiten(x, preserve_range, whitened, workspace(20))
    assert c == lag1_autocorrelation(x)
    expected = (x[1:] - c * x[:-1]) / ((1 - c) if preserve_range else 1.0)
    np.testing.assert_allclose(whitened, np.append(expected, np.nan), atol=1e-12)
    assert (runs, converged) == (1, True)
