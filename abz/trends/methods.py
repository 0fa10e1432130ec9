"""The methods, and what each makes of eight series at a time: one registry, one kernel.

Prewhitening methods test series made from those given; the others test the series themselves and
correct the test. Tiles as in `theil_sen`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.eights import EIGHT, choose, load, spread, store
from abz.trends.mann_kendall import kendall_score, mann_kendall, two_sided_p
from abz.trends.prewhitening import (
    allows_test,
    detrend,
    lag1_autocorrelation,
    prewhiten,
    raw_slope,
    yue_pilon,
)
from abz.trends.reported import (
    CONVERGED,
    CORRELATION,
    NEAR,
    P_VALUE,
    ROWS,
    RUNS,
    TAU,
    VARIANCE,
    read_tile,
    report,
    say_test,
)
from abz.trends.resampled import block_bootstrap
from abz.trends.theil_sen import Workspace, present, workspace
from abz.trends.three_prewhitening import three_prewhitening
from abz.trends.variance_corrected import corrected_factor
from abz.trends.zhang import zhang

__all__ = ["BLOCKS", "METHODS", "Settings", "fit_all"]

UNCHANGED, YUE_PILON, ZHANG, THREE = 0, 1, 2, 3
PREWHITEN, TREND_FREE = 4, 5
"""From here on, slope, bounds and intercept are those of the series given."""
HAMED_RAO, BLOCKS = 6, 7
"""From here on, the series given is tested."""

METHODS = MappingProxyType({
    "none": UNCHANGED,
    "yue_pilon": YUE_PILON,
    "zhang": ZHANG,
    "three_prewhitening": THREE,
    "prewhiten": PREWHITEN,
    "trend_free_prewhitening": TREND_FREE,
    "hamed_rao": HAMED_RAO,
    "block_bootstrap": BLOCKS,
})  # fmt: skip
"""Methods of `trend_series`, and the number by which the compiled loop knows them."""

Settings: TypeAlias = tuple[int, bool, bool, int, int, np.ndarray]
"""Number of the method, preserve_range, raw_slope, lags and block_length (0 where the method
decides), and what `block_draws` drew (of any size for other methods)."""


def fit_all(values: np.ndarray, settings: Settings, out: np.ndarray) -> None:
    """Trends of all series.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        NaN where a year is missing.
    settings : tuple
        Of the kind `Settings`.
    out : numpy.ndarray (10, n_series)
        In the order of `TrendSeries`; left as it is, apart from the passes, convergence and number
        of years, where there is no result.
    """
    if settings[0] == ZHANG:
        zhang(values, settings[1], settings[2], out)
    else:
        _fit_tiles(values, settings, out)


@kernel
def _fit_tiles(values: np.ndarray, settings: Settings, out: np.ndarray) -> None:
    """Trends by a method that takes as many passes for one series as for another."""
    method, own_slope = settings[0], settings[2]
    n_series, n = values.shape
    work, said = workspace(n), np.empty((ROWS, EIGHT))
    tile, tested, numbers = np.empty((n, EIGHT)), np.empty((3, n, EIGHT)), np.arange(EIGHT)
    for first in range(0, n_series, EIGHT):
        here = read_tile(values, first, tile, out)
        for lane in range(EIGHT):
            numbers[lane] = first + lane if lane < here else -1
        said[CONVERGED] = 1.0
        store(said, NEAR, spread(np.nan))
        if method >= HAMED_RAO:
            _correct(tile, settings, said, work)
        else:
            _whiten(tile, settings, tested, said, work)
            _test(tested, method, said, work)
        fitted = tested[2] if method == THREE else tested[0]
        if method >= PREWHITEN or own_slope:
            fitted = tile
            if method < HAMED_RAO:
                store(said, VARIANCE, mann_kendall(tile, work)[2])
        report(fitted, said, numbers, work, out)


@kernel
def _whiten(
    tile: np.ndarray, settings: Settings, tested: np.ndarray, said: np.ndarray, work: Workspace
) -> None:
    """Fill the tiles that a prewhitening method tests, and what it says of them."""
    method, preserve_range = settings[0], settings[1]
    if method in (YUE_PILON, TREND_FREE):
        correlation, fine, slope = yue_pilon(tile, preserve_range, tested[0], work)
        store(said, NEAR, slope)
    elif method == PREWHITEN:
        correlation, fine = prewhiten(tile, preserve_range, tested[0])
    elif method == THREE:
        _whiten_thrice(tile, tested, said, work)
        return
    else:
        tested[0] = tile
        correlation, fine = lag1_autocorrelation(tile), allows_test(tile)
    store(said, CORRELATION, correlation)
    store(said, RUNS, choose(fine, spread(1.0), spread(0.0)))


@kernel
def _whiten_thrice(tile: np.ndarray, tested: np.ndarray, said: np.ndarray, work: Workspace) -> None:
    """The same for three prewhitenings, series by series."""
    residuals, told = np.empty_like(tile), np.empty((2, EIGHT))
    slope = raw_slope(tile, work)
    store(told, 0, slope)
    store(told, 1, choose(detrend(tile, slope, residuals), spread(1.0), spread(0.0)))
    for lane in range(EIGHT):
        said[CORRELATION, lane], fine = three_prewhitening(
            tile[:, lane].copy(), told[0, lane], residuals[:, lane].copy(), told[1, lane] == 0.0,
            tested[:, :, lane],
        )  # fmt: skip
        said[RUNS, lane] = 1.0 if fine else 0.0


@kernel
def _test(tested: np.ndarray, method: int, said: np.ndarray, work: Workspace) -> None:
    """Test what prewhitening made.

    Of three tiles, tau and p are those of the less significant of the first two, and the variance
    is that of the third.
    """
    say_test(said, tested[0], work)
    if method == THREE:
        tau, p_value, _ = mann_kendall(tested[1], work)
        less = p_value > load(said, P_VALUE)
        store(said, TAU, choose(less, tau, load(said, TAU)))
        store(said, P_VALUE, choose(less, p_value, load(said, P_VALUE)))
        store(said, VARIANCE, mann_kendall(tested[2], work)[2])


@kernel
def _correct(tile: np.ndarray, settings: Settings, said: np.ndarray, work: Workspace) -> None:
    """Test the series given, and correct the test."""
    residuals, told = np.empty_like(tile), np.empty((7, EIGHT))
    slope, none = raw_slope(tile, work), spread(0.0)
    score, variance, largest = kendall_score(tile, work)
    bent = detrend(tile, slope, residuals)
    store(told, 0, score)
    store(told, 1, variance)
    store(told, 2, present(tile))
    store(told, 3, slope)
    store(told, 4, choose(bent, lag1_autocorrelation(residuals), spread(np.nan)))
    store(told, 5, choose(bent, spread(1.0), none))
    store(said, NEAR, slope)
    store(said, TAU, choose(largest > none, score / largest, spread(np.nan)))
    store(said, RUNS, choose(slope == slope, spread(1.0), none))  # noqa: PLR0124
    for lane in range(EIGHT):
        if said[RUNS, lane] == 1.0:
            columns = tile[:, lane].copy(), residuals[:, lane].copy()
            _correct_one(columns, told, settings, said, lane)


@kernel
def _correct_one(
    columns: tuple[np.ndarray, np.ndarray],
    told: np.ndarray,
    settings: Settings,
    said: np.ndarray,
    lane: int,
) -> None:
    """Correct the test of one series, given with its residuals."""
    series, residual = columns
    method, lags, length, draws = settings[0], settings[3], settings[4], settings[5]
    score, variance, count = told[0, lane], told[1, lane], told[2, lane]
    if method == HAMED_RAO:
        factor, correlation = 1.0, np.nan
        if told[5, lane] == 1.0:
            factor, correlation = corrected_factor(series, residual, told[3, lane], lags)
        variance *= factor
        p_value = two_sided_p(score, variance, count)
    else:
        correlation = told[4, lane]
        p_value, variance = block_bootstrap(series, score, correlation, length, draws)
    said[P_VALUE, lane], said[VARIANCE, lane] = p_value, variance
    said[CORRELATION, lane] = correlation
    said[CONVERGED, lane] = 0.0 if np.isnan(p_value) else 1.0
