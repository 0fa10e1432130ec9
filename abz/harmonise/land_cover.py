"""One vegetation map from two: the CAVM raster for tundra, ESA CCI land cover for the boreal."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np
import xarray as xr

from abz.grid import Grid, SourceBlocks, Window, WindowWeights, values_at, window_areas
from abz.readers.land_cover import cavm_to_vegetation, is_land, lccs_to_vegetation
from abz.validation import check_same_shape
from abz.vocabulary import BIOMES, VEGETATION

__all__ = [
    "coded_windows",
    "enough_samples",
    "land_and_vegetation",
    "land_fraction",
    "merge_vegetation",
    "vegetation_majority",
]

TUNDRA = next(code for code, name in BIOMES.items() if name == "tundra")

WINDOW_CELLS = 512
"""Edge of the windows in which maps of codes are counted; it bounds the memory only."""


def enough_samples(source: Grid, target: Grid) -> int:
    """Parts along each side of a source cell that reach every target cell.

    Parameters
    ----------
    source, target : Grid
        Any two grids.

    Returns
    -------
    int
        At least 2 parts along a source cell, and 4 along a target cell.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> enough_samples(polar_grid(2e6), polar_grid(2.5e5)), enough_samples(
    ...     polar_grid(2.5e5), polar_grid(2e6))
    (32, 2)
    """
    ratio = np.sqrt(source.row_area.max() / target.row_area.min())
    return max(2, ceil(4 * ratio))


def coded_windows(
    codes: xr.DataArray, target: Grid, wanted: np.ndarray | None = None
) -> Iterator[tuple[Window, WindowWeights, np.ndarray]]:
    """A map of codes, as the windows of a grid need it.

    Parameters
    ----------
    codes : xarray.DataArray (y, x)
        In memory or lazy; of a lazy map no more is read than a window needs.
    target : Grid
        Any grid.
    wanted : numpy.ndarray of bool (y, x), optional
        Windows without a wanted cell are left out; none by default.

    Yields
    ------
    tuple = (window, WindowWeights, numpy.ndarray (n,))
        Rows and columns of the grid, areas, m2, and the codes of the cells that weigh in.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(1e6)
    >>> codes = xr.DataArray(np.full(grid.shape, 7), dims=("y", "x"), coords=grid.coords())
    >>> [(weights.target.shape, set(values.tolist()))
    ...  for _, weights, values in coded_windows(codes, polar_grid(2e6))]
    [((6, 6), {7})]
    """
    source = Grid.of(codes)
    samples, blocks = enough_samples(source, target), SourceBlocks.of(source, target)
    for window in target.blocks(WINDOW_CELLS):
        if wanted is not None and not wanted[window].any():
            continue
        weights = window_areas(source, target, window, samples, blocks)
        yield window, weights, values_at(codes, weights.cells)


def land_fraction(land: np.ndarray, weights: WindowWeights) -> np.ndarray:
    """Share of each cell of a window that is land without water and ice.

    Parameters
    ----------
    land : numpy.ndarray of bool (n,)
        Whether each land-cover cell that weighs in is land, neither water nor ice nor without data.
    weights : WindowWeights
        Areas from the land-cover grid to the window.

    Returns
    -------
    numpy.ndarray (y, x)
        float32, 0 to 1; 0 where the land-cover map does not reach.

    Notes
    -----
    f = Σ A_land / Σ A over the parts of land-cover cells inside the cell.

    Examples
    --------
    >>> from abz.grid import polar_grid, window_areas
    >>> window = (slice(0, 1), slice(0, 2))
    >>> weights = window_areas(polar_grid(1e6), polar_grid(2e6), window)
    >>> land_fraction(np.ones(weights.cells.size, bool), weights).tolist()
    [[1.0, 1.0]]
    """
    area, covered = weights.sums(land), weights.covered
    share = np.divide(area, covered, out=np.zeros_like(area), where=covered > 0)
    return np.minimum(share, 1.0).astype(np.float32)


def vegetation_majority(vegetation: np.ndarray, weights: WindowWeights) -> np.ndarray:
    """Vegetation type that covers most of each cell of a window.

    Parameters
    ----------
    vegetation : numpy.ndarray of int (n,)
        Codes of `abz.vocabulary.VEGETATION` of the cells that weigh in; others have no vote.
    weights : WindowWeights
        Areas from the map's grid to the window.

    Returns
    -------
    numpy.ndarray (y, x)
        int16; ties go to the smaller code; −1 where no type is present.

    Examples
    --------
    >>> from abz.grid import polar_grid, window_areas
    >>> window = (slice(0, 1), slice(0, 2))
    >>> weights = window_areas(polar_grid(1e6), polar_grid(2e6), window)
    >>> vegetation_majority(np.full(weights.cells.size, 80), weights).tolist()
    [[80, 80]]
    """
    types = np.array(sorted(VEGETATION), np.int16)
    area = np.stack([weights.sums(vegetation == code) for code in types])
    most = area.max(axis=0)
    # Equal areas may differ in their last bit; the first type that reaches the top wins.
    winner = types[np.argmax(area >= most * (1 - 1e-9), axis=0)]
    return np.where(most > 0, winner, -1).astype(np.int16)


def merge_vegetation(lccs: np.ndarray, cavm: np.ndarray, biome: np.ndarray) -> np.ndarray:
    """Tundra cells from the CAVM, all others from ESA CCI, each filled from the other map.

    Parameters
    ----------
    lccs : numpy.ndarray of int (y, x)
        Vegetation type by ESA CCI land cover; −1 where it has none.
    cavm : numpy.ndarray of int (y, x)
        Vegetation type by the CAVM raster; −1 where it has none.
    biome : numpy.ndarray of int (y, x)
        Codes of `abz.vocabulary.BIOMES`; −1 elsewhere.

    Returns
    -------
    numpy.ndarray (y, x)
        int16; −1 where neither map has a type, and outside the biomes.

    Examples
    --------
    >>> merge_vegetation(np.array([80, 80, 70]), np.array([33, 31, -1]), np.array([11, 6, 11]))
    array([33, 80, 70], dtype=int16)
    """
    check_same_shape(lccs, cavm, "the two vegetation maps")
    check_same_shape(lccs, biome, "vegetation and biome")
    in_tundra = biome == TUNDRA
    first, second = np.where(in_tundra, cavm, lccs), np.where(in_tundra, lccs, cavm)
    merged = np.where(first >= 0, first, second)
    return np.where(np.isin(biome, list(BIOMES)), merged, -1).astype(np.int16)


def land_and_vegetation(
    target: Grid, lccs: xr.DataArray, cavm: xr.DataArray, wanted: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of land, and the type of vegetation by either map, window by window.

    Parameters
    ----------
    target : Grid
        Equal-area grid of a model set.
    lccs, cavm : xarray.DataArray (y, x)
        Classes of ESA CCI land cover, and codes of the CAVM raster.
    wanted : numpy.ndarray of bool (y, x), optional
        Windows of `coded_windows` without a wanted cell have no land and no type.

    Returns
    -------
    tuple of numpy.ndarray (y, x)
        Share of land, 0 to 1; and the types of `abz.vocabulary.VEGETATION` that the first and the
        second map give, −1 where they give none.
    """
    land = np.zeros(target.shape, np.float32)
    types = np.full((2, *target.shape), -1, np.int16)
    for window, weights, values in coded_windows(lccs, target, wanted):
        land[window] = land_fraction(is_land(values), weights)
        types[0][window] = vegetation_majority(lccs_to_vegetation(values), weights)
    for window, weights, values in coded_windows(cavm, target, wanted):
        types[1][window] = vegetation_majority(cavm_to_vegetation(values), weights)
    return land, types[0], types[1]
