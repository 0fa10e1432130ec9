"""Theil–Sen kernels: the median of all pairwise slopes, and its confidence bounds.

A series is a row of values, one per year, NaN where the year is missing; value `i` stands at time
`i + 1`, so gaps keep their spacing. `Workspace` arrays are reused from series to series.

A median, or any other rank, is found by counting: a pivot parts the slopes, eight at a time, and
what is counted on either side says where the next pivot lies. Nothing is sorted or moved.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.lanes import DOUBLES, slopes_at_lag, split_at

__all__ = [
    "intercept_of",
    "present",
    "sen_slope",
    "slope_bounds",
    "slope_with_bounds",
    "workspace",
]

Z_975 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""
LARGE = 1e150
"""Slopes between values below this are finite."""
SPARSITY = 2.6
"""Range of the slopes per range of the values and year, about the median, of noise [1]_.

.. [1] Measured for 10 to 40 values of white noise (2.5 to 3.0) and random walks (2.2 to 2.5). It
   guides the second pivot and changes no result.
"""
GUESSES = 6
"""Pivots after which the ends of the bracket, and not the last two pivots, lead to the next."""

Workspace: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Times and values of the years present, their slopes, and what a pivot finds; longer by a word."""


@kernel
def workspace(n: int) -> Workspace:
    """Arrays for series of `n` years."""
    pairs = n * (n - 1) // 2
    times = np.arange(1.0, n + 1.0 + 2 * DOUBLES)
    return times, np.zeros(n + 2 * DOUBLES), np.zeros(pairs + n + 2 * DOUBLES), np.empty(3)


@kernel
def present(series: np.ndarray, work: Workspace) -> int:
    """Number of years present; their times and values go to the front of the workspace."""
    times, values = work[0], work[1]
    count = 0
    for i in range(series.size):
        if not np.isnan(series[i]):
            times[count] = i + 1.0
            values[count] = series[i]
            count += 1
    return count


@kernel
def _pairwise_slopes(work: Workspace, count: int) -> int:
    """Number of finite slopes between the first `count` values, put into the workspace."""
    times, values, slopes = work[0], work[1], work[2]
    found = 0
    for lag in range(1, count):
        slopes_at_lag(times, values, lag, count - lag, slopes, found)
        found += count - lag
    largest = 0.0
    for i in range(count):
        largest = max(largest, abs(values[i]))
    if not largest < LARGE:
        found = _keep_finite(slopes, found)
    _close(slopes, found)
    return found


@kernel
def _keep_finite(values: np.ndarray, count: int) -> int:
    """Number of finite values among the first `count`, which go to the front."""
    kept = 0
    for i in range(count):
        if np.isfinite(values[i]):
            values[kept] = values[i]
            kept += 1
    return kept


@kernel
def _close(values: np.ndarray, count: int) -> None:
    """Let nothing but NaN follow the first `count` values up to the next word."""
    for i in range(count, count + DOUBLES):
        values[i] = np.nan


