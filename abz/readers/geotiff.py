"""GeoTIFF maps as arrays on a grid: whole, or a window of a map that is too large for memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil, floor
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from rasterio.windows import Window

from abz.errors import GridError
from abz.grid import Grid
from abz.readers.intact import intact
from abz.readers.lazy import lazy_map
from abz.validation import check_file

__all__ = [
    "Bounds",
    "grid_of_file",
    "holds_raw_integers",
    "lazy_codes",
    "lazy_values",
    "open_geotiff",
    "read_bands",
    "read_codes",
    "read_raster",
    "read_values",
    "thinned_values",
]

SIDE = 2048
"""Rows and columns of a lazy map that are read together, if the file has tiles;"""
WIDEST = 16_384
"""most columns, with fewer rows, if it has strips: a strip is unpacked whole whatever is read."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in units of the map's CRS."""


def read_raster(path: Path, bounds: Bounds | None = None) -> tuple[np.ma.MaskedArray, Grid]:
    """Stored numbers of all bands, masked where the file says so, and their grid.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, in units of the map's CRS.

    Returns
    -------
    tuple = (numpy.ma.MaskedArray (band, y, x), Grid)
        Type as stored, before any scale.

    Raises
    ------
    MissingDataError
        If there is no such file.
    GridError
        If the file has no CRS, is not north up, or lies outside `bounds`.
    InputError
        If the file is damaged.
    """
    values, grid, _ = _read(path, bounds)
    return values, grid


def read_values(path: Path, bounds: Bounds | None = None) -> xr.DataArray:
    """First band as float32 on its grid, scale and offset of the file applied, NaN where missing.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, in units of the map's CRS.

    Returns
    -------
    xarray.DataArray (y, x)
        float32 with the coordinates of its grid.
    """
    stored, grid, (scale, offset) = _read(path, bounds)
    values = stored[0].astype(np.float32).filled(np.nan) * np.float32(scale) + np.float32(offset)
    return xr.DataArray(values, coords=grid.coords(), dims=("y", "x"))


def lazy_values(path: Path) -> xr.DataArray:
    """As `read_values`, but of a map of which parts are read when they are asked for.

    Parameters
    ----------
    path : Path
        A GeoTIFF.

    Returns
    -------
    xarray.DataArray (y, x)
        float32, dask-lazy.
    """

    def decoded(stored: np.ma.MaskedArray, packing: tuple[float, float]) -> np.ndarray:
        values = np.ma.filled(stored.astype(np.float32), np.nan)
        return np.asarray(values * np.float32(packing[0]) + np.float32(packing[1]))

    return _lazy(path, decoded, np.float32)


def lazy_codes(path: Path) -> xr.DataArray:
    """As `read_codes`, but of a map of which parts are read when they are asked for.

    Parameters
    ----------
    path : Path
        A GeoTIFF of whole numbers.

    Returns
    -------
    xarray.DataArray (y, x)
        int16, dask-lazy.
    """

    def decoded(stored: np.ma.MaskedArray, packing: tuple[float, float]) -> np.ndarray:
        return np.asarray(np.ma.filled(stored.astype(np.int16), -1))

    return _lazy(path, decoded, np.int16)


