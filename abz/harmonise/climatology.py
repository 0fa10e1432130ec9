"""The cube and zones of a 12-month climatology that comes on its own grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.grid import Grid
from abz.harmonise.own_zones import ZoneMap
from abz.harmonise.zones import NO_OWN, zones_of_classes
from abz.validation import check_columns, check_variables
from abz.vocabulary import MODEL_SETS, PREDICTORS

__all__ = ["LAND_SHARE", "climatology_cube", "climatology_zones"]

LAND_SHARE = 0.5
"""A coarse cell belongs to the domain if more than this share of it is land."""


def climatology_zones(climatology: xr.Dataset, own: Mapping[str, ZoneMap] = NO_OWN) -> xr.Dataset:
    """Zones of the climatology's own grid: biome and region; no permafrost, no vegetation map.

    Parameters
    ----------
    climatology : xarray.Dataset
        With `biome` (y, x) as BIOME_NUM and `land_fraction` (y, x).
    own : mapping of {str: ZoneMap}, optional
        Zone sets of one's own on the climatology's grid, by name.

    Returns
    -------
    xarray.Dataset (y, x)
        As `zones_of_classes`; `permafrost` and `vegetation` are −1 everywhere. Cells with a land
        share of one half or less are outside.
    """
    check_variables(climatology, ["biome", "land_fraction"], "the climatology")
    unknown = np.full(climatology["biome"].shape, -1)
    return zones_of_classes(
        Grid.of(climatology),
        biome=climatology["biome"].values,
        permafrost=unknown,
        vegetation=unknown,
        land=climatology["land_fraction"].values,
        least_land=LAND_SHARE,
        own=own,
    )


def climatology_cube(
    climatology: xr.Dataset,
    co2: pd.DataFrame,
    zones: xr.Dataset,
    year: int,
    average: range = range(2001, 2021),
) -> xr.Dataset:
    """The climatology as the predictor cube of one nominal year.

    Parameters
    ----------
    climatology : xarray.Dataset
        Monthly predictors (month, y, x) and static ones (y, x), canonical names and units.
    co2 : pandas.DataFrame
        year, month, co2 (ppm).
    zones : xarray.Dataset
        Its `domain` (y, x) says which cells count.
    year : int
        The year that stands for the climatology on the time axis.
    average : range, optional
        Years over which CO2 is averaged month by month.

    Returns
    -------
    xarray.Dataset
        Monthly predictors (time, y, x), static ones (y, x), `co2` (time); NaN outside the domain.

    Examples
    --------
    >>> series = pd.DataFrame({"year": [2001] * 12, "month": range(1, 13), "co2": 370.0})
    >>> _mean_co2(series, range(2001, 2002))[:2].tolist()
    [370.0, 370.0]
    """
    names = [name for name in MODEL_SETS["climatology"] if name != "co2"]
    check_variables(climatology, names, "the climatology")
    months = pd.date_range(f"{year}-01-01", periods=12, freq="MS").values.astype("datetime64[ns]")
    inside = (zones["domain"] == 1).drop_vars(zones["domain"].coords)
    cube = climatology[names].where(inside).astype(np.float32)
    cube = cube.rename(month="time").assign_coords(time=months)
    cube["co2"] = ("time", _mean_co2(co2, average))
    for name in cube.data_vars:
        predictor = PREDICTORS[str(name)]
        cube[name].attrs = {"units": predictor.units, "long_name": predictor.long_name}
    return cube.assign_coords(Grid.of(zones).coords())


def _mean_co2(co2: pd.DataFrame, years: range) -> np.ndarray:
    """Mean CO2 of each calendar month over the years that are there (12,), ppm."""
    check_columns(co2, ["year", "month", "co2"], "the CO2 series")
    inside = co2[co2["year"].isin(years)]
    return inside.groupby("month")["co2"].mean().reindex(range(1, 13)).to_numpy(np.float32)
