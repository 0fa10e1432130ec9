"""The test against pymannkendall and SciPy."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from abz.trends.mann_kendall import mann_kendall


@given(st.lists(st.integers(-6, 6), min_size=4, max_size=40))
def test_with_many_ties(numbers):
    y = np.array(numbers, float)
    assume(np.ptp(y) > 0)
    tau, p, variance = mann_kendall(y, y.size)
    reference = pymannkendall.original_test(y)
    assert p == pytest.approx(reference.p, abs=1e-12)
    assert variance == pytest.approx(reference.var_s)
    assert tau == pytest.approx(stats.kendalltau(np.arange(y.size), y).statistic)


def test_values_equal_in_single_precision_are_ties():
    fine = 1e6 + 0.01 * np.arange(20)
    rounded = fine.astype(np.float32).astype(float)
    assert mann_kendall(fine, 20) == mann_kendall(rounded, 20)
    assert mann_kendall(fine, 20)[0] < 1.0


def test_three_values_prove_nothing():
    tau, p, _ = mann_kendall(np.array([1.0, 2.0, 3.0]), 3)
    assert (tau, p) == (1.0, 1.0)


def test_a_constant_has_no_tau():
    tau, p, variance = mann_kendall(np.ones(9), 9)
    assert np.isnan(tau)
    assert (p, variance) == (1.0, 0.0)


def test_only_the_first_count_values_belong():
    y = np.array([3.0, 1.0, 2.0, 5.0, 99.0])
    assert mann_kendall(y, 4) == mann_kendall(y[:4], 4)
