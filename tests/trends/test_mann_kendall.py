"""The test of eight series at a time against pymannkendall and SciPy."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from abz.compiled import kernel
from abz.eights import EIGHT, store
from abz.trends.mann_kendall import mann_kendall
from abz.trends.theil_sen import workspace


@kernel
def into(tile, out):
    tau, p_value, variance = mann_kendall(tile, workspace(tile.shape[0]))
    store(out, 0, tau)
    store(out, 1, p_value)
    store(out, 2, variance)


def verdict(tile):
    """tau, p and variance of each series (8,)."""
    out = np.empty((3, EIGHT))
    into(np.ascontiguousarray(tile, float), out)
    return out


def one(series):
    return tuple(verdict(np.tile(np.asarray(series, float)[:, None], EIGHT))[:, 0])


tiles = st.integers(4, 30).flatmap(
    lambda n: arrays(np.float64, (n, EIGHT), elements=st.integers(-6, 6).map(float))
)


@given(tiles, st.booleans())
def test_with_many_ties_and_gaps(tile, gaps):
    if gaps:
        tile[1::4, ::2] = np.nan
    for y, tau, p, variance in zip(tile.T, *verdict(tile), strict=True):
        kept = y[np.isfinite(y)]
        if kept.size < 4 or np.ptp(kept) == 0:
            continue
        reference = pymannkendall.original_test(kept)
        assert p == pytest.approx(reference.p, abs=1e-12)
        assert variance == pytest.approx(reference.var_s)
        assert tau == pytest.approx(stats.kendalltau(np.arange(kept.size), kept).statistic)


def test_values_equal_in_single_precision_are_ties():
    fine = 1e6 + 0.01 * np.arange(20)
    rounded = fine.astype(np.float32).astype(float)
    assert one(fine) == one(rounded)
    assert one(fine)[0] < 1.0


def test_three_values_prove_nothing():
    assert one([1.0, 2.0, 3.0])[:2] == (1.0, 1.0)
    assert one([1.0, np.nan, 2.0, np.nan, 3.0])[:2] == (1.0, 1.0)


@pytest.mark.parametrize("series", [np.ones(9), np.full(9, np.nan), np.r_[1.0, np.full(8, np.nan)]])
def test_no_pair_that_differs_has_no_tau(series):
    tau, p, variance = one(series)
    assert np.isnan(tau)
    assert (p, variance) == (1.0, 0.0)
