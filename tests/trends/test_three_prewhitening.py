"""Three prewhitenings against the numbers of their authors' software, and plain NumPy."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abz.trends import trend_series
from abz.trends.three_prewhitening import neighbour_correlation, three_prewhitening


def red_noise(seed, n, rho, slope, gap=0):
    x = np.random.default_rng(seed).normal(size=n)
    for t in range(1, n):
        x[t] += rho * x[t - 1]
    x += slope * np.arange(n)
    if gap:
        x[gap] = np.nan
    return x


AUTHORS = {
    (1, 20, 0.0, 0.0, 0): (0.07435290536856365, -0.04318799230690858),
    (2, 20, 0.7, 0.0, 0): (0.6264962743469109, -0.019238244559426954),
    (3, 20, 0.7, 0.1, 0): (0.08551480563051506, 0.0870039095075071),
    (4, 27, 0.8, -0.2, 0): (0.20110491981248035, -0.15968444572776405),
    (5, 27, 0.6, 0.05, 9): (0.3853099749909059, 0.031009521187765714),
    (6, 40, 0.5, 0.05, 0): (0.6632086746173176, 0.008490102312876613),
    (8, 20, 0.2, 0.25, 0): (0.6242768461207495, 0.25388698791821657),
    (6, 40, 0.5, 0.05, 20): (0.5917967492239535, 0.007703248079001332),
    (13, 27, 0.7, 0.0, 11): (0.24369251012790505, 0.03679496182303286),
}
"""Series (seed, n, rho, slope, gap) to p and slope of mannkendall 1.1.1 with years of 365.25 days:
weak and strong correlation, before and after the trend is taken out, with and without a gap."""


@pytest.mark.parametrize("series", AUTHORS)
def test_agrees_with_the_software_of_its_authors(series):
    found = trend_series(red_noise(*series)[None], np.arange(series[1]), "three_prewhitening")
    p, slope = AUTHORS[series]
    assert found.p_value[0] == pytest.approx(p, abs=1e-12)
    assert found.slope[0] == pytest.approx(slope, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 0.9]))
def test_significant_where_both_tests_are(seed, rho):
    x, rows = red_noise(seed, 20, rho, 0.05), np.empty((3, 20))
    slope = stats.theilslopes(x).slope
    three_prewhitening(x, slope, x - slope * np.arange(1, 21), False, rows)
    tested = [row[np.isfinite(row)].astype(np.float32) for row in rows]
    plain, trend_free = (pymannkendall.original_test(row).p for row in tested[:2])
    found = trend_series(x[None], np.arange(20), "three_prewhitening")
    assert found.p_value[0] == pytest.approx(max(plain, trend_free), abs=1e-12)
    assert found.slope[0] == pytest.approx(stats.theilslopes(rows[2][: tested[2].size]).slope)


@given(st.integers(0, 2**32 - 1))
def test_correlation_of_neighbours_is_that_of_pearson(seed):
    x = red_noise(seed, 20, 0.6, 0.0)
    x[7] = np.nan
    kept = np.isfinite(x[1:] + x[:-1])
    wanted = stats.pearsonr(x[:-1][kept], x[1:][kept]).statistic
    assert neighbour_correlation(x) == pytest.approx(wanted, abs=1e-12)


def test_few_neighbours_have_no_correlation():
    assert np.isnan(neighbour_correlation(np.array([1.0, 2.0, np.nan, 4.0, 7.0, np.nan, 1.0])))
    assert np.isnan(neighbour_correlation(np.ones(9)))


def test_raw_slope_is_that_of_the_series():
    x = red_noise(6, 40, 0.5, 0.05)[None]
    tested, raw, plain = (
        trend_series(x, np.arange(40), method, raw_slope=flag)
        for method, flag in (
            ("three_prewhitening", False), ("three_prewhitening", True), ("none", False)
        )
    )  # fmt: skip
    assert raw.p_value == tested.p_value != plain.p_value
    assert raw.slope == plain.slope != tested.slope
