"""Months of any CF calendar: their first days, their lengths, and whether one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import cftime  # type: ignore[import-untyped]
import numpy as np
import xarray as xr

from abz.errors import InputError, MissingDataError
from abz.readers.intact import intact
from abz.validation import check_file

__all__ = [
    "Months", "check_no_gap", "check_year", "longest_stretch", "months_of", "open_dated",
]  # fmt: skip

DATES = xr.coders.CFDatetimeCoder(use_cftime=True)
"""Decodes times of a file into dates of the file's own calendar."""
SHORTEST, LONGEST = 27.0, 32.0
"""Days that the bounds of a month may span."""
DATABLE = (1678, 2261)
"""Years that a date with nanoseconds can have."""


@contextmanager
def open_dated(path: Path) -> Iterator[xr.Dataset]:
    """A NetCDF file with its times as dates of its own calendar, closed again afterwards.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    MissingDataError
        If there is no such file.
    InputError
        If it is no NetCDF, its times cannot be dated, or a part of it cannot be read.
    """
    try:
        file = xr.open_dataset(
            check_file(path, "the product"), engine="netcdf4", cache=False, decode_times=DATES
        )
    except (OSError, ValueError) as error:
        dates = isinstance(error, ValueError)
        raise InputError(
            f"{path.name} {'has no dates' if dates else 'cannot be opened'}",
            rule="times are counted in days or hours since a date" if dates else "it is NetCDF",
            value=str(error).splitlines()[0],
            remedy="fetch the file again; it may be cut off or converted",
        ) from error
    with intact(path), file:
        yield file


class Months(NamedTuple):
    """The time axis of a monthly file.

    Parameters
    ----------
    starts : numpy.ndarray (time) of datetime64[ns]
        First day of each month, in the standard calendar.
    days, year_days : numpy.ndarray (time) of int64
        Days in the month and in its year, in the file's calendar.
    calendar : str
        The file's calendar.
    """

    starts: np.ndarray
    days: np.ndarray
    year_days: np.ndarray
    calendar: str


def months_of(file: xr.Dataset, axis: str, name: str) -> Months:
    """The months of a file that was opened with `open_dated`.

    Parameters
    ----------
    file : xarray.Dataset
        Its coordinate `axis` holds dates; where it names bounds, their middle tells the month.
    axis : str
        Name of the time axis.
    name : str
        The file, for messages.

    Returns
    -------
    Months

    Raises
    ------
    InputError
        If the axis holds no dates, the steps are not months, or a year is beyond 1678 to 2261.

    Examples
    --------
    >>> time = xr.date_range("2004-02-16", periods=1, calendar="360_day", use_cftime=True)
    >>> found = months_of(xr.Dataset(coords={"time": time}), "time", "a.nc")
    >>> str(found.starts[0])[:10], found.days.tolist(), found.year_days.tolist()
    ('2004-02-01', [30], [360])
    """
    dates = np.atleast_1d(file[axis].values)
    if not dates.size or not all(isinstance(date, cftime.datetime) for date in dates):
        raise InputError(
            f"{name} has no dates",
            rule=f"`{axis}` has units such as `days since 2001-01-01` and a calendar",
            value=file[axis].attrs.get("units", dates[:1].tolist()),
            remedy="use the file of the archive, not a converted copy",
        )
    bounds = file[axis].attrs.get("bounds", file[axis].encoding.get("bounds"))
    if bounds in file:
        dates = _middles(file[bounds].values, name)
    if not all(DATABLE[0] <= date.year <= DATABLE[1] for date in dates):
        raise InputError(
            f"{name} has years that cannot be dated",
            rule=f"years from {DATABLE[0]} to {DATABLE[1]}",
            value=f"{dates[0]} to {dates[-1]}",
            remedy="read a historical simulation, not a control run",
        )
    starts = [np.datetime64(f"{date.year:04d}-{date.month:02d}", "ns") for date in dates]
    return Months(
        np.array(starts),
        np.array([date.daysinmonth for date in dates], np.int64),
        np.array([_year_days(date.year, date.calendar) for date in dates], np.int64),
        str(dates[0].calendar),
    )


