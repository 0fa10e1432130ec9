"""ERA5-Land monthly means: soil temperature and moisture, snow cover, air temperature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import xarray as xr

from abz.readers.calendars import check_no_gap, check_year
from abz.readers.canonical import canonical
from abz.readers.era5_land_grib import read_grib
from abz.readers.file_names import parse_names
from abz.readers.labels import provenance
from abz.readers.months import join_months, read_months

__all__ = ["ERA5_LAND_VARIABLES", "read_era5_land"]

ERA5_LAND_VARIABLES = MappingProxyType(
    {
        "stl1": "soil_temperature",
        "swvl1": "soil_moisture",
        "snowc": "snow_cover",
        "t2m": "air_temperature",
    }
)
"""Short name in the files to canonical name; the units of both agree."""

FILE_NAME = re.compile(r"era5_land_monthly_(?P<year>\d{4})\.(?P<format>nc|grib)")


def read_era5_land(paths: Sequence[Path], *, lazy: bool = False) -> xr.Dataset:
    """ERA5-Land monthly means on their native grid.

    Parameters
    ----------
    paths : sequence of Path
        `era5_land_monthly_{year}.nc`, in either layout of the Climate Data Store: `time` with
        packed int16, or `valid_time` with float32; or `era5_land_monthly_{year}.grib`, which
        needs cfgrib. They are closed again.
    lazy : bool, optional
        Whether fields of NetCDF are read, and their values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        soil_temperature K, soil_moisture m3 m-3, snow_cover %, air_temperature K; float32, NaN
        over water. Longitude −180° to 180°; the meridian of Greenwich is a cell centre.

    Raises
    ------
    MissingDataError
        If a file, a variable or a month is missing, or cfgrib is, for GRIB.
    InputError
        If a file is of another product or year, a month occurs twice or a value cannot be true.
    GridError
        If the files lie on different grids, or a map lies upside down.

    References
    ----------
    .. [1] Muñoz-Sabater et al. (2021), ERA5-Land, doi:10.5194/essd-13-4349-2021.
    """
    names = parse_names(paths, FILE_NAME, "ERA5-Land", "era5_land_monthly_2001.nc")
    months = join_months(_read(path, int(part["year"]), lazy=lazy) for path, part in names)
    check_no_gap(months["time"].values, "ERA5-Land")
    fields = {name: canonical(months[short], name) for short, name in ERA5_LAND_VARIABLES.items()}
    return xr.Dataset(fields, months.coords, provenance("ERA5-Land", paths))


def _read(path: Path, year: int, *, lazy: bool) -> xr.Dataset:
    """The months of one file, all of the year in its name."""
    names = list(ERA5_LAND_VARIABLES)
    grib = path.suffix == ".grib"
    found = read_grib(path, names) if grib else read_months(path, names, lazy=lazy)
    months = found.drop_vars(["days", "year_days"])
    check_year(months["time"].values, year, path.name)
    return months
