"""Monthly NetCDF fields in longitude and latitude, however their axes are called and run.

What comes back lies on one grid from north to south and from −180° to 180°; each month is known by
its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import xarray as xr
from affine import Affine

from abz.errors import GridError, InputError
from abz.grid import Grid
from abz.validation import check_dims, check_file, check_variables

__all__ = ["grid_of_centres", "join_months", "read_months"]

AXES = {
    "time": ("valid_time", "time"),
    "y": ("latitude", "lat"),
    "x": ("longitude", "lon"),
}
"""Axis to the names that products give it."""


def grid_of_centres(longitude: np.ndarray, latitude: np.ndarray) -> Grid:
    """The grid whose cell centres are given, freed from the rounding of float32 coordinates.

    Parameters
    ----------
    longitude : numpy.ndarray (nx,)
        Degrees east, ascending, at least two.
    latitude : numpy.ndarray (ny,)
        Degrees north, descending, at least two.

    Returns
    -------
    Grid
        On EPSG:4326. Steps and edges are taken as the nearest simple fractions of a degree.

    Raises
    ------
    GridError
        If the centres are not evenly spaced.

    Examples
    --------
    >>> grid = grid_of_centres(np.array([0.0, 0.1, 0.2], "f4"), np.array([60.1, 60.0], "f4"))
    >>> [round(edge, 12) for edge in grid.bounds]
    [-0.05, 59.95, 0.25, 60.15]
    """
    step_x, first_x = _even_steps(np.asarray(longitude, float), "longitude")
    step_y, first_y = _even_steps(np.asarray(latitude, float), "latitude")
    west, north = float(first_x - step_x / 2), float(first_y - step_y / 2)
    transform = Affine(float(step_x), 0.0, west, 0.0, float(step_y), north)
    return Grid("EPSG:4326", transform, (len(latitude), len(longitude)))


def read_months(path: Path, variables: Sequence[str]) -> xr.Dataset:
    """Fields of one file under the file's own names, unpacked, on a north-up grid.

    Parameters
    ----------
    path : Path
        NetCDF with axes time (or valid_time), latitude (lat), longitude (lon) in any direction;
        longitudes run from −180° or from 0°. The file is closed again.
    variables : sequence of str
        Names in the file.

    Returns
    -------
    xarray.Dataset (time, y, x)
        float32, NaN where missing; longitudes from −180° to 180°.

    Raises
    ------
    MissingDataError
        If the file or a variable is missing.
    InputError
        If a variable has other dimensions.
    GridError
        If the axes are not evenly spaced.
    """
    with xr.open_dataset(check_file(path, "the product"), engine="netcdf4", cache=False) as file:
        names = {
            found: axis for axis, spellings in AXES.items() for found in spellings if found in file
        }
        source = check_variables(file, variables, path.name).rename(names)
        longitude = _wrapped(source["x"].values)
        columns, rows = np.argsort(longitude), np.argsort(-source["y"].values)
        grid = grid_of_centres(longitude[columns], source["y"].values[rows])
        fields = {
            name: (
                ("time", "y", "x"),
                check_dims(source[name], ("time", "y", "x"), name)
                .values[:, rows[:, None], columns]
                .astype(np.float32, copy=False),
            )
            for name in variables
        }
        time = source["time"].values
    return xr.Dataset(fields, {"time": _month_starts(time), **grid.coords()})


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


def _month_starts(time: np.ndarray) -> np.ndarray:
    """First day of the month of each date."""
    return time.astype("datetime64[M]").astype("datetime64[ns]")


def _wrapped(longitude: np.ndarray) -> np.ndarray:
    """Longitudes in [−180°, 180°)."""
    return (np.asarray(longitude, float) + 180.0) % 360.0 - 180.0


def _even_steps(centres: np.ndarray, name: str) -> tuple[Fraction, Fraction]:
    """Step and first value of evenly spaced centres, as simple fractions of a degree."""
    if centres.size < 2:
        raise GridError(f"{name} has no step", rule="two cells or more", value=centres.tolist())
    step = _simple((centres[-1] - centres[0]) / (centres.size - 1))
    first = _simple(centres[0])
    exact = float(first) + float(step) * np.arange(centres.size)
    if step == 0 or not np.allclose(exact, centres, rtol=0, atol=1e-2 * abs(float(step))):
        raise GridError(
            f"{name} is not evenly spaced",
            rule="one step from cell to cell",
            value=f"steps from {np.diff(centres).min():g} to {np.diff(centres).max():g} degrees",
            remedy="read files of one whole region, not of several pieces",
        )
    return step, first


def _simple(degrees: float) -> Fraction:
    """The nearest fraction with a denominator that map grids use."""
    return Fraction(float(degrees)).limit_denominator(7200)
