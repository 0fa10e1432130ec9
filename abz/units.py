"""The one place for units: their spelling, their constants, their conversions.

Fluxes are g C m-2 month-1 inside abz. NEE below zero is uptake by the land; GPP and Reco are
positive. Budgets are Tg C per year. Temperatures are kelvin, covers are percent.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

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
    "FluxUnit",
    "celsius_to_kelvin",
    "days_in_month",
    "flux_from_kg_per_second",
    "grams_to_teragrams",
    "kelvin_to_celsius",
    "parse_flux_unit",
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
G_C_PER_MOL = 12.011
G_CO2_PER_MOL = 44.009

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


class FluxUnit(NamedTuple):
    """A unit of a carbon flux per area.

    Parameters
    ----------
    grams : float
        Grams of carbon in its mass.
    time : str
        s, h, d, month or yr.
    """

    grams: float
    time: str

    def per_month(self, days: np.ndarray, year_days: np.ndarray) -> np.ndarray:
        """Factors (time) that make g C m-2 month-1 of mean rates in this unit.

        Parameters
        ----------
        days : numpy.ndarray (time)
            Days in the month of each step.
        year_days : numpy.ndarray (time)
            Days in its year; a rate per year belongs to the whole year.

        Examples
        --------
        >>> june = np.array([30]), np.array([365])
        >>> parse_flux_unit("g C m-2 d-1").per_month(*june).tolist()
        [30.0]
        """
        spans = {
            "s": SECONDS_PER_DAY * days,
            "h": 24.0 * days,
            "d": days,
            "month": np.ones(np.shape(days)),
            "yr": days / year_days,
        }
        return np.asarray(self.grams * spans[self.time], dtype=np.float64)


def parse_flux_unit(units: str, substance: str = "C") -> FluxUnit:
    """The unit of a flux, however it is spelled.

    Parameters
    ----------
    units : str
        A mass or an amount of carbon or of CO2, per m2 and time: "kg m-2 s-1", "gC/m^2/day",
        "PgC m-2 yr-1", "µmol CO2 m-2 s-1".
    substance : str, optional
        "C" or "CO2": what the mass is of where the text does not say it.

    Returns
    -------
    FluxUnit

    Raises
    ------
    UnitsError
        If the text is no such unit.

    Notes
    -----
    1 mol holds 12.011 g of carbon, and CO2 44.009 g.

    Examples
    --------
    >>> parse_flux_unit("kg m-2 s-1")
    FluxUnit(grams=1000.0, time='s')
    >>> round(parse_flux_unit("umol CO2 m-2 s-1").grams * 1e6, 3)
    12.011
    """
    text = re.sub(r"\s*/\s*m2\b", " m-2", units.replace("^", "").replace("**", ""))
    words = re.split(r"[\s.*]+", re.sub(r"\s*/\s*([a-z]+)", r" \1-1", text).strip())
    times = [_TIMES[word[:-2]] for word in words if word[-2:] == "-1" and word[:-2] in _TIMES]
    mass = "".join(word for word in words if word != "m-2" and word[:-2] not in _TIMES)
    match = _MASS.fullmatch(mass)
    if match is None or len(times) != 1 or words.count("m-2") != 1:
        raise UnitsError(
            "a unit is not one of a carbon flux",
            rule="a mass or an amount of C or CO2, per m2, per s, h, d, month or yr",
            value=repr(units),
            remedy="correct the attribute `units` of the file, or fetch the file again",
        )
    prefix, kind, stated = match.groups()
    of_mass = {"C": 1.0, "CO2": G_C_PER_MOL / G_CO2_PER_MOL}[stated or substance]
    grams = G_C_PER_MOL if kind == "mol" else of_mass
    return FluxUnit(_PREFIXES[prefix or ""] * grams, times[0])


_PREFIXES = {"P": 1e15, "T": 1e12, "G": 1e9, "k": 1e3, "": 1.0, "m": 1e-3,
             "u": 1e-6, "µ": 1e-6, "μ": 1e-6}  # fmt: skip
_MASS = re.compile(r"(P|T|G|k|m|u|µ|μ)?(g|mol)(CO2|C)?")
_TIMES = {
    **dict.fromkeys(("s", "sec", "second"), "s"),
    **dict.fromkeys(("h", "hr", "hour"), "h"),
    **dict.fromkeys(("d", "day"), "d"),
    **dict.fromkeys(("month", "mon", "mo"), "month"),
    **dict.fromkeys(("yr", "y", "year", "a"), "yr"),
}


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
