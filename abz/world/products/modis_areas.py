"""MODIS products as NASA's AppEEARS cuts them out for an area: GeoTIFF, or NetCDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import netCDF4
import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.grid.geometry import Grid
from abz.readers.modis_areas import area_field
from abz.readers.modis_layers import MCD64A1, MOD11A2, MOD13A1, MOD44B
from abz.validation import check_choice, check_variables
from abz.world.products.geotiff import write_raster
from abz.world.products.modis import encode, spans
from abz.world.products.netcdf import Variable, write_netcdf

__all__ = ["AreaLayout", "write_modis_area"]

PRODUCTS = {
    name: product for product in (MCD64A1, MOD11A2, MOD13A1, MOD44B) for name in product.resolutions
}
COLLECTION = "061"
EPOCH = "days since 2000-01-01 00:00:00"


@dataclass(frozen=True)
class AreaLayout:
    """How a file of AppEEARS is laid out.

    Parameters
    ----------
    kind : {"tif", "nc"}
        Format.
    hours : bool
        Whether dates in names of GeoTIFF end with hour, minute and second, as later ones do.
    scaled : bool
        Whether a GeoTIFF states its scale.
    order : tuple of str
        Axes of NetCDF in the order of the file.
    south_up, east_first : bool
        Whether axes of NetCDF run from south to north, and from east to west.
    calendar : str
        Of the time axis of NetCDF.
    """

    kind: Literal["tif", "nc"] = "tif"
    hours: bool = False
    scaled: bool = False
    order: tuple[str, str, str] = ("time", "y", "x")
    south_up: bool = False
    east_first: bool = False
    calendar: str = "julian"


def write_modis_area(
    data: xr.Dataset, folder: Path, name: str, layout: AreaLayout | None = None
) -> list[Path]:
    """Write a MODIS product as AppEEARS delivers it.

    Parameters
    ----------
    data : xarray.Dataset (time or year, y, x)
        As `write_mod11a2` and its like take it, on any projected grid or in degrees.
    folder : Path
        Where the files go; made if needed.
    name : str
        Product, such as MOD13A1.
    layout : AreaLayout, optional
        Of the files.

    Returns
    -------
    list of Path
        A GeoTIFF for each layer and date, or one NetCDF.

    Raises
    ------
    InputError
        If the product is none of those, or a value does not fit the format.

    Notes
    -----
    Numbers are those of the tiles: a value returns within half a step of its scale.
    """
    product = PRODUCTS[check_choice(name, PRODUCTS, "product")]
    layout = layout or AreaLayout()
    check_variables(data, [layer.variable for layer in product.layers], product.name)
    if layout.kind == "nc":
        return [_netcdf(data, folder, name, layout)]
    return list(_rasters(data, folder, name, layout))


def _rasters(data: xr.Dataset, folder: Path, name: str, layout: AreaLayout) -> Iterator[Path]:
    """A file for each layer and date."""
    product = PRODUCTS[name]
    clock = "000000" if layout.hours else ""
    for layer in product.layers:
        field = area_field(product, name, layer)
        for (start, _), values in zip(spans(product, data), data[layer.variable], strict=True):
            stem = f"{name}.{COLLECTION}_{field}_doy{start:%Y%j}{clock}_aid0001.tif"
            bands = encode(layer, values.transpose("y", "x").values)[None]
            scale = layer.step if layout.scaled else 1.0
            yield write_raster(folder / stem, bands, Grid.of(data), layer.fill, scale)


def _netcdf(data: xr.Dataset, folder: Path, name: str, layout: AreaLayout) -> Path:
    """One file of all layers and dates."""
    product, grid = PRODUCTS[name], Grid.of(data)
    axes = {"y": "lat", "x": "lon"} if grid.is_lonlat else {"y": "ydim", "x": "xdim"}
    flips = {"y": layout.south_up, "x": layout.east_first}
    starts = np.array([start for start, _ in spans(product, data)], "datetime64[D]")
    days = (starts - np.datetime64("2000-01-01")).astype(np.int32)
    if (days < 0).any():
        raise InputError("a date is before MODIS", rule="from 2000 on", value=starts[days < 0][0])
    variables = {"time": Variable(("time",), days, {"units": EPOCH, "calendar": layout.calendar})}
    for axis, stored in axes.items():
        centres = getattr(grid, axis)[:: -1 if flips[axis] else 1]
        variables[stored] = Variable((stored,), centres)
    dims = tuple({"time": "time", **axes}[axis] for axis in layout.order)
    step = next(iter(data[product.layers[0].variable].dims))
    for layer in product.layers:
        array = data[layer.variable].transpose(step, "y", "x").values
        counts = np.stack([encode(layer, values) for values in array])
        counts = counts[:, :: -1 if layout.south_up else 1, :: -1 if layout.east_first else 1]
        counts = counts.transpose([("time", "y", "x").index(axis) for axis in layout.order])
        attributes = {} if layer.scale_factor is None else {"scale_factor": layer.step}
        field = area_field(product, name, layer)
        variables[field] = Variable(dims, counts, attributes, layer.fill)
    resolution = product.resolutions[name].replace(" ", "")
    path = folder / f"{name}.{COLLECTION}_{resolution}_aid0001.nc"
    write_netcdf(path, variables, f"{name}.{COLLECTION} for aid0001")
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("crs", "i1").setncatts({"crs_wkt": grid.crs})
    return path