def check_no_gap(starts: np.ndarray, name: str) -> None:
    """Nothing, if no month is missing between the first and the last.

    Parameters
    ----------
    starts : numpy.ndarray (time) of datetime64
        First days of months, in any order. A whole year may be missing: it was not asked for.
    name : str
        The product, for messages.

    Raises
    ------
    MissingDataError
        Naming the months that are missing.

    Examples
    --------
    >>> check_no_gap(np.array(["2001-01", "2001-03"], "datetime64[M]"), "TerraClimate")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: TerraClimate lacks months
      rule:   each month between the first and the last
      got:    missing 2001-02
      remedy: fetch the missing files, or the incomplete ones again
    """
    months = np.unique(np.asarray(starts).astype("datetime64[M]"))
    every = np.arange(months[0], months[-1] + 1)
    missing = np.setdiff1d(every, months)
    held = np.isin(missing.astype("datetime64[Y]"), months.astype("datetime64[Y]"))
    if held.any():
        raise MissingDataError(
            f"{name} lacks months",
            rule="each month between the first and the last",
            value=f"missing {', '.join(map(str, missing[held][:12]))}",
            remedy="fetch the missing files, or the incomplete ones again",
        )


def check_year(starts: np.ndarray, year: int, name: str, *, whole: bool = False) -> None:
    """Nothing, if all months are of the year that the name of their file says.

    Parameters
    ----------
    starts : numpy.ndarray (time) of datetime64
        First days of months.
    year : int
        Year in the name.
    name : str
        The file.
    whole : bool, optional
        Whether each of the twelve months must be there.

    Raises
    ------
    InputError
        If a month is of another year.
    MissingDataError
        If a month of a whole year is missing.

    Examples
    --------
    >>> check_year(np.array(["2002-01"], "datetime64[M]"), 2001, "a_2001.nc")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: a_2001.nc holds months of another year
      rule:   all months are of 2001, as its name says
      got:    2002-01
      remedy: fetch the file again, or give it its true name
    """
    months = np.asarray(starts).astype("datetime64[M]")
    other = months[months.astype("datetime64[Y]").astype(int) + 1970 != year]
    if other.size:
        raise InputError(
            f"{name} holds months of another year",
            rule=f"all months are of {year}, as its name says",
            value=", ".join(map(str, other[:12])),
            remedy="fetch the file again, or give it its true name",
        )
    absent = np.setdiff1d(np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]"), months)
    if whole and absent.size:
        raise MissingDataError(
            f"{name} lacks months",
            rule="each of the twelve months of its year",
            value=f"missing {', '.join(map(str, absent))}",
            remedy="fetch the file again; it may be cut off",
        )


def longest_stretch(years: Sequence[int]) -> range:
    """The longest stretch of years without a gap, the first of several as long.

    Parameters
    ----------
    years : sequence of int
        In order.

    Returns
    -------
    range
        Empty if there are no years.

    Examples
    --------
    >>> longest_stretch([2001, 2002, 2004, 2005, 2006, 2009]), longest_stretch([])
    (range(2004, 2007), range(0, 0))
    """
    best, first = range(0), 0
    for place, year in enumerate(years):
        first = year if not place or year != years[place - 1] + 1 else first
        best = max(best, range(first, year + 1), key=len)
    return best


def _middles(bounds: np.ndarray, name: str) -> np.ndarray:
    """The middle of each pair of dates (time, 2), which must be a month apart."""
    spans = bounds[:, 1] - bounds[:, 0]
    days = np.array([span.total_seconds() / 86400.0 for span in spans])
    if ((days < SHORTEST) | (days > LONGEST)).any():
        raise InputError(
            f"{name} is not monthly",
            rule="each step spans a month",
            value=f"{days.min():g} to {days.max():g} days",
            remedy="fetch the monthly means (CMIP table Lmon or Amon)",
        )
    return np.asarray(bounds[:, 0] + spans / 2)


def _year_days(year: int, calendar: str) -> int:
    """Days of a year in a calendar."""
    first, after = (cftime.datetime(y, 1, 1, calendar=calendar) for y in (year, year + 1))
    return int((after - first).days)
