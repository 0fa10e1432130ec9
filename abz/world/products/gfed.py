"""GFED500m yearly files, in the schema that `abz.readers.gfed` declares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from netCDF4 import Dataset

from abz.errors import InputError
from abz.grid.geometry import Grid
from abz.readers.gfed import GFED_ATTRS, GFED_FIELDS
from abz.validation import check_variables

__all__ = ["whole_years", "write_gfed500m"]


def write_gfed500m(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write fire emission and burned fraction as GFED500m files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1, and `burned_fraction`, 0 to 1, of whole years, on a
        sinusoidal grid.
    folder : Path
        Where the files go; made if needed.

    Returns
    -------
    list of Path
        One file a year.

    Raises
    ------
    InputError
        If a year has not its twelve months.

    Notes
    -----
    float32, missing NaN: values return as they are.
    """
    check_variables(data, GFED_FIELDS, "GFED500m")
    years = whole_years(data)
    grid = Grid.of(data)
    arrays = {n: data[n].transpose("time", "y", "x").values for n in GFED_FIELDS}
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, year in enumerate(years):
        part = slice(12 * number, 12 * number + 12)
        path = folder / f"GFED500m_{year}.nc"
        _write(path, year, grid, {name: array[part] for name, array in arrays.items()})
        paths.append(path)
    return paths


def whole_years(data: xr.Dataset) -> list[int]:
    """The years of the data, if each has its twelve months, in order."""
    months = data["time"].values.astype("datetime64[M]")
    first = np.unique(months.astype("datetime64[Y]")).astype("datetime64[M]")
    if not len(months) or not np.array_equal((first[:, None] + np.arange(12)).ravel(), months):
        raise InputError(
            "the months are not those of whole years",
            rule="time holds January to December of each year, in order",
            value=f"{len(months)} months from {months[:1]}",
            remedy="select whole years",
        )
    return [int(month) // 12 + 1970 for month in first.astype(np.int64)]


def _write(path: Path, year: int, grid: Grid, arrays: dict[str, np.ndarray]) -> None:
    """One year."""
    coords = grid.coords()
    starts = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    with Dataset(path, "w", format="NETCDF4") as file:
        file.Conventions = "CF-1.10"
        for name, size in (("time", 12), ("y", grid.shape[0]), ("x", grid.shape[1])):
            file.createDimension(name, size)
        time = file.createVariable("time", "i4", ("time",))
        time.setncatts({"standard_name": "time", "units": f"days since {year}-01-01"})
        time[:] = (starts.astype("datetime64[D]") - starts[0].astype("datetime64[D]")).astype(int)
        for name in ("y", "x"):
            axis = file.createVariable(name, "f8", (name,))
            axis.setncatts(coords[name].attrs)
            axis[:] = coords[name].values
        file.createVariable("crs", "i4").setncatts(coords["spatial_ref"].attrs)
        for name, field in GFED_FIELDS.items():
            variable = file.createVariable(
                field, "f4", ("time", "y", "x"), zlib=True, complevel=1, fill_value=np.nan
            )
            variable.setncatts({**GFED_ATTRS[name], "grid_mapping": "crs"})
            variable[:] = arrays[name]
