"""Fluxes of a common map as benchmark programs for land models load them: CF names, kg m-2 s-1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import GridError
from abz.grid import Grid
from abz.units import ANNUAL_FLUX, G_PER_KG, SECONDS_PER_DAY, require_units
from abz.validation import check_choice

__all__ = ["BENCHMARK_NAMES", "write_benchmark"]

BENCHMARK_NAMES = MappingProxyType(
    {
        "nee": ("nep", -1.0,
                "surface_net_downward_mass_flux_of_carbon_dioxide_expressed_as_carbon_due_to_all_"
                "land_processes_excluding_anthropogenic_land_use_change"),
        "gpp": ("gpp", 1.0, "gross_primary_productivity_of_biomass_expressed_as_carbon"),
    }
)  # fmt: skip
"""Flux to the variable of CMIP, its sign, and its CF standard name.

NEE is written as nep, which is uptake where it is positive.
"""

FILL = np.float32(1e20)
TIME_UNITS = "days since 1850-01-01 00:00:00"


def write_benchmark(
    annual: Mapping[str, xr.DataArray], path: Path, title: str, *, synthetic: bool
) -> Path:
    """Write annual fluxes on longitude and latitude as CF NetCDF.

    Parameters
    ----------
    annual : mapping of {str: xarray.DataArray (year, y, x)}
        Keys of `BENCHMARK_NAMES`; g C m-2 yr-1 of land, NaN where missing, all on one grid of
        degrees and of the same years.
    path : Path
        File that ends in .nc.
    title : str
        What it is.
    synthetic : bool
        Whether the data are those of a synthetic world.

    Returns
    -------
    Path
        `path`: `nep` or `gpp` (time, lat, lon), kg m-2 s-1, float32, with `time_bnds`, `lat_bnds`
        and `lon_bnds`; rows from south to north, longitudes from 0 to 360°.

    Raises
    ------
    UnitsError
        If a flux is not in g C m-2 yr-1.
    GridError
        If the grid is not one of degrees.

    Notes
    -----
    A year is divided by its own seconds, so that its sum is what it was.

    References
    ----------
    .. [1] Collier et al. (2018), ILAMB, doi:10.1029/2018MS001354.
    """
    variables = {}
    for flux, layer in annual.items():
        check_choice(flux, BENCHMARK_NAMES, "flux")
        require_units(layer, ANNUAL_FLUX)
        name, sign, standard_name = BENCHMARK_NAMES[flux]
        variables[name] = _rate(layer, sign, standard_name)
    first = next(iter(annual.values()))
    place = "Synthetic Arctic, not the real one: " if synthetic else ""
    made = xr.Dataset(variables).assign_coords(_bounds(Grid.of(first), first["year"].values))
    made = made.assign_attrs(
        Conventions="CF-1.11", title=place + title, data="synthetic" if synthetic else "real"
    )
    made = made.sortby("lat").sortby("lon")
    stored: dict[str, dict[str, Any]] = {
        str(name): {"_FillValue": FILL if name in variables else None} for name in made.variables
    }
    made.to_netcdf(path, engine="netcdf4", encoding=stored)
    return path


def _rate(layer: xr.DataArray, sign: float, standard_name: str) -> xr.DataArray:
    """Annual sums (year, y, x) as mean rates (time, lat, lon)."""
    edges = _edges(layer["year"].values)
    seconds = np.diff(edges) * SECONDS_PER_DAY
    values = sign * layer.transpose("year", "y", "x").values / G_PER_KG / seconds[:, None, None]
    attrs = {
        "standard_name": standard_name, "units": "kg m-2 s-1",
        "cell_methods": "area: mean where land time: mean",
    }  # fmt: skip
    return xr.DataArray(values.astype(np.float32), dims=("time", "lat", "lon"), attrs=attrs)


def _edges(years: np.ndarray) -> np.ndarray:
    """First days of the years, and of the year after the last, in `TIME_UNITS`."""
    starts = pd.DatetimeIndex([f"{year}-01-01" for year in [*years, years[-1] + 1]])
    return np.asarray((starts - pd.Timestamp("1850-01-01")).days, np.float64)


def _bounds(grid: Grid, years: np.ndarray) -> dict[str, xr.DataArray]:
    """Coordinates with their bounds."""
    if not grid.is_lonlat:
        raise GridError(
            "a benchmark file has axes of degrees",
            rule="longitude and latitude",
            value=grid.bounds,
            remedy="bring the fluxes to a grid of degrees first",
        )
    days = _edges(years)
    half = (-grid.transform.e / 2, grid.transform.a / 2)
    east = grid.x % 360.0
    axes = {
        "time": (days[:-1] / 2 + days[1:] / 2, np.stack([days[:-1], days[1:]], 1),
                 {"units": TIME_UNITS, "calendar": "standard", "standard_name": "time"}),
        "lat": (grid.y, np.stack([grid.y - half[0], grid.y + half[0]], 1),
                {"units": "degrees_north", "standard_name": "latitude"}),
        "lon": (east, np.stack([east - half[1], east + half[1]], 1),
                {"units": "degrees_east", "standard_name": "longitude"}),
    }  # fmt: skip
    found = {}
    for name, (centres, bounds, attrs) in axes.items():
        about = attrs | {"bounds": f"{name}_bnds"}
        found[name] = xr.DataArray(centres, dims=(name,), attrs=about)
        found[f"{name}_bnds"] = xr.DataArray(bounds, dims=(name, "bnds"))
    return found
