"""The Whittaker smoother against a dense solve, and its invariants."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from abz.errors import AbzError
from abz.harmonise import fill_ndvi, whittaker

lengths, seeds = st.integers(3, 60), st.integers(0, 999)
smoothness = st.floats(0.01, 1e4)


def naive(values: np.ndarray, weights: np.ndarray, smooth: float) -> np.ndarray:
    """The normal equations, dense."""
    w = np.where(np.isnan(values), 0.0, weights)
    d = np.diff(np.eye(values.size), n=2, axis=0)
    return np.linalg.solve(np.diag(w) + smooth * d.T @ d, w * np.nan_to_num(values))


def series(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    values[rng.random(n) < 0.3] = np.nan
    return values, rng.choice([0.1, 0.5, 1.0], size=n)


@given(lengths, seeds, smoothness)
def test_equals_the_dense_solution(n, seed, smooth):
    values, weights = series(n, seed)
    assume(np.isfinite(values).sum() > 1)
    np.testing.assert_allclose(
        whittaker(values, weights, smooth), naive(values, weights, smooth), rtol=1e-5, atol=1e-6
    )


@given(lengths, seeds, smoothness, st.floats(-3, 3), st.floats(-3, 3))
def test_straight_lines_come_back_through_gaps(n, seed, smooth, level, slope):
    values, weights = series(n, seed)
    assume(np.isfinite(values).sum() > 1)
    line = level + slope * np.arange(n)
    gappy = np.where(np.isnan(values), np.nan, line)
    np.testing.assert_allclose(whittaker(gappy, weights, smooth), line, atol=1e-4)


@given(lengths, seeds, smoothness)
def test_is_linear_and_blind_to_direction(n, seed, smooth):
    values, weights = series(n, seed)
    assume(np.isfinite(values).sum() > 1)
    other = np.where(np.isnan(values), np.nan, np.random.default_rng(seed + 1).normal(size=n))
    both = whittaker(2 * values + other, weights, smooth)
    apart = 2 * whittaker(values, weights, smooth) + whittaker(other, weights, smooth)
    np.testing.assert_allclose(both, apart, atol=1e-5)
    np.testing.assert_allclose(
        whittaker(values[::-1], weights[::-1], smooth)[::-1],
        whittaker(values, weights, smooth),
        atol=1e-5,
    )


def test_series_are_independent_and_too_short_ones_missing():
    values = np.array([[0.1, np.nan, 0.3, 0.4], [0.2, np.nan, np.nan, np.nan]])
    smooth = whittaker(values, np.ones((2, 4)), 1.0)
    np.testing.assert_array_equal(smooth[0], whittaker(values[0], np.ones(4), 1.0))
    assert np.isnan(smooth[1]).all()


@pytest.mark.parametrize(
    ("weights", "smooth"), [(np.ones(3), 1.0), (np.ones(4), 0.0), (-np.ones(4), 1.0)]
)
def test_wrong_arguments_are_refused(weights, smooth):
    with pytest.raises(AbzError):
        whittaker(np.ones(4), weights, smooth)


def test_ndvi_is_continuous_and_flagged():
    rng = np.random.default_rng(0)
    shape = (46, 2, 3)
    season = 0.4 - 0.3 * np.cos(2 * np.pi * np.arange(46) / 23)
    ndvi = np.broadcast_to(season[:, None, None], shape).copy()
    gaps = rng.random(shape) < 0.2
    ndvi[gaps] = np.nan
    ndvi[:, 1, 2] = np.nan
    product = xr.Dataset(
        {
            "ndvi": (("time", "y", "x"), ndvi, {"units": "1"}),
            "reliability": (("time", "y", "x"), np.zeros(shape, np.int8)),
        }
    )
    filled = fill_ndvi(product)
    inside = np.ones((2, 3), bool)
    inside[1, 2] = False
    assert np.abs(filled["ndvi"].values - season[:, None, None])[:, inside].max() < 0.1
    np.testing.assert_array_equal(filled["ndvi_filled"].values[:, inside], gaps[:, inside])
    assert np.isnan(filled["ndvi"].values[:, 1, 2]).all()
    assert filled["ndvi"].dims == ("time", "y", "x") and filled["ndvi"].attrs["units"] == "1"


def test_clouds_weigh_less_than_clear_sky():
    values = np.full(23, 0.5)
    values[11] = -0.2
    codes = np.zeros(23, np.int8)
    clear = fill_ndvi(xr.Dataset({"ndvi": ("time", values), "flag": ("time", codes)}))
    codes[11] = 3
    cloudy = fill_ndvi(xr.Dataset({"ndvi": ("time", values), "flag": ("time", codes)}))
    assert cloudy["ndvi"][11] > clear["ndvi"][11] + 0.1