@kernel
def _rank(
    values: np.ndarray, count: int, k: int, near: tuple[float, float], found: np.ndarray
) -> tuple[float, float]:
    """The k-th smallest of the first `count` values, counted from 0, and the next one.

    Parameters
    ----------
    values : numpy.ndarray
        Finite, closed by NaN up to the next word.
    count, k : int
        0 ≤ k < count.
    near : tuple of float = (pivot, step)
        First pivot, and about how far values of neighbouring ranks lie apart.
    found : numpy.ndarray (3,)
        Room for what a pivot finds.

    Notes
    -----
    A pivot inside the bracket [a, b) takes at least one value out of it, so the search ends.
    """
    size = -(-count // DOUBLES) * DOUBLES
    low, high, under, upto = -np.inf, np.inf, 0, count
    pivot, step = near
    tries = 0
    before, counted = np.nan, -1
    while True:
        tries += 1
        split_at(values, size, pivot, found)
        inside = int(found[0])
        if inside == k + 1:
            return found[1], found[2]
        if inside > k:
            high, upto = found[1], inside
        else:
            low, under = found[2], inside
        if inside == k or low == high:
            split_at(values, size, low, found)
            return low, (low if found[0] > k + 1 else found[2])
        wanted = k + 0.5 - inside
        if tries == 1:
            ahead = pivot + wanted * step
        elif tries <= GUESSES and inside != counted:
            ahead = pivot + wanted * (pivot - before) / (inside - counted)
        else:
            ahead = low + (high - low) * ((k + 0.5 - under) / (upto - under))
        before, counted = pivot, inside
        pivot = ahead if low <= ahead < high else _between(low, high, pivot, step, count)


@kernel
def _between(low: float, high: float, pivot: float, step: float, count: int) -> float:
    """A pivot inside the bracket [low, high), of which an end may not be known yet."""
    if low > -np.inf:
        return low
    below = pivot - max(step, abs(pivot)) * count
    return below if below < high else -np.inf


@kernel
def _median(values: np.ndarray, count: int, near: tuple[float, float], found: np.ndarray) -> float:
    """Median of the first `count` values, closed by NaN; NaN of none."""
    if count == 0:
        return np.nan
    lower, upper = _rank(values, count, (count - 1) // 2, near, found)
    return lower if count % 2 else (lower + upper) / 2.0


@kernel
def _guess(work: Workspace, count: int) -> tuple[float, float]:
    """A slope near the median, from the means of both halves, and how slopes lie apart there."""
    times, values = work[0], work[1]
    half = count // 2
    rise, run, low, high = 0.0, 0.0, np.inf, -np.inf
    for i in range(half):
        rise += values[count - 1 - i] - values[i]
        run += times[count - 1 - i] - times[i]
    for i in range(count):
        low, high = min(low, values[i]), max(high, values[i])
    if half == 0 or not high - low < LARGE:
        return 0.0, 1.0
    pairs = 0.5 * count * (count - 1)
    return rise / run, SPARSITY * (high - low) / (times[count - 1] * pairs)


@kernel
def sen_slope(series: np.ndarray, work: Workspace) -> float:
    """Median of all finite pairwise slopes of a series, per year; NaN if there is none."""
    count = present(series, work)
    near = _guess(work, count)
    return _median(work[2], _pairwise_slopes(work, count), near, work[3])


@kernel
def intercept_of(series: np.ndarray, slope: float, work: Workspace) -> float:
    """Median of y − slope · t: the level one year before the first."""
    count = present(series, work)
    times, values = work[0], work[1]
    total = 0.0
    for i in range(count):
        values[i] -= slope * times[i]
        total += values[i]
    _close(values, count)
    level = total / count if count else np.nan
    return _median(values, count, (level, abs(level) / 100.0), work[3])


@kernel
def slope_bounds(series: np.ndarray, variance: float, work: Workspace) -> tuple[float, float]:
    """Lower and upper 95 % confidence bound of the slope.

    The bounds are the slopes of rank rint((N ∓ z √variance) / 2), counted from one; where the
    lower rank is zero, zyp gives the upper bound twice, and so does this. NaN beyond the ranks.
    """
    _, lower, upper = slope_with_bounds(series, variance, work)
    return lower, upper


@kernel
def slope_with_bounds(
    series: np.ndarray, variance: float, work: Workspace
) -> tuple[float, float, float]:
    """`sen_slope` and `slope_bounds` of the same pairs; bounds are NaN without a variance."""
    count = present(series, work)
    near = _guess(work, count)
    found = _pairwise_slopes(work, count)
    slopes, room, step = work[2], work[3], near[1]
    slope = _median(slopes, found, near, room)
    spread = Z_975 * np.sqrt(variance)
    if found == 0 or not spread >= 0.0:
        return slope, np.nan, np.nan
    low = int(np.rint((found - spread) / 2.0))
    high = int(np.rint((found + spread) / 2.0))
    if low < 0 or high < 1 or high > found:
        return slope, np.nan, np.nan
    above = slope + step * (high - found / 2)
    upper = _rank(slopes, found, high - 1, (above, step), room)[0]
    if low == 0:
        return slope, upper, upper
    below = slope + step * (low - found / 2)
    return slope, _rank(slopes, found, low - 1, (below, step), room)[0], upper
