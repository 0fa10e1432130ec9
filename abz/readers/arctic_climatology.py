"""A real 12-month climatology of predictors on 1 degree, north of 45° N."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.grid import lonlat_grid
from abz.readers.axes import check_degrees
from abz.readers.intact import NETCDF, intact
from abz.readers.labels import provenance
from abz.readers.orientation import check_orientation
from abz.validation import check_single_file, check_variables
from abz.vocabulary import PREDICTORS

__all__ = ["read_arctic_climatology"]

VARIABLES = {
    "sw_down": "srad",
    "vpd": "vpd",
    "snow_cover": "snow_cover",
    "tsoil_l1": "soil_temperature",
    "soil_moisture_l1": "soil_moisture",
    "ndvi_gapfilled": "ndvi",
    "tair": "air_temperature",
    "tree_cover": "tree_cover",
    "nontree_veg_percent": "nontree_cover",
    "bare_percent": "nonvegetated_cover",
    "biome": "biome",
    "land_fraction": "land_fraction",
}
"""Stored variable to canonical name; all are stored in the canonical unit."""

ESTIMATED = "ndvi outside North America is estimated; vpd and snow_cover derive from coarser fields"


def read_arctic_climatology(paths: Sequence[Path]) -> xr.Dataset:
    """Predictors, biome and land fraction of the climatology.

    Parameters
    ----------
    paths : sequence of Path = (path,)
        `arctic_predictors_real.nc`.

    Returns
    -------
    xarray.Dataset (month, y, x)
        Monthly predictors (month, y, x), covers (y, x) in %, `biome` (y, x) as BIOME_NUM,
        `land_fraction` (y, x), on a 1-degree longitude–latitude grid with y descending.
        `attrs["estimated"]` names the predictors that are estimates in part.

    Raises
    ------
    MissingDataError
        If the file or one of its variables is not there.
    InputError
        If several files are given, or the file is damaged.
    GridError
        If the axes are no degrees, or the map lies upside down.
    """
    path = check_single_file(paths, ".nc", "the Arctic climatology")
    with intact(path, NETCDF), xr.open_dataset(path, engine="netcdf4") as stored:
        check_variables(stored, VARIABLES, path.name)
        dataset = stored[list(VARIABLES)].rename(VARIABLES).load()
    check_degrees(dataset["lon"].values, dataset["lat"].values, path.name)
    dataset = dataset.rename(lat="y", lon="x").sortby("y", ascending=False).sortby("x")
    step = float(np.diff(dataset["x"].values[:2])[0])
    south = float(dataset["y"].values[-1]) - step / 2
    grid = lonlat_grid(step, (-180.0, south, 180.0, 90.0))
    for name in dataset.data_vars:
        units = PREDICTORS[str(name)].units if name in PREDICTORS else "1"
        dataset[name].attrs = {"units": units, "long_name": dataset[name].attrs["long_name"]}
    soil = dataset["soil_temperature"].values
    check_orientation(soil, grid.x, grid.y, f"soil_temperature of {path.name}")
    dataset.attrs = {"estimated": ESTIMATED, **provenance("Arctic climatology", [path])}
    return dataset.assign_coords(grid.coords())
