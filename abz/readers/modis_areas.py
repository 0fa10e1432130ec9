"""MODIS products cut out for an area by NASA's AppEEARS, as GeoTIFF or NetCDF.

A GeoTIFF holds one layer of one date, a NetCDF all dates of all layers. Both hold the numbers of
the tiles, in the sinusoidal projection or in longitude and latitude. `abz.readers.modis_layers`
declares how each variable is stored; in NetCDF the scale of NDVI multiplies, as CF has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from netCDF4 import Dataset, num2date
from rasterio.windows import Window

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid
from abz.readers.axes import lonlat_window
from abz.readers.file_names import parse_names
from abz.readers.geotiff import grid_of_file, open_geotiff
from abz.readers.intact import open_netcdf
from abz.readers.labels import label, provenance
from abz.readers.lazy import lazy_map
from abz.readers.modis_layers import Layer, Product
from abz.readers.modis_maps import check_start, decode, steps_of
from abz.readers.projected import projected_window

__all__ = ["SUFFIXES", "area_field", "read_areas"]

SUFFIXES = (".tif", ".nc")
"""Of the files that AppEEARS delivers."""
SIDE = 512
"""Rows and columns that are read together."""
SAME_SCALE = 1e-6
"""Relative difference of two scales that are the same."""
AXES = (("lat", "lon"), ("ydim", "xdim"))
"""Names of rows and columns in NetCDF: in degrees, and in the sinusoidal projection."""

Stored = Callable[[slice, slice], np.ndarray]


@dataclass(frozen=True, eq=False)
class _Sheet:
    """One variable of one date."""

    layer: Layer
    start: date
    path: Path
    grid: Grid
    read: Stored


@dataclass(frozen=True, eq=False)
class _Field:
    """A variable of a NetCDF file: the order of its axes, and where north and west stand on them.

    `down` and `across` are positions in the file, from north to south and from west to east.
    """

    path: Path
    name: str
    order: tuple[int, ...]
    down: np.ndarray
    across: np.ndarray

    def read(self, step: int, rows: slice, columns: slice) -> np.ndarray:
        """Part of one date as stored, north up and from west to east."""
        down, across = self.down[rows], self.across[columns]
        wanted: dict[int, Any] = dict(
            zip(self.order, (step, _span(down), _span(across)), strict=True)
        )
        with open_netcdf(self.path) as file:
            variable = file.variables[self.name]
            variable.set_auto_maskandscale(False)
            part = np.asarray(variable[tuple(wanted[axis] for axis in range(3))])
        part = part if self.order[1] < self.order[2] else part.T
        return part[(down - down.min())[:, None], across - across.min()]


def area_field(product: Product, name: str, layer: Layer) -> str:
    """What AppEEARS calls a dataset of a product's files.

    Examples
    --------
    >>> from abz.readers.modis_layers import MOD13A1
    >>> area_field(MOD13A1, "MOD13A1", MOD13A1.layers[0])
    '_500m_16_days_NDVI'
    """
    field = product.field(name, layer).replace(" ", "_")
    return f"_{field}" if field[0].isdigit() else field


def read_areas(
    product: Product,
    paths: Sequence[Path],
    years: Collection[int] | None = None,
    *,
    lazy: bool = False,
) -> xr.Dataset:
    """All files of a product, in the form in which its tiles are read.

    Parameters
    ----------
    product : Product
        What the files are.
    paths : sequence of Path
        `MOD11A2.061_LST_Day_1km_doy2001001_aid0001.tif`, or `MOD11A2.061_1km_aid0001.nc`.
    years : collection of int, optional
        Years that are wanted: a GeoTIFF of another year is an error, of NetCDF others are left out.
    lazy : bool, optional
        Whether values are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time or year, y, x)
        The product's variables; a layer that a date lacks is missing.

    Raises
    ------
    InputError
        If a name, date, type, scale, fill value or value is not the product's, or a layer of a
        date comes twice.
    GridError
        If a file does not say where it lies, or files lie on different grids.
    MissingDataError
        If a file, a layer or a wanted year is not there.
    """
    made = [path for path in map(Path, paths) if path.suffix == ".nc"]
    cut = [path for path in map(Path, paths) if path.suffix != ".nc"]
    sheets = [*_sheets_of_rasters(product, cut, years)] if cut else []
    sheets += [sheet for path in made for sheet in _sheets_of_netcdf(product, path, years)]
    grid = _check_sheets(product, sheets, years)
    starts = sorted({sheet.start for sheet in sheets})
    arrays = {}
    for layer in product.layers:
        own = {sheet.start: sheet for sheet in sheets if sheet.layer is layer}
        read = partial(_read, layer, [own.get(start) for start in starts])
        kind = np.dtype(layer.dtype if layer.is_code else np.float32)
        sides = [[SIDE] * (n // SIDE) + [n % SIDE] * bool(n % SIDE) for n in grid.shape]
        arrays[layer.variable] = lazy_map(read, kind, ([1] * len(starts), sides[0], sides[1]))
    if not lazy:
        arrays = {name: array.compute(scheduler="synchronous") for name, array in arrays.items()}
    attrs = {layer.variable: layer.attrs for layer in product.layers}
    data = label(arrays, attrs, steps_of(product, starts), grid, product.name)
    return data.assign_attrs(provenance(product.name, {sheet.path for sheet in sheets}))


def _read(
    layer: Layer, sheets: Sequence[_Sheet | None], steps: slice, rows: slice, columns: slice
) -> np.ndarray:
    """Values of a part of the map."""
    chosen = sheets[steps]
    shape = (len(chosen), rows.stop - rows.start, columns.stop - columns.start)
    missing = -1 if layer.is_code else np.nan
    values = np.full(shape, missing, layer.dtype if layer.is_code else np.float32)
    for place, sheet in enumerate(chosen):
        if sheet is not None:
            values[place] = decode(layer, sheet.read(rows, columns), sheet.path.name)
    return values


def _sheets_of_rasters(
    product: Product, paths: Sequence[Path], years: Collection[int] | None
) -> list[_Sheet]:
    """A sheet for each GeoTIFF of a layer that is read."""
    fields = {
        (name, area_field(product, name, layer)): layer
        for name in product.resolutions
        for layer in product.layers
    }
    pattern = re.compile(
        rf"(?P<name>{'|'.join(product.resolutions)})\.\d{{3}}_(?P<field>.+)"
        r"_doy(?P<year>\d{4})(?P<day>\d{3})(?:\d{6})?_aid\d{4}\.tif"
    )
    example = f"{product.name}.061_{area_field(product, product.name, product.layers[0])}"
    example += "_doy2001001_aid0001.tif"
    sheets = []
    for path, part in parse_names(paths, pattern, product.name, example, years):
        layer = fields.get((part["name"], part["field"]))
        if layer is None:
            continue
        start = date(int(part["year"]), 1, 1) + timedelta(days=int(part["day"]) - 1)
        check_start(product, start, path.name)
        with open_geotiff(path) as source:
            kind, scale = np.dtype(source.dtypes[0]), source.scales[0]
            _check_storage(layer, path, kind, None if scale == 1.0 else scale, source.nodata)
        sheets.append(_Sheet(layer, start, path, grid_of_file(path), partial(_band, path)))
    return sheets


def _band(path: Path, rows: slice, columns: slice) -> np.ndarray:
    """Part of a GeoTIFF as stored."""
    with open_geotiff(path) as source:
        stored: np.ndarray = source.read(1, window=Window.from_slices(rows, columns))
    return stored


def _sheets_of_netcdf(product: Product, path: Path, years: Collection[int] | None) -> list[_Sheet]:
    """A sheet for each layer and date of a NetCDF file."""
    pattern = re.compile(rf"(?P<name>{'|'.join(product.resolutions)})\.\d{{3}}_.+_aid\d{{4}}\.nc")
    ((_, part),) = parse_names([path], pattern, product.name, f"{product.name}.061_1km_aid0001.nc")
    sheets = []
    with open_netcdf(path, product.name) as file:
        axes, grid, (down, across) = _place(file, path)
        time = file.variables["time"]
        dates = np.array(num2date(time[:], time.units, getattr(time, "calendar", "standard")))
        starts = [date(day.year, day.month, day.day) for day in dates.ravel()]
        for layer in product.layers:
            field = area_field(product, part["name"], layer)
            if field not in file.variables:
                raise MissingDataError(
                    f"{path.name} lacks a layer",
                    rule=f"it holds `{field}`",
                    value=f"found {', '.join(file.variables)}",
                    remedy="ask AppEEARS for this layer as well",
                )
            stored = file.variables[field]
            attributes = stored.__dict__
            scale, fill = attributes.get("scale_factor"), attributes.get("_FillValue")
            _check_storage(layer, path, stored.dtype, scale, fill)
            order = tuple(stored.dimensions.index(axis) for axis in ("time", *axes))
            source = _Field(path, field, order, down, across)
            for number, start in enumerate(starts):
                if years is None or start.year in years:
                    check_start(product, start, path.name)
                    sheets.append(_Sheet(layer, start, path, grid, partial(source.read, number)))
    return sheets


def _place(
    file: Dataset, path: Path
) -> tuple[tuple[str, str], Grid, tuple[np.ndarray, np.ndarray]]:
    """Names of rows and columns, the grid, and where its rows and columns stand in the file."""
    for axes in AXES:
        if set(axes) <= set(file.variables):
            y, x = (np.asarray(file.variables[axis][:], float) for axis in axes)
            break
    else:
        raise GridError(
            f"{path.name} does not say where it lies",
            rule="axes lat and lon, or ydim and xdim",
            value=f"found {', '.join(file.variables)}",
            remedy="use the file of AppEEARS, not a converted copy",
        )
    if axes == AXES[0]:
        degrees = lonlat_window(x, y, path.name)
        rows = np.arange(y.size)[degrees.rows][degrees.row_order]
        columns = np.arange(x.size)[degrees.columns][degrees.column_order]
        return axes, degrees.grid, (rows, columns)
    mapping = file.variables["crs"].__dict__ if "crs" in file.variables else {}
    crs = mapping.get("crs_wkt", mapping.get("spatial_ref"))
    metres = projected_window(x, y, crs, path.name)
    down, across = (slice(None, None, -1 if flip else 1) for flip in metres.flips)
    return axes, metres.grid, (np.arange(y.size)[down], np.arange(x.size)[across])


def _span(positions: np.ndarray) -> slice:
    """The run that holds some positions."""
    return slice(int(positions.min()), int(positions.max()) + 1)


def _check_storage(
    layer: Layer, path: Path, kind: np.dtype[Any], scale: float | None, fill: float | None
) -> None:
    """Refuse numbers that are not those of the tiles."""
    scaled = scale is None or abs(float(scale) / layer.step - 1.0) < SAME_SCALE
    filled = fill is None or float(fill) == layer.fill
    if not (np.issubdtype(kind, np.integer) and scaled and filled):
        raise InputError(
            f"{layer.variable} in {path.name} is stored in another way than declared",
            rule=f"whole numbers; scale {layer.step:g} and fill value {layer.fill}, where stated",
            value=f"{kind}, {scale}, {fill}",
            remedy="use the file of AppEEARS, not a rescaled copy",
        )


def _check_sheets(
    product: Product, sheets: Sequence[_Sheet], years: Collection[int] | None
) -> Grid:
    """The one grid of all sheets; every layer and wanted year is there, each sheet once."""
    seen: dict[tuple[str, date], Path] = {}
    for sheet in sheets:
        key = sheet.layer.variable, sheet.start
        if key in seen:
            raise InputError(
                "the same layer of the same date is held twice",
                rule="one for each layer and date",
                value=f"{key[0]} of {key[1]} in {seen[key].name} and in {sheet.path.name}",
                remedy="read the files of one request only",
            )
        seen[key] = sheet.path
        if sheet.grid != sheets[0].grid:
            raise GridError(
                f"{sheet.path.name} lies on another grid",
                rule=f"{sheets[0].grid.bounds}, as {sheets[0].path.name}",
                value=sheet.grid.bounds,
                remedy="read the files of one request only",
            )
    absent = [layer.variable for layer in product.layers if layer.variable not in
              {name for name, _ in seen}]  # fmt: skip
    absent += [str(year) for year in sorted({*(years or ())} - {s.start.year for s in sheets})]
    if absent or not sheets:
        raise MissingDataError(
            f"{product.name} is not complete",
            rule="every layer and every year that is asked for",
            value=f"missing {', '.join(absent)}",
            remedy="ask AppEEARS for these as well",
        )
    return sheets[0].grid
