"""ERA5-Land months in GRIB, for those who have cfgrib: it is no part of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.readers.axes import lonlat_window
from abz.readers.orientation import check_orientation
from abz.validation import check_file, check_variables

__all__ = ["read_grib"]


def read_grib(path: Path, variables: Sequence[str]) -> xr.Dataset:
    """Fields of one GRIB file, as `read_months` returns those of NetCDF.

    Parameters
    ----------
    path : Path
        Monthly means of ERA5-Land on a regular longitude–latitude grid.
    variables : sequence of str
        Short names: stl1, swvl1, snowc, t2m.

    Returns
    -------
    xarray.Dataset (time, y, x)
        float32, NaN where missing; `days` and `year_days` along time.

    Raises
    ------
    MissingDataError
        If cfgrib is not installed, or the file or a variable is missing.
    GridError
        If the axes are not evenly spaced, or the map lies upside down.
    """
    if find_spec("cfgrib") is None:
        raise MissingDataError(
            f"{Path(path).name} cannot be read: cfgrib is not installed",
            rule="GRIB needs the package cfgrib and the library ecCodes",
            value=path,
            remedy='`pip install cfgrib`, or request NetCDF (`data_format: "netcdf"`)',
        )
    cfgrib = import_module("cfgrib")
    groups = cfgrib.open_datasets(str(check_file(path, "ERA5-Land")), indexpath="")
    parts = [group.drop_vars(_levels(group)) for group in groups]
    file = check_variables(xr.merge(parts, join="exact"), variables, Path(path).name)
    window = lonlat_window(file["longitude"].values, file["latitude"].values, Path(path).name)
    part = file.isel(latitude=window.rows, longitude=window.columns)
    dims = ("time", "latitude", "longitude")
    fields = {}
    for name in variables:
        values = window.turned(part[name].transpose(*dims).values.astype(np.float32))
        check_orientation(values, window.longitude, window.latitude, f"{name} of {path.name}")
        fields[name] = (("time", "y", "x"), values)
    time = file["time"].values.astype("datetime64[M]").astype("datetime64[ns]")
    days = xr.DataArray(time, dims="time").dt
    steps = {
        "time": time,
        "days": ("time", days.days_in_month.values),
        "year_days": ("time", np.where(days.is_leap_year.values, 366, 365)),
    }
    return xr.Dataset(fields, {**steps, **window.grid.coords()})


def _levels(group: xr.Dataset) -> list[str]:
    """Scalar coordinates, such as the depth of a soil layer, in which groups differ."""
    return [str(name) for name in group.coords if name not in group.dims]
