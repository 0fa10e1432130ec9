"""Cells that stand for a map: each for the same area."""

from __future__ import annotations

import numpy as np

from abz.validation import check_range

__all__ = ["cells_by_area"]


def cells_by_area(area: np.ndarray, most: int) -> np.ndarray:
    """Cells at equal steps of the area, counted in raster order.

    Parameters
    ----------
    area : numpy.ndarray (y, x)
        Area of each cell, any unit; 0 where a cell does not belong to the map.
    most : int
        Number of cells.

    Returns
    -------
    numpy.ndarray of int64 (most,)
        Flat numbers of the cells, ascending; a cell larger than a step comes several times. Empty
        if there is no area.

    Notes
    -----
    Systematic sampling: the cells in which (i + ½)/most of the area is reached, i = 0, 1, … Means
    over them are means over the area, on any grid.

    Examples
    --------
    >>> cells_by_area(np.array([[1.0, 0.0], [3.0, 4.0]]), 4).tolist()
    [0, 2, 3, 3]
    """
    check_range(most, "most", minimum=1)
    reached = np.cumsum(np.asarray(area, np.float64).ravel())
    total = reached[-1] if reached.size else 0.0
    if not total > 0:
        return np.empty(0, np.int64)
    steps = (np.arange(most) + 0.5) / most * total
    return np.asarray(np.searchsorted(reached, steps, side="left"), np.int64)
