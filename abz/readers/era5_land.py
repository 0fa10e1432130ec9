"""ERA5-Land monthly means: soil temperature and moisture, snow cover, air temperature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import xarray as xr

from abz.readers.canonical import canonical
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


def read_era5_land(paths: Sequence[Path]) -> xr.Dataset:
    """ERA5-Land monthly means on their native grid.

    Parameters
    ----------
    paths : sequence of Path
        `era5_land_monthly_{year}.nc`, in either layout of the Climate Data Store: `time` with
        packed int16, or `valid_time` with float32. They are read whole and closed.

    Returns
    -------
    xarray.Dataset (time, y, x)
        soil_temperature K, soil_moisture m3 m-3, snow_cover %, air_temperature K; float32, NaN
        over water. Longitude −180° to 180°; the meridian of Greenwich is a cell centre.

    Raises
    ------
    MissingDataError
        If a file or variable is missing.
    InputError
        If a month occurs twice or a value cannot be true.
    GridError
        If the files lie on different grids.

    References
    ----------
    .. [1] Muñoz-Sabater et al. (2021), ERA5-Land, doi:10.5194/essd-13-4349-2021.
    """
    months = join_months(read_months(Path(path), list(ERA5_LAND_VARIABLES)) for path in paths)
    fields = {name: canonical(months[short], name) for short, name in ERA5_LAND_VARIABLES.items()}
    return xr.Dataset(fields, months.coords)
