"""Theil–Sen kernels: the median of all pairwise slopes, and its confidence bounds.

A tile is an array (n_years, 8): a row is a year, a column a series, NaN where the year is missing;
row `i` stands at time `i + 1`, so gaps keep their spacing. Whatever is told of a series is a lane
of an `Eight`.

A median, or any other rank, is found by counting: a pivot parts the slopes of each series, and what
lies on either side says where the next pivot is. Nothing is sorted or moved, and the answer is that
of sorting, whatever the pivots.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.eights import (
    EIGHT,
    Eight,
    Mask,
    Tally,
    any_of,
    choose,
    halfway,
    joined,
    larger,
    load,
    magnitude,
    multiply_add,
    nothing,
    number,
    rounded,
    rounded_down,
    smaller,
    spread,
    square_root,
    store,
    tallied,
)

__all__ = [
    "Z_975",
    "Workspace",
    "intercept_of",
    "present",
    "sen_slope",
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
"""Pivots that are only counted before one must also tell what lies on either side."""

Workspace: TypeAlias = tuple[np.ndarray, np.ndarray]
"""Room for the slopes of a tile, and for as many rows as it has."""


@kernel
def workspace(n: int) -> Workspace:
    """Room for tiles of `n` years."""
    return np.empty((n * (n - 1) // 2 + 1, EIGHT)), np.empty((n, EIGHT))


@kernel
def present(tile: np.ndarray) -> Eight:
    """Number of years with a value."""
    count = nothing()
    for i in range(tile.shape[0]):
        value = load(tile, i)
        count = tallied(count, value == value)  # noqa: PLR0124  false for NaN alone
    return number(count)


@kernel
def _range_of(tile: np.ndarray) -> tuple[Eight, Eight]:
    """Smallest and largest value; inf and −inf of none."""
    low, high = spread(np.inf), spread(-np.inf)
    for i in range(tile.shape[0]):
        value = load(tile, i)
        low, high = smaller(value, low), larger(value, high)
    return low, high


@kernel
def _pairwise_slopes(tile: np.ndarray, slopes: np.ndarray) -> tuple[int, Eight, Eight]:
    """Fill `slopes` with those of all pairs, NaN where not finite.

    Returns
    -------
    tuple = (pairs, finite, step)
        Rows filled; finite slopes of each series; about how far apart slopes of neighbouring ranks
        lie near the median.

    Notes
    -----
    A rise r over k years is r / k, rounded once, without a division: with h = 1/k rounded and
    q = r h, the remainder r − q k is exact in a fused multiply-add, and q + (r − q k) h is the
    quotient rounded correctly [1]_, down to rises of 1e-290.

    References
    ----------
    .. [1] Markstein (1990), IBM J. Research and Development 34, 111-119.
    """
    n, place = tile.shape[0], 0
    for lag in range(1, n):
        back, share = spread(-1.0 * lag), spread(1.0 / lag)
        for i in range(n - lag):
            rise = load(tile, i + lag) - load(tile, i)
            near = rise * share
            store(slopes, place, multiply_add(multiply_add(near, back, rise), share, near))
            place += 1
    low, high = _range_of(tile)
    count = present(tile)
    finite = spread(0.5) * count * (count - spread(1.0))
    if any_of((low <= spread(-LARGE)) | (high >= spread(LARGE))):
        finite = _keep_finite(slopes, place)
    step = (high - low) * spread(SPARSITY / max(n * place, 1))
    return place, finite, choose(magnitude(step) < spread(np.inf), step, spread(1.0))


@kernel
def _keep_finite(values: np.ndarray, size: int) -> Eight:
    """Number of finite values of each column; the others become NaN."""
    count = nothing()
    for i in range(size):
        value = load(values, i)
        finite = magnitude(value) < spread(np.inf)
        store(values, i, choose(finite, value, spread(np.nan)))
        count = tallied(count, finite)
    return number(count)


@kernel
def _one_more(count: Eight, mask: Mask, one: Eight) -> Eight:
    """The count, and one more where the mask is true."""
    return choose(mask, count + one, count)


@kernel
def _approach(
    values: np.ndarray, size: int, k: Eight, near: tuple[Eight, Eight], exactly: Mask
) -> tuple[Eight, Eight, Eight]:
    """A pivot that parts the k or, where asked for `exactly`, k + 1 smallest from the others.

    Or one near it, after `GUESSES`: pivots are only counted here, which is the quickest. With it
    come a number below the answer, and one not below it.

    Notes
    -----
    Once there is a number on either side, the next pivot is where the line between their counts
    meets the one wanted; an end that stays for a second time counts for half (Illinois) [1]_.

    References
    ----------
    .. [1] Dowell & Jarratt (1971), BIT 11, 168-174.
    """
    (pivot, step), half, wanted = near, spread(0.5), k + spread(0.5)
    low, high, lack, excess = spread(-np.inf), spread(np.inf), spread(0.0), spread(0.0)
    searching, over = k >= spread(0.0), k < spread(0.0)
    one = step - step + spread(1.0)  # not known to LLVM, which then adds it under the mask at once
    for _ in range(GUESSES):
        inside, second = spread(0.0), spread(0.0)
        third, fourth = spread(0.0), spread(0.0)
        for i in range(0, size - 3, 4):
            inside = _one_more(inside, load(values, i) <= pivot, one)
            second = _one_more(second, load(values, i + 1) <= pivot, one)
            third = _one_more(third, load(values, i + 2) <= pivot, one)
            fourth = _one_more(fourth, load(values, i + 3) <= pivot, one)
        for i in range(size - size % 4, size):
            inside = _one_more(inside, load(values, i) <= pivot, one)
        inside = (inside + second) + (third + fourth)
        searching = searching & ~((inside == k + one) | ((inside == k) & ~exactly))
        if not any_of(searching):
            break
        before, over, away = over, inside > k, inside - wanted
        lack = choose(over, choose(before, lack * half, lack), away)
        excess = choose(over, away, choose(before, excess, excess * half))
        low, high = choose(over, low, pivot), choose(over, pivot, high)
        ahead = multiply_add(wanted - inside, step, pivot)
        between = low + (high - low) * (lack / (lack - excess))
        ahead = choose(magnitude(high - low) < spread(np.inf), between, ahead)
        pivot = choose(searching, ahead, pivot)
    return pivot, low, high


@kernel
def _parted(
    value: Eight, pivot: Eight, inside: Tally, below: Eight, above: Eight
) -> tuple[Tally, Eight, Eight]:
    """With one more value: how many are at most the pivot, the largest of these, the next above.

    NaN belongs to neither side.
    """
    under = value <= pivot
    return (
        tallied(inside, under),
        larger(choose(under, value, spread(-np.inf)), below),
        smaller(choose(under, spread(np.inf), value), above),
    )


@kernel
def _ranked(
    values: np.ndarray, size: int, k: Eight, near: tuple[Eight, Eight], pair: Mask
) -> tuple[Eight, Eight]:
    """The k-th smallest of each column, counted from 0, and the next one where asked for a `pair`.

    Parameters
    ----------
    values : numpy.ndarray (size or more, 8)
        Finite or NaN; NaN is left out.
    size : int
        Rows that count.
    k : Eight
        Whole numbers below the number of values of the column; NaN comes out where negative.
    near : tuple of Eight = (pivot, step)
        First pivot, and about how far values of neighbouring ranks lie apart; finite.
    pair : Mask
        Where the next one is wanted too.

    Notes
    -----
    The answer lies in the bracket [low, high], both of which are values; `upto` of all are at most
    `high`, and `beyond` is the next one above. A pivot inside [low, high) takes at least one value
    out of it, so the search ends; pivots halfway in the row of all numbers, of which there are
    2^64, end it soon, however values are distributed.
    """
    nowhere, endless, one = spread(-np.inf), spread(np.inf), spread(1.0)
    pivot, floor, ceiling = _approach(values, size, k, near, pair)
    low, high, upto, beyond = nowhere, endless, spread(1.0 * size), endless
    searching = k >= spread(0.0)
    while any_of(searching):
        here, below, above = nothing(), nowhere, endless
        here_too, below_too, above_too = nothing(), nowhere, endless
        for i in range(0, size - 1, 2):
            here, below, above = _parted(load(values, i), pivot, here, below, above)
            here_too, below_too, above_too = _parted(
                load(values, i + 1), pivot, here_too, below_too, above_too
            )
        if size % 2:
            here, below, above = _parted(load(values, size - 1), pivot, here, below, above)
        inside = number(joined(here, here_too))
        below, above = larger(below, below_too), smaller(above, above_too)
        next_one = searching & (inside == k) & ~pair
        over, short = searching & (inside > k), searching & (inside <= k)
        high, upto = choose(over, below, high), choose(over, inside, upto)
        beyond, low = choose(over, above, beyond), choose(short, above, low)
        high = choose(next_one, above, high)
        searching = searching & ~((inside == k + one) | (low == high))
        pivot = halfway(larger(floor, low), smaller(ceiling, high))
        pivot = choose((pivot >= low) & (pivot < high), pivot, low)
    known = k >= spread(0.0)
    answer = choose(known, high, spread(np.nan))
    return answer, choose(upto > k + one, answer, choose(known, beyond, spread(np.nan)))


@kernel
def _median(values: np.ndarray, size: int, count: Eight, near: tuple[Eight, Eight]) -> Eight:
    """Median of the `count` values of each column; NaN of none."""
    middle = (count - spread(1.0)) * spread(0.5)
    k = rounded_down(middle)
    lower, upper = _ranked(values, size, k, near, k < middle)
    return choose(k == middle, lower, (lower + upper) * spread(0.5))


@kernel
def _finite_or(value: Eight, other: Eight) -> Eight:
    """The value where it is finite, another elsewhere."""
    return choose(magnitude(value) < spread(np.inf), value, other)


@kernel
def _guess(tile: np.ndarray) -> Eight:
    """A slope near the median, from the means of both halves."""
    n = tile.shape[0]
    half = n // 2
    first, last, of_first, of_last = spread(0.0), spread(0.0), nothing(), nothing()
    for i in range(half):
        early, late = load(tile, i), load(tile, n - 1 - i)
        there, here = early == early, late == late  # noqa: PLR0124  false for NaN alone
        first, of_first = choose(there, first + early, first), tallied(of_first, there)
        last, of_last = choose(here, last + late, last), tallied(of_last, here)
    rise = last / number(of_last) - first / number(of_first)
    return _finite_or(rise / spread(1.0 * max(n - half, 1)), spread(0.0))


@kernel
def sen_slope(tile: np.ndarray, near: Eight, work: Workspace) -> Eight:
    """Median of all finite pairwise slopes, per year; NaN if there is none.

    Parameters
    ----------
    tile : numpy.ndarray (n_years, 8)
        NaN where a year is missing.
    near : Eight
        A slope where the search may begin; where it is NaN, the means of both halves tell one.
        It changes no result.
    work : tuple
        Workspace.
    """
    size, finite, step = _pairwise_slopes(tile, work[0])
    return _median(work[0], size, finite, (_finite_or(near, _guess(tile)), step))


@kernel
def slope_with_bounds(
    tile: np.ndarray, variance: Eight, near: Eight, work: Workspace
) -> tuple[Eight, Eight, Eight]:
    """`sen_slope`, and its lower and upper 95 % confidence bound.

    Parameters
    ----------
    tile, near, work
        As in `sen_slope`.
    variance : Eight
        Of the score; bounds are NaN where it is NaN or negative.

    Notes
    -----
    The bounds are the slopes of rank rint((N ∓ z √variance) / 2), counted from one; where the
    lower rank is zero, zyp gives the upper bound twice, and so does this. NaN beyond the ranks.
    """
    slopes = work[0]
    size, finite, step = _pairwise_slopes(tile, slopes)
    slope = _median(slopes, size, finite, (_finite_or(near, _guess(tile)), step))
    half, one, zero, none = spread(0.5), spread(1.0), spread(0.0), spread(-1.0)
    reach = square_root(variance) * spread(Z_975)
    low, high = rounded((finite - reach) * half), rounded((finite + reach) * half)
    known = (low >= zero) & (high >= one) & (high <= finite)
    level, middle, alone = _finite_or(slope, zero), finite * half, finite < zero
    above, below = level + step * (high - middle), level + step * (low - middle)
    above, below = _finite_or(above, level), _finite_or(below, level)
    upper, _ = _ranked(slopes, size, choose(known, high - one, none), (above, step), alone)
    lower, _ = _ranked(slopes, size, choose(known, low - one, none), (below, step), alone)
    return slope, choose(known & (low == zero), upper, lower), upper


@kernel
def intercept_of(tile: np.ndarray, slope: Eight, work: Workspace) -> Eight:
    """Median of y − slope · t: the level one year before the first."""
    n, residuals = tile.shape[0], work[1]
    total = spread(0.0)
    for i in range(n):
        residual = load(tile, i) - slope * spread(i + 1.0)
        store(residuals, i, residual)
        total = choose(residual == residual, total + residual, total)  # noqa: PLR0124
    count, (low, high) = present(residuals), _range_of(residuals)
    step = _finite_or((high - low) * spread(1.0 / n), spread(1.0))
    return _median(residuals, n, count, (_finite_or(total / count, spread(0.0)), step))
