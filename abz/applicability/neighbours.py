"""Distances between rows of predictors: the nearest reference row, and those within a radius.

The reference is cut into leaves: boxes of a few rows that lie side by side. A point meets the rows
of a leaf only if the box is near enough to matter. The distance of a box is summed predictor by
predictor, as that of a row is, so rounding never makes it the larger one, and the answer is that of
the loop over all pairs to the last bit. It depends neither on the leaves nor on the order of the
rows, neither on blocks nor on threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import fsum

import numpy as np

from abz.compiled import kernel
from abz.errors import InputError

__all__ = ["mean_pair_distance", "nearest_and_count"]

LEAF_ROWS = 64
"""Reference rows that share a box: few enough to lie close, enough to be met at one go."""


def nearest_and_count(
    points: np.ndarray,
    reference: np.ndarray,
    limit: float,
    *,
    point_group: np.ndarray | None = None,
    reference_group: np.ndarray | None = None,
    workers: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance to the nearest reference row, and how many are no farther than a limit.

    Parameters
    ----------
    points : numpy.ndarray (m, p)
        Any rows; a row with NaN has no neighbours.
    reference : numpy.ndarray (n, p)
        Rows without NaN.
    limit : float
        Largest squared distance that counts.
    point_group, reference_group : numpy.ndarray of int (m,), (n,), optional
        A point never meets reference rows of its own group.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    tuple of numpy.ndarray = (squared (m,), count (m,))
        float64, NaN where the point has NaN, infinite where no reference row is left; int64.

    Examples
    --------
    >>> points = np.array([[0.0], [9.0]])
    >>> nearest_and_count(points, np.array([[1.0], [2.0]]), limit=4.0)
    (array([ 1., 49.]), array([2, 0]))
    """
    placed = np.ascontiguousarray(points, np.float64)
    rows = np.asarray(reference, np.float64)
    order = _leaf_order(rows)
    leaves = _leaves(rows[order])
    own = np.full(len(placed), -1) if point_group is None else point_group.astype(np.int64)
    other = np.full(len(leaves[0]) * LEAF_ROWS, -2)
    if reference_group is not None:
        other[: len(rows)] = reference_group[order]
    groups = other.reshape(-1, LEAF_ROWS)
    squared = np.full(len(placed), np.inf)
    count = np.zeros(len(placed), np.int64)

    def search(part: slice) -> None:
        found = (squared[part], count[part])
        _search(placed[part], own[part], (*leaves, groups), limit, found)

    _in_parts(search, len(placed), workers)
    squared[np.isnan(placed).any(axis=1)] = np.nan
    return squared, count


def mean_pair_distance(rows: np.ndarray, *, workers: int = 1) -> float:
    """Mean Euclidean distance over all pairs of different rows.

    Parameters
    ----------
    rows : numpy.ndarray (n, p)
        At least two rows, without NaN.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    float
        The exact sums of the rows' distances are added without loss.

    Examples
    --------
    >>> mean_pair_distance(np.array([[0.0], [3.0], [6.0]]))
    4.0
    """
    n = len(rows)
    if n < 2:
        raise InputError("no pair of rows", rule="there are at least two rows", value=n)
    placed = np.ascontiguousarray(rows, np.float64)
    sums = np.zeros(n)
    _in_parts(lambda part: _add_distances(placed, part.start, part.stop, sums), n, workers)
    return fsum(sums.tolist()) / (n * (n - 1) / 2)


def _in_parts(work: Callable[[slice], None], length: int, workers: int) -> None:
    """Do the work on as many parts of a range as there are workers."""
    edges = np.linspace(0, length, workers + 1).astype(int)
    parts = [slice(int(a), int(b)) for a, b in pairwise(edges) if b > a]
    if len(parts) <= 1:
        for part in parts:
            work(part)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, parts))


