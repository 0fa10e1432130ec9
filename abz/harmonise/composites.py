"""Composites of 8 or 16 days, or half-months, to calendar months."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import InputError

__all__ = ["overlap_days", "to_months"]

Data = TypeVar("Data", xr.Dataset, xr.DataArray)


def overlap_days(starts: np.ndarray, days: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Days that composites and months share.

    Parameters
    ----------
    starts : numpy.ndarray of datetime64 (composite,)
        First day of each composite.
    days : numpy.ndarray (composite,)
        Length of each composite, days.
    months : numpy.ndarray of datetime64 (month,)
        First day of each month.

    Returns
    -------
    numpy.ndarray (month, composite)
        Days.

    Examples
    --------
    >>> starts = np.array(["2004-01-25", "2004-02-02"], dtype="datetime64[D]")
    >>> months = np.array(["2004-01", "2004-02"], dtype="datetime64[M]")
    >>> overlap_days(starts, np.array([8, 8]), months).tolist()
    [[7, 0], [1, 8]]
    """
    first = np.asarray(starts).astype("datetime64[D]").astype(np.int64)
    after = first + np.asarray(days, dtype=np.int64)
    month = np.asarray(months).astype("datetime64[M]")
    month_first = month.astype("datetime64[D]").astype(np.int64)[:, None]
    month_after = (month + 1).astype("datetime64[D]").astype(np.int64)[:, None]
    shared = np.minimum(after, month_after) - np.maximum(first, month_first)
    return np.maximum(shared, 0)


def to_months(composites: Data) -> Data:
    """Monthly means of composites, weighted by the days that they share with the month.

    Parameters
    ----------
    composites : xarray.Dataset or DataArray (time, ...)
        `time` is the first day of a composite; the coordinate `days` (time) its length in days.
        NaN is missing.

    Returns
    -------
    xarray.Dataset or DataArray (time, ...)
        One step a month, from the first month that a composite touches to the last, dated to its
        first day. NaN where no valid composite touches the month.

    Raises
    ------
    InputError
        If there is no coordinate `days`, or composites overlap each other.

    Notes
    -----
    v_m = Σ_c d_mc · v_c / Σ_c d_mc over the valid composites c, d_mc the shared days.

    Examples
    --------
    >>> time = np.array(["2004-01-25", "2004-02-02"], dtype="datetime64[ns]")
    >>> lst = xr.DataArray(
    ...     [250.0, 259.0], dims="time", coords={"time": time, "days": ("time", [8, 8])}
    ... )
    >>> to_months(lst).values.tolist()
    [250.0, 258.0]
    """
    starts, days = _checked_periods(composites)
    last = (starts + (days - 1).astype("timedelta64[D]")).max().astype("datetime64[M]")
    months = np.arange(starts.min().astype("datetime64[M]"), last + 1)
    weights = overlap_days(starts, days, months)
    if isinstance(composites, xr.DataArray):
        return _weighted(composites, weights, months)
    return composites.map(_weighted, keep_attrs=True, args=(weights, months))


def _checked_periods(composites: xr.Dataset | xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """First days and lengths of the composites."""
    if "days" not in composites.coords:
        raise InputError(
            "the composites do not say how long they are",
            rule="a coordinate `days` (time) holds their length in days",
            value=list(composites.coords),
            remedy="assign it where the product is read",
        )
    starts = composites["time"].values.astype("datetime64[D]")
    days = composites["days"].values.astype(np.int64)
    ends = starts + days.astype("timedelta64[D]")
    clash = np.flatnonzero(ends[:-1] > starts[1:])
    if clash.size:
        raise InputError(
            "composites overlap each other",
            rule="each begins when the one before has ended",
            value=f"{starts[clash[0]]} + {days[clash[0]]} d, then {starts[clash[0] + 1]}",
            remedy="shorten the last composite of a year, and sort by time",
        )
    return starts, days


def _weighted(da: xr.DataArray, weights: np.ndarray, months: np.ndarray) -> xr.DataArray:
    """Weighted means (month, ...) over the leading dimension `time`."""
    if "time" not in da.dims:
        return da
    ordered = da.transpose("time", ...)
    values = ordered.values
    means = np.full((len(months), *values.shape[1:]), np.nan, dtype=values.dtype)
    for month, shares in enumerate(weights):
        inside = np.flatnonzero(shares)
        part = values[inside].astype(np.float64)
        valid = np.isfinite(part)
        total = np.tensordot(shares[inside], np.where(valid, part, 0.0), axes=1)
        weight = np.tensordot(shares[inside], valid, axes=1)
        np.divide(total, weight, out=means[month, ...], where=weight > 0, casting="same_kind")
    coords = {name: coord for name, coord in ordered.coords.items() if "time" not in coord.dims}
    time = pd.DatetimeIndex(months).as_unit("ns")
    return xr.DataArray(
        means, dims=ordered.dims, coords={"time": time, **coords}, name=da.name, attrs=da.attrs
    )
