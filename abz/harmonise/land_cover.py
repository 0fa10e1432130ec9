"""One vegetation map from two: the CAVM raster for tundra, ESA CCI land cover for the boreal."""

from __future__ import annotations

from math import ceil

import numpy as np
import xarray as xr

from abz.grid import Grid, Overlap, class_fraction, majority, overlap
from abz.validation import check_same_shape
from abz.vocabulary import BIOMES, VEGETATION

__all__ = [
    "area_overlap",
    "enough_samples",
    "land_fraction",
    "merge_vegetation",
    "vegetation_majority",
]

TUNDRA = next(code for code, name in BIOMES.items() if name == "tundra")


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


def area_overlap(source: Grid, target: Grid) -> Overlap:
    """Shared areas, with source cells split finely enough to reach every target cell.

    Parameters
    ----------
    source, target : Grid
        Any two grids.

    Returns
    -------
    Overlap
        Areas, m2.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> bool(area_overlap(polar_grid(2e6), polar_grid(2.5e5)).covered.min() > 0)
    True
    """
    return overlap(source, target, samples=enough_samples(source, target))


def land_fraction(land: xr.DataArray, shared: Overlap) -> xr.DataArray:
    """Share of each cell that is land without water and ice.

    Parameters
    ----------
    land : xarray.DataArray (y, x)
        Whether a land-cover cell is land, neither water nor ice nor without data.
    shared : Overlap
        Areas from the land-cover grid to the target.

    Returns
    -------
    xarray.DataArray (y, x)
        float32, 0 to 1; 0 where the land-cover map does not reach.

    Notes
    -----
    f = Σ A_land / Σ A over the parts of land-cover cells inside the cell.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> ice = xr.DataArray(np.zeros(source.shape, bool), dims=("y", "x"), coords=source.coords())
    >>> float(land_fraction(ice, overlap(source, target)).max())
    0.0
    """
    share = class_fraction(land.astype(np.int8), shared, [1]).sel(code=1, drop=True)
    attrs = {"units": "1", "long_name": "share of the cell that is land without water and ice"}
    return share.fillna(0.0).astype(np.float32).assign_attrs(attrs).rename("land_fraction")


def vegetation_majority(vegetation: xr.DataArray, shared: Overlap) -> np.ndarray:
    """Vegetation type that covers most of each cell.

    Parameters
    ----------
    vegetation : xarray.DataArray (y, x)
        Codes of `abz.vocabulary.VEGETATION` on the map's own grid; others have no vote.
    shared : Overlap
        Areas from the map's grid to the target.

    Returns
    -------
    numpy.ndarray (y, x)
        int16; −1 where no type is present.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> larch = xr.DataArray(np.full(source.shape, 80), dims=("y", "x"), coords=source.coords())
    >>> int(vegetation_majority(larch, overlap(source, target))[0, 0])
    80
    """
    return majority(vegetation, shared, VEGETATION).values


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
