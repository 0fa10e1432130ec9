"""Maps made of polygons, brought to a grid."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio.features import rasterize
from shapely import segmentize
from shapely.geometry import box

from abz.grid import Grid
from abz.validation import check_columns

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["polygon_majority"]

NORTH = box(-180.0, 35.0, 180.0, 90.0)
EDGE_DEGREES = 0.5
"""Longest edge of a polygon before it is projected, so that parallels become arcs."""
ROWS_AT_ONCE = 256
"""Rows of cells that vote in one go; it bounds the memory only."""


def polygon_majority(
    polygons: gpd.GeoDataFrame,
    column: str,
    target: Grid,
    codes: Collection[int],
    samples: int = 4,
) -> np.ndarray:
    """The class whose polygons hold most points of each cell.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame
        Polygons in any CRS with their integer class in `column`; where they overlap, the later
        row wins.
    column : str
        Name of the class column.
    target : Grid
        Cells to fill.
    codes : collection of int, each from 0 to 254
        Classes to count; polygons of other classes are left out.
    samples : int, optional
        `samples` × `samples` evenly spaced points are asked in each cell.

    Returns
    -------
    numpy.ndarray (ny, nx)
        int16; −1 where no point lies in a polygon; ties go to the smaller code. Points outside
        all polygons have no vote, so a coastal cell takes the class of its land.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from abz.grid import polar_grid
    >>> taiga = gpd.GeoDataFrame({"biome": [6]}, geometry=[box(0, 55, 90, 65)], crs="EPSG:4326")
    >>> grid = polar_grid(1e6)
    >>> polygon_majority(taiga, "biome", grid, [6])[grid.index(45.0, 60.0)].item()
    6
    """
    check_columns(polygons, [column, "geometry"], "the polygon map")
    chosen = _on_plane(polygons[polygons[column].isin(list(codes))], target)
    shapes = list(zip(chosen.geometry, chosen[column].astype(int), strict=True))
    classes = np.full(target.shape, -1, dtype=np.int16)
    if not shapes:
        return classes
    present = sorted({code for _, code in shapes})
    for top in range(0, target.shape[0], ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, target.shape[0]))
        classes[rows] = _vote(shapes, target.window(rows, slice(None)), present, samples)
    return classes


def _on_plane(polygons: gpd.GeoDataFrame, target: Grid) -> gpd.GeoDataFrame:
    """The polygons in the CRS of the grid, cut in the south, where the projection ends."""
    if polygons.crs.is_geographic:
        polygons = polygons.clip(NORTH)
        polygons = polygons.set_geometry(segmentize(polygons.geometry.values, EDGE_DEGREES))
    return polygons.to_crs(target.crs)


def _vote(
    shapes: list[tuple[object, int]], window: Grid, codes: list[int], samples: int
) -> np.ndarray:
    """Majority (ny, nx) of the points of each cell of a window."""
    ny, nx = window.shape
    points = rasterize(
        shapes,
        out_shape=(ny * samples, nx * samples),
        transform=window.transform * Affine.scale(1 / samples),
        fill=255,
        dtype="uint8",
    ).reshape(ny, samples, nx, samples)
    votes = np.stack([(points == code).sum(axis=(1, 3)) for code in codes])
    winners = np.array(codes, dtype=np.int16)[votes.argmax(axis=0)]
    return np.where(votes.max(axis=0) > 0, winners, -1).astype(np.int16)
