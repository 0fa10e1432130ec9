"""Annual sums of monthly maps, their mean and their trend."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.trends.maps import trend
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX, require_units
from abz.vocabulary import MONTHS

__all__ = ["annual_sums", "flux_trends", "whole_years"]

KEPT = ("slope", "lower", "upper", "p_value", "tau", "n_valid", "converged")


def annual_sums(monthly: xr.DataArray) -> xr.DataArray:
    """Sums over the whole years of monthly fluxes.

    Parameters
    ----------
    monthly : xarray.DataArray (time, ...)
        g C m-2 month-1, `time` in each month. One year is read at a time.

    Returns
    -------
    xarray.DataArray (year, ...)
        g C m-2 yr-1, float64; NaN where a month is missing. A year without all twelve months is
        left out.

    Raises
    ------
    UnitsError
        If the flux is not in g C m-2 month-1.
    InputError
        If a year has a month twice.

    Examples
    --------
    >>> months = xr.date_range("2001-03-01", periods=22, freq="MS")
    >>> nee = xr.DataArray(
    ...     np.full(22, -2.0), dims="time", coords={"time": months},
    ...     attrs={"units": "g C m-2 month-1"},
    ... )
    >>> annual_sums(nee).to_series().to_dict()
    {2002: -24.0}
    """
    require_units(monthly, MONTHLY_FLUX)
    year, _, whole = whole_years(monthly)
    others = monthly.isel(time=0, drop=True)
    sums = np.full((len(whole), *others.shape), np.nan)
    for place, y in enumerate(whole):
        sums[place] = monthly.isel(time=np.flatnonzero(year == y)).values.sum(0, dtype=np.float64)
    return xr.DataArray(
        sums,
        dims=("year", *others.dims),
        coords={**others.coords, "year": np.array(whole, np.int64)},
        attrs={**monthly.attrs, "units": ANNUAL_FLUX},
        name=monthly.name,
    )


def whole_years(monthly: xr.DataArray) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Year and month of each step of a monthly series, and the years that have all months.

    Raises
    ------
    InputError
        If a year has a month twice.

    Examples
    --------
    >>> months = xr.date_range("2001-03-01", periods=22, freq="MS")
    >>> whole_years(xr.DataArray(np.ones(22), dims="time", coords={"time": months}))[2]
    [2002]
    """
    year, month = monthly["time"].dt.year.values, monthly["time"].dt.month.values
    steps, counts = np.unique(np.stack([year, month]), axis=1, return_counts=True)
    if (counts > 1).any():
        first = steps[:, counts > 1][:, 0]
        raise InputError(
            f"{monthly.name or 'the map'} has a month twice",
            rule="one step in each month of a year",
            value=f"{counts.max()} steps in {first[0]}-{first[1]:02d}",
            remedy="make one value of each month first",
        )
    return year, month, [int(y) for y in np.unique(year) if (steps[0] == y).sum() == len(MONTHS)]


def flux_trends(
    annual: Mapping[str, xr.DataArray], method: str = "zhang", preserve_range: bool = False
) -> xr.Dataset:
    """Mean and trend of the annual sums of several fluxes.

    Parameters
    ----------
    annual : mapping of {flux: xarray.DataArray (year, y, x)}
        g C m-2 yr-1; each flux may have its own years.
    method : str, optional
        One of `abz.trends.METHODS`.
    preserve_range : bool, optional
        As in `trend_series`.

    Returns
    -------
    xarray.Dataset (flux, y, x)
        `mean` over the years with a value, g C m-2 yr-1; `slope`, `lower`, `upper`, g C m-2 yr-1
        per year; `p_value`, `tau`; `n_valid`; `converged`. Coordinates `first_year`, `last_year`
        (flux). float32, NaN where there is no result.

    Raises
    ------
    UnitsError
        If a flux is not in g C m-2 yr-1.

    Examples
    --------
    >>> years = xr.DataArray(np.arange(2001, 2021), dims="year", name="year")
    >>> nee = (-2.0 * years).assign_coords(year=years).expand_dims(["y", "x"], [1, 2])
    >>> found = flux_trends({"nee": nee.assign_attrs(units="g C m-2 yr-1")})
    >>> found["slope"].sel(flux="nee").item()
    -2.0
    """
    layers = []
    for sums in annual.values():
        require_units(sums, ANNUAL_FLUX)
        found = trend(sums, method, preserve_range)[list(KEPT)]
        found["mean"] = sums.mean("year").assign_attrs(
            units=ANNUAL_FLUX, long_name="mean annual flux"
        )
        layers.append(found)
    stacked = xr.concat(
        layers, dim="flux", coords="minimal", compat="override", combine_attrs="drop_conflicts",
        join="exact",
    )  # fmt: skip
    years = [sums["year"].values for sums in annual.values()]
    stacked = stacked.assign_coords(
        flux=list(annual),
        first_year=("flux", [int(y[0]) for y in years]),
        last_year=("flux", [int(y[-1]) for y in years]),
    )
    return stacked.map(_compact)[["mean", *KEPT]]


def _compact(array: xr.DataArray) -> xr.DataArray:
    """The array in the smallest type that holds its values as they are meant."""
    kind: type = {"f": np.float32, "b": np.int8}.get(array.dtype.kind, np.int16)
    return array.astype(kind).assign_attrs(array.attrs)
