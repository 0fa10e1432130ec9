"""ERA5-Land monthly means, as the Climate Data Store delivers them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.grid import Grid
from abz.readers.era5_land import ERA5_LAND_VARIABLES
from abz.readers.labels import predictor_attrs
from abz.validation import check_choice
from abz.world.products.netcdf import Packing, Variable, write_netcdf, years_of

__all__ = ["write_era5_land"]

FILL = -32767
LAYOUTS = ("valid_time", "packed")


def write_era5_land(data: xr.Dataset, folder: Path, layout: str = "valid_time") -> list[Path]:
    """Write `era5_land_monthly_{year}.nc`, one file a year.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        soil_temperature K, soil_moisture m3 m-3, snow_cover %, air_temperature K on a longitude–
        latitude grid; NaN where missing.
    folder : Path
        Made where absent.
    layout : str, optional
        "valid_time": float32, time in seconds since 1970, as delivered today. "packed": int16
        with a scale of its own for each variable and file, time in hours since 1900, as
        delivered earlier.

    Returns
    -------
    list of Path
        In order of the years.

    Raises
    ------
    InputError
        If the layout is unknown.

    Notes
    -----
    Files run from north to south and from 0° to 360°.
    """
    check_choice(layout, LAYOUTS, "layout")
    longitude = np.round(Grid.of(data).x, 9) % 360.0
    columns = np.argsort(longitude)
    paths = []
    for year, months in years_of(data, list(ERA5_LAND_VARIABLES.values())):
        fields = {
            short: months[name].values[:, :, columns] for short, name in ERA5_LAND_VARIABLES.items()
        }
        pack = _packed if layout == "packed" else _plain
        variables = pack(fields, months["time"].values, months["y"].values, longitude[columns])
        path = Path(folder) / f"era5_land_monthly_{year}.nc"
        paths.append(write_netcdf(path, variables, "ERA5-Land monthly averaged data"))
    return paths


def _plain(
    fields: dict[str, np.ndarray], time: np.ndarray, latitude: np.ndarray, longitude: np.ndarray
) -> dict[str, Variable]:
    """The layout of today."""
    seconds = time.astype("datetime64[s]").astype(np.int64)
    units = {"units": "seconds since 1970-01-01", "calendar": "proleptic_gregorian"}
    dims = ("valid_time", "latitude", "longitude")
    return {
        "valid_time": Variable(("valid_time",), seconds, {"standard_name": "time", **units}),
        **_axes(latitude, longitude),
        **{
            short: Variable(
                dims, values.astype(np.float32), predictor_attrs(ERA5_LAND_VARIABLES[short]), np.nan
            )
            for short, values in fields.items()
        },
    }


def _packed(
    fields: dict[str, np.ndarray], time: np.ndarray, latitude: np.ndarray, longitude: np.ndarray
) -> dict[str, Variable]:
    """The earlier layout."""
    since = time.astype("datetime64[h]") - np.datetime64("1900-01-01", "h")
    units = {"units": "hours since 1900-01-01 00:00:00.0", "calendar": "gregorian"}
    variables = {
        **_axes(longitude=longitude.astype(np.float32), latitude=latitude.astype(np.float32)),
        "time": Variable(("time",), since.astype(np.int32), {"long_name": "time", **units}),
    }
    for short, values in fields.items():
        packing = Packing.spanning(values, FILL)
        variables[short] = Variable(
            ("time", "latitude", "longitude"),
            packing.pack(values),
            {**packing.attributes, **predictor_attrs(ERA5_LAND_VARIABLES[short])},
            FILL,
        )
    return variables


def _axes(latitude: np.ndarray, longitude: np.ndarray) -> dict[str, Variable]:
    """Coordinates of the cell centres."""
    return {
        "latitude": Variable(("latitude",), latitude, {"units": "degrees_north"}),
        "longitude": Variable(("longitude",), longitude, {"units": "degrees_east"}),
    }
