"""Land cells that a source masks as sea: they take the value of the nearest cell that has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.validation import check_same_shape

__all__ = ["CoastFill", "coast_fill"]


@dataclass(frozen=True)
class CoastFill:
    """Cells to fill, and the cells that they take their values from.

    Parameters
    ----------
    into, origin : numpy.ndarray of int (n,)
        Flat positions on one grid.

    Examples
    --------
    >>> fill = CoastFill(np.array([0]), np.array([1]))
    >>> fill(np.array([[np.nan, 2.0]])).tolist()
    [[2.0, 2.0]]
    """

    into: np.ndarray
    origin: np.ndarray

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """`values` (..., y, x) with the cells filled; a neighbour's missing step stays missing."""
        filled = values.copy()
        flat = filled.reshape(*values.shape[:-2], -1)
        flat[..., self.into] = flat[..., self.origin]
        return filled


def coast_fill(has_value: np.ndarray, wanted: np.ndarray, reach: float) -> CoastFill:
    """Neighbours of the cells that a source leaves out.

    Parameters
    ----------
    has_value : numpy.ndarray of bool (y, x)
        Cells in which the source has a value at some time.
    wanted : numpy.ndarray of bool (y, x)
        Cells that need one.
    reach : float
        Largest distance between cell centres, in cells.

    Returns
    -------
    CoastFill
        Cells beyond the reach are left out, and so stay missing. Of neighbours equally near, the
        northernmost counts, then the westernmost, wherever the map is cut.

    Examples
    --------
    >>> has_value = np.array([[True, False, False]])
    >>> coast_fill(has_value, np.full((1, 3), True), reach=1.0).into.tolist()
    [1]
    """
    check_same_shape(has_value, wanted, "valid and wanted cells")
    row, column = np.nonzero(wanted & ~has_value)
    origin = np.full(row.size, -1, dtype=np.int64)
    for down, right in _offsets(reach):
        y, x = row + down, column + right
        there = (origin < 0) & (y >= 0) & (y < has_value.shape[0])
        there &= (x >= 0) & (x < has_value.shape[1])
        there[there] = has_value[y[there], x[there]]
        origin[there] = y[there] * has_value.shape[1] + x[there]
    found = origin >= 0
    return CoastFill((row * has_value.shape[1] + column)[found], origin[found])


def _offsets(reach: float) -> list[tuple[int, int]]:
    """Steps (down, right) to the cells within reach, nearest first; ties go north, then west."""
    span = range(-int(reach), int(reach) + 1)
    steps = [(y * y + x * x, y, x) for y in span for x in span if 0 < y * y + x * x <= reach**2]
    return [(y, x) for _, y, x in sorted(steps)]
