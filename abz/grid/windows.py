"""A window of a grid from a source of any size: which source cells it takes, and how much of each.

The weights of a window are the rows that it has in the matrix of the whole grid, to the last bit,
so that a map may be made in windows of any size. Only the source cells that weigh in are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, prod
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.sparse import coo_array, csr_array

from abz.errors import GridError
from abz.grid.geometry import Grid
from abz.grid.rectangles import shared_rectangles
from abz.grid.regrid import bilinear_matrix
from abz.grid.seams import part_areas, seam_growth
from abz.validation import check_range

__all__ = [
    "SourceBlocks",
    "Window",
    "WindowWeights",
    "values_at",
    "window_areas",
    "window_bilinear",
]

Window = tuple[slice, slice]
"""Rows and columns of a grid, each with a start and a stop."""

BLOCKS_A_SIDE = 256
"""Most blocks along each side of a source grid, and"""
LEAST_BLOCK_CELLS = 64
"""least cells along each side of a block: what is looked at, or left out, together."""
LATTICE = 9
"""Points along each side of a block that tell where it lies on the target."""
PARTS_AT_ONCE = 500_000
"""Parts of source cells that are projected in one go; it bounds the memory only."""


@dataclass(frozen=True)
class WindowWeights:
    """What each target cell of a window takes from each source cell.

    Parameters
    ----------
    source : Grid
        Where the values come from.
    target : Grid
        The grid of the window alone.
    cells : numpy.ndarray of int64 (n,)
        Flat positions of the source cells that weigh in, ascending.
    matrix : scipy.sparse.csr_array (window cells, n)
        Shared areas, m2, or weights of an interpolation, 1.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> weights = window_areas(polar_grid(1e6), polar_grid(2e6), (slice(0, 2), slice(0, 3)))
    >>> weights.matrix.shape, weights.covered.tolist()[1]
    ((6, 15), [2000000000000.0, 4000000000000.0, 4000000000000.0])
    """

    source: Grid
    target: Grid
    cells: np.ndarray
    matrix: csr_array

    @property
    def covered(self) -> np.ndarray:
        """Sum of the weights (ny, nx) of each target cell; zero where no source cell reaches."""
        return np.asarray(self.matrix.sum(axis=1)).reshape(self.target.shape)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Weighted sums (..., ny, nx), float64, of values (..., n) at `cells`."""
        steps = self._steps(values)
        summed = np.empty((len(steps), self.matrix.shape[0]))
        for place, step in enumerate(steps):
            summed[place] = self.matrix @ step.astype(np.float64)
        return summed.reshape(*values.shape[:-1], *self.target.shape)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Weighted means (..., ny, nx) of the valid values (..., n); NaN where none is valid.

        Notes
        -----
        v_t = Σ w·v / Σ w over the valid source cells, in the type of the values.
        """
        flat = self._steps(values)
        means = np.full((len(flat), *self.target.shape), np.nan, flat.dtype)
        known: np.ndarray | None = None
        weight = np.empty(0)
        for place, step in enumerate(flat):
            valid = np.isfinite(step)
            if known is None or not np.array_equal(valid, known):
                known, weight = valid, self.sums(valid)
            total = self.sums(np.where(valid, step, 0))
            np.divide(total, weight, out=means[place], where=weight > 0, casting="same_kind")
        return means.reshape(*values.shape[:-1], *self.target.shape)

    def _steps(self, values: np.ndarray) -> np.ndarray:
        """Values as steps (m, n)."""
        if values.shape[-1] != self.cells.size:
            raise GridError(
                "the values are not those of the window's source cells",
                rule=f"the last dimension has {self.cells.size} cells",
                value=values.shape,
                remedy="take them with values_at(da, weights.cells)",
            )
        return values.reshape(prod(values.shape[:-1]), self.cells.size)


@dataclass(frozen=True)
class SourceBlocks:
    """Which blocks of a source grid may reach into a window of a target.

    Parameters
    ----------
    source, target : Grid
        From and to.
    size : int
        Cells along each side of a block.
    boxes : numpy.ndarray (4, block rows, block columns) or None
        West, south, east, north of each block in the target's CRS, widened so that nothing of it
        lies outside; NaN for a block that lies off the globe. Where the target's axes are degrees,
        a box may not tell where a block lies: then None, and all blocks may reach.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> blocks = SourceBlocks.of(lonlat_grid(0.25), polar_grid(1e5))
    >>> len(list(blocks.near((slice(0, 9), slice(0, 9))))), blocks.boxes[0].size
    (1, 69)
    """

    source: Grid
    target: Grid
    size: int
    boxes: np.ndarray | None

    @classmethod
    def of(cls, source: Grid, target: Grid) -> SourceBlocks:
        """Find where each block of the source lies on the target."""
        size = max(LEAST_BLOCK_CELLS, ceil(max(source.shape) / BLOCKS_A_SIDE))
        if target.is_lonlat:
            return cls(source, target, size, None)
        ny, nx = (ceil(n / size) for n in source.shape)
        boxes = np.empty((4, ny, nx))
        for row in range(ny):
            boxes[:, row] = _boxes(source, target, row * size, size)
        return cls(source, target, size, _with_neighbours(boxes))

    def near(self, window: Window) -> Iterator[Window]:
        """Rows and columns of the source blocks that may reach into a window of the target."""
        ny, nx = self.source.shape
        for row, column in zip(*np.nonzero(self._may_reach(window)), strict=True):
            top, left = int(row) * self.size, int(column) * self.size
            yield (
                slice(top, min(top + self.size, ny)),
                slice(left, min(left + self.size, nx)),
            )

    def _may_reach(self, window: Window) -> np.ndarray:
        """Whether each block (block rows, block columns) may."""
        if self.boxes is None:
            return np.ones([ceil(n / self.size) for n in self.source.shape], bool)
        west, south, east, north = self.target.window(*window).bounds
        with np.errstate(invalid="ignore"):
            across = (self.boxes[0] <= east) & (self.boxes[2] >= west)
            return np.asarray(across & (self.boxes[1] <= north) & (self.boxes[3] >= south))


def _boxes(source: Grid, target: Grid, top: int, size: int) -> np.ndarray:
    """Boxes (4, block columns) of one row of blocks."""
    ny, nx = source.shape
    down = np.linspace(top, min(top + size, ny), LATTICE)
    starts = np.arange(0, nx, size)
    across = np.linspace(starts, np.minimum(starts + size, nx), LATTICE)
    t = source.transform
    x, y = np.broadcast_arrays(t.c + t.a * across[:, None, :], (t.f + t.e * down)[None, :, None])
    where = target.from_lonlat(*source.to_lonlat(x, y))
    found = []
    with np.errstate(invalid="ignore"):
        for values in where:
            known = np.where(np.isfinite(values), values, np.nan)
            gap = np.maximum(_widest(np.diff(known, axis=0)), _widest(np.diff(known, axis=1)))
            low = np.fmin.reduce(known, axis=(0, 1)) - gap
            high = np.fmax.reduce(known, axis=(0, 1)) + gap
            found.append((low, high))
    (west, east), (south, north) = found
    return np.stack([west, south, east, north])


def _widest(steps: np.ndarray) -> np.ndarray:
    """Largest known step between neighbouring points of each block; zero where none is known."""
    return np.asarray(np.nanmax(np.nan_to_num(np.abs(steps), nan=0.0), axis=(0, 1)))


def _with_neighbours(boxes: np.ndarray) -> np.ndarray:
    """The boxes, where blocks without a point on the globe take in those of their neighbours.

    A sliver of such a block may lie on the globe between its points.
    """
    padded = np.pad(boxes, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    ny, nx = boxes.shape[1:]
    around = [padded[:, i : i + ny, j : j + nx] for i in range(3) for j in range(3)]
    low, high = (np.fmin, np.fmax)
    wide = np.stack(
        [low.reduce([b[k] for b in around]) if k < 2 else high.reduce([b[k] for b in around])
         for k in range(4)]
    )  # fmt: skip
    return np.where(np.isnan(boxes), wide, boxes)


def window_areas(
    source: Grid,
    target: Grid,
    window: Window,
    samples: int = 4,
    blocks: SourceBlocks | None = None,
    *,
    whole: bool = False,
) -> WindowWeights:
    """Areas that source cells share with the cells of a window of the target.

    Parameters
    ----------
    source, target : Grid
        Any two grids.
    window : tuple of slice = (rows, columns)
        Cells of the target.
    samples : int, optional
        Each source cell is split in `samples` × `samples` parts, unless both grids have one
        projection: then the areas are exact.
    blocks : SourceBlocks, optional
        Those of source and target; found anew where not given.
    whole : bool, optional
        Whether parts of a source cell off its projection give their area to its other parts.

    Returns
    -------
    WindowWeights
        Areas, m2.

    Notes
    -----
    As `overlap`: a part belongs whole to the target cell that holds its centre, with the area that
    it has on the source grid.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> weights = window_areas(lonlat_grid(1.0), polar_grid(5e5), (slice(8, 9), slice(10, 11)))
    >>> bool(abs(weights.covered.item() / 2.5e11 - 1) < 0.05)
    True
    """
    check_range(samples, "samples", minimum=1)
    if source.crs == target.crs:
        shared = shared_rectangles(source, target, *window)
        return _compressed(source, target.window(*window), shared)
    known = blocks or SourceBlocks.of(source, target)
    split = _Split(source, target, samples, whole)
    shares = (_shared(split, block, window) for block in known.near(window))
    return _joined(source, target.window(*window), shares)


def window_bilinear(source: Grid, target: Grid, window: Window) -> WindowWeights:
    """Weights of the four source centres around each target centre of a window.

    Parameters
    ----------
    source, target : Grid
        Any two grids; a source that goes round the globe is joined at its seam.
    window : tuple of slice = (rows, columns)
        Cells of the target.

    Returns
    -------
    WindowWeights
        Weights that sum to 1; an empty row where the target centre lies outside the source.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> weights = window_bilinear(lonlat_grid(5.0), polar_grid(5e5), (slice(8, 9), slice(10, 11)))
    >>> float(weights.covered.item())
    1.0
    """
    x, y = np.meshgrid(target.x[window[1]], target.y[window[0]])
    if source.crs != target.crs or source.is_lonlat:
        x, y = source.from_lonlat(*target.to_lonlat(x, y))
    return _compressed(source, target.window(*window), bilinear_matrix(source, x, y))


def values_at(da: xr.DataArray, cells: np.ndarray) -> np.ndarray:
    """Values of some cells of a map, of which little more is read than they need.

    Parameters
    ----------
    da : xarray.DataArray (y, x) or (step, y, x)
        In memory, or dask-lazy; a lazy one is read chunk by chunk, in this thread.
    cells : numpy.ndarray of int (n,)
        Flat positions (row · nx + column), ascending.

    Returns
    -------
    numpy.ndarray (n,) or (step, n)
        In the type of `da`.

    Examples
    --------
    >>> da = xr.DataArray(np.arange(12.0).reshape(3, 4), dims=("y", "x"))
    >>> values_at(da.chunk(y=2, x=2), np.array([3, 8])).tolist()
    [3.0, 8.0]
    """
    nx = da.sizes["x"]
    if da.chunks is None:
        row, column = np.divmod(cells, nx)
        return np.asarray(da.values[..., row, column])
    if da.ndim == 2:
        return np.asarray(values_at(da.expand_dims("step"), cells)[0])
    taken = np.empty((da.shape[0], cells.size), da.dtype)
    rows, columns = (np.cumsum([0, *da.chunksizes[dim]]) for dim in ("y", "x"))
    steps = [slice(*ends) for ends in pairwise(np.cumsum([0, *da.chunks[0]]).tolist())]
    for first, stop in pairwise(np.searchsorted(cells, rows * nx).tolist()):
        row, column = np.divmod(cells[first:stop], nx)
        for left, right in pairwise(columns.tolist()):
            members = np.flatnonzero((column >= left) & (column < right))
            if members.size:
                down, across = _around(row[members]), _around(column[members])
                at = row[members] - down.start, column[members] - across.start
                for step in steps:
                    part = _read(da[step, down, across])
                    taken[step, first + members] = part[:, at[0], at[1]]
    return taken


def _around(place: np.ndarray) -> slice:
    """The run of positions that holds them all."""
    return slice(int(place.min()), int(place.max()) + 1)


def _read(part: xr.DataArray) -> np.ndarray:
    """Values of a lazy map; the libraries that read files do not bear several threads."""
    return np.asarray(part.compute(scheduler="synchronous").values)


Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Window cell, source cell and shared area (n,), each pair of cells once."""


