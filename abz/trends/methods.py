"""The methods, and what each makes of one series: one registry, one kernel.

Prewhitening methods test a series made from the one given; the others test the series itself and
correct the test.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.trends.mann_kendall import mann_kendall
from abz.trends.prewhitening import prewhiten, raw_slope_of, unwhitened, yue_pilon, zhang
from abz.trends.resampled import block_bootstrap
from abz.trends.theil_sen import Workspace, intercept_of, present, slope_with_bounds
from abz.trends.three_prewhitening import three_prewhitening
from abz.trends.variance_corrected import hamed_rao

__all__ = ["BLOCKS", "METHODS", "Settings", "fit"]

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


@kernel
def fit(
    series: np.ndarray,
    whitened: np.ndarray,
    settings: Settings,
    work: Workspace,
    out: np.ndarray,
) -> None:
    """Trend of one series.

    Parameters
    ----------
    series : numpy.ndarray (n,)
        NaN where a year is missing; at least one is there.
    whitened : numpy.ndarray (3, n)
        Room for what is tested.
    settings : tuple
        Of the kind `Settings`.
    work : tuple
        Workspace.
    out : numpy.ndarray (10,)
        In the order of `TrendSeries`; left as it is, apart from `n_valid`, without a result.
    """
    method, raw_slope = settings[0], settings[2]
    fitted = series
    if method >= HAMED_RAO:
        tau, p_value, variance, correlation = _corrected(series, settings, work)
        if np.isnan(variance):
            return
        runs, converged = 1, not np.isnan(p_value)
    else:
        correlation, runs, converged = _whitened(series, whitened, settings, work)
        if runs == 0:
            return
        tau, p_value, variance = _tested(whitened, method, work)
        if raw_slope or method >= PREWHITEN:
            variance = mann_kendall(work[1], present(series, work))[2]
        else:
            fitted = whitened[2] if method == THREE else whitened[0]
    slope, lower, upper = slope_with_bounds(fitted, variance, work)
    out[0] = slope
    if variance >= 0.0:
        out[1], out[2] = lower, upper
    out[3], out[4] = p_value, tau
    out[5] = intercept_of(fitted, slope, work)
    out[6], out[7], out[8] = correlation, runs, 1.0 if converged else 0.0


@kernel
def _whitened(
    series: np.ndarray, whitened: np.ndarray, settings: Settings, work: Workspace
) -> tuple[float, int, bool]:
    """Fill the rows that a prewhitening method tests: (autocorrelation, iterations, converged)."""
    method, preserve_range = settings[0], settings[1]
    if method == UNCHANGED:
        return unwhitened(series, preserve_range, whitened[0], work)
    if method in (YUE_PILON, TREND_FREE):
        return yue_pilon(series, preserve_range, whitened[0], work)
    if method == PREWHITEN:
        return prewhiten(series, preserve_range, whitened[0], work)
    if method == THREE:
        return three_prewhitening(series, whitened, work)
    return zhang(series, preserve_range, whitened[0], work)


@kernel
def _tested(whitened: np.ndarray, method: int, work: Workspace) -> tuple[float, float, float]:
    """(tau, p, variance) of prewhitened rows.

    Of three rows, tau and p are those of the less significant of the first two, and the variance
    is that of the third.
    """
    tau, p_value, variance = mann_kendall(work[1], present(whitened[0], work))
    if method == THREE:
        other_tau, other_p, _ = mann_kendall(work[1], present(whitened[1], work))
        if other_p > p_value:
            tau, p_value = other_tau, other_p
        variance = mann_kendall(work[1], present(whitened[2], work))[2]
    return tau, p_value, variance


@kernel
def _corrected(
    series: np.ndarray, settings: Settings, work: Workspace
) -> tuple[float, float, float, float]:
    """(tau, p, variance, autocorrelation) of the series itself; variance is NaN of no result."""
    method, _, _, lags, length, draws = settings
    slope = raw_slope_of(series, work)
    if np.isnan(slope):
        return np.nan, np.nan, np.nan, np.nan
    if method == HAMED_RAO:
        return hamed_rao(series, slope, lags, work)
    return block_bootstrap(series, slope, length, draws, work)
