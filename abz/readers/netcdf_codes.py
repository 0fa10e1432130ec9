"""Class codes of one map in NetCDF, on longitude and latitude: whole, a box, or as asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from netCDF4 import Dataset

from abz.errors import InputError
from abz.readers.axes import Window, lonlat_window
from abz.readers.bands import stored_piece
from abz.readers.geotiff import Bounds
from abz.readers.intact import open_netcdf
from abz.readers.lazy import lazy_map

__all__ = ["netcdf_codes", "thinned_codes"]

SIDE = 2048
"""Rows and columns that are read together."""
AXES = ("lat", "lon")


def netcdf_codes(
    path: Path, variable: str, bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.DataArray:
    """Codes as stored, from north to south and from −180° on.

    Parameters
    ----------
    path : Path
        NetCDF with axes `lat` and `lon` in any direction, and maybe one step of time.
    variable : str
        Of whole numbers.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees; no more is read.
    lazy : bool, optional
        Whether parts are read when they are asked for.

    Returns
    -------
    xarray.DataArray (y, x)
        int16 with the coordinates of its grid; a byte counts from 0 to 255.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If it lacks the variable, or that has other dimensions or more than one step of time.
    GridError
        If the axes are not evenly spaced degrees.
    """
    window = _window(path, variable, bounds)
    grid = window.grid

    def read(_: slice, rows: slice, columns: slice) -> np.ndarray:
        down = window.row_order[rows] + window.rows.start
        across = window.column_order[columns] + window.columns.start
        runs = np.split(across, np.flatnonzero(np.abs(np.diff(across)) != 1) + 1)
        return np.concatenate([_part(path, variable, down, run) for run in runs], axis=1)[None]

    whole = slice(0, grid.shape[0]), slice(0, grid.shape[1])
    if lazy:
        sides = [[SIDE] * (n // SIDE) + [n % SIDE] * bool(n % SIDE) for n in grid.shape]
        values = lazy_map(read, np.int16, ([1], sides[0], sides[1]))[0]
    else:
        values = read(slice(0, 1), *whole)[0]
    return xr.DataArray(values, coords=grid.coords(), dims=("y", "x"))


def thinned_codes(path: Path, variable: str, most: int) -> xr.DataArray:
    """Codes of every so many rows and columns, at most `most` of each; int16 (y, x)."""
    window = _window(path, variable, None)
    down, across = (
        order[:: -(-order.size // most)] + start
        for order, start in (
            (window.row_order, window.rows.start),
            (window.column_order, window.columns.start),
        )
    )
    # One piece of the file under the other, so that each is unpacked once.
    seams = np.flatnonzero(np.diff(across // stored_piece(path, variable)[1])) + 1
    with open_netcdf(path) as file:
        codes = [
            np.stack([_line(file, variable, int(row), columns) for row in down])
            for columns in np.split(across, seams)
        ]
        lat, lon = (np.asarray(file.variables[axis][:], float) for axis in AXES)
    turned = (lon[across] + 180.0) % 360.0 - 180.0
    return xr.DataArray(np.concatenate(codes, axis=1), {"y": lat[down], "x": turned}, ("y", "x"))


def _window(path: Path, variable: str, bounds: Bounds | None) -> Window:
    """The cells of the box on the axes of a file that is as it should be."""
    with open_netcdf(path, "the map") as file:
        absent = [name for name in (variable, *AXES) if name not in file.variables]
        stored = None if absent else file.variables[variable]
        steps = 0 if stored is None else stored.size // (stored.shape[-2] * stored.shape[-1])
        if stored is None or stored.dimensions[-2:] != AXES or steps != 1:
            raise InputError(
                f"{path.name} does not hold one map of {variable}",
                rule=f"{variable} on lat and lon, and at most one step of time",
                value=f"missing {', '.join(absent)}" if stored is None else dict(
                    zip(stored.dimensions, stored.shape, strict=True)
                ),
                remedy="use the file of the archive, not a converted copy",
            )  # fmt: skip
        lat, lon = (np.asarray(file.variables[axis][:], float) for axis in AXES)
    return lonlat_window(lon, lat, path.name, bounds)


def _part(path: Path, variable: str, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Codes at rows and columns that lie side by side in the file, in any order."""
    rows, columns = (slice(int(side.min()), int(side.max()) + 1) for side in (down, across))
    with open_netcdf(path) as file:
        values = _plain(file, variable, rows, columns)
    return values[(down - rows.start)[:, None], across - columns.start]


def _line(file: Dataset, variable: str, row: int, columns: np.ndarray) -> np.ndarray:
    """Codes of some columns of one row."""
    first = int(columns.min())
    codes = _plain(file, variable, slice(row, row + 1), slice(first, int(columns.max()) + 1))
    return np.asarray(codes[0, columns - first])


def _plain(file: Dataset, variable: str, rows: slice, columns: slice) -> np.ndarray:
    """Codes as int16; a signed byte is what NetCDF without unsigned bytes has for one."""
    stored = file.variables[variable]
    stored.set_auto_maskandscale(False)
    values = np.asarray(stored[(0,) * (stored.ndim - 2) + (rows, columns)])
    return (values.view(np.uint8) if values.dtype == np.int8 else values).astype(np.int16)
