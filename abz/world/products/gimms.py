"""GIMMS-3G+ half-year files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from netCDF4 import Dataset

from abz.errors import InputError
from abz.grid.geometry import Grid
from abz.readers.gimms import FLAG_STEP, NDVI_SCALE, half_months
from abz.validation import check_values, check_variables

__all__ = ["write_gimms3g"]

FILL = -5000
EPOCH = np.datetime64("1980-01-01", "D")
"""Day from which the time axis counts."""
PERCENTILE = 500
"""Stored for a percentile of 50 %, the only one written."""


def write_gimms3g(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write half-month NDVI and its flag as GIMMS-3G+ files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `ndvi`, 1, and `flag`, int8 (0 to 2, −1 missing), in longitude and latitude; `time` holds
        the first days of all 24 half-months of each year.
    folder : Path
        Where the files go; made if needed.

    Returns
    -------
    list of Path
        Two files a year, January to June and July to December.

    Raises
    ------
    InputError
        If years are not whole, or NDVI is outside −0.3 to 1.

    Notes
    -----
    stored = 10000 · NDVI as int16, missing −5000: a value returns within 0.00005.
    """
    check_variables(data, ["ndvi", "flag"], "GIMMS-3G+")
    years, starts = _whole_years(data), data["time"].values.astype("datetime64[D]")
    grid = Grid.of(data)
    ndvi = data["ndvi"].transpose("time", "y", "x").values
    flag = data["flag"].transpose("time", "y", "x").values
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, year in enumerate(years):
        for half, months in enumerate(("0106", "0712")):
            first = 24 * number + 12 * half
            part = slice(first, first + 12)
            path = folder / f"ndvi3g_geo_v1_1_{year}_{months}.nc4"
            days = (starts[part] - EPOCH).astype(np.int64)
            _write(path, grid, days, _encode(ndvi[part]), _percentile(flag[part]))
            paths.append(path)
    return paths


def _whole_years(data: xr.Dataset) -> list[int]:
    """The years of the data, if each has its 24 half-months, in order."""
    starts = data["time"].values.astype("datetime64[D]")
    years = (np.unique(starts.astype("datetime64[Y]")).astype(np.int64) + 1970).tolist()
    if not years or not np.array_equal(half_months(years)[0], starts):
        raise InputError(
            "the half-months are not those of whole years",
            rule="time holds days 1 and 16 of every month of each year, in order",
            value=starts[:3],
            remedy="take the dates from abz.readers.gimms.half_months",
        )
    return [int(year) for year in years]


def _encode(ndvi: np.ndarray) -> np.ndarray:
    """NDVI as stored whole numbers."""
    missing = np.isnan(ndvi)
    counts = np.rint(np.asarray(ndvi, np.float64) * NDVI_SCALE)
    check_values(counts, (-2999, NDVI_SCALE), f"ndvi × {NDVI_SCALE}", missing)
    return np.where(missing, FILL, counts).astype(np.int16)


def _percentile(flag: np.ndarray) -> np.ndarray:
    """The flag in the form in which the product keeps it."""
    known = FLAG_STEP * flag.astype(np.int16) + PERCENTILE
    return np.where(flag < 0, FILL, known).astype(np.int16)


def _write(
    path: Path, grid: Grid, days: np.ndarray, ndvi: np.ndarray, percentile: np.ndarray
) -> None:
    """One half-year."""
    with Dataset(path, "w", format="NETCDF4") as file:
        for name, size in (("lat", grid.shape[0]), ("lon", grid.shape[1]), ("time", len(ndvi))):
            file.createDimension(name, size)
        axes = {
            "lat": (grid.y, "degrees_north"),
            "lon": (grid.x, "degrees_east"),
            "time": (days, f"days since {EPOCH}"),
        }
        for name, (values, units) in axes.items():
            axis = file.createVariable(name, "f8", (name,))
            axis[:] = values
            axis.units = units
        dims = ("time", "lat", "lon")
        for name, values, scale in (("ndvi", ndvi, "x 10000"), ("percentile", percentile, "x 10")):
            variable = file.createVariable(name, "i2", dims, zlib=True, complevel=1)
            variable.set_auto_maskandscale(False)
            variable[:] = values
            variable.setncatts({"units": "1", "scale": scale, "missing_value": np.int16(FILL)})
