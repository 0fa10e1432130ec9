"""TerraClimate, packed and split by variable and year as the product is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.readers.terraclimate import TERRACLIMATE_VARIABLES
from abz.units import kelvin_to_celsius
from abz.world.products.netcdf import Packing, Variable, write_netcdf, years_of

__all__ = ["HALF_RANGE", "PACKINGS", "write_terraclimate"]

HALF_RANGE = 5.0
"""Half of the daily range of temperature, K; tmin and tmax lie this far from the mean."""

PACKINGS: Mapping[str, Packing] = MappingProxyType(
    {
        "srad": Packing(0.1, 0.0, -32768),
        "vpd": Packing(0.01, 0.0, -32768),
        "tmin": Packing(0.01, -99.0, -32768),
        "tmax": Packing(0.01, -99.0, -32768),
    }
)
"""Variable to its packing."""

UNITS = MappingProxyType({"srad": "W/m^2", "vpd": "kPa", "tmin": "degC", "tmax": "degC"})


def write_terraclimate(
    data: xr.Dataset, folder: Path, packings: Mapping[str, Packing] = PACKINGS
) -> list[Path]:
    """Write `TerraClimate_{variable}_{year}.nc` of srad, vpd, tmin and tmax.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        srad W m-2, vpd kPa, air_temperature K on a longitude–latitude grid; NaN where missing.
    folder : Path
        Made where absent.
    packings : mapping of {str: Packing}, optional
        Packing of each variable; values are rounded to its scale.

    Returns
    -------
    list of Path
        In order of the years, then of the variables.

    Raises
    ------
    InputError
        If a value does not fit its packing.

    Notes
    -----
    tmin = T − 5 °C and tmax = T + 5 °C, so that their mean is T again.
    """
    paths = []
    for year, months in years_of(data, ("srad", "vpd", "air_temperature")):
        celsius = kelvin_to_celsius(months["air_temperature"].values.astype(np.float64))
        fields = {
            "srad": months["srad"].values,
            "vpd": months["vpd"].values,
            "tmin": celsius - HALF_RANGE,
            "tmax": celsius + HALF_RANGE,
        }
        axes = _axes(months)
        for name in TERRACLIMATE_VARIABLES:
            field = _field(name, fields[name], packings[name])
            path = Path(folder) / f"TerraClimate_{name}_{year}.nc"
            paths.append(write_netcdf(path, {**axes, name: field}, f"TerraClimate {name} {year}"))
    return paths


def _field(name: str, values: np.ndarray, packing: Packing) -> Variable:
    """One packed variable."""
    return Variable(
        ("time", "lat", "lon"),
        packing.pack(values),
        {**packing.attributes, "units": UNITS[name], "standard_name": name},
        packing.fill,
    )


def _axes(months: xr.Dataset) -> dict[str, Variable]:
    """Time in days since 1900, latitude from north to south, longitude from −180°."""
    since = months["time"].values.astype("datetime64[D]") - np.datetime64("1900-01-01", "D")
    units = {"units": "days since 1900-01-01 00:00:00", "calendar": "gregorian"}
    return {
        "lat": Variable(("lat",), months["y"].values, {"units": "degrees_north"}),
        "lon": Variable(("lon",), months["x"].values, {"units": "degrees_east"}),
        "time": Variable(("time",), since.astype(np.float64), units),
    }
