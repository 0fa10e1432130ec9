"""Autocorrelation and prewhitening of eight series at a time against plain NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.tsa.stattools import acf

from abz.compiled import kernel
from abz.eights import EIGHT, choose, spread, store
from abz.trends.prewhitening import (
    allows_test,
    detrend,
    lag1_autocorrelation,
    mean_of,
    prewhiten,
    raw_slope,
    yue_pilon,
)
from abz.trends.theil_sen import workspace

seeds = st.integers(0, 2**32 - 1)
N = 20


def red_noise(seed, n=N, rho=0.6):
    noise = np.random.default_rng(seed).normal(size=(n, EIGHT))
    for t in range(1, n):
        noise[t] += rho * noise[t - 1]
    return noise


@kernel
def told(tile, out):
    store(out, 0, mean_of(tile))
    store(out, 1, lag1_autocorrelation(tile))
    store(out, 2, raw_slope(tile, workspace(tile.shape[0])))
    store(out, 3, choose(allows_test(tile), spread(1.0), spread(0.0)))


@kernel
def prewhitened(tile, preserve_range, out, said):
    correlation, fine = prewhiten(tile, preserve_range, out)
    store(said, 0, correlation)
    store(said, 1, choose(fine, spread(1.0), spread(0.0)))


@kernel
def blended(tile, preserve_range, out, said):
    correlation, fine, slope = yue_pilon(tile, preserve_range, out, workspace(tile.shape[0]))
    store(said, 0, correlation)
    store(said, 1, choose(fine, spread(1.0), spread(0.0)))
    store(said, 2, slope)


@kernel
def detrended(tile, slope, out, bent):
    store(bent, 0, choose(detrend(tile, spread(slope), out), spread(1.0), spread(0.0)))


def facts(tile):
    out = np.empty((4, EIGHT))
    told(np.ascontiguousarray(tile, float), out)
    return out


def alike(series):
    """A tile of one series."""
    return np.tile(np.asarray(series, float)[:, None], EIGHT)


@given(arrays(np.float64, (9, EIGHT), elements=st.floats(-1e12, 1e12)))
def test_the_mean_is_rounded_once(tile):
    means = facts(tile)[0]
    for mean, series in zip(means, tile.T, strict=True):
        if np.ptp(series) > 0:
            exact = math.fsum(series) / series.size
            assert abs(mean - exact) <= np.spacing(abs(exact)) + 1e-290
        else:
            assert np.isnan(mean)


@given(seeds)
def test_autocorrelation_without_gaps_is_that_of_statsmodels(seed):
    tile = red_noise(seed)
    expected = [acf(series, nlags=1)[1] for series in tile.T]
    np.testing.assert_allclose(facts(tile)[1], expected, atol=1e-14)


def test_autocorrelation_with_gaps():
    x = np.array([1.0, 3.0, np.nan, 2.0, 4.0, 0.0])
    d = x - 2.0
    wanted = ((d[0] * d[1] + d[3] * d[4] + d[4] * d[5]) / 4) / (np.nansum(d**2) / 5)
    np.testing.assert_allclose(facts(alike(x))[1], wanted)


@pytest.mark.parametrize("turn", [1.0, -1.0])
def test_autocorrelation_with_gaps_is_no_more_than_one(turn):
    x = np.full(20, np.nan)
    x[[0, 1, 5, 6, 10, 11, 15, 16]] = [9.0, turn * 9, -9, -turn * 9, 9, turn * 9, -9, -turn * 9]
    x[[3, 8, 13, 18]] = 1e-3, -1e-3, 1e-3, -1e-3
    assert (facts(alike(x))[1] == turn).all()


@pytest.mark.parametrize("x", [np.full(9, 0.1), np.array([1.0, np.nan, 2.0, np.nan, 0.0])])
def test_no_autocorrelation(x):
    assert np.isnan(facts(alike(x))[1]).all()


@pytest.mark.parametrize(
    ("series", "fine"),
    [
        (np.arange(9.0), True), (np.full(9, 3.0), False), ([1.0, 2.0, 4.0, np.nan], False),
        (np.r_[np.zeros(7), 1.0, 2.0], False), (np.r_[np.arange(8.0), np.inf], False),
        (np.r_[np.arange(4.0), np.full(36, np.nan)], True),
        (np.r_[np.arange(4.0), np.full(37, np.nan)], False),
    ],
)  # fmt: skip
def test_what_can_be_tested(series, fine):
    """Four values, three of them not zero, in a tenth of the years, none infinite, no constant."""
    found = facts(alike(series))
    assert (found[3] == fine).all()
    assert (np.isfinite(found[2]) == fine).all()


@given(seeds)
def test_raw_slope_is_that_of_scipy(seed):
    tile = red_noise(seed)
    expected = [stats.theilslopes(series).slope for series in tile.T]
    np.testing.assert_allclose(facts(tile)[2], expected, rtol=1e-13)


@given(seeds, st.booleans())
def test_prewhiten_takes_the_share_of_the_year_before(seed, preserve_range):
    tile, out, said = red_noise(seed), np.empty((N, EIGHT)), np.empty((2, EIGHT))
    tile[8, ::2] = np.nan
    prewhitened(tile, preserve_range, out, said)
    c = facts(tile)[1]
    expected = (tile[1:] - c * tile[:-1]) / ((1 - c) if preserve_range else 1.0)
    np.testing.assert_array_equal(said[0], c)
    np.testing.assert_allclose(out[:-1], expected, atol=1e-12)
    assert np.isnan(out[-1]).all()
    assert (said[1] == 1.0).all()


@given(seeds, st.booleans())
def test_yue_pilon_puts_the_trend_back(seed, preserve_range):
    t = np.arange(1.0, N + 1)[:, None]
    tile, out, said = red_noise(seed) + 0.3 * t, np.empty((N, EIGHT)), np.empty((3, EIGHT))
    blended(tile, preserve_range, out, said)
    slope = facts(tile)[2]
    d = tile - slope * t
    c = facts(d)[1]
    divisor = (1 - c) if preserve_range else 1.0
    np.testing.assert_array_equal(said[2], slope)
    np.testing.assert_allclose(said[0], c, atol=1e-12)
    expected = (d[1:] - c * d[:-1]) / divisor + slope * t[:-1]
    np.testing.assert_allclose(out[:-1], expected, atol=1e-9)
    assert np.isnan(out[-1]).all()


def test_a_straight_line_stays_beside_others():
    tile, out, said = red_noise(1), np.empty((N, EIGHT)), np.empty((3, EIGHT))
    tile[:, 3] = 5.0 - 0.1 * np.arange(N)
    blended(tile, False, out, said)
    np.testing.assert_array_equal(out[:, 3], tile[:, 3])
    assert np.isnan(out[-1, [0, 1, 2, 4, 5, 6, 7]]).all()


@pytest.mark.parametrize("slope", [0.0, -0.7])
def test_residuals_that_are_nothing_but_rounding(slope):
    tile, out, bent = alike(3.0 + slope * np.arange(N)), np.empty((N, EIGHT)), np.empty((1, EIGHT))
    tile[4, 1] += 1e-6
    detrended(tile, slope, out, bent)
    assert bent[0].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(out, tile - slope * np.arange(1, N + 1)[:, None])
