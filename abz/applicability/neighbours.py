"""Distances between rows of predictors, by a compiled loop over all pairs.

A pair's squared distance is summed predictor by predictor, and nothing else is added up across
rows, so a result depends neither on the order of the rows nor on blocks and threads. In the seven
to seventeen dimensions of the forests this is as fast as a search tree, and it counts the rows
within a radius in the same pass.
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

ROWS_AT_ONCE = 256
"""Reference rows that all points meet before the next ones: they stay in the fastest cache."""


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
    columns = np.ascontiguousarray(np.asarray(reference, np.float64).T)
    own = np.full(len(placed), -1) if point_group is None else point_group.astype(np.int64)
    other = np.full(columns.shape[1], -2) if reference_group is None else reference_group
    other = other.astype(np.int64)
    squared = np.full(len(placed), np.inf)
    count = np.zeros(len(placed), np.int64)

    def search(part: slice) -> None:
        found = (squared[part], count[part])
        _search(placed[part], own[part], (columns, other), limit, found)

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


@kernel
def _search(
    points: np.ndarray,
    own: np.ndarray,
    reference: tuple[np.ndarray, np.ndarray],
    limit: float,
    found: tuple[np.ndarray, np.ndarray],
) -> None:
    """Lower the squares and raise the counts of `found` by the reference: columns and groups."""
    columns, other = reference
    squared, count = found
    predictors, rows = columns.shape
    far = np.empty(ROWS_AT_ONCE)
    for start in range(0, rows, ROWS_AT_ONCE):
        size = min(ROWS_AT_ONCE, rows - start)
        for point in range(points.shape[0]):
            far[:] = 0.0
            for predictor in range(predictors):
                value = points[point, predictor]
                column = columns[predictor, start : start + size]
                for row in range(size):
                    step = column[row] - value
                    far[row] += step * step
            lowest, group, near = squared[point], own[point], 0
            for row in range(size):
                square = far[row] if other[start + row] != group else np.inf
                lowest = square if square < lowest else lowest
                near += square <= limit
            squared[point] = lowest
            count[point] += near


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
