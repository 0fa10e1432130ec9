"""Seasonal values of monthly maps, one for each year, read one year at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.trends.annual import whole_years
from abz.trends.maps import trend
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX
from abz.vocabulary import MONTHS, SEASONS

__all__ = ["TREND_SEASONS", "layer_trends", "seasonal_values"]

TREND_SEASONS: Mapping[str, Sequence[int]] = MappingProxyType(
    {"annual": MONTHS, "MAM": SEASONS["MAM"], "JJA": SEASONS["JJA"], "SON": SEASONS["SON"]}
)
"""Seasons whose trends are tested: the year, summer, and what comes before and after it."""


def seasonal_values(
    monthly: xr.DataArray, seasons: Mapping[str, Sequence[int]] = TREND_SEASONS
) -> xr.DataArray:
    """The value of each season and year: sums of fluxes, means of everything else.

    Parameters
    ----------
    monthly : xarray.DataArray (time, ...)
        `time` in each month, with units; g C m-2 month-1 is summed.
    seasons : mapping of {str: sequence of int}, optional
        Months of each season, within a calendar year.

    Returns
    -------
    xarray.DataArray (season, year, ...)
        float32, in the units of the map, sums of fluxes in g C m-2 yr-1; NaN where a month is
        missing. A year counts if it has all twelve months.

    Raises
    ------
    InputError
        If the map carries no units, or a year has a month twice.

    Examples
    --------
    >>> months = xr.date_range("2001-01-01", periods=12, freq="MS")
    >>> warmth = xr.DataArray(np.arange(12.0), dims="time", coords={"time": months},
    ...                       attrs={"units": "K"})
    >>> seasonal_values(warmth).sel(season="JJA", year=2001).item()
    6.0
    """
    units = monthly.attrs.get("units")
    if units is None:
        raise InputError(
            f"{monthly.name or 'the map'} carries no units",
            rule="fluxes are summed and other maps averaged, so the units decide",
            value=None,
            remedy='set attrs["units"] where the map is made',
        )
    summed = units == MONTHLY_FLUX
    year, month, whole = whole_years(monthly)
    others = monthly.isel(time=0, drop=True)
    found = np.full((len(seasons), len(whole), *others.shape), np.nan, np.float32)
    for place, y in enumerate(whole):
        steps = np.flatnonzero(year == y)
        values = monthly.isel(time=steps).values.astype(np.float64)
        for row, months in enumerate(seasons.values()):
            chosen = values[np.isin(month[steps], list(months))]
            found[row, place] = chosen.sum(axis=0) if summed else chosen.mean(axis=0)
    return xr.DataArray(
        found,
        dims=("season", "year", *others.dims),
        coords={**others.coords, "season": list(seasons), "year": np.array(whole, np.int64)},
        attrs={**monthly.attrs, "units": ANNUAL_FLUX if summed else units},
        name=monthly.name,
    )


def layer_trends(
    layers: Mapping[tuple[str, str], xr.DataArray], method: str = "zhang",
    preserve_range: bool = False,
) -> xr.Dataset:  # fmt: skip
    """Slope and p of several yearly maps, one upon the other.

    Parameters
    ----------
    layers : mapping of {(variable, season): xarray.DataArray (year, y, x)}
        Any units; each may have its own years.
    method, preserve_range
        As in `trend_series`.

    Returns
    -------
    xarray.Dataset (layer, y, x)
        `slope`, units of the layer per year, and `p_value`, float32; NaN where nothing is tested.
        Coordinates (layer): `layer` ("variable_season"), `variable`, `season`, `units` (of the
        variable), `first_year`, `last_year`.

    Raises
    ------
    UnitsError
        If a layer carries no units.

    Examples
    --------
    >>> years = xr.DataArray(np.arange(2001, 2021), dims="year", name="year")
    >>> warmth = (0.05 * years).assign_coords(year=years).expand_dims(["y", "x"], [1, 2])
    >>> found = layer_trends({("lst", "JJA"): warmth.assign_attrs(units="K")}, "none")
    >>> round(found["slope"].sel(layer="lst_JJA").item(), 4)
    0.05
    """
    tested = [trend(layer, method, preserve_range)[["slope", "p_value"]]
              for layer in layers.values()]  # fmt: skip
    stacked = xr.concat(
        tested, dim="layer", coords="minimal", compat="override", combine_attrs="drop",
        join="exact",
    ).astype(np.float32)  # fmt: skip
    years = [layer["year"].values for layer in layers.values()]
    return stacked.assign_coords(
        layer=["_".join(name) for name in layers],
        variable=("layer", [variable for variable, _ in layers]),
        season=("layer", [season for _, season in layers]),
        units=("layer", [str(layer.attrs["units"]) for layer in layers.values()]),
        first_year=("layer", [int(y[0]) for y in years]),
        last_year=("layer", [int(y[-1]) for y in years]),
    )
