"""Prewhitening kernels: take the serial correlation out of series before they are tested.

Tiles as in `theil_sen`. A whitened value stands at the earlier of its two years; where it cannot be
formed it is NaN.
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.eights import (
    Eight,
    Mask,
    any_of,
    choose,
    larger,
    load,
    magnitude,
    nothing,
    number,
    smaller,
    spread,
    square_root,
    store,
    tallied,
)
from abz.trends.theil_sen import Workspace, present, sen_slope

__all__ = [
    "FEWEST_TESTED",
    "WEAK",
    "allows_test",
    "detrend",
    "enough",
    "first_slope",
    "lag1_autocorrelation",
    "prewhiten",
    "raw_slope",
    "whiten",
    "yue_pilon",
]

FEWEST_VALUES = 4
FEWEST_NON_ZERO = 3
LEAST_SHARE = 0.1
FEWEST_TESTED = 3

WEAK = 0.05
"""Autocorrelation below this is left alone."""
HALF_PRECISION = 2.0**27 + 1.0
"""Factor that splits a float64 in two halves of 26 bits (Veltkamp)."""
ROUNDING = 1e-26
"""Squared relative size of residuals that are nothing but rounding."""


@kernel
def mean_of(tile: np.ndarray) -> Eight:
    """Mean of the values present, rounded once; NaN of none or of a constant.

    Neumaier's compensated sum, then a division whose remainder is formed exactly (the quotient
    is split in two halves whose products with the count are exact) and divided again.
    """
    total, lost = spread(0.0), spread(0.0)
    low, high = spread(np.inf), spread(-np.inf)
    for i in range(tile.shape[0]):
        value = load(tile, i)
        there = value == value  # noqa: PLR0124  false for NaN alone
        sum_ = total + value
        first = magnitude(total) >= magnitude(value)
        rest = choose(first, (total - sum_) + value, (value - sum_) + total)
        lost, total = choose(there, lost + rest, lost), choose(there, sum_, total)
        low, high = smaller(value, low), larger(value, high)
    count = present(tile)
    quotient = total / count
    split = spread(HALF_PRECISION) * quotient
    head = split - (split - quotient)
    remainder = (total - head * count) - (quotient - head) * count
    return choose(low < high, quotient + (remainder + lost) / count, spread(np.nan))


@kernel
def lag1_autocorrelation(tile: np.ndarray) -> Eight:
    """Autocorrelation at lag one in [−1, 1]; NaN of a constant series or one without neighbours.

    Notes
    -----
    c = [Σ (y_t − ȳ)(y_{t+1} − ȳ) / (m + 1)] / [Σ (y_t − ȳ)² / n], with n values and m pairs of
    neighbours present: without gaps, the biased estimate with divisor n. The iteration of `zhang`
    can be chaotic, hence the mean is rounded once and the order of the sums is kept.
    """
    mean, before = mean_of(tile), spread(np.nan)
    products, squares, pairs, one = spread(0.0), spread(0.0), nothing(), spread(1.0)
    for i in range(tile.shape[0]):
        anomaly = load(tile, i) - mean
        there = anomaly == anomaly  # noqa: PLR0124  false for NaN alone
        squares = choose(there, squares + anomaly * anomaly, squares)
        product = anomaly * before
        both = product == product  # noqa: PLR0124
        products, pairs = choose(both, products + product, products), tallied(pairs, both)
        before = anomaly
    scale, number_of_pairs = square_root(squares / present(tile)), number(pairs)
    correlation = (products / (number_of_pairs + one)) / (scale * scale)
    known = (number_of_pairs > spread(0.0)) & (squares > spread(0.0)) & (mean == mean)  # noqa: PLR0124
    return choose(known, larger(smaller(correlation, one), spread(-1.0)), spread(np.nan))


@kernel
def enough(tile: np.ndarray) -> Mask:
    """Whether a series has 4 values, 3 of them not zero, in a tenth of the years."""
    zero, non_zero = spread(0.0), nothing()
    for i in range(tile.shape[0]):
        value = load(tile, i)
        non_zero = tallied(non_zero, (value < zero) | (value > zero))
    count = present(tile)
    fewest = spread(max(1.0 * FEWEST_VALUES, LEAST_SHARE * tile.shape[0]))
    return (count >= fewest) & (number(non_zero) >= spread(1.0 * FEWEST_NON_ZERO))


@kernel
def allows_test(tile: np.ndarray) -> Mask:
    """Whether a series has enough values for a test, none infinite, and is no constant."""
    mean = mean_of(tile)
    return enough(tile) & (mean == mean)  # noqa: PLR0124  false for NaN alone


@kernel
def first_slope(tile: np.ndarray, near: Eight, work: Workspace) -> Eight:
    """Theil–Sen slope of a series with enough values for a test; NaN of any other."""
    return choose(enough(tile), sen_slope(tile, near, work), spread(np.nan))


@kernel
def raw_slope(tile: np.ndarray, work: Workspace) -> Eight:
    """Theil–Sen slope of a series that can be tested; NaN of a constant or one with an infinity."""
    missing = spread(np.nan)
    return choose(allows_test(tile), sen_slope(tile, missing, work), missing)


@kernel
def whiten(tile: np.ndarray, correlation: Eight, divisor: Eight, out: np.ndarray) -> None:
    """y_t = (x_{t+1} − c x_t) / divisor; the last is NaN, as all are where the divisor is 0."""
    n, missing = tile.shape[0], spread(np.nan)
    usable = divisor > spread(0.0)
    for i in range(n - 1):
        value = load(tile, i + 1) - correlation * load(tile, i)
        store(out, i, choose(usable, value / divisor, missing))
    store(out, n - 1, missing)


@kernel
def detrend(tile: np.ndarray, slope: Eight, out: np.ndarray) -> Mask:
    """Fill `out` with series − slope · t; whether anything but rounding is left about its mean."""
    n = tile.shape[0]
    size, total, squares = spread(0.0), spread(0.0), spread(0.0)
    for i in range(n):
        value = load(tile, i)
        rest = value - slope * spread(i + 1.0)
        store(out, i, rest)
        there = rest == rest  # noqa: PLR0124  false for NaN alone
        size = choose(there, size + value * value, size)
        total = choose(there, total + rest, total)
    mean = total / present(out)
    for i in range(n):
        departure = load(out, i) - mean
        squared = departure * departure
        squares = choose(squared == squared, squares + squared, squares)  # noqa: PLR0124
    return squares > spread(ROUNDING) * size


@kernel
def prewhiten(tile: np.ndarray, preserve_range: bool, out: np.ndarray) -> tuple[Eight, Mask]:
    """Whiten series once, whatever their autocorrelation; the trend is weakened with it.

    Returns
    -------
    tuple = (autocorrelation, testable)
        Autocorrelation of the series, its trend included. Not testable are constants, series that
        are too short, and those without neighbours.

    Notes
    -----
    y_t = x_{t+1} − c x_t, over (1 − c) if the range is preserved, which leaves p as it is [1]_.

    References
    ----------
    .. [1] Kulkarni & von Storch (1995), Meteorologische Zeitschrift 4, 82-85; Yue & Wang (2002),
       Water Resources Research 38, 1068.
    """
    correlation, one = lag1_autocorrelation(tile), spread(1.0)
    divisor = one
    if preserve_range:
        divisor = choose(correlation < one, one - correlation, one)
    whiten(tile, correlation, divisor, out)
    return correlation, allows_test(tile) & (present(out) >= spread(1.0 * FEWEST_TESTED))


@kernel
def yue_pilon(
    tile: np.ndarray, preserve_range: bool, out: np.ndarray, work: Workspace
) -> tuple[Eight, Mask, Eight]:
    """Whiten the detrended series once, whatever their autocorrelation, and blend the trend back.

    Returns
    -------
    tuple = (autocorrelation, testable, slope)
        Autocorrelation of the residuals, and slope of the series given. A straight line stays as
        it is. Not testable are constants and series that are too short.

    Notes
    -----
    d_t = x_t − b t, y_t = d_{t+1} − c d_t + b t with b the Theil–Sen slope of x [1]_.

    References
    ----------
    .. [1] Yue, Pilon, Phinney & Cavadias (2002), Hydrological Processes 16, 1807-1829.
    """
    slope, residual, one = raw_slope(tile, work), np.empty_like(tile), spread(1.0)
    bent = detrend(tile, slope, residual)
    straight = ~bent & (slope == slope)  # noqa: PLR0124  false for NaN alone
    correlation = lag1_autocorrelation(residual)
    whiten(residual, correlation, one - correlation if preserve_range else one, out)
    for i in range(tile.shape[0]):
        blended = load(out, i) + slope * spread(i + 1.0)
        store(out, i, choose(straight, load(tile, i), blended))
    if any_of(straight):
        correlation = choose(straight, lag1_autocorrelation(tile), correlation)
    enough = present(out) >= spread(1.0 * FEWEST_TESTED)
    return correlation, enough & (slope == slope), slope  # noqa: PLR0124
