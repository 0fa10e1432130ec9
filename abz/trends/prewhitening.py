"""Prewhitening kernels: take the serial correlation out of a series before it is tested.

Each kernel fills `whitened` with the series to be tested (NaN where a value cannot be formed; a
whitened value stands at the earlier of its two years) and returns (autocorrelation, iterations,
converged); 0 iterations mean that the series allows no test.
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.trends.theil_sen import Workspace, present, sen_slope

__all__ = [
    "detrend",
    "lag1_autocorrelation",
    "prewhiten",
    "raw_slope_of",
    "unwhitened",
    "whiten",
    "yue_pilon",
    "zhang",
]

FEWEST_VALUES = 4
FEWEST_NON_ZERO = 3
LEAST_SHARE = 0.1
FEWEST_TESTED = 3

WEAK = 0.05
"""Autocorrelation below this is left alone."""
ITERATIONS = 500
SLOPE_TOLERANCE = 1e-3
CORRELATION_TOLERANCE = 1e-4
HALF_PRECISION = 2.0**27 + 1.0
"""Factor that splits a float64 in two halves of 26 bits (Veltkamp)."""
ROUNDING = 1e-26
"""Squared relative size of residuals that are nothing but rounding."""


@kernel
def mean_of(series: np.ndarray) -> float:
    """Mean of the values present, rounded once; NaN of none or of a constant.

    Neumaier's compensated sum, then a division whose remainder is formed exactly (the quotient
    is split in two halves whose products with the count are exact) and divided again.
    """
    count, total, lost = 0, 0.0, 0.0
    low, high = np.inf, -np.inf
    for value in series:
        if np.isnan(value):
            continue
        count += 1
        low, high = min(low, value), max(high, value)
        larger = total + value
        if abs(total) >= abs(value):
            lost += (total - larger) + value
        else:
            lost += (value - larger) + total
        total = larger
    if not low < high:
        return np.nan
    quotient = total / count
    split = HALF_PRECISION * quotient
    head = split - (split - quotient)
    remainder = (total - head * count) - (quotient - head) * count
    return quotient + (remainder + lost) / count


@kernel
def lag1_autocorrelation(series: np.ndarray) -> float:
    """Autocorrelation at lag one in [−1, 1]; NaN of a constant series or one without neighbours.

    Notes
    -----
    c = [Σ (y_t − ȳ)(y_{t+1} − ȳ) / (m + 1)] / [Σ (y_t − ȳ)² / n], with n values and m pairs of
    neighbours present: without gaps, the biased estimate with divisor n. The iteration of `zhang`
    can be chaotic, hence the mean is rounded once and the order of the sums is kept.
    """
    mean = mean_of(series)
    count, pairs, products, squares = 0, 0, 0.0, 0.0
    before = np.nan
    for value in series:
        anomaly = value - mean
        if not np.isnan(anomaly):
            count += 1
            squares += anomaly * anomaly
            if not np.isnan(before):
                pairs += 1
                products += anomaly * before
        before = anomaly
    if pairs == 0 or squares == 0.0:
        return np.nan
    scale = np.sqrt(squares / count)
    correlation = (products / (pairs + 1)) / (scale * scale)
    return max(-1.0, min(1.0, correlation))


@kernel
def first_slope(series: np.ndarray, work: Workspace) -> float:
    """Theil–Sen slope of a series with enough values for a test; NaN of any other.

    Enough are 4 values, 3 of them not zero, in a tenth of the years.
    """
    count = present(series, work)
    non_zero = 0
    for value in work[1][:count]:
        non_zero += value != 0.0
    if count < FEWEST_VALUES or non_zero < FEWEST_NON_ZERO or count < LEAST_SHARE * series.size:
        return np.nan
    return sen_slope(series, work)


@kernel
def raw_slope_of(series: np.ndarray, work: Workspace) -> float:
    """Theil–Sen slope of a series that can be tested; NaN of a constant or one with an infinity."""
    slope = first_slope(series, work)
    return np.nan if np.isnan(mean_of(series)) else slope


@kernel
def whiten(series: np.ndarray, correlation: float, inflate: bool, out: np.ndarray) -> None:
    """y_t = x_{t+1} − c x_t, over (1 − c) if inflated; the last is NaN, as all are at c = 1."""
    divisor = 1.0 - correlation if inflate else 1.0
    out[-1] = np.nan
    for i in range(series.size - 1):
        value = series[i + 1] - correlation * series[i]
        out[i] = value / divisor if divisor > 0.0 else np.nan


@kernel
def detrend(series: np.ndarray, slope: float, out: np.ndarray) -> bool:
    """Fill `out` with series − slope · t; whether anything but rounding is left about its mean."""
    count, size, total, squares = 0, 0.0, 0.0, 0.0
    for i in range(series.size):
        out[i] = series[i] - slope * (i + 1.0)
        if not np.isnan(out[i]):
            count += 1
            size += series[i] ** 2
            total += out[i]
    for value in out:
        if not np.isnan(value):
            squares += (value - total / count) ** 2
    return squares > ROUNDING * size


@kernel
def unwhitened(
    series: np.ndarray, preserve_range: bool, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """Leave the series as it is; `preserve_range` has nothing to do.

    Returns
    -------
    tuple = (autocorrelation, iterations, converged)
        Autocorrelation of the series (NaN if it has no neighbours); 0 iterations if it is
        constant or too short.
    """
    whitened[:] = series
    if np.isnan(raw_slope_of(series, work)):
        return np.nan, 0, False
    return lag1_autocorrelation(series), 1, True


@kernel
def prewhiten(
    series: np.ndarray, preserve_range: bool, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """Whiten the series once, whatever its autocorrelation; the trend is weakened with it.

    Returns
    -------
    tuple = (autocorrelation, iterations, converged)
        Autocorrelation of the series, its trend included. 0 iterations mean no result: constant,
        too short, or without neighbours.

    Notes
    -----
    y_t = x_{t+1} − c x_t, over (1 − c) if the range is preserved, which leaves p as it is [1]_.

    References
    ----------
    .. [1] Kulkarni & von Storch (1995), Meteorologische Zeitschrift 4, 82-85; Yue & Wang (2002),
       Water Resources Research 38, 1068.
    """
    correlation = lag1_autocorrelation(series)
    if np.isnan(raw_slope_of(series, work)) or np.isnan(correlation):
        return np.nan, 0, False
    whiten(series, correlation, preserve_range and correlation < 1.0, whitened)
    if present(whitened, work) < FEWEST_TESTED:
        return np.nan, 0, False
    return correlation, 1, True


@kernel
def zhang(
    series: np.ndarray, preserve_range: bool, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """Iterate slope and autocorrelation of the detrended series until both stand still.

    Returns
    -------
    tuple = (autocorrelation, iterations, converged)
        The autocorrelation is that before the last iteration. Weak autocorrelation leaves the
        series as it is, after one iteration; so does a series that is a straight line. 0
        iterations mean no result: constant, too short, or c = 1.

    Notes
    -----
    The state of the iteration is c alone. Once c returns exactly, the rest is a cycle, and whole
    turns of it are skipped: the result is that of all 500 iterations. A slope of zero never
    passes the relative criterion; it has converged if c stands still.

    References
    ----------
    .. [1] Zhang et al. (2000), Atmosphere-Ocean 38, 395-429; Wang & Swail (2001), J. Climate 14.
    """
    correlation = lag1_autocorrelation(series)
    if np.isnan(correlation):
        return np.nan, 0, False
    if correlation < WEAK:
        return unwhitened(series, preserve_range, whitened, work)
    whiten(series, correlation, preserve_range, whitened)
    slope = first_slope(whitened, work)
    if np.isnan(slope):
        return np.nan, 0, False
    return _iterate(series, correlation, slope, whitened, work)


@kernel
def _iterate(
    series: np.ndarray, correlation: float, slope: float, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """The passes of `zhang` after the first, which gave `correlation` and `slope`."""
    residual = np.empty_like(series)
    runs, period, marked, marked_at = 1, 0, np.nan, 1
    while runs < ITERATIONS:
        if not detrend(series, slope, residual):
            whitened[:] = series
            return correlation, runs, True
        latest = lag1_autocorrelation(residual)
        steady = abs(latest - correlation) <= CORRELATION_TOLERANCE
        if steady and latest < WEAK:
            return correlation, runs, True
        whiten(series, latest, True, whitened)
        before, slope = slope, sen_slope(whitened, work)
        runs += 1
        if np.isnan(slope):
            return np.nan, 0, False
        if steady and slope != 0.0 and abs(slope - before) / abs(slope) <= SLOPE_TOLERANCE:
            return correlation, runs, True
        correlation = latest
        if correlation == marked:
            period = runs - marked_at
            runs += (ITERATIONS - runs) // period * period
        elif runs & (runs - 1) == 0:
            marked, marked_at = correlation, runs
    return correlation, ITERATIONS, period == 1


@kernel
def yue_pilon(
    series: np.ndarray, preserve_range: bool, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """Whiten the detrended series once, whatever its autocorrelation, and blend the trend back.

    Returns
    -------
    tuple = (autocorrelation, iterations, converged)
        Autocorrelation of the residuals. A straight line stays as it is. 0 iterations mean no
        result: constant or too short.

    Notes
    -----
    d_t = x_t − b t, y_t = d_{t+1} − c d_t + b t with b the Theil–Sen slope of x [1]_.

    References
    ----------
    .. [1] Yue, Pilon, Phinney & Cavadias (2002), Hydrological Processes 16, 1807-1829.
    """
    slope = raw_slope_of(series, work)
    residual = np.empty_like(series)
    if np.isnan(slope):
        return np.nan, 0, False
    if not detrend(series, slope, residual):
        return unwhitened(series, preserve_range, whitened, work)
    correlation = lag1_autocorrelation(residual)
    whiten(residual, correlation, preserve_range, whitened)
    for i in range(series.size):
        whitened[i] += slope * (i + 1.0)
    if present(whitened, work) < FEWEST_TESTED:
        return np.nan, 0, False
    return correlation, 1, True
