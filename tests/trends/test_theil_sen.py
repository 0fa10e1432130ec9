"""Slopes, medians and bounds against NumPy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.trends.theil_sen import intercept_of, sen_slope, slope_bounds, workspace

values = st.one_of(st.just(np.nan), st.integers(-50, 50).map(lambda k: k / 4))
series = st.lists(values, min_size=4, max_size=25).map(np.array)


def slopes_of(y):
    kept = [(i, v) for i, v in enumerate(y) if np.isfinite(v)]
    return np.sort([(b - a) / (j - i) for (i, a), (j, b) in combinations(kept, 2)])


@given(series)
def test_slope_is_the_median_of_all_pairs(y):
    slopes = slopes_of(y)
    expected = np.median(slopes) if slopes.size else np.nan
    np.testing.assert_allclose(sen_slope(y, workspace(y.size)), expected, rtol=1e-14)


@given(series)
def test_intercept_is_the_median_residual(y):
    slope = 0.5
    residual = (y - slope * np.arange(1, y.size + 1))[np.isfinite(y)]
    expected = np.median(residual) if residual.size else np.nan
    np.testing.assert_allclose(intercept_of(y, slope, workspace(y.size)), expected)


@given(series, st.floats(0, 3000))
def test_bounds_are_order_statistics(y, variance):
    slopes = slopes_of(y)
    spread = 1.959963984540054 * np.sqrt(variance)
    low, high = (round((slopes.size + sign * spread) / 2) for sign in (-1, 1))
    lower, upper = slope_bounds(y, variance, workspace(y.size))
    if slopes.size == 0 or low < 0 or not 1 <= high <= slopes.size:
        assert np.isnan([lower, upper]).all()
    else:
        assert upper == slopes[high - 1]
        assert lower == (slopes[low - 1] if low else upper)


def test_infinite_slopes_are_ignored():
    y = np.array([0.0, 1.0, np.inf, 3.0, 4.0])
    assert sen_slope(y, workspace(5)) == pytest.approx(1.0)
