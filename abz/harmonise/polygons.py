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

__all__ = ["on_plane", "polygon_majority", "polygon_votes"]

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
    codes : collection of int, each from 0 to 32,767
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
    return polygon_votes(polygons, column, target, codes, samples)[0]


def polygon_votes(
    polygons: gpd.GeoDataFrame,
    column: str,
    target: Grid,
    codes: Collection[int],
    samples: int = 4,
) -> tuple[np.ndarray, np.ndarray]:
    """The class whose polygons hold most points of each cell, and the share of points in any.

    Parameters
    ----------
    polygons, column, target, codes, samples
        As `polygon_majority` takes them.

    Returns
    -------
    tuple of numpy.ndarray (ny, nx) = (classes, share)
        int16 and float32, 0 to 1.
    """
    check_columns(polygons, [column, "geometry"], "the polygon map")
    chosen = on_plane(polygons[polygons[column].isin(list(codes))], target.crs)
    shapes = list(zip(chosen.geometry, chosen[column].astype(int), strict=True))
    classes = np.full(target.shape, -1, dtype=np.int16)
    share = np.zeros(target.shape, dtype=np.float32)
    if not shapes:
        return classes, share
    for top in range(0, target.shape[0], ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, target.shape[0]))
        window = target.window(rows, slice(None))
        classes[rows], share[rows] = _vote(shapes, window, samples)
    return classes, share


def on_plane(polygons: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """The polygons in the CRS of a grid, cut in the south, where the projection ends."""
    if polygons.crs.is_geographic:
        polygons = polygons.clip(NORTH, sort=True)
        polygons = polygons.set_geometry(segmentize(polygons.geometry.values, EDGE_DEGREES))
    return polygons.to_crs(crs)


def _vote(
    shapes: list[tuple[object, int]], window: Grid, samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Majority and share (ny, nx) of the points of each cell of a window."""
    ny, nx = window.shape
    points = rasterize(
        shapes,
        out_shape=(ny * samples, nx * samples),
        transform=window.transform * Affine.scale(1 / samples),
        fill=-1,
        dtype="int16",
    )
    asked = points.reshape(ny, samples, nx, samples).transpose(1, 3, 0, 2).reshape(-1, ny, nx)
    winner, most = np.full((ny, nx), -1, np.int16), np.zeros((ny, nx), np.int16)
    # Each point stands for its class, so the work does not grow with the number of classes.
    for code in asked:
        votes = np.where(code >= 0, (asked == code).sum(axis=0, dtype=np.int16), 0)
        better = (votes > most) | ((votes == most) & (votes > 0) & (code < winner))
        winner, most = np.where(better, code, winner), np.where(better, votes, most)
    return winner, (asked >= 0).mean(axis=0, dtype=np.float32)
