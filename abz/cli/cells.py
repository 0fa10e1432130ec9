"""Single cells, of the map and of the sites: which they are, and their predictors in the cube."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import pandas as pd
import xarray as xr

from abz.applicability import climatological_year, site_annual_means
from abz.grid import Grid
from abz.modelling import cells_by_area
from abz.sites import locate_sites
from abz.sites.training import MAX_CELLS

__all__ = ["TILE_CELLS", "cells_of", "sample_cells", "site_cells", "site_environments", "years_at"]

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


def cells_of(table: pd.DataFrame, zones: xr.Dataset) -> np.ndarray:
    """Cell of each row of a training table.

    Parameters
    ----------
    table : pandas.DataFrame (n,)
        `row`, `column`, or else `latitude`, `longitude`; or neither.
    zones : xarray.Dataset (y, x)
        `domain`.

    Returns
    -------
    numpy.ndarray of int64 (n, 2)
        Row and column; −1 where the place is not known or not on the map.
    """
    if {"row", "column"} <= set(table):
        return table[["row", "column"]].to_numpy(np.int64)
    found = np.full((len(table), 2), -1)
    if {"latitude", "longitude"} <= set(table):
        known = table[["latitude", "longitude"]].notna().all(axis=1).to_numpy()
        if known.any():
            places = locate_sites(table.loc[known], zones["domain"], MAX_CELLS)
            found[known] = places[["row", "column"]].to_numpy(np.int64)
    return found


def site_cells(table: pd.DataFrame, zones: xr.Dataset) -> pd.Series:
    """Flat number of the cell of each site that has one.

    Parameters
    ----------
    table : pandas.DataFrame
        `site`, and what `cells_of` asks for.
    zones : xarray.Dataset (y, x)
        `domain`.

    Returns
    -------
    pandas.Series of int64 (site)
        In order of the sites' names.
    """
    sites = table.groupby("site", sort=True).first()
    cell = cells_of(sites, zones)
    known: np.ndarray = np.atleast_1d((cell >= 0).all(axis=1))
    numbers = np.ravel_multi_index(tuple(cell[known].T), zones["domain"].shape)
    return pd.Series(numbers, sites.index[known], dtype="int64")


def site_environments(
    table: pd.DataFrame, predictors: Sequence[str], cells: pd.Series, means: np.ndarray
) -> pd.DataFrame:
    """Annual means of the predictors at all sites: of their cells, or else of their own rows.

    Parameters
    ----------
    table : pandas.DataFrame
        Training table.
    predictors : sequence of str (p,)
        Continuous ones.
    cells : pandas.Series (n,)
        From `site_cells`.
    means : numpy.ndarray (n, p)
        Annual means of these cells; a cell that lacks one does not count.

    Returns
    -------
    pandas.DataFrame (site)
        A column a predictor, in order of the sites' names; NaN as in `site_annual_means`.
    """
    own = site_annual_means(table, predictors)
    known = pd.DataFrame(means, index=cells.index, columns=list(predictors))
    return known.dropna().combine_first(own)[own.columns].loc[own.index]
