"""The last step of readers of fluxes: unit, sign and size checked, parts of the balance stated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.ledger import Parts
from abz.units import MONTHLY_FLUX, parse_flux_unit

__all__ = [
    "FLUX_KINDS", "FluxKind", "canonical_flux", "check_sign", "monthly", "stated_sign",
]  # fmt: skip


class FluxKind(NamedTuple):
    """What a flux is, and the smallest and largest value (g C m-2 month-1) that can be true."""

    long_name: str
    valid: tuple[float, float]


FLUX_KINDS = MappingProxyType(
    {
        "nee": FluxKind(
            "net ecosystem exchange, below zero where the land takes up CO2", (-2e3, 2e3)
        ),
        "gpp": FluxKind("gross primary production, positive", (-2e2, 2e3)),
        "reco": FluxKind("ecosystem respiration, positive", (-2e2, 2e3)),
        "ra": FluxKind("autotrophic respiration, positive", (-2e2, 2e3)),
        "rh": FluxKind("heterotrophic respiration, positive", (-2e2, 2e3)),
        "soil_flux": FluxKind("carbon dioxide that leaves the soil, positive", (-2e2, 2e3)),
        "land_flux": FluxKind(
            "net flux from land to the atmosphere, below zero where the land takes up CO2",
            (-4e3, 1e4),
        ),
        "emission": FluxKind("carbon emitted by fire, positive", (0.0, 1e5)),
    }
)
"""Fluxes of products that are compared with; signs are those of abz."""

LEAST, LEAST_IN_JULY = 1e-2, 1.0
"""A land flux in its true unit reaches this somewhere, g C m-2 month-1; a thousandth does not."""
POSITIVE = ("gpp", "reco", "ra", "rh", "soil_flux")
NET = ("nee", "land_flux")
SUMMER_BELT = (50.0, 72.0)
"""Latitudes that take up carbon in July."""
CLEAR = 15.0
"""A mean this far on the wrong side of zero is a wrong sign, g C m-2 month-1."""
NEVER_BELOW = ("soil_flux",)
"""Fluxes that are small all winter, so that a mean below zero at all is a wrong sign."""


def monthly(rate: xr.DataArray, units: str | None = None, substance: str = "C") -> xr.DataArray:
    """Sum over each month of a mean rate that carries its unit.

    Parameters
    ----------
    rate : xarray.DataArray (..., time, ...)
        Coordinates `days` and `year_days` along time, as `read_months` gives them.
    units : str, optional
        Unit where the file states none; a unit that it states always counts.
    substance : str, optional
        "C" or "CO2", where the unit does not say it.

    Returns
    -------
    xarray.DataArray
        Same dimensions, g C m-2 month-1, float64.

    Raises
    ------
    UnitsError
        If the unit is missing or not one of a carbon flux.

    Examples
    --------
    >>> days = {"days": ("time", [30]), "year_days": ("time", [360])}
    >>> rate = xr.DataArray([2.0], dims="time", coords=days, attrs={"units": "gC m-2 d-1"})
    >>> monthly(rate).values.tolist()
    [60.0]
    """
    stated = str(rate.attrs.get("units", "")).strip() or units
    if stated is None:
        raise UnitsError(
            f"{rate.name} does not state its unit",
            rule="the attribute `units` names a carbon flux, such as kg m-2 s-1",
            value=None,
            remedy="use the file of the archive, not a converted copy",
        )
    unit = parse_flux_unit(stated, substance)
    factor = unit.per_month(rate["days"].values, rate["year_days"].values)
    return rate * xr.DataArray(factor, dims="time")


def stated_sign(attrs: Mapping[str, Any]) -> float:
    """What makes a net flux ours, by its metadata: −1 if it says that it is positive downward.

    Parameters
    ----------
    attrs : mapping
        Attributes of the variable: CMIP has `positive`, CF a `standard_name` with the direction.

    Returns
    -------
    float
        1 or −1.

    Examples
    --------
    >>> stated_sign({"positive": "down"}), stated_sign({"units": "kg m-2 s-1"})
    (-1.0, 1.0)
    """
    direction = str(attrs.get("positive", "")).lower()
    named = "downward" in str(attrs.get("standard_name", ""))
    return -1.0 if direction == "down" or (named and direction != "up") else 1.0


def canonical_flux(
    flux: xr.DataArray, name: str, parts: Parts | None, what: str, *, whole: bool = True
) -> xr.DataArray:
    """A flux as float32 with its attributes, if sign and size can be true.

    Parameters
    ----------
    flux : xarray.DataArray (..., time, y, x)
        g C m-2 month-1; NaN where missing. `y` is latitude, unless the grid is polar.
    name : str
        A key of `FLUX_KINDS`.
    parts : Parts or None
        What it holds; None for a part of a part, such as heterotrophic respiration.
    what : str
        The product, for messages.
    whole : bool, optional
        Whether it is a whole map, whose mean tells the sign, and in which something is not next
        to nothing; a band of some rows tells neither.

    Returns
    -------
    xarray.DataArray
        Same dimensions and coordinates, without `days` and `year_days`.

    Raises
    ------
    InputError
        If a value is beyond what can be true, none reaches 1 in July or, of soils, in winter, or
        0.01 in other months, or the sign is the opposite.

    Examples
    --------
    >>> time = np.array(["2001-07-01"], "datetime64[ns]")
    >>> july = xr.DataArray(np.full((1, 2, 2), 60.0), dims=("time", "y", "x"),
    ...                     coords={"time": time, "y": [60.5, 59.5]})
    >>> canonical_flux(july, "nee", Parts.of("nee"), "a product")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: nee of a product has the opposite sign
      rule:   the land from 50 to 72° N takes up carbon in July: NEE below zero
      got:    a mean of 60 g C m-2 month-1
      remedy: turn the sign where the product is read: its files count uptake as positive
    """
    values = np.asarray(flux.values, dtype=np.float32)
    _check_size(values, name, what, _least(name, flux) if whole else 0.0)
    dropped = [coord for coord in ("days", "year_days") if coord in flux.coords]
    attrs = {"units": MONTHLY_FLUX, "long_name": FLUX_KINDS[name].long_name}
    attrs |= parts.attrs() if parts else {}
    made = xr.DataArray(values, flux.coords, flux.dims, name, attrs).drop_vars(dropped)
    if name in POSITIVE and whole:
        check_sign(name, _mean(values), what)
    if name in NET and whole:
        check_sign(name, _mean_of_july(made), what)
    return made


def check_sign(name: str, mean: float, what: str) -> None:
    """Nothing, unless the mean of a whole map is clearly on the wrong side of zero.

    Parameters
    ----------
    name : str
        A key of `FLUX_KINDS`; a net flux is judged by its July, all others by any months.
    mean : float
        Mean over the land, g C m-2 month-1; NaN where nothing is known.
    what : str
        The product, for messages.

    Raises
    ------
    InputError
        If the sign is the opposite.

    Examples
    --------
    >>> check_sign("gpp", 40.0, "a product")
    >>> check_sign("reco", -40.0, "a product")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: reco of a product has the opposite sign
      rule:   reco is positive
      got:    a mean of -40 g C m-2 month-1
      remedy: turn the sign where the product is read: its files count uptake as positive
    """
    rule = f"{name} is positive"
    if name in NET:
        south, north = SUMMER_BELT
        rule = f"the land from {south:g} to {north:g}° N takes up carbon in July: NEE below zero"
    clear = 0.0 if name in NEVER_BELOW else CLEAR
    if (name in NET and mean > clear) or (name in POSITIVE and mean < -clear):
        raise InputError(
            f"{name} of {what} has the opposite sign",
            rule=rule,
            value=f"a mean of {mean:.3g} {MONTHLY_FLUX}",
            remedy="turn the sign where the product is read: its files count uptake as positive",
        )


def _least(name: str, flux: xr.DataArray) -> float:
    """What some value of a whole map reaches; fire may be next to nothing everywhere."""
    if name == "emission":
        return 0.0
    told = name in NEVER_BELOW or bool((flux["time"].dt.month == 7).any())
    return LEAST_IN_JULY if told else LEAST


def _check_size(values: np.ndarray, name: str, what: str, least: float) -> None:
    """Nothing, if the largest and smallest values can be true."""
    if not values.size or np.isnan(lowest := np.fmin.reduce(values, axis=None)):
        return
    highest = np.fmax.reduce(values, axis=None)
    low, high = FLUX_KINDS[name].valid
    if lowest < low or highest > high or 0 < max(abs(lowest), abs(highest)) < least:
        raise InputError(
            f"{name} of {what} holds values that cannot be true",
            rule=f"{low:g} to {high:g} {MONTHLY_FLUX}, and somewhere {least:g} or more",
            value=f"{lowest:g} to {highest:g}",
            remedy="check the attribute `units`, the scale factor and the fill value of the file",
        )


def _mean(values: np.ndarray) -> float:
    """Mean of the known values."""
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if known.size else np.nan


def _mean_of_july(flux: xr.DataArray) -> float:
    """Mean of the boreal zone in July, where anything is exchanged."""
    july = flux.isel(time=np.flatnonzero(flux["time"].dt.month.values == 7))
    if "y" in flux.coords and flux["y"].attrs.get("units") != "m":
        south, north = SUMMER_BELT
        july = july.isel(y=np.flatnonzero((july["y"] > south) & (july["y"] < north)))
    return _mean(july.values[july.values != 0])
