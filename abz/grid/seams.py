"""Parts of source cells that lie off the globe, at the seam of a map, or outside a target."""

from __future__ import annotations

import numpy as np

from abz.grid.geometry import Grid, area_north_of_equator
from abz.grid.rectangles import covered_shares

__all__ = ["area_outside", "part_areas", "seam_growth"]

PARTS_AT_ONCE = 4_000_000
"""Parts of source cells that are projected in one go; it bounds the memory only."""


def part_areas(source: Grid, down: np.ndarray, samples: int) -> np.ndarray:
    """Area of a part of a cell in some rows of parts, m2.

    Parameters
    ----------
    source : Grid
        Grid whose cells are split in `samples` × `samples` parts.
    down : numpy.ndarray of int
        Rows of parts, counted from the north.
    samples : int
        Parts along each side of a cell.

    Returns
    -------
    numpy.ndarray
        In the shape of `down`.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> part_areas(polar_grid(1e6), np.array([0, 3]), 2).tolist()
    [250000000000.0, 250000000000.0]
    """
    t = source.transform
    if not source.is_lonlat:
        return np.full(down.shape, abs(t.a * t.e) / samples**2)
    north, south = (area_north_of_equator(t.f + t.e * ((down + k) / samples)) for k in (0, 1))
    return np.asarray((north - south) * np.radians(t.a / samples))


def seam_growth(on_globe: np.ndarray, samples: int) -> np.ndarray:
    """By how much parts of cells grow that take in those of the cell off the globe.

    Parameters
    ----------
    on_globe : numpy.ndarray of bool (rows of parts, columns of parts)
        Parts of whole cells.
    samples : int
        Parts along each side of a cell.

    Returns
    -------
    numpy.ndarray (rows of parts, columns of parts)
        Parts of the cell / its parts on the globe.

    Examples
    --------
    >>> seam_growth(np.array([[True, False], [True, True]]), 2)[0].round(2).tolist()
    [1.33, 1.33]
    """
    ny, nx = (size // samples for size in on_globe.shape)
    found = on_globe.reshape(ny, samples, nx, samples).sum(axis=(1, 3))
    growth = samples**2 / np.maximum(found, 1)
    return np.repeat(np.repeat(growth, samples, axis=0), samples, axis=1)


def area_outside(source: Grid, target: Grid, cells: np.ndarray, samples: int = 4) -> np.ndarray:
    """Area of some source cells that no cell of a target takes.

    Parameters
    ----------
    source, target : Grid
        Any two grids.
    cells : numpy.ndarray of int64 (n,)
        Flat positions of the source cells.
    samples : int, optional
        As `window_areas` takes it.

    Returns
    -------
    numpy.ndarray (n,)
        m2. Together with what the windows of the target take, `whole`, it is the cells' area.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> source = lonlat_grid(10.0, (-180.0, -90.0, 180.0, 90.0))
    >>> cells = np.array([36 * 9 + 10, 36 * 1 + 10])
    >>> (area_outside(source, polar_grid(1e6), cells) > 0).tolist()
    [True, False]
    """
    row, column = np.divmod(cells, source.shape[1])
    if source.crs == target.crs:
        down, across = covered_shares(source, target)
        return np.maximum(1.0 - down[row] * across[column], 0.0) * source.row_area[row]
    outside = np.empty(cells.size)
    size = max(1, PARTS_AT_ONCE // samples**2)
    for first in range(0, cells.size, size):
        part = slice(first, first + size)
        outside[part] = _outside(source, target, row[part], column[part], samples)
    return outside


def _outside(
    source: Grid, target: Grid, row: np.ndarray, column: np.ndarray, samples: int
) -> np.ndarray:
    """The same of cells on two projections, by their parts."""
    inner = np.arange(samples)
    down, across = (place[:, None] * samples + inner for place in (row, column))
    t = source.transform
    y = t.f + t.e * ((down + 0.5) / samples)
    x = t.c + t.a * ((across + 0.5) / samples)
    x, y = np.broadcast_arrays(x[:, None, :], y[:, :, None])
    where = target.from_lonlat(*source.to_lonlat(x, y))
    on_globe = np.isfinite(where[0])
    missed = on_globe & (target.cell_of(*where)[0] < 0)
    parts = part_areas(source, down, samples)[:, :, None]
    found = on_globe.sum(axis=(1, 2))
    growth = np.where(found > 0, samples**2 / np.maximum(found, 1), 0.0)
    area = (parts * missed).sum(axis=(1, 2)) * growth
    return np.where(found > 0, area, source.row_area[row])
