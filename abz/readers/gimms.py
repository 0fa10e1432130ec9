"""NDVI of the AVHRR era: GIMMS NDVI3g of any release 1, half-month composites on degrees."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import xarray as xr
from netCDF4 import Dataset, num2date

from abz.errors import GridError, InputError, MissingDataError
from abz.readers.axes import Window, lonlat_window
from abz.readers.file_names import parse_names
from abz.readers.geotiff import Bounds
from abz.readers.intact import open_netcdf
from abz.readers.labels import composites, label, predictor_attrs
from abz.readers.orientation import check_orientation
from abz.validation import check_values

__all__ = ["FLAG_ATTRS", "FLAG_STEP", "NDVI_SCALE", "half_months", "read_gimms3g"]

NDVI_SCALE = 10000
"""Stored NDVI = NDVI × 10000."""
MASK = -3000
"""Stored NDVI from here down is a mask: −3000 water, −5000 missing."""
FLAG_STEP = 2000
"""Stored percentile = 2000 × flag + 10 × percentile."""
FLAG_ATTRS = {
    "units": "1",
    "long_name": "origin of the NDVI: 0 from data, 1 interpolated, 2 possible snow or cloud",
}

_NAME = re.compile(r"ndvi3g_geo_v1(?:_\d)?_(?P<year>\d{4})_(?P<half>0106|0712)\.nc4")
_STEPS = 12
"""Half-months in a file."""


class _Axes(NamedTuple):
    """What all files share: the axes as stored, and the part of them that is read."""

    latitude: np.ndarray
    longitude: np.ndarray
    window: Window


def half_months(years: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
    """All half-months of some years: days 1 to 15, and day 16 to the end of the month.

    Parameters
    ----------
    years : iterable of int
        Calendar years.

    Returns
    -------
    tuple of numpy.ndarray (time) = (starts, days)
        First days (datetime64[D]) and lengths in days (int64), 24 a year.

    Examples
    --------
    >>> starts, days = half_months([2001])
    >>> str(starts[3]), int(days[3])
    ('2001-02-16', 13)
    """
    months = np.concatenate(
        [np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]") for year in years]
    )
    first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    middle = first + 15
    starts = np.stack([first, middle], axis=1).ravel()
    stops = np.stack([middle, after], axis=1).ravel()
    return starts, (stops - starts).astype(np.int64)


def read_gimms3g(
    paths: Sequence[Path],
    *,
    years: Collection[int] | None = None,
    bounds: Bounds | None = None,
) -> xr.Dataset:
    """NDVI and its flag, GIMMS NDVI3g.

    Parameters
    ----------
    paths : sequence of Path
        Half-year files `ndvi3g_geo_v1_{release}_{year}_{0106|0712}.nc4` of GIMMS-3G+, releases 1
        and 2, or `ndvi3g_geo_v1_{year}_{0106|0712}.nc4` of NDVI3g v1, which ends in 2015.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees; the product is global.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `ndvi`, 1, NaN where masked; `flag`, int8: 0 from data, 1 interpolated, 2 possible snow or
        cloud, −1 missing; coordinate `days`. All flags are kept: winter has few other values.

    Raises
    ------
    InputError
        If a name, type or value is not the product's, or two files are of one half-year.
    GridError
        If the files lie on different grids, or a map lies upside down.
    MissingDataError
        If a file or variable is not there.

    Notes
    -----
    NDVI = stored / 10000; flag = stored percentile div 2000. The time axis of version 1 carries no
    usable dates: time comes from the file name. Where a file states dates, or a year, they must be
    of the year in its name.

    References
    ----------
    .. [1] Pinzon and Tucker (2014), doi:10.3390/rs6086929.
    .. [2] Pinzon et al. (2023), doi:10.3334/ORNLDAAC/2187.
    """
    files = _half_years(paths, years)
    axes = _axes(next(iter(files.values())), bounds)
    grid = axes.window.grid
    shape = (_STEPS * len(files), *grid.shape)
    arrays: dict[str, np.ndarray] = {
        "ndvi": np.empty(shape, np.float32),
        "flag": np.empty(shape, np.int8),
    }
    for number, ((year, _), path) in enumerate(files.items()):
        steps = slice(number * _STEPS, (number + 1) * _STEPS)
        arrays["ndvi"][steps], arrays["flag"][steps] = _read(path, year, axes)
    attrs = {"ndvi": predictor_attrs("ndvi"), "flag": FLAG_ATTRS}
    return label(arrays, attrs, composites(*_times(list(files))), grid, "GIMMS NDVI3g")


def _half_years(
    paths: Sequence[Path], years: Collection[int] | None
) -> dict[tuple[int, str], Path]:
    """The file of each (year, half), in order of time."""
    files: dict[tuple[int, str], Path] = {}
    example = "ndvi3g_geo_v1_1_1990_0106.nc4"
    for path, part in parse_names(paths, _NAME, "GIMMS NDVI3g", example, years):
        other = files.setdefault((int(part["year"]), part["half"]), path)
        if other != path:
            raise InputError(
                "two files are of the same half-year",
                rule="one file for each half-year",
                value=f"{other.name} and {path.name}",
                remedy="keep the files of one release",
            )
    return dict(sorted(files.items()))


def _times(keys: Sequence[tuple[int, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Starts and lengths of the half-months of half-years."""
    parts = []
    for year, half in keys:
        starts, days = half_months([year])
        part = slice(0, _STEPS) if half == "0106" else slice(_STEPS, 2 * _STEPS)
        parts.append((starts[part], days[part]))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _axes(path: Path, bounds: Bounds | None) -> _Axes:
    """The axes of a file, and where the cells of the box stand on them."""
    with open_netcdf(path) as file:
        latitude, longitude = (_stored(file, name, path) for name in ("lat", "lon"))
    return _Axes(latitude, longitude, lonlat_window(longitude, latitude, path.name, bounds))


