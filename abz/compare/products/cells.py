"""The cells of any product: an even grid, or rows and columns between uneven edges."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from abz.errors import GridError
from abz.grid import Grid
from abz.grid.geometry import area_north_of_equator

__all__ = ["Cells", "UnevenCells", "cells_of", "narrowest_m"]

EARTH_RADIUS_M = 6371007.0
FAR_NORTH = 70.0
"""Latitude whose meridians tell how narrow a cell is, degrees."""
TOUCHING = 1e-6
"""Edges of neighbours differ by less, degrees."""


@dataclass(frozen=True, eq=False)
class UnevenCells:
    """Cells of longitude and latitude whose rows or columns are not all alike.

    Parameters
    ----------
    north, south : numpy.ndarray (ny,)
        Edges of the rows from north to south, degrees.
    west, east : numpy.ndarray (nx,)
        Edges of the columns from west to east, degrees; at most one turn of the globe.

    Raises
    ------
    GridError
        If rows or columns do not follow each other without a gap.

    Examples
    --------
    >>> cells = UnevenCells(*np.array([[90.0, 60.0], [60.0, 45.0]]),
    ...                     *np.array([[-1.0, 179.0], [179.0, 359.0]]))
    >>> cells.index(np.array([-10.0, 10.0]), np.array([70.0, 50.0]))
    (array([0, 1]), array([1, 0]))
    """

    north: np.ndarray
    south: np.ndarray
    west: np.ndarray
    east: np.ndarray

    def __post_init__(self) -> None:
        """Refuse gaps, overlaps and more than a turn."""
        rows = np.allclose(self.north[1:], self.south[:-1], atol=TOUCHING)
        columns = np.allclose(self.west[1:], self.east[:-1], atol=TOUCHING)
        ordered = (self.north > self.south).all() and (self.east > self.west).all()
        turn = self.east[-1] - self.west[0]
        if not (rows and columns and ordered and turn <= 360.0 + TOUCHING):
            raise GridError(
                "the cells of a product leave gaps or overlap",
                rule="rows from north to south and columns from west to east touch, in one turn",
                value=f"{self.north[0]:g} to {self.south[-1]:g}° N, "
                f"{self.west[0]:g} to {self.east[-1]:g}° E",
                remedy="check the bounds of the axes where the product is read",
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.north.size, self.west.size

    def cell_area(self) -> np.ndarray:
        """True area (ny, nx) on the WGS84 ellipsoid, m2."""
        height = area_north_of_equator(self.north) - area_north_of_equator(self.south)
        return np.asarray(np.outer(height, np.radians(self.east - self.west)))

    def index(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of the cells that hold points; −1 where a point is in none."""
        with np.errstate(invalid="ignore"):
            row = np.searchsorted(-self.north, -np.asarray(lat), side="right") - 1
            row = np.where(np.asarray(lat) >= self.south[-1], row, -1)
            east_of = (np.asarray(lon) - self.west[0]) % 360.0
        column = np.searchsorted(self.west - self.west[0], east_of, side="right") - 1
        inside = (row >= 0) & (east_of < self.east[-1] - self.west[0]) & np.isfinite(lat)
        return np.where(inside, row, -1), np.where(inside, column, -1)


Cells = Grid | UnevenCells
"""Where the values of a product lie; both know `shape`, `cell_area` and `index`."""


def cells_of(data: xr.Dataset) -> Cells:
    """The cells of a product as its reader gives it.

    Parameters
    ----------
    data : xarray.Dataset (..., y, x)
        With the coordinates of a `Grid`, or with `y_bounds` (y, edge) and `x_bounds` (x, edge).

    Returns
    -------
    Grid or UnevenCells

    Raises
    ------
    GridError
        If it says neither, or its cells leave gaps.

    Examples
    --------
    >>> from abz.grid import lonlat_grid
    >>> grid = lonlat_grid(5.0)
    >>> cells_of(xr.Dataset(coords=grid.coords())) == grid
    True
    """
    if "spatial_ref" in data.coords:
        return Grid.of(data)
    needed: tuple[Hashable, ...] = ("y_bounds", "x_bounds")
    if not set(needed) <= set(data.variables):
        raise GridError(
            "a product does not say where its cells lie",
            rule="it has the coordinate `spatial_ref`, or y_bounds and x_bounds",
            value=sorted(map(str, data.variables)),
            remedy="assign Grid.coords() or the bounds where it is read",
        )
    rows, columns = (data[name].values for name in needed)
    return UnevenCells(rows[:, 0], rows[:, 1], columns[:, 0], columns[:, 1])


def narrowest_m(cells: Cells) -> float:
    """Shorter side of the narrowest cell, m; of longitudes at 70° N.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> round(narrowest_m(lonlat_grid(1.0)) / 1e3), narrowest_m(polar_grid(1e5))
    (38, 100000.0)
    """
    if isinstance(cells, UnevenCells):
        height, width = (cells.north - cells.south).min(), (cells.east - cells.west).min()
    else:
        height, width = -cells.transform.e, cells.transform.a
        if not cells.is_lonlat:
            return float(min(height, width))
    narrow = min(height, width * np.cos(np.radians(FAR_NORTH)))
    return float(np.radians(narrow) * EARTH_RADIUS_M)
