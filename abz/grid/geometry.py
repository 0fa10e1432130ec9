"""A grid is one value: coordinate reference system, affine transform, shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from math import ceil, floor

import numpy as np
import xarray as xr
from affine import Affine
from pyproj import CRS, Geod, Transformer

from abz.errors import GridError
from abz.validation import check_range

__all__ = [
    "ABZ_BOUNDS",
    "COARSE_CELL_M",
    "FINE_CELL_M",
    "POLAR_CRS",
    "Grid",
    "lonlat_grid",
    "polar_grid",
    "sinusoidal_grid",
]

LONLAT_CRS = "EPSG:4326"
POLAR_CRS = "+proj=laea +lat_0=90 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
"""Polar Lambert azimuthal equal-area projection of the study."""

FINE_CELL_M = 999.97108203905224855
COARSE_CELL_M = 7995.296
ABZ_BOUNDS = (-5.0e6, -4.3e6, 5.0e6, 4.2e6)
"""West, south, east, north of the study's box on the polar grid, m."""

MODIS_SPHERE_M = 6371007.181
MODIS_TILE_M = 1111950.519667
SINUSOIDAL_CRS = f"+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R={MODIS_SPHERE_M} +units=m +no_defs"


@dataclass(frozen=True)
class Grid:
    """Cells in rows from north to south and columns from west to east.

    Parameters
    ----------
    crs : str
        Anything that `pyproj.CRS` reads.
    transform : affine.Affine
        From (column, row) to (x, y) of the upper left corner of a cell.
    shape : tuple of int = (ny, nx)
        Rows and columns.

    Examples
    --------
    >>> grid = polar_grid(100_000)
    >>> grid.shape
    (85, 100)
    >>> round(float(grid.cell_area()[0, 0]))
    10000000000
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        """Spell the CRS one way; refuse grids that are empty, rotated or upside down."""
        object.__setattr__(self, "crs", _spelled(self.crs))
        if min(self.shape) < 1:
            raise GridError("the grid is empty", rule="ny >= 1 and nx >= 1", value=self.shape)
        t = self.transform
        if t.b or t.d or t.a <= 0 or t.e >= 0:
            raise GridError(
                "the grid is rotated or flipped",
                rule="x grows along columns, y falls along rows",
                value=tuple(t)[:6],
                remedy="sort the coordinates where the file is read: y descending, x ascending",
            )

    @cached_property
    def x(self) -> np.ndarray:
        """Centres of the columns (nx,), in units of the CRS, ascending."""
        return self.transform.c + self.transform.a * (np.arange(self.shape[1]) + 0.5)

    @cached_property
    def y(self) -> np.ndarray:
        """Centres of the rows (ny,), in units of the CRS, descending."""
        return self.transform.f + self.transform.e * (np.arange(self.shape[0]) + 0.5)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edges, in units of the CRS."""
        t, (ny, nx) = self.transform, self.shape
        return (t.c, t.f + t.e * ny, t.c + t.a * nx, t.f)

    @cached_property
    def is_lonlat(self) -> bool:
        """Whether the axes are longitude and latitude in degrees."""
        return bool(CRS(self.crs).is_geographic)

    def lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude (ny, nx) of the cell centres, degrees; NaN off the projection."""
        x, y = np.meshgrid(self.x, self.y)
        return self.to_lonlat(x, y)

    def to_lonlat(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude, degrees, of points given in the grid's CRS."""
        if self.is_lonlat:
            return np.asarray(x, float), np.asarray(y, float)
        transformer = _transformer(self.crs, LONLAT_CRS)
        lon, lat = transformer.transform(x, y)
        x_again, y_again = transformer.transform(lon, lat, direction="INVERSE")
        with np.errstate(invalid="ignore"):
            off = ~(np.hypot(x_again - x, y_again - y) < 1.0)
        return np.where(off, np.nan, lon), np.where(off, np.nan, lat)

    def mesh_to_lonlat(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude (n, m), degrees, of the points of some columns and rows.

        Parameters
        ----------
        x, y : numpy.ndarray (m,), (n,)
            In the grid's CRS.

        Returns
        -------
        tuple of numpy.ndarray (n, m)
            As `to_lonlat` gives them.

        Notes
        -----
        The image of the globe on a map has no holes: a rectangle whose edge lies on it lies on it
        whole, so that no more than the edge has to be looked at.
        """
        points = np.meshgrid(x, y)
        if self.is_lonlat:
            return points[0], points[1]
        edge = (np.concatenate([each[0], each[-1], each[:, 0], each[:, -1]]) for each in points)
        if np.isnan(self.to_lonlat(*edge)[0]).any():
            return self.to_lonlat(*points)
        lon, lat = _transformer(self.crs, LONLAT_CRS).transform(*points)
        return lon, lat

    def from_lonlat(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points in the grid's CRS from longitude and latitude, degrees."""
        if self.is_lonlat:
            west = self.bounds[0]
            east_of_west = (np.asarray(lon, float) - west) % 360.0
            # Just west of the seam, the remainder rounds up to a full turn.
            return np.where(east_of_west == 360.0, 0.0, east_of_west) + west, np.asarray(lat, float)
        transformer = _transformer(LONLAT_CRS, self.crs)
        x, y = transformer.transform(lon, lat)
        return np.asarray(x), np.asarray(y)

    def index(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of the cells that hold the points; −1 where a point is off the grid.

        Parameters
        ----------
        lon, lat : numpy.ndarray (n,)
            Degrees.

        Returns
        -------
        tuple of numpy.ndarray (n,) = (row, column)
            int64.
        """
        x, y = self.from_lonlat(lon, lat)
        return self.cell_of(x, y)

    def cell_of(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of points given in the grid's CRS; −1 where off the grid."""
        t, (ny, nx) = self.transform, self.shape
        with np.errstate(invalid="ignore"):
            column = np.floor((np.asarray(x) - t.c) / t.a)
            row = np.floor((np.asarray(y) - t.f) / t.e)
            inside = (column >= 0) & (column < nx) & (row >= 0) & (row < ny)
        return (
            np.where(inside, row, -1).astype(np.int64),
            np.where(inside, column, -1).astype(np.int64),
        )

    @cached_property
    def row_area(self) -> np.ndarray:
        """True area (ny,) of a cell of each row, m2.

        Notes
        -----
        On an equal-area projection, |a·e|. In longitude and latitude, the area between two
        parallels of the WGS84 ellipsoid, by the authalic integral.
        """
        if not self.is_lonlat:
            return np.full(self.shape[0], abs(self.transform.a * self.transform.e))
        edges = self.transform.f + self.transform.e * np.arange(self.shape[0] + 1)
        return np.asarray(-np.diff(area_north_of_equator(edges)) * np.radians(self.transform.a))

    def cell_area(self) -> np.ndarray:
        """True area (ny, nx) of the cells, m2; see `row_area`."""
        return np.repeat(self.row_area[:, None], self.shape[1], axis=1)

    def blocks(self, size: int) -> Iterator[tuple[slice, slice]]:
        """Windows (rows, columns) of at most `size` × `size` cells, row by row."""
        check_range(size, "block size", minimum=1)
        ny, nx = self.shape
        for top in range(0, ny, size):
            for left in range(0, nx, size):
                yield slice(top, min(top + size, ny)), slice(left, min(left + size, nx))

    def coords(self) -> dict[str, xr.DataArray]:
        """CF coordinates `y`, `x` and the grid mapping `spatial_ref`, to assign to a dataset."""
        crs = CRS(self.crs)
        if self.is_lonlat:
            names = (("latitude", "degrees_north"), ("longitude", "degrees_east"))
        else:
            names = (("projection_y_coordinate", "m"), ("projection_x_coordinate", "m"))
        (y_name, y_units), (x_name, x_units) = names
        mapping = {
            **crs.to_cf(),
            "GeoTransform": " ".join(repr(v) for v in self.transform.to_gdal()),
        }
        return {
            "y": xr.DataArray(
                self.y, dims="y", attrs={"standard_name": y_name, "units": y_units, "axis": "Y"}
            ),
            "x": xr.DataArray(
                self.x, dims="x", attrs={"standard_name": x_name, "units": x_units, "axis": "X"}
            ),
            "spatial_ref": xr.DataArray(np.int32(0), attrs=mapping),
        }

    @classmethod
    def of(cls, dataset: xr.Dataset | xr.DataArray) -> Grid:
        """The grid that `coords()` wrote into a dataset.

        Raises
        ------
        GridError
            If the dataset carries none, or its shape or centres differ from it.
        """
        if "spatial_ref" not in dataset.coords:
            raise GridError(
                "the dataset carries no grid",
                rule="it has a coordinate `spatial_ref` with crs_wkt and GeoTransform",
                value=list(dataset.coords),
                remedy="assign Grid.coords() where it is read",
            )
        mapping = dataset["spatial_ref"].attrs
        numbers = [float(v) for v in str(mapping["GeoTransform"]).split()]
        grid = cls(
            str(mapping["crs_wkt"]),
            Affine.from_gdal(*numbers),
            (dataset.sizes["y"], dataset.sizes["x"]),
        )
        step = min(abs(grid.transform.a), abs(grid.transform.e))
        for name, centres in (("y", grid.y), ("x", grid.x)):
            if not np.allclose(dataset[name], centres, rtol=0, atol=1e-6 * step):
                raise GridError(
                    f"the {name} coordinate does not fit the grid mapping",
                    rule="centres follow from GeoTransform",
                    value=f"{dataset[name].values[:2]} instead of {centres[:2]}",
                    remedy="window a dataset with Grid.window, not by slicing its coordinates",
                )
        return grid

    def window(self, rows: slice, columns: slice) -> Grid:
        """The grid of a window of this grid."""
        top, bottom, _ = rows.indices(self.shape[0])
        left, right, _ = columns.indices(self.shape[1])
        transform = self.transform * Affine.translation(left, top)
        return Grid(self.crs, transform, (bottom - top, right - left))


@cache
def _transformer(source: str, target: str) -> Transformer:
    """From one CRS to another, x before y; it takes a while to make."""
    return Transformer.from_crs(source, target, always_xy=True)


@cache
def _spelled(crs: str) -> str:
    """The CRS spelled one way."""
    return str(CRS(crs).to_wkt())


def area_north_of_equator(lat: np.ndarray) -> np.ndarray:
    """Area per radian of longitude between the equator and `lat` (degrees) on WGS84, m2.

    Examples
    --------
    >>> globe = 4 * np.pi * area_north_of_equator(np.array(90.0))
    >>> round(float(globe) / 1e12, 1)  # million km2
    510.1
    """
    geod = Geod(ellps="WGS84")
    e2 = geod.es
    e = np.sqrt(e2)
    s = np.sin(np.radians(np.clip(lat, -90.0, 90.0)))
    return geod.b**2 / 2 * (s / (1 - e2 * s**2) + np.arctanh(e * s) / e)


def polar_grid(cell_m: float, bounds: tuple[float, float, float, float] = ABZ_BOUNDS) -> Grid:
    """Polar equal-area grid whose cell edges fall on whole multiples of the cell.

    Parameters
    ----------
    cell_m : float
        Edge of a cell, m.
    bounds : tuple of float = (W, S, E, N), optional
        Box to cover, m from the pole.

    Returns
    -------
    Grid
        The smallest snapped grid that covers the box.

    Examples
    --------
    >>> polar_grid(200_000).bounds
    (-5000000.0, -4400000.0, 5000000.0, 4200000.0)
    """
    check_range(cell_m, "cell_m", minimum=1.0)
    west, south, east, north = bounds
    left, right = floor(west / cell_m), ceil(east / cell_m)
    bottom, top = floor(south / cell_m), ceil(north / cell_m)
    transform = Affine(cell_m, 0.0, left * cell_m, 0.0, -cell_m, top * cell_m)
    return Grid(POLAR_CRS, transform, (top - bottom, right - left))


def lonlat_grid(
    step: float, bounds: tuple[float, float, float, float] = (-180.0, 45.0, 180.0, 90.0)
) -> Grid:
    """Longitude–latitude grid of square cells.

    Parameters
    ----------
    step : float
        Edge of a cell, degrees; it divides both sides of the box.
    bounds : tuple of float = (W, S, E, N), optional
        Edges, degrees.

    Returns
    -------
    Grid
        On EPSG:4326.

    Examples
    --------
    >>> lonlat_grid(0.5).shape
    (90, 720)
    """
    west, south, east, north = bounds
    shape = (round((north - south) / step), round((east - west) / step))
    return Grid("EPSG:4326", Affine(step, 0.0, west, 0.0, -step, north), shape)


def sinusoidal_grid(
    cells_per_tile: int, h: tuple[int, int] = (0, 36), v: tuple[int, int] = (0, 5)
) -> Grid:
    """A range of tiles of the MODIS sinusoidal grid.

    Parameters
    ----------
    cells_per_tile : int
        2400 at 500 m, 1200 at 1 km.
    h, v : tuple of int = (first, stop)
        Tiles from west to east (0 to 36) and from north to south (0 to 18).

    Returns
    -------
    Grid
        On the MODIS sphere.

    Examples
    --------
    >>> sinusoidal_grid(1200, (18, 19), (3, 4)).shape
    (1200, 1200)
    """
    cell = MODIS_TILE_M / cells_per_tile
    transform = Affine(cell, 0.0, (h[0] - 18) * MODIS_TILE_M, 0.0, -cell, (9 - v[0]) * MODIS_TILE_M)
    shape = ((v[1] - v[0]) * cells_per_tile, (h[1] - h[0]) * cells_per_tile)
    return Grid(SINUSOIDAL_CRS, transform, shape)