def _lazy(
    path: Path,
    decoded: Callable[[np.ma.MaskedArray, tuple[float, float]], np.ndarray],
    dtype: type[np.generic],
) -> xr.DataArray:
    """First band (y, x), read in squares, or in runs of strips."""
    grid = grid_of_file(path)

    def read(steps: slice, rows: slice, columns: slice) -> np.ndarray:
        stored, packing = _stored(path, rows, columns)
        return decoded(stored[:1], packing)

    with open_geotiff(path) as source:
        width = max(min(source.block_shapes[0][1], WIDEST), SIDE)
    sides = [
        [side] * (n // side) + [n % side] * bool(n % side)
        for n, side in zip(grid.shape, (max(SIDE**2 // width, 1), width), strict=True)
    ]
    values = lazy_map(read, dtype, ([1], sides[0], sides[1]))
    return xr.DataArray(values[0], coords=grid.coords(), dims=("y", "x")).rename(None)


def thinned_values(path: Path, most: int) -> xr.DataArray:
    """First band of every so many rows and columns, as float32.

    Parameters
    ----------
    path : Path
        A GeoTIFF.
    most : int
        Most rows and columns to read.

    Returns
    -------
    xarray.DataArray (y, x)
        `x` and `y` are the centres of the cells that were read; NaN where missing.
    """
    grid = grid_of_file(path)
    shape = tuple(min(size, most) for size in grid.shape)
    with open_geotiff(path) as source:
        stored = source.read(1, out_shape=shape, masked=True)
    axes = [
        values[np.minimum(((np.arange(n) + 0.5) * values.size / n).astype(int), values.size - 1)]
        for values, n in zip((grid.y, grid.x), shape, strict=True)
    ]
    values = stored.astype(np.float32).filled(np.nan)
    return xr.DataArray(values, {"y": axes[0], "x": axes[1]}, ("y", "x"))


def grid_of_file(path: Path) -> Grid:
    """The grid of a GeoTIFF.

    Raises
    ------
    MissingDataError
        If there is no such file.
    GridError
        If the file has no CRS, or is not north up.
    InputError
        If the file is damaged.
    """
    with open_geotiff(path) as source:
        if source.crs is None:
            raise GridError(
                f"{path.name} does not say where it lies",
                rule="the GeoTIFF carries a coordinate reference system",
                value=None,
                remedy="assign the product's CRS with gdal_edit -a_srs",
            )
        code = source.crs.to_epsg()
        crs = source.crs.to_wkt() if code is None else f"EPSG:{code}"
        return Grid(crs, source.transform, source.shape)


def read_codes(path: Path, bounds: Bounds | None = None) -> xr.DataArray:
    """First band as int16 class codes on its grid, −1 where the file says missing.

    Parameters
    ----------
    path : Path
        A GeoTIFF of whole numbers.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, in units of the map's CRS.

    Returns
    -------
    xarray.DataArray (y, x)
        int16 with the coordinates of its grid.
    """
    stored, grid = read_raster(path, bounds)
    codes = stored[0].astype(np.int16).filled(-1)
    return xr.DataArray(codes, coords=grid.coords(), dims=("y", "x"))


def holds_raw_integers(path: Path) -> bool:
    """Whether the first band holds whole numbers for which the file declares no scale."""
    with open_geotiff(path) as source:
        whole = np.issubdtype(np.dtype(source.dtypes[0]), np.integer)
        return bool(whole and source.scales[0] == 1.0 and source.offsets[0] == 0.0)


def read_bands(
    path: Path, bounds: Bounds | None = None
) -> tuple[dict[str, np.ma.MaskedArray], Grid, float | None]:
    """Stored numbers of all bands by their names, masked where the file says so, and their grid.

    Parameters
    ----------
    path : Path
        A GeoTIFF whose bands have descriptions.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, in units of the map's CRS.

    Returns
    -------
    tuple = (dict of {str: numpy.ma.MaskedArray (y, x)}, Grid, float or None)
        Type as stored, before any scale; bands without a name are called by their number. Last,
        the number that the file declares as missing.
    """
    values, grid, _ = _read(path, bounds)
    with open_geotiff(path) as source:
        names = [name or str(number) for number, name in enumerate(source.descriptions, 1)]
        nodata = source.nodata
    return dict(zip(names, values, strict=True)), grid, nodata


def _read(path: Path, bounds: Bounds | None) -> tuple[np.ma.MaskedArray, Grid, tuple[float, float]]:
    """Stored numbers of all bands, their grid, scale and offset of the first band."""
    grid = grid_of_file(path)
    rows, columns = _window(grid, bounds)
    values, packing = _stored(path, rows, columns)
    return values, grid.window(rows, columns), packing


def _stored(
    path: Path, rows: slice, columns: slice
) -> tuple[np.ma.MaskedArray, tuple[float, float]]:
    """Stored numbers of all bands of a window; scale and offset of the first band."""
    with open_geotiff(path) as source:
        values = source.read(masked=True, window=Window.from_slices(rows, columns))
        return values, (float(source.scales[0]), float(source.offsets[0]))


@contextmanager
def open_geotiff(path: Path) -> Iterator[rasterio.DatasetReader]:
    """A GeoTIFF as rasterio reads it.

    Raises
    ------
    MissingDataError
        If there is no such file.
    InputError
        If it is no GeoTIFF, or a part of it cannot be read.
    """
    rule = "a GeoTIFF of which every piece is whole"
    with intact(check_file(path, "the map"), rule), rasterio.open(path) as source:
        yield source


def _window(grid: Grid, bounds: Bounds | None) -> tuple[slice, slice]:
    """Rows and columns of the cells that touch the box; all of them without a box."""
    ny, nx = grid.shape
    if bounds is None:
        return slice(0, ny), slice(0, nx)
    west, south, east, north = bounds
    t = grid.transform
    rows = slice(max(floor((north - t.f) / t.e), 0), min(ceil((south - t.f) / t.e), ny))
    columns = slice(max(floor((west - t.c) / t.a), 0), min(ceil((east - t.c) / t.a), nx))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise GridError(
            "the map does not reach into the box",
            rule="bounds = (W, S, E, N) overlap the map, in units of its CRS",
            value=f"box {bounds}, map {grid.bounds}",
            remedy="give the box in the map's own CRS",
        )
    return rows, columns
