"""TerraClimate as the Earth Engine copy stores it: unscaled integers, a GeoTIFF a month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.grid import Grid
from abz.readers.calendars import check_no_gap
from abz.readers.canonical import canonical
from abz.readers.file_names import parse_names
from abz.readers.geotiff import Bounds, read_bands
from abz.readers.labels import provenance
from abz.readers.orientation import check_orientation
from abz.units import celsius_to_kelvin

__all__ = ["EE_SCALES", "read_terraclimate_ee"]

EE_SCALES = MappingProxyType({"srad": 0.1, "vpd": 0.01, "tmmn": 0.1, "tmmx": 0.1})
"""Band to its scale: value = stored × scale, in W m-2, kPa, °C, °C."""

FILE_NAME = re.compile(r"(?P<year>\d{4})(?P<month>0[1-9]|1[0-2])\.tif")


def read_terraclimate_ee(paths: Sequence[Path], bounds: Bounds | None = None) -> xr.Dataset:
    """TerraClimate from exports of the Earth Engine collection IDAHO_EPSCOR/TERRACLIMATE.

    Parameters
    ----------
    paths : sequence of Path
        `{year}{month}.tif`, one export for each image of the collection, under the image's name;
        bands srad, vpd, tmmn, tmmx by their descriptions, whole numbers, with a declared number
        for missing cells.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, degrees.

    Returns
    -------
    xarray.Dataset (time, y, x)
        srad W m-2, vpd kPa, air_temperature K; float32, NaN over water: as `read_terraclimate`.

    Raises
    ------
    InputError
        If a name or type is not that of an export, a band or the number for missing cells is not
        declared, a month occurs twice, or a value cannot be true.
    MissingDataError
        If a file or a month is missing.
    GridError
        If the files lie on different grids or not in degrees, or a map lies upside down.

    Notes
    -----
    air_temperature = (tmmn + tmmx) / 20 + 273.15 of the stored numbers. The collection scales
    srad, tmmn and tmmx by 0.1 and vpd by 0.01; the study's rasters came from it.

    References
    ----------
    .. [1] Abatzoglou et al. (2018), TerraClimate, doi:10.1038/sdata.2017.191.
    """
    names = parse_names(paths, FILE_NAME, "TerraClimate on Earth Engine", "200101.tif")
    months = np.array([f"{part['year']}-{part['month']}" for _, part in names], "datetime64[M]")
    check_no_gap(months, "TerraClimate on Earth Engine")
    if np.unique(months).size < months.size:
        raise InputError(
            "a month occurs twice",
            rule="each month once",
            value=", ".join(path.name for path, _ in names),
            remedy="give each file once",
        )
    maps = [_read(path, bounds) for path, _ in names]
    grid = maps[0][1]
    for (path, _), (_, other) in zip(names, maps, strict=True):
        if other != grid:
            raise GridError(
                f"{path.name} lies on another grid",
                rule=f"all months lie in {grid.bounds}, {grid.shape} cells",
                value=f"{other.bounds}, {other.shape} cells",
                remedy="export all months with one region and scale",
            )
    coords = {"time": months.astype("datetime64[ns]"), **grid.coords()}
    dims = ("time", "y", "x")
    fields = {
        name: xr.DataArray(np.stack([values[name] for values, _ in maps]), coords, dims)
        for name in EE_SCALES
    }
    celsius = (fields["tmmn"] + fields["tmmx"]) / 2
    made = {
        "srad": canonical(fields["srad"], "srad"),
        "vpd": canonical(fields["vpd"], "vpd"),
        "air_temperature": canonical(celsius_to_kelvin(celsius), "air_temperature"),
    }
    about = provenance("TerraClimate, copy of Earth Engine", [path for path, _ in names])
    return xr.Dataset(made).assign_attrs(about)


def _read(path: Path, bounds: Bounds | None) -> tuple[dict[str, np.ndarray], Grid]:
    """Values of the bands of one month, and their grid."""
    bands, grid, nodata = read_bands(path, bounds)
    raw = {name: bands[name] for name in EE_SCALES if name in bands}
    if raw.keys() != EE_SCALES.keys() or not all(_is_raw(band) for band in raw.values()):
        raise InputError(
            f"{path.name} is not as Earth Engine stores TerraClimate",
            rule=f"bands {', '.join(EE_SCALES)} of signed whole numbers",
            value=", ".join(f"{name}: {band.dtype}" for name, band in bands.items()),
            remedy="export the bands as they are, without scaling them",
        )
    if nodata is None:
        raise InputError(
            f"{path.name} does not say which number is missing",
            rule="the GeoTIFF declares a nodata number, such as -32768",
            value="no nodata: masked cells would read as 0",
            remedy="export with formatOptions {noData: -32768}",
        )
    if not grid.is_lonlat:
        raise GridError(
            f"{path.name} is not in longitude and latitude",
            rule="EPSG:4326",
            value=grid.crs[:60],
            remedy="export without another projection",
        )
    values = {
        name: np.ma.filled(band.astype(np.float64), np.nan) * EE_SCALES[name]
        for name, band in raw.items()
    }
    check_orientation(np.isfinite(values["srad"]), grid.x, grid.y, f"srad of {path.name}")
    return values, grid


def _is_raw(band: np.ma.MaskedArray) -> bool:
    """Whether a band holds signed whole numbers."""
    return bool(np.issubdtype(band.dtype, np.signedinteger))