def _read(path: Path, year: int, axes: _Axes) -> tuple[np.ndarray, np.ndarray]:
    """NDVI and flag (12, y, x) of one file, from north to south."""
    window = axes.window
    with open_netcdf(path) as file:
        _check_stated_years(file, year, path)
        found = [_stored(file, name, path) for name in ("lat", "lon")]
        if not all(map(np.array_equal, found, axes[:2])):
            raise GridError(
                f"{path.name} lies on another grid",
                rule="all files share latitudes and longitudes",
                value=f"{found[0].size} × {found[1].size} cells from {found[0][0]}, {found[1][0]}",
                remedy="read files of one release only",
            )
        part = {"lat": window.rows, "lon": window.columns}
        stored, percentile = (
            window.turned(_half_months(file, name, path, part)) for name in ("ndvi", "percentile")
        )
    missing = stored <= MASK
    check_values(stored, (MASK, NDVI_SCALE), f"stored ndvi in {path.name}", missing)
    check_orientation(~missing, window.longitude, window.latitude, f"ndvi in {path.name}")
    ndvi = np.where(missing, np.nan, stored / NDVI_SCALE).astype(np.float32)
    unknown = missing | (percentile < 0)
    flag = percentile // FLAG_STEP
    check_values(flag, (0, 2), f"flag in {path.name}", unknown)
    return ndvi, np.where(unknown, -1, flag).astype(np.int8)


def _check_stated_years(file: Dataset, year: int, path: Path) -> None:
    """Nothing, if the years that a file states, if any, are the one in its name."""
    stated = {int(file.Year)} if "Year" in file.ncattrs() else set()
    time = file.variables.get("time")
    if time is not None and " since " in getattr(time, "units", ""):
        dates = num2date(time[:], time.units, getattr(time, "calendar", "standard"))
        stated |= {date.year for date in np.array(dates).ravel()}
    if stated - {year}:
        raise InputError(
            f"{path.name} holds half-months of another year",
            rule=f"all are of {year}, as its name says",
            value=", ".join(map(str, sorted(stated))),
            remedy="fetch the file again, or give it its true name",
        )


def _half_months(file: Dataset, name: str, path: Path, part: Mapping[str, slice]) -> np.ndarray:
    """Part of a variable (time, lat, lon) as stored, which must be 12 steps of int16."""
    stored = _stored(file, name, path, part, ("time", "lat", "lon"))
    if stored.dtype != np.int16 or len(stored) != _STEPS:
        raise InputError(
            f"{name} in {path.name} is stored in another way than declared",
            rule=f"{_STEPS} half-months of int16",
            value=f"{len(stored)} of {stored.dtype}",
            remedy="use the file of the archive, not a rescaled copy",
        )
    return stored


def _stored(
    file: Dataset,
    name: str,
    path: Path,
    part: Mapping[str, slice] = MappingProxyType({}),
    dims: Sequence[str] = (),
) -> np.ndarray:
    """Part of a variable as stored, its axes in the order of `dims`."""
    if name not in file.variables:
        raise MissingDataError(
            f"{path.name} lacks a variable",
            rule=f"it holds `{name}`",
            value=f"found {', '.join(file.variables)}",
            remedy="use the file of the archive, not a converted copy",
        )
    variable = file.variables[name]
    order = variable.dimensions
    if dims and {*order} != {*dims}:
        raise InputError(
            f"{name} in {path.name} has the wrong dimensions",
            rule=" × ".join(dims),
            value=" × ".join(order),
            remedy="use the file of the archive, not a converted copy",
        )
    variable.set_auto_maskandscale(False)
    stored = np.asarray(variable[tuple(part.get(dim, slice(None)) for dim in order)])
    return stored.transpose([order.index(dim) for dim in dims or order])
