"""The one place for units: their spelling, their constants, their conversions.

Fluxes are g C m-2 month-1 inside abz. NEE below zero is uptake by the land; GPP and Reco are
positive. Budgets are Tg C per year. Temperatures are kelvin, covers are percent.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import xarray as xr

from abz.errors import UnitsError

__all__ = [
    "ANNUAL_FLUX",
    "AREA_QUANTUM",
    "BUDGET",
    "CELSIUS_ZERO",
    "GRAM_QUANTUM",
    "G_PER_KG",
    "G_PER_TG",
    "KG_M2_PER_T_HA",
    "MONTHLY_FLUX",
    "celsius_to_kelvin",
    "days_in_month",
    "flux_from_kg_per_second",
    "grams_to_teragrams",
    "kelvin_to_celsius",
    "require_units",
]

MONTHLY_FLUX = "g C m-2 month-1"
ANNUAL_FLUX = "g C m-2 yr-1"
BUDGET = "Tg C yr-1"

CELSIUS_ZERO = 273.15
"""Kelvin at 0 degrees Celsius."""
G_PER_TG = 1e12
G_PER_KG = 1e3
KG_M2_PER_T_HA = 0.1
"""1 t ha-1 is 0.1 kg m-2."""
SECONDS_PER_DAY = 86400.0

GRAM_QUANTUM = 2.0**-4
"""Zone totals are counted in whole multiples of this many grams, so no order of sums matters."""
AREA_QUANTUM = 2.0**-4
"""Valid areas are counted in whole multiples of this many square metres."""

Numeric = TypeVar("Numeric", float, np.ndarray, xr.DataArray)


def celsius_to_kelvin(celsius: Numeric) -> Numeric:
    """Temperature in K from °C.

    Examples
    --------
    >>> celsius_to_kelvin(0.0)
    273.15
    """
    return celsius + CELSIUS_ZERO


def kelvin_to_celsius(kelvin: Numeric) -> Numeric:
    """Temperature in °C from K.

    Examples
    --------
    >>> kelvin_to_celsius(273.15)
    0.0
    """
    return kelvin - CELSIUS_ZERO


def days_in_month(time: xr.DataArray) -> xr.DataArray:
    """Days in the month of each time step, for any CF calendar.

    Parameters
    ----------
    time : xarray.DataArray (time)
        Dates of a standard, no-leap or 360-day calendar.

    Returns
    -------
    xarray.DataArray (time)
        Days, 28 to 31.

    Examples
    --------
    >>> months = xr.date_range("2004-02-01", periods=2, freq="MS")
    >>> days_in_month(xr.DataArray(months, dims="time")).values.tolist()
    [29, 31]
    """
    return time.dt.days_in_month


def flux_from_kg_per_second(flux: xr.DataArray) -> xr.DataArray:
    """Monthly flux (g C m-2 month-1) from a mean rate (kg C m-2 s-1).

    Parameters
    ----------
    flux : xarray.DataArray (time, ...)
        Mean rate over each month, kg C m-2 s-1.

    Returns
    -------
    xarray.DataArray (time, ...)
        Sum over each month, g C m-2 month-1, same sign.

    Notes
    -----
    F_month = F_rate · 1000 g kg-1 · 86400 s d-1 · days in the month of the file's own calendar.

    Examples
    --------
    >>> months = xr.date_range("2001-01-01", periods=1, freq="MS")
    >>> rate = xr.DataArray([1e-8], dims="time", coords={"time": months})
    >>> round(float(flux_from_kg_per_second(rate)[0]), 3)
    26.784
    """
    monthly = flux * (G_PER_KG * SECONDS_PER_DAY) * days_in_month(flux["time"])
    return monthly.assign_attrs(flux.attrs, units=MONTHLY_FLUX)


def grams_to_teragrams(grams: Numeric) -> Numeric:
    """Tg from g.

    Examples
    --------
    >>> grams_to_teragrams(5.48e14)
    548.0
    """
    return grams / G_PER_TG


def require_units(array: xr.DataArray, units: str) -> xr.DataArray:
    """The array itself, if it carries the unit.

    Parameters
    ----------
    array : xarray.DataArray
        Any shape.
    units : str
        The unit that `array.attrs["units"]` must be.

    Raises
    ------
    UnitsError
        If the attribute is missing or different.

    Examples
    --------
    >>> nee = xr.DataArray([-1.0], attrs={"units": "g C m-2 month-1"})
    >>> require_units(nee, MONTHLY_FLUX).item()
    -1.0
    """
    found = array.attrs.get("units")
    if found != units:
        raise UnitsError(
            f"{array.name or 'array'} does not carry the unit that is needed",
            rule=f'attrs["units"] == {units!r}',
            value=found,
            remedy="convert with abz.units, or correct the attribute where the array is read",
        )
    return array
