"""Variance correction against pymannkendall, and plain NumPy where years are missing."""

from __future__ import annotations

import math

import numpy as np
import pymannkendall
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from abz.trends import trend_series
from abz.trends.variance_corrected import ranks_of, variance_factor

WHOLE = math.lcm(*range(1, 20))
"""Multiples of it have whole slopes over up to 19 years, so that no residual is rounded."""

exact = st.integers(5, 20).flatmap(
    lambda n: st.lists(st.integers(-99, 99), min_size=n, max_size=n).map(
        lambda numbers: np.array(numbers, float) * WHOLE
    )
)


def red_noise(seed, n=20, rho=0.6):
    x = np.random.default_rng(seed).normal(size=n)
    for t in range(1, n):
        x[t] += rho * x[t - 1]
    return x


def one(series, **options):
    values = np.asarray(series, float)[None]
    found = trend_series(values, np.arange(values.size), "hamed_rao", **options)
    return {name: getattr(found, name)[0] for name in found.__dataclass_fields__}


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")
@given(exact, st.sampled_from([None, 1, 3]))
def test_is_that_of_pymannkendall(series, lags):
    straight = series - series[0] - np.arange(series.size) * (series[1] - series[0])
    assume(np.any(straight) and np.count_nonzero(series) >= 3)
    wanted = pymannkendall.hamed_rao_modification_test(series, lag=lags)
    got = one(series, lags=lags)
    assert got["slope"] == pytest.approx(wanted.slope, rel=1e-12)
    assert got["p_value"] == pytest.approx(wanted.p, abs=1e-12, nan_ok=True)
    assert got["converged"] == np.isfinite(wanted.p)


@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 20, 25]), st.sampled_from([0.0, 0.6]))
def test_is_that_of_pymannkendall_for_noise(seed, n, rho):
    """Numbers of years with an even number of slopes, whose median leaves no residuals tied."""
    series = red_noise(seed, n, rho)
    wanted = pymannkendall.hamed_rao_modification_test(series)
    got = one(series)
    assert got["p_value"] == pytest.approx(wanted.p, abs=1e-9, nan_ok=True)


def plain_factor(ranks, lags):
    """Correction of a series with gaps, lag by lag."""
    here = np.flatnonzero(np.isfinite(ranks))
    x = ranks[here[0] : here[-1] + 1] - np.nanmean(ranks)
    n, m = x.size, here.size
    total = 0.0
    for lag in range(1, min(lags or n, n - 1) + 1):
        products = x[lag:] * x[:-lag]
        pairs = np.isfinite(products).sum()
        rho = (np.nansum(products) / (pairs + lag)) / (np.nansum(x**2) / m)
        if abs(rho) > stats.norm.ppf(0.975) / np.sqrt(m):
            total += (n - lag) * (n - lag - 1) * (n - lag - 2) * rho
    return 1 + 2 * total / (n * (n - 1) * (n - 2))


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 2]))
def test_gaps_keep_their_spacing(seed, lags):
    ranks = stats.rankdata(red_noise(seed))
    ranks[[0, 5, 6, 13]] = np.nan
    assert variance_factor(ranks, lags)[0] == pytest.approx(plain_factor(ranks, lags))


@given(st.integers(0, 2**32 - 1))
def test_years_missing_at_the_ends_do_not_matter(seed):
    series = red_noise(seed)
    wide = np.concatenate([[np.nan, np.nan], series, [np.nan]])
    assert one(wide)["p_value"] == one(series)["p_value"]


@given(st.integers(0, 2**32 - 1), st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_shift_scale_and_reversal(seed, offset, factor):
    """For any number of years: residuals that the slope makes equal stay ties."""
    series = red_noise(seed, n=19)
    plain = one(series)
    for other in (series + offset, series * factor, -series, series[::-1]):
        np.testing.assert_allclose(one(other)["p_value"], plain["p_value"], rtol=1e-9)


def test_ranks_share_their_mean_within_rounding():
    x = np.array([3.0, np.nan, 1.0, 1.0 + 1e-15, 2.0])
    ranks_of(x, 1e-14)
    np.testing.assert_array_equal(x, [4.0, np.nan, 1.5, 1.5, 3.0])


def test_autocorrelation_widens_the_bounds_with_the_test():
    series = red_noise(1, n=40, rho=0.8)
    corrected, plain = one(series), trend_series(series[None], np.arange(40), "none")
    assert corrected["p_value"] > plain.p_value[0]
    assert corrected["lower"] < plain.lower[0]
    assert corrected["upper"] > plain.upper[0]


def test_no_variance_is_no_p():
    rng = np.random.default_rng(0)
    found = [one(rng.normal(size=12) * (-1.0) ** np.arange(12)) for _ in range(300)]
    none = [f for f in found if np.isnan(f["p_value"])]
    assert none
    assert all(np.isfinite(f["slope"]) and np.isnan(f["lower"]) for f in none)
    assert not any(f["converged"] for f in none)
