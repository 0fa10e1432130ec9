"""Cells of uneven longitude–latitude axes: their bounds, their area, what stands still in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError
from abz.grid.geometry import area_north_of_equator
from abz.readers.axes import Window, lonlat_window
from abz.readers.intact import open_plain
from abz.readers.months import AXES
from abz.validation import check_values, check_variables

__all__ = ["cell_area", "cell_bounds", "lies_even", "read_fixed"]

FIXED_UNITS = {"sftlf": ("%", "1", 0.01, "land share of the cell", (0.0, 100.0)),
               "areacella": ("m2", "m2", 1.0, "area of the cell", (0.0, 1e13))}  # fmt: skip
"""Variable to its unit, canonical unit, factor, meaning and range."""


def cell_bounds(path: Path, window: Window) -> dict[str, xr.DataArray]:
    """Edges of the rows and columns of a window.

    Parameters
    ----------
    path : Path
        NetCDF whose axes name their bounds; without them the edges lie midway between centres.
    window : Window
        Of that file.

    Returns
    -------
    dict of {str: xarray.DataArray}
        `y_bounds` (y, edge), north edge first, inside the poles; `x_bounds` (x, edge), west edge
        first; degrees.
    """
    with open_plain(path) as file:
        y = _stored_bounds(file, "y", window.rows, window.row_order)
        x = _stored_bounds(file, "x", window.columns, window.column_order)
    y = _midway(window.latitude) if y is None else np.sort(y, axis=1)[:, ::-1]
    if x is None:
        x = _midway(window.longitude)
    else:
        x = np.sort(x, axis=1)
        x = x + 360.0 * np.round((window.longitude - x.mean(axis=1)) / 360.0)[:, None]
    attrs = {"units": "degrees"}
    return {
        "y_bounds": xr.DataArray(np.clip(y, -90.0, 90.0), dims=("y", "edge"), attrs=attrs),
        "x_bounds": xr.DataArray(x, dims=("x", "edge"), attrs=attrs),
    }


def cell_area(cells: dict[str, xr.DataArray]) -> xr.DataArray:
    """Area (y, x) of cells between their bounds on the WGS84 ellipsoid, m2.

    Parameters
    ----------
    cells : dict
        From `cell_bounds`.

    Examples
    --------
    >>> edges = {"y_bounds": xr.DataArray([[90.0, -90.0]], dims=("y", "edge")),
    ...          "x_bounds": xr.DataArray([[-180.0, 180.0]], dims=("x", "edge"))}
    >>> round(float(cell_area(edges)[0, 0]) / 1e12, 1)
    510.1
    """
    north, south = area_north_of_equator(cells["y_bounds"].values).T
    width = np.radians(np.diff(cells["x_bounds"].values, axis=1)[:, 0])
    attrs = {"units": "m2", "long_name": "area of the cell on the WGS84 ellipsoid"}
    return xr.DataArray(np.outer(north - south, width), dims=("y", "x"), attrs=attrs)


def lies_even(window: Window, cells: dict[str, xr.DataArray]) -> bool:
    """Whether the cells are those of one even grid, but for half cells at the poles.

    Parameters
    ----------
    window : Window
        Centres of the cells.
    cells : dict
        From `cell_bounds`.
    """
    try:
        grid = window.grid
    except GridError:
        return False
    t, (ny, nx) = grid.transform, grid.shape
    north = np.clip(t.f + t.e * np.arange(ny), -90.0, 90.0)
    west = t.c + t.a * np.arange(nx)
    room = 1e-2 * min(t.a, -t.e)
    return bool(
        np.allclose(cells["y_bounds"].values[:, 0], north, rtol=0, atol=room)
        and np.allclose(cells["x_bounds"].values[:, 0], west, rtol=0, atol=room)
    )


def read_fixed(
    path: Path | None, name: str, window: Window, cells: dict[str, xr.DataArray]
) -> xr.DataArray:
    """Land share or area of the cells of a window.

    Parameters
    ----------
    path : Path or None
        File of the table fx; without one all is missing.
    name : str
        sftlf or areacella.
    window : Window
        Of the fluxes.
    cells : dict
        From `cell_bounds`.

    Returns
    -------
    xarray.DataArray (y, x)
        1 or m2.

    Raises
    ------
    MissingDataError
        If the file or the variable is missing.
    InputError
        If a value is out of range, such as a share that is no percentage.
    GridError
        If it lies on other cells than the fluxes.
    """
    units, made, factor, long_name, valid = FIXED_UNITS[name]
    attrs = {"units": made, "long_name": long_name}
    shape = (cells["y_bounds"].sizes["y"], cells["x_bounds"].sizes["x"])
    if path is None:
        return xr.DataArray(np.full(shape, np.nan), dims=("y", "x"), attrs=attrs)
    with open_plain(path, name) as file:
        names = {n: axis for axis, spelled in AXES.items() for n in spelled if n in file.variables}
        source = check_variables(file, [name], path.name).rename(names)
        own = lonlat_window(source["x"].values, source["y"].values, path.name, _box(window))
        part = source[name].isel(y=own.rows, x=own.columns).transpose("y", "x")
        stored = own.turned(part.values.astype(np.float64))
    centres = (own.latitude, window.latitude), (own.longitude, window.longitude)
    if not all(one.shape == two.shape and np.allclose(one, two, atol=1e-4) for one, two in centres):
        raise GridError(
            f"{path.name} lies on other cells than the fluxes",
            rule=f"{shape[0]} × {shape[1]} cells with the same centres",
            value=f"{own.latitude.size} × {own.longitude.size} cells",
            remedy="fetch the file of the same model and grid",
        )
    what = f"{name} in {path.name}, {units},"
    return xr.DataArray(check_values(stored, valid, what) * factor, dims=("y", "x"), attrs=attrs)


def _box(window: Window) -> tuple[float, float, float, float]:
    """The box of the centres of a window, with room for rounding."""
    lon, lat, room = window.longitude, window.latitude, 1e-3
    return lon.min() - room, lat.min() - room, lon.max() + room, lat.max() + room


def _stored_bounds(
    file: xr.Dataset, axis: str, part: slice, order: np.ndarray
) -> np.ndarray | None:
    """Bounds (n, 2) that an axis of a file names, in the order of the window."""
    name = next(spelled for spelled in AXES[axis] if spelled in file.variables)
    bounds = file[name].attrs.get("bounds", f"{name}_bnds")
    if bounds not in file.variables or file[bounds].ndim != 2:
        return None
    return np.asarray(file[bounds].values, dtype=np.float64)[part][order]


def _midway(centres: np.ndarray) -> np.ndarray:
    """Edges (n, 2) midway between centres; the outer cells are symmetric."""
    inner = (centres[1:] + centres[:-1]) / 2
    edges = np.concatenate([[2 * centres[0] - inner[0]], inner, [2 * centres[-1] - inner[-1]]])
    return np.stack([edges[:-1], edges[1:]], axis=1)
