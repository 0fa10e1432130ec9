"""Land surface temperature, NDVI, vegetation cover and burned area of MODIS.

Each is read from the archive's HDF4 tiles, or from GeoTIFF or NetCDF as NASA's AppEEARS cuts them
out for an area.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.readers.modis_areas import SUFFIXES, read_areas
from abz.readers.modis_layers import MCD64A1, MOD11A2, MOD13A1, MOD44B, Product
from abz.readers.modis_tiles import read_product

__all__ = ["read_mcd64a1", "read_mod11a2", "read_mod13a1", "read_mod13a2", "read_mod44b"]


def read_mod11a2(
    paths: Sequence[Path], *, years: Collection[int] | None = None, lazy: bool = False
) -> xr.Dataset:
    """Land surface temperature by day, MOD11A2 (1 km) or MOD11B2 (6 km).

    Parameters
    ----------
    paths : sequence of Path
        HDF4 tiles, in any order; the tiles of a date become one map. Or files of AppEEARS.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    lazy : bool, optional
        Whether a tile is read, and its values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `lst`, K, NaN where there is no clear sky; coordinate `days`. Tiles that a date lacks
        are NaN.

    Raises
    ------
    InputError
        If a name, type, scale factor or value is not the product's.
    GridError
        If the tiles do not fit together.
    MissingDataError
        If a file or its dataset is not there.

    Notes
    -----
    K = 0.02 · stored; stored 0 is missing. Quality flags are not used, so that winter keeps its
    few clear days [1]_.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, predictors of the 1-km models.
    """
    return _read(MOD11A2, paths, years, lazy=lazy)


def read_mod13a1(
    paths: Sequence[Path], *, years: Collection[int] | None = None, lazy: bool = False
) -> xr.Dataset:
    """NDVI and its reliability, MOD13A1 (500 m) or MOD13A2 (1 km).

    Parameters
    ----------
    paths : sequence of Path
        HDF4 tiles, in any order; the tiles of a date become one map. Or files of AppEEARS.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    lazy : bool, optional
        Whether a tile is read, and its values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `ndvi`, 1, NaN where missing; `reliability`, int8: 0 good, 1 marginal, 2 snow or ice,
        3 cloudy, −1 missing; coordinate `days`.

    Raises
    ------
    InputError
        If a name, type, scale factor or value is not the product's.
    GridError
        If the tiles do not fit together.
    MissingDataError
        If a file or its dataset is not there.

    Notes
    -----
    NDVI = stored / 10000: here the attribute `scale_factor` divides, in MOD11 it multiplies.
    """
    return _read(MOD13A1, paths, years, lazy=lazy)


read_mod13a2 = read_mod13a1
"""The same variables at 1 km, an entry of their own."""


def read_mod44b(
    paths: Sequence[Path], *, years: Collection[int] | None = None, lazy: bool = False
) -> xr.Dataset:
    """Percent tree, non-tree and no vegetation, MOD44B (250 m).

    Parameters
    ----------
    paths : sequence of Path
        HDF4 tiles, in any order; the tiles of a year become one map. Or files of AppEEARS.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    lazy : bool, optional
        Whether a tile is read, and its values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (year, y, x)
        `tree_cover`, `nontree_cover`, `nonvegetated_cover`, %; NaN over water.

    Raises
    ------
    InputError
        If a name, type or value is not the product's.
    GridError
        If the tiles do not fit together.
    MissingDataError
        If a file or its dataset is not there.

    Notes
    -----
    Stored values above 100 (200 water, 253 fill) are missing, so that no average holds water.
    """
    return _read(MOD44B, paths, years, lazy=lazy)


def read_mcd64a1(paths: Sequence[Path], *, years: Collection[int] | None = None) -> xr.Dataset:
    """Day of burning and burned fraction, MCD64A1 (500 m, monthly).

    Parameters
    ----------
    paths : sequence of Path
        HDF4 tiles, in any order; the tiles of a month become one map. Or files of AppEEARS.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `burn_day`, int16: day of the year, 0 not burned, −1 water or missing;
        `burned_fraction`, float32: 1 burned in the month, 0 not, NaN over water and where missing.

    Raises
    ------
    InputError
        If a name, type or value is not the product's, or a cell burns on a day of another month.
    GridError
        If the tiles do not fit together.
    MissingDataError
        If a file or its dataset is not there.

    References
    ----------
    .. [1] Giglio et al. (2018), doi:10.1016/j.rse.2018.08.005.
    """
    data = _read(MCD64A1, paths, years)
    day = data["burn_day"]
    _check_days_of_month(day)
    burned = np.where(day < 0, np.nan, day > 0).astype(np.float32)
    attrs = {"units": "1", "long_name": "part of the cell that burned in the month"}
    return data.assign(burned_fraction=(day.dims, burned, attrs))


def _read(
    product: Product,
    paths: Sequence[Path],
    years: Collection[int] | None,
    *,
    lazy: bool = False,
) -> xr.Dataset:
    """The files of a product: all tiles, or all of AppEEARS."""
    areas = [path for path in map(Path, paths) if path.suffix in SUFFIXES]
    if areas and len(areas) < len(paths):
        raise InputError(
            "tiles and areas of a product do not mix",
            rule="HDF4 tiles only, or GeoTIFF and NetCDF of AppEEARS only",
            value=f"{len(areas)} of {len(paths)} files are GeoTIFF or NetCDF, such as "
            f"{areas[0].name}",
            remedy="keep them in different folders",
        )
    read = read_areas if areas else read_product
    return read(product, paths, years, lazy=lazy)


def _check_days_of_month(day: xr.DataArray) -> None:
    """Nothing, if each cell that burned did so in the month of its map."""
    first = day["time"].dt.dayofyear.values
    last = first + day["time"].dt.days_in_month.values - 1
    for step, (low, high) in enumerate(zip(first, last, strict=True)):
        burned = day.values[step][day.values[step] > 0]
        odd = burned[(burned < low) | (burned > high)]
        if odd.size:
            month = np.datetime_as_string(day["time"].values[step], unit="M")
            raise InputError(
                "cells burned in another month than that of their file",
                rule=f"days of {month} are {low} to {high}",
                value=f"day {odd[0]} and {odd.size - 1} more",
                remedy="fetch the file again, or give it its true name",
            )
