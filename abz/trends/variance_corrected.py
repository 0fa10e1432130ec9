"""Variance correction: autocorrelated years count as fewer independent ones.

The series is tested as it is; the variance of the Mann–Kendall score grows with the autocorrelation
of the ranks, after Hamed & Rao.
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.trends.theil_sen import Z_975

__all__ = ["corrected_factor", "ranks_of", "variance_factor"]

ROUNDING = 2.0**-48
"""Relative size of differences that are nothing but rounding."""


@kernel
def corrected_factor(
    series: np.ndarray, residual: np.ndarray, slope: float, lags: int
) -> tuple[float, float]:
    """Factor by which autocorrelation multiplies the variance of the score of a series.

    Parameters
    ----------
    series : numpy.ndarray (n,)
        NaN where a year is missing; not constant.
    residual : numpy.ndarray (n,)
        The series without its trend; replaced by its ranks.
    slope : float
        Theil–Sen slope of the series.
    lags : int
        Autocorrelation up to this lag counts; 0 is up to the last.

    Returns
    -------
    tuple of float = (factor, autocorrelation)
        Autocorrelation of the ranks at lag one. A factor of zero or less leaves no test.

    References
    ----------
    .. [1] Hamed & Rao (1998), J. Hydrology 204, 182-196.
    """
    size = np.nanmax(np.abs(series)) + abs(slope) * series.size
    ranks_of(residual, ROUNDING * size)
    return variance_factor(residual, lags)


@kernel
def ranks_of(series: np.ndarray, tolerance: float) -> None:
    """Replace values by their ranks; neighbours within `tolerance` share the mean of theirs."""
    order = np.argsort(series)
    count = series.size - int(np.isnan(series).sum())
    first = 0
    while first < count:
        last = first
        while last + 1 < count and series[order[last + 1]] - series[order[last]] <= tolerance:
            last += 1
        for place in range(first, last + 1):
            series[order[place]] = 1.0 + 0.5 * (first + last)
        first = last + 1


@kernel
def variance_factor(ranks: np.ndarray, lags: int) -> tuple[float, float]:
    """Factor n / n*, by which autocorrelation multiplies the variance of the score.

    Parameters
    ----------
    ranks : numpy.ndarray (n,)
        Of the detrended series; NaN where a year is missing.
    lags : int
        Autocorrelation up to this lag counts; 0 is up to the last.

    Returns
    -------
    tuple of float = (factor, autocorrelation)
        Autocorrelation at lag one; 1 and NaN if all ranks are equal.

    Notes
    -----
    n / n* = 1 + 2 Σ_i (n − i)(n − i − 1)(n − i − 2) ρ_i / [n (n − 1)(n − 2)] over the lags whose
    ρ_i lies beyond ±1.96 / √m. ρ_i is the sum over the pairs i years apart over (pairs + i), by
    the mean square of the m values; n are the years from the first value to the last.
    """
    here = np.flatnonzero(~np.isnan(ranks))
    count, n = here.size, here[-1] - here[0] + 1
    span = ranks[here[0] : here[-1] + 1]
    mean = np.nanmean(span)
    square = np.nansum((span - mean) ** 2) / count
    if not square > 0.0:
        return 1.0, np.nan
    limit, total, nearest = Z_975 / np.sqrt(count), 0.0, np.nan
    for lag in range(1, n if lags == 0 else min(lags + 1, n)):
        pairs, products = 0, 0.0
        for i in range(n - lag):
            product = (span[i] - mean) * (span[i + lag] - mean)
            if not np.isnan(product):
                pairs += 1
                products += product
        correlation = products / (pairs + lag) / square
        if lag == 1:
            nearest = correlation
        if abs(correlation) > limit:
            total += (n - lag) * (n - lag - 1.0) * (n - lag - 2.0) * correlation
    return 1.0 + 2.0 * total / (n * (n - 1.0) * (n - 2.0)), nearest
