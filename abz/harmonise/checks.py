"""Refuse maps that cannot be what they claim: unscaled integers, °C for K, a wrong unit."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.errors import InputError, MissingDataError
from abz.harmonise.composites import overlap_days
from abz.units import require_units
from abz.vocabulary import PREDICTORS

__all__ = ["check_composites", "check_known", "check_months", "check_predictor"]

SLACK = 1e-5
"""Rounding of packed integers may carry a value this share of the range beyond its end."""


def check_predictor(da: xr.DataArray, predictor: str) -> xr.DataArray:
    """`da`, if its unit and all its valid values are those of the predictor.

    Parameters
    ----------
    da : xarray.DataArray
        Any dimensions; NaN is missing.
    predictor : str
        Name in `abz.vocabulary.PREDICTORS`.

    Raises
    ------
    UnitsError
        If `attrs["units"]` is not the predictor's.
    InputError
        If a value lies outside the range that can be true.

    Examples
    --------
    >>> celsius = xr.DataArray([-4.0, 12.0], dims="x", attrs={"units": "K"}, name="lst")
    >>> check_predictor(celsius, "lst")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: lst holds values that cannot be true
      rule:   180 <= lst <= 350 K
      got:    -4 to 12
      remedy: check scale factor, offset and unit where the product is read
    """
    require_units(da, PREDICTORS[predictor].units)
    low, high = PREDICTORS[predictor].valid
    values = da.values
    if not np.isfinite(values).any():
        return da
    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    slack = SLACK * (high - low)
    if least < low - slack or most > high + slack:
        raise InputError(
            f"{predictor} holds values that cannot be true",
            rule=f"{low:g} <= {predictor} <= {high:g} {PREDICTORS[predictor].units}",
            value=f"{least:g} to {most:g}",
            remedy="check scale factor, offset and unit where the product is read",
        )
    return da


def check_known(cells: int, predictor: str, when: str) -> int:
    """The number of cells of the domain that have a value, if there are any.

    Parameters
    ----------
    cells : int
        Of the whole domain.
    predictor : str
        Name of the predictor.
    when : str
        Which year, for the message.

    Raises
    ------
    InputError
        If there are none.
    """
    if not cells:
        raise InputError(
            f"{predictor} has no valid value",
            rule="a source holds values somewhere in the domain",
            value=f"none, {when}",
            remedy="check that the files cover the domain and the year",
        )
    return cells


def check_composites(composites: xr.Dataset, year: int, name: str) -> xr.Dataset:
    """The composites, if they cover each month of `year` for the most part.

    Parameters
    ----------
    composites : xarray.Dataset (time, ...)
        `time` is the first day of a composite, the coordinate `days` its length in days.
    year : int
        The year that is wanted.
    name : str
        The dataset's name, for the message.

    Raises
    ------
    MissingDataError
        If composites cover less than half of a month's days. Single ones were never made, as when
        the instrument stood still.

    Examples
    --------
    >>> time = np.datetime64("2002-01-01", "ns") + 16 * np.arange(21) * np.timedelta64(1, "D")
    >>> cut = xr.Dataset(coords={"time": time, "days": ("time", [16] * 21)})
    >>> check_composites(cut, 2002, "MOD13A1")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: MOD13A1 does not hold the whole year 2002
      rule:   composites cover half of the days of each month or more
      got:    2 of 31 days of month 12
      remedy: fetch the missing files
    """
    months = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    shared = overlap_days(composites["time"].values, composites["days"].values, months).sum(axis=1)
    lengths = np.diff(np.append(months, months[-1] + 1).astype("datetime64[D]")).astype(np.int64)
    short = np.flatnonzero(2 * shared < lengths)
    if short.size:
        gaps = [f"{shared[month]} of {lengths[month]} days of month {month + 1}" for month in short]
        raise MissingDataError(
            f"{name} does not hold the whole year {year}",
            rule="composites cover half of the days of each month or more",
            value=", ".join(gaps),
            remedy="fetch the missing files",
        )
    return composites


def check_months(dataset: xr.Dataset, year: int, name: str) -> xr.Dataset:
    """The twelve months of `year`, in order.

    Parameters
    ----------
    dataset : xarray.Dataset (time, ...)
        Monthly data, dated to the first day of the month.
    year : int
        The year that is wanted.
    name : str
        The dataset's name, for the message.

    Raises
    ------
    MissingDataError
        If a month is missing or occurs twice.

    Examples
    --------
    >>> time = np.arange("2001-01", "2002-03", dtype="datetime64[M]").astype("datetime64[ns]")
    >>> check_months(xr.Dataset(coords={"time": time}), 2002, "ERA5-Land")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: ERA5-Land does not hold the whole year 2002
      rule:   each of its twelve months once
      got:    months 1, 2
      remedy: fetch the missing files
    """
    inside = dataset.isel(time=dataset["time"].dt.year.values == year).sortby("time")
    months = inside["time"].dt.month.values.tolist()
    if months != list(range(1, 13)):
        raise MissingDataError(
            f"{name} does not hold the whole year {year}",
            rule="each of its twelve months once",
            value=f"months {', '.join(map(str, months)) or 'none'}",
            remedy="fetch the missing files",
        )
    return inside