class _Shares(NamedTuple):
    """What the cells of a block of the source share with a window, in as little room as it takes.

    `cells` are those that share something, ascending; the others are pairs of cells: `into` which
    of the window, `place` which of `cells`, `area` what they share, m2.
    """

    cells: np.ndarray
    into: np.ndarray
    place: np.ndarray
    area: np.ndarray


class _Split(NamedTuple):
    """How the cells of a source are split, and whether those at the seam are taken whole."""

    source: Grid
    target: Grid
    samples: int
    whole: bool


def _shared(split: _Split, block: Window, window: Window) -> _Shares:
    """What a block of the source shares with a window of the target."""
    rows, columns = block
    height = max(1, PARTS_AT_ONCE // ((columns.stop - columns.start) * split.samples**2))
    bands = [
        slice(top, min(top + height, rows.stop)) for top in range(rows.start, rows.stop, height)
    ]
    found = [_shared_rows(split, (band, columns), window) for band in bands]
    into, origin, area = (np.concatenate(column) for column in zip(*found, strict=True))
    cells, place = np.unique(origin, return_inverse=True)
    return _Shares(cells, into.astype(np.int32), place.ravel().astype(np.int32), area)


def _shared_rows(split: _Split, block: Window, window: Window) -> Pairs:
    """The same of a few rows of a block."""
    source, target, samples, whole = split
    t = source.transform
    down, across = (np.arange(part.start * samples, part.stop * samples) for part in block)
    x, y = t.c + t.a * ((across + 0.5) / samples), t.f + t.e * ((down + 0.5) / samples)
    where = target.from_lonlat(*source.mesh_to_lonlat(x, y))
    row, column = target.cell_of(*where)
    rows, columns = window
    inside = (row >= rows.start) & (row < rows.stop)
    inside &= (column >= columns.start) & (column < columns.stop)
    part_row, part_column = np.nonzero(inside)
    width = columns.stop - columns.start
    into = (row[inside] - rows.start) * width + (column[inside] - columns.start)
    origin = (down[part_row] // samples) * source.shape[1] + across[part_column] // samples
    area = part_areas(source, down, samples)[part_row]
    if whole:
        area = area * seam_growth(np.isfinite(where[0]), samples)[inside]
    return _summed(into, origin, area, int(np.prod(source.shape)))


def _summed(into: np.ndarray, origin: np.ndarray, area: np.ndarray, n_source: int) -> Pairs:
    """Pairs in order, each once, with the areas of its parts added up from north to south."""
    pair = into * n_source + origin
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    if not first.size:
        return into, origin, area
    return pair[first] // n_source, pair[first] % n_source, np.add.reduceat(area[order], first)


def _joined(source: Grid, window: Grid, shares: Iterable[_Shares]) -> WindowWeights:
    """Weights from what all blocks share."""
    cells, into, place, area = _together(shares)
    shape = (int(np.prod(window.shape)), cells.size)
    matrix = coo_array((area, (into, place)), shape=shape).tocsr()
    matrix.sort_indices()
    return WindowWeights(source, window, cells, matrix)


def _together(shares: Iterable[_Shares]) -> _Shares:
    """What all blocks share, as if they were one; no cell is in two blocks."""
    nothing = _Shares(*(np.array([], kind) for kind in (np.int64, np.int32, np.int32, float)))
    blocks = [nothing, *shares]
    cells = np.concatenate([block.cells for block in blocks])
    order = np.argsort(cells)
    rank = np.empty(cells.size, np.int32)
    rank[order] = np.arange(cells.size, dtype=np.int32)
    starts = np.cumsum([0, *(block.cells.size for block in blocks)])
    place = [rank[start + block.place] for start, block in zip(starts, blocks, strict=False)]
    return _Shares(
        cells[order],
        np.concatenate([block.into for block in blocks]),
        np.concatenate(place),
        np.concatenate([block.area for block in blocks]),
    )


def _compressed(source: Grid, window: Grid, matrix: csr_array) -> WindowWeights:
    """Weights from a matrix (window cells, all source cells)."""
    matrix.sort_indices()
    cells, place = np.unique(matrix.indices, return_inverse=True)
    shape = (matrix.shape[0], cells.size)
    taken = csr_array((matrix.data, place.ravel(), matrix.indptr), shape=shape)
    return WindowWeights(source, window, cells.astype(np.int64), taken)
