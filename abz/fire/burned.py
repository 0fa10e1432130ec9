"""How much has burned."""

from __future__ import annotations

import xarray as xr

__all__ = ["burned_once"]


def burned_once(burned_fraction: xr.DataArray) -> xr.DataArray:
    """Share of each cell that has burned over all months.

    Parameters
    ----------
    burned_fraction : xarray.DataArray (time, y, x)
        Share of the cell that burned in the month, 0 to 1; NaN is missing.

    Returns
    -------
    xarray.DataArray (y, x)
        0 to 1; NaN where no month is known.

    Notes
    -----
    min(1, Σ_m b_m): ground that burned twice counts twice, up to the whole cell.

    Examples
    --------
    >>> months = xr.DataArray([[[0.5, 0.1]], [[0.75, 0.0]]], dims=("time", "y", "x"))
    >>> burned_once(months).values
    array([[1. , 0.1]])
    """
    total = burned_fraction.sum("time", min_count=1).clip(max=1.0)
    return total.assign_attrs(units="1", long_name="share of the cell that burned at least once")
