"""MODIS composites and annual covers as HDF-EOS2 tiles; a tile may be a whole sector of the map."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.grid.geometry import Grid
from abz.readers.modis_layers import (
    MCD64A1,
    MOD11A2,
    MOD13A1,
    MOD44B,
    Layer,
    Product,
    composite_lengths,
)
from abz.validation import check_values, check_variables
from abz.world.products.hdfeos import (
    Field,
    Sector,
    core_metadata,
    sectors,
    struct_metadata,
    write_grid_file,
)

__all__ = [
    "encode",
    "spans",
    "write_mcd64a1",
    "write_mod11a2",
    "write_mod13a1",
    "write_mod13a2",
    "write_mod44b",
]

COLLECTION = "006"
ANNUAL_START = timedelta(days=64)
"""From 1 January to day 65, on which a year of MOD44B begins."""


def write_mod11a2(data: xr.Dataset, folder: Path, *, tiles: int = 2) -> list[Path]:
    """Write land surface temperature as MOD11A2 files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `lst`, K, on a sinusoidal grid; `time` holds first days of 8-day composites.
    folder : Path
        Where the files go; made if needed.
    tiles : int, optional
        Number of sectors from west to east, each a file of its own.

    Returns
    -------
    list of Path
        `tiles` files for each date.

    Raises
    ------
    InputError
        If a value does not fit the format (150 to 1310.7 K), or no composite begins on a date.
    GridError
        If the grid is not sinusoidal.

    Notes
    -----
    stored = K / 0.02 as uint16, missing 0: a value returns within 0.01 K.
    """
    return _write(MOD11A2, data, folder, tiles)


def write_mod13a1(data: xr.Dataset, folder: Path, *, tiles: int = 2) -> list[Path]:
    """Write NDVI and its reliability as MOD13A1 files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `ndvi`, 1, and `reliability`, int8 (0 to 3, −1 missing), on a sinusoidal grid; `time`
        holds first days of 16-day composites.
    folder : Path
        Where the files go; made if needed.
    tiles : int, optional
        Number of sectors from west to east, each a file of its own.

    Returns
    -------
    list of Path
        `tiles` files for each date.

    Raises
    ------
    InputError
        If a value does not fit the format (NDVI −0.2 to 1), or no composite begins on a date.
    GridError
        If the grid is not sinusoidal.

    Notes
    -----
    stored = 10000 · NDVI as int16, missing −3000: a value returns within 0.00005.
    """
    return _write(MOD13A1, data, folder, tiles)


def write_mod44b(data: xr.Dataset, folder: Path, *, tiles: int = 2) -> list[Path]:
    """Write vegetation covers as MOD44B files.

    Parameters
    ----------
    data : xarray.Dataset (year, y, x)
        `tree_cover`, `nontree_cover`, `nonvegetated_cover`, %, on a sinusoidal grid.
    folder : Path
        Where the files go; made if needed.
    tiles : int, optional
        Number of sectors from west to east, each a file of its own.

    Returns
    -------
    list of Path
        `tiles` files for each year, dated to day 65.

    Raises
    ------
    InputError
        If a value is not in 0 to 100 %.
    GridError
        If the grid is not sinusoidal.

    Notes
    -----
    stored = whole percent as uint8, missing 253: a value returns within 0.5 %.
    """
    return _write(MOD44B, data, folder, tiles)


def write_mod13a2(data: xr.Dataset, folder: Path, *, tiles: int = 2) -> list[Path]:
    """Write NDVI and its reliability as MOD13A2 files (1 km), as `write_mod13a1` does at 500 m."""
    return _write(MOD13A1, data, folder, tiles, "MOD13A2")


def write_mcd64a1(data: xr.Dataset, folder: Path, *, tiles: int = 2) -> list[Path]:
    """Write days of burning as MCD64A1 files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `burn_day`, int16: day of the year, 0 not burned, −1 missing, on a sinusoidal grid; `time`
        holds first days of months.
    folder : Path
        Where the files go; made if needed.
    tiles : int, optional
        Number of sectors from west to east, each a file of its own.

    Returns
    -------
    list of Path
        `tiles` files for each month.

    Raises
    ------
    InputError
        If a day is beyond 366, or a date is not the first of a month.
    GridError
        If the grid is not sinusoidal.

    Notes
    -----
    int16, missing −1: days return as they are.
    """
    return _write(MCD64A1, data, folder, tiles)


def _write(
    product: Product, data: xr.Dataset, folder: Path, tiles: int, sibling: str = ""
) -> list[Path]:
    """All files of a product, or of a sibling: every date, every sector."""
    check_variables(data, [layer.variable for layer in product.layers], product.name)
    name = sibling or product.name
    step = "time" if product.days or product.monthly else "year"
    arrays = [data[layer.variable].transpose(step, "y", "x").values for layer in product.layers]
    parts = sectors(Grid.of(data), tiles)
    metadata = {part.tile: _metadata(product, name, part) for part in parts}
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (start, stop) in enumerate(spans(product, data)):
        stored = [
            encode(layer, array[number])
            for layer, array in zip(product.layers, arrays, strict=True)
        ]
        for part in parts:
            path = folder / _file_name(name, start, stop, part.tile)
            fields = [
                Field(product.field(name, layer), whole[:, part.columns], _attrs(layer))
                for layer, whole in zip(product.layers, stored, strict=True)
            ]
            grid_name, core = product.grid_name(name), core_metadata(path, start, stop)
            paths.append(write_grid_file(path, metadata[part.tile], grid_name, fields, core))
    return paths


def _metadata(product: Product, name: str, part: Sector) -> str:
    """The text of `StructMetadata.0` for one sector."""
    fields = {product.field(name, layer): layer.dtype for layer in product.layers}
    return struct_metadata(part.grid, product.grid_name(name), fields)


def spans(product: Product, data: xr.Dataset) -> list[tuple[date, date]]:
    """First day and the day after the last, of every composite, month or annual layer.

    Raises
    ------
    InputError
        If none begins on a date.

    Examples
    --------
    >>> spans(MOD44B, xr.Dataset(coords={"year": [2001]}))[0][0].isoformat()
    '2001-03-06'
    """
    if product.monthly:
        return _month_spans(data["time"].values)
    if not product.days:
        years = [int(year) for year in data["year"].values]
        return [(date(y, 1, 1) + ANNUAL_START, date(y + 1, 1, 1) + ANNUAL_START) for y in years]
    starts = data["time"].values.astype("datetime64[D]")
    ordinal = (starts - starts.astype("datetime64[Y]")).astype(np.int64)
    if (ordinal % product.days).any():
        raise InputError(
            f"no composite of {product.name} begins on this day",
            rule=f"composites begin every {product.days} days from 1 January on",
            value=starts[ordinal % product.days > 0][0],
            remedy="take the dates from abz.readers.modis_layers.composite_calendar",
        )
    days = composite_lengths(starts, product.days)
    return [
        (start, start + timedelta(days=int(length)))
        for start, length in zip(starts.tolist(), days, strict=True)
    ]


def _month_spans(time: np.ndarray) -> list[tuple[date, date]]:
    """First day of each month and of the next."""
    days, months = time.astype("datetime64[D]"), time.astype("datetime64[M]")
    if (days != months.astype("datetime64[D]")).any():
        raise InputError(
            "a date is not the first of a month",
            rule="time holds first days of months",
            value=days[days != months.astype("datetime64[D]")][0],
            remedy="date each map to the first day of its month",
        )
    after = (months + 1).astype("datetime64[D]").tolist()
    return list(zip(days.tolist(), after, strict=True))


def _file_name(name: str, start: date, stop: date, tile: str) -> str:
    """The archive's name; the time of production is the end of the composite."""
    return f"{name}.A{start:%Y%j}.{tile}.{COLLECTION}.{stop:%Y%j}000000.hdf"


def _attrs(layer: Layer) -> dict[str, Any]:
    """The attributes of a dataset, in the archive's words."""
    attrs: dict[str, Any] = {
        **layer.attrs,
        "valid_range": list(layer.valid),
        "_FillValue": layer.fill,
    }
    if layer.scale_factor is not None:
        attrs |= {"scale_factor": layer.scale_factor, "add_offset": 0.0}
    return attrs


def encode(layer: Layer, values: np.ndarray) -> np.ndarray:
    """A variable (y, x) as stored whole numbers; missing as the fill value.

    Raises
    ------
    InputError
        If a value does not fit the format.

    Examples
    --------
    >>> encode(MOD11A2.layers[0], np.array([280.0, np.nan])).tolist()
    [14000, 0]
    """
    missing = values < 0 if layer.is_code else np.isnan(values)
    with np.errstate(invalid="ignore"):
        counts = np.rint(np.asarray(values, np.float64) / layer.step)
    check_values(counts, layer.valid, f"{layer.variable}, counted in {layer.step:g},", missing)
    return np.where(missing, layer.fill, counts).astype(layer.dtype)
