"""Amounts of fine cells, added up in the coarse cells of another grid of the same projection.

Cells of two unrotated grids share rectangles, so that the shares of rows and of columns say all:
exact for any ratio of the cells, whole or not, and small enough for any size of a map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from abz.errors import GridError
from abz.grid import Grid
from abz.grid.rectangles import interval_shares
from abz.validation import check_same_shape

__all__ = ["SharedCells", "aggregate", "shared_cells"]


@dataclass(frozen=True, eq=False)
class SharedCells:
    """Which parts of the cells of a source lie in each cell of a target.

    Parameters
    ----------
    source, target : Grid
        From and to.
    rows : scipy.sparse.csr_array (target rows, source rows)
        Share of each source row that lies in each target row, 0 to 1.
    columns : scipy.sparse.csr_array (target columns, source columns)
        The same of the columns.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> shared = shared_cells(polar_grid(1e6), polar_grid(2.5e6))
    >>> shared.columns.toarray()[1].tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """

    source: Grid
    target: Grid
    rows: csr_array
    columns: csr_array

    def reach(self, rows: slice) -> slice:
        """The source rows that lie, wholly or in part, in some target rows.

        Examples
        --------
        >>> from abz.grid import polar_grid
        >>> shared_cells(polar_grid(1e6), polar_grid(2.5e6)).reach(slice(0, 1))
        slice(0, 3, None)
        """
        held = np.unique(self.rows[rows].indices)
        return slice(int(held[0]), int(held[-1]) + 1) if held.size else slice(0, 0)

    def sums(self, amounts: np.ndarray, rows: slice = slice(None)) -> np.ndarray:
        """Amounts (..., target rows, target columns) in some target rows.

        Parameters
        ----------
        amounts : numpy.ndarray (..., source rows, source columns)
            Amount in each source cell, spread evenly over it, of the rows `reach(rows)`.
        rows : slice, optional
            Target rows; all by default.

        Returns
        -------
        numpy.ndarray
            float64. The amount of a source cell outside the target is dropped.

        Raises
        ------
        GridError
            If the amounts are not those of these rows.

        Notes
        -----
        M_t = Σ_s (share of the row · share of the column) m_s, hence Σ_t M_t = Σ_s m_s for cells
        within the target. Each target cell is added up in one order, whatever the rows.
        """
        held = self.reach(rows)
        expected = (held.stop - held.start, self.columns.shape[1])
        if amounts.shape[-2:] != expected:
            raise GridError(
                "the amounts do not lie on the source rows of the target rows",
                rule=f"their last two dimensions are {expected}",
                value=amounts.shape,
                remedy="take the rows that `reach` names",
            )
        found = np.zeros((*amounts.shape[:-2], self.rows[rows].shape[0], self.columns.shape[0]))
        if held.stop > held.start:
            down, across = self.rows[rows][:, held], self.columns
            for place in np.ndindex(amounts.shape[:-2]):
                layer = amounts[place].astype(np.float64)
                found[place] = (across @ (down @ layer).T).T
        return found


def shared_cells(source: Grid, target: Grid) -> SharedCells:
    """The parts that the cells of two grids of one projection share.

    Parameters
    ----------
    source, target : Grid
        On the same CRS; sizes and origins may differ freely.

    Returns
    -------
    SharedCells
        Shares of the source's rows and columns.

    Raises
    ------
    GridError
        If the projections differ.

    Notes
    -----
    w_ts = |[a_t, b_t] ∩ [a_s, b_s]| / (b_s − a_s), of the edges a, b along each axis.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> shared = shared_cells(polar_grid(1e6), polar_grid(2e6))
    >>> float(shared.sums(np.ones(shared.source.shape))[2, 2])
    4.0
    """
    if source.crs != target.crs:
        raise GridError(
            "the two grids are on different projections",
            rule="cells are rectangles on one projection",
            value=f"{source.crs[:40]}… and {target.crs[:40]}…",
            remedy="bring one to the grid of the other with abz.grid.overlap and conserve",
        )
    (north, west), (target_north, target_west) = _edges(source), _edges(target)
    return SharedCells(
        source,
        target,
        rows=interval_shares(north, target_north),
        columns=interval_shares(west, target_west),
    )


def _edges(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the rows, counted southward, and of the columns, eastward, in units of the CRS."""
    t, (ny, nx) = grid.transform, grid.shape
    return -t.f - t.e * np.arange(ny + 1), t.c + t.a * np.arange(nx + 1)


def aggregate(
    density: np.ndarray, area: np.ndarray, shared: SharedCells, rows: slice = slice(None)
) -> tuple[np.ndarray, np.ndarray]:
    """Mean density of each target cell, weighted with the land that has a value, and that land.

    Parameters
    ----------
    density : numpy.ndarray (..., y, x)
        Amount per m2 of land, on the source rows `shared.reach(rows)`; NaN is missing.
    area : numpy.ndarray (y, x)
        Land of each source cell, m2; 0 where there is none.
    shared : SharedCells
        From the grid of the density to the target.
    rows : slice, optional
        Target rows; all by default.

    Returns
    -------
    tuple of numpy.ndarray (..., target rows, target columns) = (mean, land)
        Amount per m2 of land with a value, NaN where there is none; m2 of that land.

    Raises
    ------
    GridError
        If the density is not on these rows.

    Notes
    -----
    L_t = Σ_s w_ts A_s over the cells with a value, D_t = Σ_s w_ts A_s d_s / L_t. Hence
    Σ_t L_t D_t = Σ_s A_s d_s: mass is kept.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> shared = shared_cells(polar_grid(1e6), polar_grid(2e6))
    >>> area = np.full(shared.source.shape, 1e12)
    >>> mean, land = aggregate(np.full(area.shape, -3.0), area, shared)
    >>> float(mean.max()), float((mean * land).sum()) == -3e12 * area.size
    (-3.0, True)
    """
    check_same_shape(np.empty(density.shape[-2:]), area, "density and area")
    known = np.isfinite(density) & (area > 0)
    mass = shared.sums(np.where(known, density * np.where(area > 0, area, 0.0), 0.0), rows)
    land = shared.sums(np.where(known, area, 0.0), rows)
    return np.divide(mass, land, out=np.full(land.shape, np.nan), where=land > 0), land
