"""A station's monthly record over the months of a model set: whole, or refused."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.errors import MissingDataError

__all__ = ["whole_record"]


def whole_record(record: xr.DataArray, months: np.ndarray, name: str) -> xr.DataArray:
    """The record in some months; a single month without a value lies between its neighbours.

    Parameters
    ----------
    record : xarray.DataArray (time)
        One value a month, first days of the months as time; NaN where missing.
    months : numpy.ndarray of datetime64 (n,)
        First days of the wanted months.
    name : str
        The record, for messages.

    Returns
    -------
    xarray.DataArray (time)
        In the months; `attrs["filled_months"]` names those that were filled, such as "2002-11".

    Raises
    ------
    MissingDataError
        If a month is not in the record, or lacks a value as the months beside it do.

    Notes
    -----
    x_t = (x_{t-1} + x_{t+1}) / 2. In the record of CO2 that the study used, November 2002 is
    374.495 ppm, the mean of 370.07 and 378.92 ppm; the station gives no value [1]_.

    References
    ----------
    .. [1] NOAA Global Monitoring Laboratory, doi:10.15138/yaf1-bk21, edition of August 2016.

    Examples
    --------
    >>> months = np.array(["2002-10", "2002-11", "2002-12"], "datetime64[ns]")
    >>> record = xr.DataArray([370.07, np.nan, 378.92], {"time": months}, ("time",))
    >>> found = whole_record(record, months, "CO2")
    >>> round(float(found[1]), 3), found.attrs["filled_months"]
    (374.495, '2002-11')
    """
    absent = np.setdiff1d(months, record["time"].values).astype("datetime64[M]")
    if absent.size:
        years = months.astype("datetime64[Y]")
        raise MissingDataError(
            f"the record of {name} does not reach over the years of the set",
            rule=f"every month of {years[0]} to {years[-1]} has a line",
            value=f"{absent.size} without a line, from {absent[0]} to {absent[-1]}",
            remedy="fetch the file again, or a later edition of it",
        )
    before, after = record.shift(time=1), record.shift(time=-1)
    filled = record.where(record.notnull(), (before + after) / 2)
    chosen = filled.sel(time=months)
    bare = months[np.isnan(chosen.values)].astype("datetime64[M]")
    if bare.size:
        raise MissingDataError(
            f"the record of {name} has a gap",
            rule="a month without a value has one on either side, between which it is put",
            value=", ".join(map(str, bare[:6])) + ("" if bare.size <= 6 else " and more"),
            remedy="take another edition of the record, or other years of the set",
        )
    taken = months[record.sel(time=months).isnull().values].astype("datetime64[M]")
    return chosen.assign_attrs(filled_months=", ".join(map(str, taken)))
