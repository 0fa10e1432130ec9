"""Shares of significant change."""

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.report import significant_share


@given(st.integers(0, 10_000))
def test_equals_a_naive_count(seed):
    rng = np.random.default_rng(seed)
    slope, p, area = rng.normal(size=30), rng.uniform(0, 0.2, 30), rng.uniform(1, 2, 30)
    p[:5] = np.nan
    layers = [xr.DataArray(v.reshape(5, 6), dims=("y", "x")) for v in (slope, p, area)]
    tested = sum(a for a, q in zip(area, p, strict=True) if not np.isnan(q))
    hit = sum(a for s, a, q in zip(slope, area, p, strict=True) if q < 0.05 and s < 0)
    assert np.isclose(significant_share(*layers, sign=-1), 100 * hit / tested)


def test_nothing_tested_is_nan():
    empty = xr.DataArray([[np.nan]], dims=("y", "x"))
    assert np.isnan(significant_share(empty, empty, empty, sign=1))
