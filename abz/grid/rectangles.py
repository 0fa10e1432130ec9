"""Areas that the cells of two grids of one projection share: exact, for any two sizes of cells.

Cells of two unrotated grids share rectangles, so that the shares of rows and of columns say all.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, kron

from abz.grid.geometry import Grid, area_north_of_equator

__all__ = ["covered_shares", "interval_shares", "shared_rectangles"]

FULL_TURN = 360.0
LEAST_SHARE = 1e-11
"""Edges that differ in their last bits make no part of their own."""


def interval_shares(edges: np.ndarray, bounds: np.ndarray) -> csr_array:
    """Share of each source interval that lies in each target interval.

    Parameters
    ----------
    edges : numpy.ndarray (n + 1,)
        Edges of the source intervals, ascending.
    bounds : numpy.ndarray (m + 1,)
        Edges of the target intervals, ascending, in the same unit.

    Returns
    -------
    scipy.sparse.csr_array (m, n)
        0 to 1.

    Notes
    -----
    w_ts = |[a_t, b_t] ∩ [a_s, b_s]| / (b_s − a_s), of the edges a, b.

    Examples
    --------
    >>> interval_shares(np.arange(4.0), np.array([0.0, 1.5, 3.0])).toarray().tolist()
    [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]
    """
    inside = edges[(edges >= bounds[0]) & (edges <= bounds[-1])]
    covered = bounds[(bounds >= edges[0]) & (bounds <= edges[-1])]
    cuts = np.union1d(inside, covered)
    middle, length = (cuts[:-1] + cuts[1:]) / 2, np.diff(cuts)
    origin, into = (np.searchsorted(ends, middle) - 1 for ends in (edges, bounds))
    share = length / np.diff(edges)[origin]
    real = share > LEAST_SHARE
    shape = (bounds.size - 1, edges.size - 1)
    return csr_array((share[real], (into[real], origin[real])), shape=shape)


def shared_rectangles(
    source: Grid, target: Grid, rows: slice = slice(None), columns: slice = slice(None)
) -> csr_array:
    """Areas that source and target cells of one projection share.

    Parameters
    ----------
    source, target : Grid
        On the same CRS; sizes and origins may differ freely.
    rows, columns : slice, optional
        Window of the target; all of it where not given.

    Returns
    -------
    scipy.sparse.csr_array (target cells of the window, source cells)
        Areas of the source's cells, m2. Longitudes are taken round the globe.

    Notes
    -----
    A_ts = A_s · share of the row · share of the column. In longitude and latitude the share of a
    row is that of its area on the ellipsoid.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> shared = shared_rectangles(polar_grid(1e6), polar_grid(2.5e6))
    >>> sorted(set(shared.toarray()[5].tolist()))  # of cells of 1e12 m2
    [0.0, 250000000000.0, 500000000000.0, 1000000000000.0]
    """
    down = interval_shares(_down(source), _down(target))
    turns = (-FULL_TURN, 0.0, FULL_TURN) if source.is_lonlat else (0.0,)
    across = sum(interval_shares(_across(source) + turn, _across(target)) for turn in turns)
    shared = csr_array(kron(down[rows], across[columns], format="csr"))
    shared.data *= source.row_area[shared.indices // source.shape[1]]
    return shared


def covered_shares(source: Grid, target: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Share of each row and of each column of a source that a target of one CRS covers.

    Parameters
    ----------
    source, target : Grid
        On the same CRS.

    Returns
    -------
    tuple of numpy.ndarray = (rows (y,), columns (x,))
        0 to 1; of a cell both together are covered.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> rows, _ = covered_shares(polar_grid(1e6), polar_grid(1e6, (0.0, 0.0, 2e6, 1.5e6)))
    >>> rows.tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    down, across = (np.asarray(shares.sum(axis=0)) for shares in _shares(source, target))
    return down, across


def _shares(source: Grid, target: Grid) -> tuple[csr_array, csr_array]:
    """Share of each source row and column in each target row and column."""
    down = interval_shares(_down(source), _down(target))
    turns = (-FULL_TURN, 0.0, FULL_TURN) if source.is_lonlat else (0.0,)
    parts = [interval_shares(_across(source) + turn, _across(target)) for turn in turns]
    return down, sum(parts[1:], parts[0])


def _down(grid: Grid) -> np.ndarray:
    """Edges of the rows, counted southward, in a unit in which equal steps are equal areas."""
    edges = grid.transform.f + grid.transform.e * np.arange(grid.shape[0] + 1)
    return -area_north_of_equator(edges) if grid.is_lonlat else -edges


def _across(grid: Grid) -> np.ndarray:
    """Edges of the columns, eastward, in units of the CRS."""
    return grid.transform.c + grid.transform.a * np.arange(grid.shape[1] + 1)
