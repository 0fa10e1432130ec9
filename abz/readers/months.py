"""Monthly NetCDF fields in longitude and latitude, however their axes are called and run.

What comes back lies on one grid from north to south and from −180° to 180°; each month is known by
its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.readers.axes import Window, lonlat_window
from abz.readers.calendars import months_of, open_dated
from abz.readers.geotiff import Bounds
from abz.readers.lazy import lazy_map
from abz.readers.orientation import check_orientation
from abz.validation import check_dims, check_variables

__all__ = ["AXES", "check_scaled", "join_months", "read_fields", "read_months"]

AXES = {
    "time": ("valid_time", "time"),
    "y": ("latitude", "lat"),
    "x": ("longitude", "lon"),
}
"""Axis to the names that products give it."""

SIDE = 256
"""Rows and columns of a lazy field that are read together."""


def read_months(
    path: Path, variables: Sequence[str], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """Fields of one file under the file's own names, unpacked, on a north-up grid.

    Parameters
    ----------
    path : Path
        NetCDF with axes time (or valid_time), latitude (lat), longitude (lon) in any order and
        direction; longitudes run from −180° or from 0°; any calendar. The file is closed again.
    variables : sequence of str
        Names in the file.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees; no more is read.
    lazy : bool, optional
        Whether fields are read when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        float32, NaN where missing, with the file's attributes; longitudes from −180° to 180°;
        each month at its first day, with `days` and `year_days` of the file's calendar along time.

    Raises
    ------
    MissingDataError
        If the file or a variable is missing.
    InputError
        If a variable has other dimensions, holds whole numbers without a scale, or time is not
        monthly.
    GridError
        If the axes are not evenly spaced degrees, or the map lies upside down.
    """
    fields, window = read_fields(path, variables, bounds, lazy=lazy)
    return fields.assign_coords(window.grid.coords())


def read_fields(
    path: Path, variables: Sequence[str], bounds: Bounds | None = None, *, lazy: bool = False
) -> tuple[xr.Dataset, Window]:
    """Fields of one file, as `read_months`, but on axes of any spacing.

    Returns
    -------
    tuple = (xarray.Dataset (time, y, x), Window)
        `y` and `x` are latitude and longitude of the centres, degrees.
    """
    with open_dated(path) as file:
        names = {
            found: axis for axis, spellings in AXES.items() for found in spellings if found in file
        }
        source = check_variables(file, [*variables], path.name).rename(names)
        window = lonlat_window(source["x"].values, source["y"].values, path.name, bounds)
        fields = {
            name: xr.Variable(
                ("time", "y", "x"),
                _lazy_field(source[name], window, path, name)
                if lazy
                else window.read(_checked(source[name], name, path.name)),
                source[name].attrs,
            )
            for name in variables
        }
        months = months_of(source, "time", path.name)
        attrs = dict(file.attrs)
    for name, field in fields.items():
        seen = field[:1].compute(scheduler="synchronous").values if lazy else field.values
        check_orientation(seen, window.longitude, window.latitude, f"{name} of {path.name}")
    coords = {
        "time": months.starts,
        "days": ("time", months.days, {"units": "d", "calendar": months.calendar}),
        "year_days": ("time", months.year_days, {"units": "d", "calendar": months.calendar}),
        "y": window.latitude,
        "x": window.longitude,
    }
    return xr.Dataset(fields, coords, attrs), window


def check_scaled(dtype: np.dtype, encoding: Mapping[str, Any], name: str) -> None:
    """Nothing, unless whole numbers are stored without the scale that makes values of them.

    Parameters
    ----------
    dtype : numpy.dtype
        Type in the file.
    encoding : mapping
        Attributes of the variable that say how it is stored.
    name : str
        The variable and its file.

    Raises
    ------
    InputError
        If there is no `scale_factor`.

    Examples
    --------
    >>> check_scaled(np.dtype("int16"), {}, "srad of a.nc")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: srad of a.nc is stored as whole numbers without a scale
      rule:   int16 with the attribute scale_factor, or float
      got:    no scale_factor
      remedy: use the file of the archive; raw numbers of another service need their own reader
    """
    if np.issubdtype(dtype, np.integer) and "scale_factor" not in encoding:
        raise InputError(
            f"{name} is stored as whole numbers without a scale",
            rule=f"{dtype} with the attribute scale_factor, or float",
            value="no scale_factor",
            remedy="use the file of the archive; raw numbers of another service need their own "
            "reader",
        )


def _checked(array: xr.DataArray, name: str, file: str) -> xr.DataArray:
    """The field (time, y, x), whatever the order of its axes, if it is stored as it should be."""
    if {*array.dims} != {"time", "y", "x"}:
        check_dims(array, ("time", "y", "x"), name)
    check_scaled(array.encoding["dtype"], array.encoding, f"{name} of {file}")
    return array.transpose("time", "y", "x")


def _lazy_field(array: xr.DataArray, window: Window, path: Path, name: str) -> dask.array.Array:
    """The field, read where it is asked for."""
    checked = _checked(array, name, path.name)
    axes = [spelling for dim in checked.dims for spelling in AXES[str(dim)]]

    def read(steps: slice, rows: slice, columns: slice) -> np.ndarray:
        with open_dated(path) as file:
            order = [axis for axis in axes if axis in file[name].dims]
            return window.read(file[name].transpose(*order), steps, rows, columns)

    sizes = (checked.sizes["time"], window.latitude.size, window.longitude.size)
    return lazy_map(read, np.float32, _chunks(sizes))


def _chunks(sizes: tuple[int, int, int]) -> tuple[list[int], list[int], list[int]]:
    """All steps of squares of `SIDE` cells."""
    sides = [[SIDE] * (size // SIDE) + [size % SIDE] * bool(size % SIDE) for size in sizes[1:]]
    return [sizes[0]], sides[0], sides[1]


def join_months(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Datasets of one grid in the order of time.

    Parameters
    ----------
    parts : iterable of xarray.Dataset (time, y, x)
        Same variables and grid, no month twice.

    Returns
    -------
    xarray.Dataset (time, y, x)
        All months, ascending.

    Raises
    ------
    GridError
        If the grids differ.
    InputError
        If there is nothing to join, or a month occurs twice.

    Examples
    --------
    >>> months = np.array(["2002-01-01", "2001-01-01"], "datetime64[ns]")
    >>> parts = [xr.Dataset({"co2": ("time", [370.0])}, {"time": [month]}) for month in months]
    >>> join_months(parts)["time"].dt.year.values.tolist()
    [2001, 2002]
    """
    ordered = sorted(parts, key=lambda part: part["time"].values[0])
    if not ordered:
        raise InputError("there are no files to read", rule="one file or more", value=0)
    try:
        joined = xr.concat(
            ordered,
            "time",
            data_vars="minimal",
            coords="minimal",
            compat="override",
            join="exact",
            combine_attrs="override",
        )
    except ValueError as error:
        raise GridError(
            "the files lie on different grids",
            rule="all files of a product share one grid",
            value=str(error).splitlines()[0],
            remedy="read files of one request only",
        ) from error
    return _check_distinct(joined)


def _check_distinct(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset in order of time, if no month occurs twice."""
    months, counts = np.unique(dataset["time"].values, return_counts=True)
    if (counts > 1).any():
        raise InputError(
            "a month occurs twice",
            rule="each month once",
            value=np.datetime_as_string(months[counts > 1], unit="M").tolist(),
            remedy="give each file once",
        )
    return dataset.sortby("time")
