"""TerraClimate monthly fields: shortwave radiation, vapour pressure deficit, air temperature."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError, MissingDataError
from abz.grid import Grid
from abz.readers.calendars import check_no_gap, check_year
from abz.readers.canonical import canonical
from abz.readers.file_names import parse_names
from abz.readers.labels import provenance
from abz.readers.months import join_months, read_months
from abz.units import celsius_to_kelvin

__all__ = ["TERRACLIMATE_VARIABLES", "read_terraclimate"]

TERRACLIMATE_VARIABLES = ("srad", "vpd", "tmin", "tmax")
"""Variables of the files that the study uses: W m-2, kPa, °C, °C."""

FILE_NAME = re.compile(r"TerraClimate_(?P<variable>[A-Za-z]+)_(?P<year>\d{4})\.nc")


def read_terraclimate(paths: Sequence[Path], *, lazy: bool = False) -> xr.Dataset:
    """TerraClimate on its native grid, unpacked.

    Parameters
    ----------
    paths : sequence of Path
        `TerraClimate_{variable}_{year}.nc` of srad, vpd, tmin and tmax, all for the same years;
        files of other variables are passed over. They are closed again.
    lazy : bool, optional
        Whether fields are read, and their values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        srad W m-2, vpd kPa, air_temperature K; float32, NaN over water. In the polar night srad
        is 0, a valid value.

    Raises
    ------
    InputError
        If a file name is not the product's, a file is of another year or holds whole numbers
        without a scale, a month occurs twice or a value cannot be true.
    MissingDataError
        If a variable lacks files, or months that another has.
    GridError
        If the files lie on different grids, or a map lies upside down.

    Notes
    -----
    air_temperature = (tmin + tmax) / 2 + 273.15

    References
    ----------
    .. [1] Abatzoglou et al. (2018), TerraClimate, doi:10.1038/sdata.2017.191.
    """
    files = _files_by_variable(paths)
    series = {
        name: join_months(_read(path, name, lazy=lazy) for path in files[name])
        for name in TERRACLIMATE_VARIABLES
    }
    _check_same_axes(series)
    check_no_gap(series["srad"]["time"].values, "TerraClimate")
    celsius = (series["tmin"]["tmin"] + series["tmax"]["tmax"]) / 2
    fields = {
        "srad": canonical(series["srad"]["srad"], "srad"),
        "vpd": canonical(series["vpd"]["vpd"], "vpd"),
        "air_temperature": canonical(celsius_to_kelvin(celsius), "air_temperature"),
    }
    return xr.Dataset(fields, series["srad"].coords, provenance("TerraClimate", paths))


def _read(path: Path, name: str, *, lazy: bool) -> xr.Dataset:
    """The months of one variable and file, all of the year in its name."""
    months = read_months(path, [name], lazy=lazy).drop_vars(["days", "year_days"])
    check_year(months["time"].values, int(path.stem[-4:]), path.name)
    return months


def _files_by_variable(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Paths of each variable that the study uses; all four must be there."""
    files: dict[str, list[Path]] = defaultdict(list)
    names = parse_names(paths, FILE_NAME, "TerraClimate", "TerraClimate_srad_2001.nc")
    for path, parts in names:
        files[parts["variable"]].append(path)
    missing = [name for name in TERRACLIMATE_VARIABLES if name not in files]
    if missing:
        raise MissingDataError(
            "TerraClimate lacks variables",
            rule=f"files of {', '.join(TERRACLIMATE_VARIABLES)}",
            value=f"missing {', '.join(missing)}",
            remedy="fetch TerraClimate_{variable}_{year}.nc of all four",
        )
    return files


def _check_same_axes(series: dict[str, xr.Dataset]) -> None:
    """All variables have the months and the grid of the first."""
    first, *others = series
    grid = Grid.of(series[first])
    for name in others:
        if Grid.of(series[name]) != grid:
            raise GridError(
                f"{first} and {name} of TerraClimate lie on different grids",
                rule=f"all four variables lie in {grid.bounds}, {grid.shape} cells",
                value=f"{Grid.of(series[name]).bounds}, {Grid.of(series[name]).shape} cells",
                remedy="fetch all files whole, or cut to one box",
            )
        odd = np.setxor1d(series[first]["time"].values, series[name]["time"].values)
        if odd.size:
            raise MissingDataError(
                f"{first} and {name} of TerraClimate cover different months",
                rule="all four variables have the same years",
                value=f"only in one: {np.datetime_as_string(odd, unit='M').tolist()}",
                remedy="fetch the missing files",
            )
