"""Predictors of single cells, read from the cube tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import xarray as xr

from abz.applicability import climatological_year
from abz.grid import Grid
from abz.modelling import cells_by_area

__all__ = ["sample_cells", "years_at"]

TILE_CELLS = 256
"""Edge of the tiles in which the cube is read."""
SAMPLED_CELLS = 1000
"""About how many cells stand for the map."""
SAMPLED_TILES = 64
"""Tiles of the map that are read for them, evenly spread in raster order."""


def sample_cells(zones: xr.Dataset) -> np.ndarray:
    """Cells that stand for the domain, each for about the same area.

    Parameters
    ----------
    zones : xarray.Dataset (y, x)
        `domain` and `area`.

    Returns
    -------
    numpy.ndarray of int64
        Flat numbers, ascending. A large map is sampled in some of its tiles only.
    """
    area = np.where(zones["domain"].values == 1, zones["area"].values, 0.0)
    tiles = [tile for tile in Grid.of(zones).blocks(TILE_CELLS) if area[tile].any()]
    stride = max(1, ceil(len(tiles) / SAMPLED_TILES))
    read = np.zeros(area.shape, bool)
    for tile in tiles[::stride]:
        read[tile] = True
    cells = cells_by_area(area, SAMPLED_CELLS * stride)
    return cells[read.ravel()[cells]]


def years_at(
    cube: xr.Dataset, zones: xr.Dataset, cells: np.ndarray, predictors: Sequence[str]
) -> np.ndarray:
    """Climatological year of single cells.

    Parameters
    ----------
    cube : xarray.Dataset
        Predictor cube of a model set.
    zones : xarray.Dataset (y, x)
        On the same grid.
    cells : numpy.ndarray of int (n,)
        Flat numbers of cells, in any order, with repeats.
    predictors : sequence of str (p,)
        Names.

    Returns
    -------
    numpy.ndarray of float32 (12, n, p)
        As `climatological_year`; tiles without a cell are not read.
    """
    grid = Grid.of(zones)
    row, column = np.unravel_index(np.asarray(cells, np.int64), grid.shape)
    found = np.full((12, len(row), len(predictors)), np.nan, np.float32)
    for rows, columns in grid.blocks(TILE_CELLS):
        here = (row >= rows.start) & (row < rows.stop)
        here &= (column >= columns.start) & (column < columns.stop)
        if here.any():
            year = climatological_year(cube, rows, columns, predictors)
            found[:, here] = year[:, row[here] - rows.start, column[here] - columns.start]
    return found
