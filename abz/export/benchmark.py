"""Fluxes of a common map as benchmark programs for land models load them: CF names, kg m-2 s-1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from abz.errors import GridError, MissingDataError
from abz.grid import Grid
from abz.units import G_PER_KG, MONTHLY_FLUX, SECONDS_PER_DAY, require_units
from abz.validation import check_choice

__all__ = ["BENCHMARK_NAMES", "write_benchmark"]

BENCHMARK_NAMES = MappingProxyType(
    {
        "nee": (
            ("nee", 1.0, "", "net ecosystem exchange, below zero where the land takes up carbon"),
            ("nep", -1.0,
             "surface_net_downward_mass_flux_of_carbon_dioxide_expressed_as_carbon_due_to_all_"
             "land_processes_excluding_anthropogenic_land_use_change",
             "net ecosystem productivity, positive where the land takes up carbon"),
        ),
        "gpp": (
            ("gpp", 1.0, "gross_primary_productivity_of_biomass_expressed_as_carbon",
             "gross primary production"),
        ),
        "reco": (("reco", 1.0, "", "ecosystem respiration, ra + rh"),),
    }
)  # fmt: skip
"""Flux to its variables: name, sign, CF standard name where there is one, and long name.

ILAMB asks for nee, gpp and reco; nep is the name of CMIP, and uptake where it is positive. CF has
no standard name for all respiration of the land.
"""

FILL = np.float32(1e20)
TIME_UNITS = "days since 1850-01-01 00:00:00"


def write_benchmark(
    fluxes: Mapping[str, xr.DataArray], path: Path, title: str, *, synthetic: bool
) -> Path:
    """Write monthly fluxes on longitude and latitude as CF NetCDF.

    Parameters
    ----------
    fluxes : mapping of {str: xarray.DataArray (time, y, x)}
        Keys of `BENCHMARK_NAMES`; g C m-2 month-1 of land, NaN where missing, all on one grid of
        degrees and of the same months, which follow each other.
    path : Path
        File that ends in .nc.
    title : str
        What it is.
    synthetic : bool
        Whether the data are those of a synthetic world.

    Returns
    -------
    Path
        `path`: `nee` and `nep`, `gpp`, `reco` (time, lat, lon), kg m-2 s-1, float32, with
        `time_bnds`, `lat_bnds` and `lon_bnds`; rows from south to north, longitudes from 0 to 360°.

    Raises
    ------
    UnitsError
        If a flux is not in g C m-2 month-1.
    GridError
        If the grid is not one of degrees.
    MissingDataError
        If a month is missing between the first and the last.

    Notes
    -----
    A month is divided by its own seconds, so that its sum is what it was.

    References
    ----------
    .. [1] Collier et al. (2018), ILAMB, doi:10.1029/2018MS001354.
    """
    first = next(iter(fluxes.values()))
    months = first["time"].values.astype("datetime64[M]")
    for flux, layer in fluxes.items():
        check_choice(flux, BENCHMARK_NAMES, "flux")
        require_units(layer, MONTHLY_FLUX)
    _check_months(months, title)
    place = "Synthetic Arctic, not the real one: " if synthetic else ""
    about = {"Conventions": "CF-1.11", "title": place + title,
             "data": "synthetic" if synthetic else "real"}  # fmt: skip
    axes = xr.Dataset(_bounds(Grid.of(first), months), attrs=about)
    axes = axes.sortby("lat").sortby("lon")
    bare: dict[str, dict[str, Any]] = {str(name): {"_FillValue": None} for name in axes.variables}
    axes.to_netcdf(path, engine="netcdf4", encoding=bare)
    for flux, layer in fluxes.items():
        for name, sign, standard_name, long_name in BENCHMARK_NAMES[flux]:
            names = {"standard_name": standard_name} if standard_name else {}
            rate = _rate(layer, sign, {**names, "long_name": long_name}).to_dataset(name=name)
            stored = {name: {"_FillValue": FILL, "zlib": True}}
            rate.to_netcdf(path, "a", engine="netcdf4", encoding=stored)
    return path


def _check_months(months: np.ndarray, title: str) -> None:
    """Nothing, if each month follows the one before."""
    odd = months[1:][np.diff(months).astype(int) != 1]
    if odd.size:
        raise MissingDataError(
            f"months are missing from {title}",
            rule="each month between the first and the last, in order",
            value=f"none before {odd[0]}",
            remedy="write whole years that follow each other",
        )


def _rate(layer: xr.DataArray, sign: float, names: Mapping[str, str]) -> xr.DataArray:
    """Monthly sums (time, y, x) as mean rates (time, lat, lon), from the south and from 0°."""
    seconds = np.diff(_edges(layer["time"].values.astype("datetime64[M]"))) * SECONDS_PER_DAY
    order = np.argsort(Grid.of(layer).x % 360.0)
    turned = layer.transpose("time", "y", "x").values[:, ::-1][:, :, order]
    values = turned * (sign / G_PER_KG / seconds[:, None, None])
    attrs = {**names, "units": "kg m-2 s-1", "cell_methods": "area: mean where land time: mean"}
    return xr.DataArray(values.astype(np.float32), dims=("time", "lat", "lon"), attrs=attrs)


def _edges(months: np.ndarray) -> np.ndarray:
    """First days of the months, and of the month after the last, in `TIME_UNITS`."""
    starts = np.append(months, months[-1] + 1).astype("datetime64[D]")
    return np.asarray((starts - np.datetime64("1850-01-01")).astype(np.float64))


def _bounds(grid: Grid, months: np.ndarray) -> dict[str, xr.DataArray]:
    """Coordinates with their bounds."""
    if not grid.is_lonlat:
        raise GridError(
            "a benchmark file has axes of degrees",
            rule="longitude and latitude",
            value=grid.bounds,
            remedy="bring the fluxes to a grid of degrees first",
        )
    days = _edges(months)
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
