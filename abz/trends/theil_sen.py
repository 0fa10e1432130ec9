"""Theil–Sen kernels: the median of all pairwise slopes, and its confidence bounds.

A series is a row of values, one per year, NaN where the year is missing; value `i` stands at time
`i + 1`, so gaps keep their spacing. `Workspace` arrays are reused from series to series.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from abz.compiled import kernel

__all__ = ["intercept_of", "present", "sen_slope", "slope_bounds", "workspace"]

Z_975 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""

Workspace: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Times and values of the years present (n,), and slopes (n (n − 1) / 2,)."""


@kernel
def workspace(n: int) -> Workspace:
    """Arrays for series of `n` years."""
    return np.empty(n), np.empty(n), np.empty(max(n * (n - 1) // 2, 1))


@kernel
def present(series: np.ndarray, work: Workspace) -> int:
    """Number of years present; their times and values go to the front of the workspace."""
    times, values, _ = work
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
    times, values, slopes = work
    found = 0
    for i in range(count - 1):
        for j in range(i + 1, count):
            slope = (values[j] - values[i]) / (times[j] - times[i])
            if np.isfinite(slope):
                slopes[found] = slope
                found += 1
    return found


@kernel
def _select(values: np.ndarray, count: int, k: int) -> float:
    """The k-th smallest of the first `count` values, by Hoare's selection in place."""
    left, right = 0, count - 1
    while left < right:
        pivot = values[k]
        i, j = left, right
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if j < k:
            left = i
        if k < i:
            right = j
    return values[k]


@kernel
def _median(values: np.ndarray, count: int) -> float:
    """Median of the first `count` values, which are reordered; NaN of none."""
    if count == 0:
        return np.nan
    upper = _select(values, count, count // 2)
    if count % 2:
        return upper
    lower = values[0]
    for i in range(1, count // 2):
        lower = max(lower, values[i])
    return (lower + upper) / 2.0


@kernel
def sen_slope(series: np.ndarray, work: Workspace) -> float:
    """Median of all finite pairwise slopes of a series, per year; NaN if there is none."""
    count = present(series, work)
    return _median(work[2], _pairwise_slopes(work, count))


@kernel
def intercept_of(series: np.ndarray, slope: float, work: Workspace) -> float:
    """Median of y − slope · t: the level one year before the first."""
    count = present(series, work)
    times, values, _ = work
    for i in range(count):
        values[i] -= slope * times[i]
    return _median(values, count)


@kernel
def slope_bounds(series: np.ndarray, variance: float, work: Workspace) -> tuple[float, float]:
    """Lower and upper 95 % confidence bound of the slope.

    The bounds are the slopes of rank rint((N ∓ z √variance) / 2), counted from one; where the
    lower rank is zero, zyp gives the upper bound twice, and so does this. NaN beyond the ranks.
    """
    found = _pairwise_slopes(work, present(series, work))
    slopes = work[2]
    spread = Z_975 * np.sqrt(variance)
    low = int(np.rint((found - spread) / 2.0))
    high = int(np.rint((found + spread) / 2.0))
    if found == 0 or low < 0 or high < 1 or high > found:
        return np.nan, np.nan
    upper = _select(slopes, found, high - 1)
    if low == 0:
        return upper, upper
    return _select(slopes, found, low - 1), upper