def _leaf_order(rows: np.ndarray) -> np.ndarray:
    """Order in which each `LEAF_ROWS` rows lie side by side: halves along the widest predictor."""
    order, waiting = np.arange(len(rows)), [(0, len(rows))]
    while waiting:
        first, stop = waiting.pop()
        middle = first + _leaf_number(stop - first) // 2 * LEAF_ROWS
        if first < middle:
            part = rows[order[first:stop]]
            widest = int(np.argmax(np.ptp(part, axis=0)))
            order[first:stop] = order[first:stop][np.argsort(part[:, widest], kind="stable")]
            waiting += [(first, middle), (middle, stop)]
    return order


def _leaves(rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """Rows of each leaf (leaf, predictor, row), the last one filled up, and its box's corners.

    The corners are (predictor, leaf): a point meets them predictor by predictor.
    """
    number, predictors = _leaf_number(len(rows)), rows.shape[1]
    padded = np.full((number * LEAF_ROWS, predictors), np.nan)
    padded[: len(rows)] = rows
    cut = padded.reshape(number, LEAF_ROWS, predictors).transpose(0, 2, 1)
    low, high = np.nanmin(cut, axis=2), np.nanmax(cut, axis=2)
    return tuple(np.ascontiguousarray(part) for part in (cut, low.T, high.T))


def _leaf_number(rows: int) -> int:
    """Leaves that hold so many rows."""
    return -(-rows // LEAF_ROWS)


@kernel
def _search(
    points: np.ndarray,
    own: np.ndarray,
    reference: tuple[np.ndarray, ...],
    limit: float,
    found: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write squares and counts into `found`; the reference is `_leaves` and their rows' groups."""
    leaves, low, high, groups = reference
    squared, count = found
    gaps, far = np.empty(len(leaves)), np.empty(LEAF_ROWS)
    for point in range(len(points) if len(leaves) else 0):
        row, group = points[point], own[point]
        if np.isnan(row).any():
            continue
        _measure_boxes(row, low, high, gaps)
        nearest = np.argmin(gaps)
        _measure_rows(row, leaves[nearest], far)
        lowest, near = _closest(far, groups[nearest], group, limit)
        for leaf in range(gaps.size):
            if leaf != nearest and (gaps[leaf] < lowest or gaps[leaf] <= limit):
                _measure_rows(row, leaves[leaf], far)
                least, more = _closest(far, groups[leaf], group, limit)
                lowest, near = min(lowest, least), near + more
        squared[point], count[point] = lowest, near


@kernel
def _measure_boxes(row: np.ndarray, low: np.ndarray, high: np.ndarray, gaps: np.ndarray) -> None:
    """Squared distance of a point to each box; 0 inside."""
    gaps[:] = 0.0
    for predictor in range(row.size):
        value, lows, highs = row[predictor], low[predictor], high[predictor]
        for leaf in range(gaps.size):
            below, above = lows[leaf] - value, value - highs[leaf]
            gap = below if below > above else above
            gap = gap if gap > 0.0 else 0.0
            gaps[leaf] += gap * gap


@kernel
def _measure_rows(row: np.ndarray, leaf: np.ndarray, far: np.ndarray) -> None:
    """Squared distance of a point to each row of a leaf; NaN where the leaf is filled up."""
    far[:] = 0.0
    for predictor in range(row.size):
        value, column = row[predictor], leaf[predictor]
        for place in range(far.size):
            step = column[place] - value
            far[place] += step * step


@kernel
def _closest(far: np.ndarray, other: np.ndarray, group: int, limit: float) -> tuple[float, int]:
    """Smallest square among the rows of other groups, and how many are no larger than a limit."""
    lowest, near = np.inf, 0
    for place in range(far.size):
        square = far[place] if other[place] != group else np.inf
        lowest = square if square < lowest else lowest
        near += square <= limit
    return lowest, near


@kernel
def _add_distances(rows: np.ndarray, first: int, stop: int, sums: np.ndarray) -> None:
    """To the sum of each row from `first` to `stop`, add its distances to all rows after it."""
    for row in range(first, stop):
        for other in range(row + 1, rows.shape[0]):
            far = 0.0
            for predictor in range(rows.shape[1]):
                step = rows[other, predictor] - rows[row, predictor]
                far += step * step
            sums[row] += np.sqrt(far)
