"""A map of a flux and year as cloud-optimised GeoTIFF, a band for each month."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioIOError
from rasterio.io import DatasetWriter
from rasterio.shutil import copy as copy_raster

from abz.export.layers import FluxYear
from abz.export.names import published_name
from abz.units import MONTHLY_FLUX

__all__ = ["write_geotiff_flags", "write_geotiff_support", "write_geotiff_year"]

BLOCK_CELLS = 256


def write_geotiff_year(year: FluxYear, name: str, path: Path, tags: Mapping[str, str]) -> Path:
    """Write the months of one map as the bands of one file.

    Parameters
    ----------
    year : FluxYear
        Read one window at a time.
    name : str
        One of `year.fluxes`.
    path : Path
        File that ends in .tif; a file of full size stands beside it while it is written.
    tags : mapping of {str: str}
        Metadata of the file.

    Returns
    -------
    Path
        `path`; its bytes depend on the arguments and on GDAL alone.

    Raises
    ------
    InputError
        If a value is too large for the precision in which the maps are stored.
    OSError
        If the file could not be written whole.

    Notes
    -----
    Bands lie one after the other, so that a map of one month is read alone. Overviews are means of
    the cells that have a value.
    """
    packing = year.packing(name)

    def fill(raster: DatasetWriter) -> None:
        raster.scales = [packing.step or 1.0] * raster.count
        raster.units = [MONTHLY_FLUX] * raster.count
        for band, month in enumerate(year.months.dt.strftime("%Y-%m").values, start=1):
            raster.set_band_description(band, f"{published_name(name)} {month}")
        about = {"long_name": year.maps[name].attrs["long_name"], "per": year.per}
        raster.update_tags(**tags, **about, units=MONTHLY_FLUX)
        for rows, columns in year.windows():
            values = year.read(name, rows, columns)
            if not np.isnan(values).all():
                raster.write(packing.pack(values, name), window=_window(rows, columns))

    profile = {
        "count": year.months.size, "dtype": packing.dtype.name, "nodata": packing.missing.item(),
    }  # fmt: skip
    return _write(path, year, profile, fill, "average")


def write_geotiff_flags(year: FluxYear, path: Path, tags: Mapping[str, str]) -> Path:
    """Write which predictors lie outside their training range, a band for each month.

    Parameters
    ----------
    year, path, tags
        As in `write_geotiff_year`; `year.flags` is there. The bits stand among the tags.

    Returns
    -------
    Path
        `path`.
    """
    name = str(year.flags)
    attributes = year.maps[name].attrs
    bits = zip(attributes["flag_masks"], attributes["flag_meanings"].split(), strict=True)

    def fill(raster: DatasetWriter) -> None:
        for band, month in enumerate(year.months.dt.strftime("%Y-%m").values, start=1):
            raster.set_band_description(band, f"{published_name(name)} {month}")
        legend = " ".join(f"{bit}={meaning}" for bit, meaning in bits)
        raster.update_tags(**tags, long_name=attributes["long_name"], bits=legend)
        for rows, columns in year.windows():
            raster.write(year.read(name, rows, columns), window=_window(rows, columns))

    return _write(path, year, {"count": year.months.size, "dtype": "int32"}, fill, "mode")


def write_geotiff_support(year: FluxYear, path: Path, tags: Mapping[str, str]) -> Path:
    """Write the map of what a flux rests on; its codes stand among the tags.

    Parameters
    ----------
    year, path, tags
        As in `write_geotiff_year`; `year.support` is there.

    Returns
    -------
    Path
        `path`.
    """
    name = str(year.support)
    attributes = year.maps[name].attrs
    codes = zip(attributes["flag_values"], attributes["flag_meanings"].split(), strict=True)

    def fill(raster: DatasetWriter) -> None:
        raster.set_band_description(1, published_name(name))
        legend = " ".join(f"{code}={meaning}" for code, meaning in codes)
        raster.update_tags(**tags, long_name=attributes["long_name"], codes=legend)
        for rows, columns in year.windows():
            raster.write(year.read(name, rows, columns), 1, window=_window(rows, columns))

    return _write(path, year, {"count": 1, "dtype": "int8"}, fill, "mode")


def _write(
    path: Path,
    year: FluxYear,
    profile: Mapping[str, Any],
    fill: Callable[[DatasetWriter], None],
    overviews: str,
) -> Path:
    """Fill a plain tiled GeoTIFF, and have GDAL lay it out for the cloud."""
    plain = path.with_name(f"{path.name}.plain.tif")
    grid = year.grid
    try:
        with _whole(path):
            with rasterio.open(
                plain, "w", driver="GTiff", width=grid.shape[1], height=grid.shape[0], crs=grid.crs,
                transform=grid.transform, tiled=True, blockxsize=BLOCK_CELLS,
                blockysize=BLOCK_CELLS, interleave="band", sparse_ok=True, bigtiff="IF_SAFER",
                **profile,
            ) as raster:  # fmt: skip
                fill(raster)
            copy_raster(
                plain, path, driver="COG", compress="DEFLATE", predictor="YES",
                blocksize=BLOCK_CELLS, overview_resampling=overviews, interleave="BAND",
                bigtiff="IF_SAFER", num_threads="1",
            )  # fmt: skip
            _read_back(plain, path, year)
    finally:
        plain.unlink(missing_ok=True)
    return path


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Turn GDAL's own errors, which bear no number, into one of the operating system."""
    try:
        yield
    except (RasterioIOError, CPLE_BaseError) as error:
        raise OSError(errno.EIO, f"GDAL did not write it ({error})", str(path)) from error


def _read_back(plain: Path, path: Path, year: FluxYear) -> None:
    """Compare a file with what it was made from, as GDAL overlooks a disk that is full at last."""
    with rasterio.open(plain) as written, rasterio.open(path) as found:
        for window in (_window(*place) for place in year.windows()):
            values = found.read(window=window)
            if not np.array_equal(values, written.read(window=window), equal_nan=True):
                raise OSError(errno.EIO, "GDAL wrote other values", str(path))
        smaller = range(len(found.overviews(1)))
    for level in smaller:
        with rasterio.open(path, overview_level=level) as found:
            for _, window in found.block_windows(1):
                found.read(window=window)


def _window(rows: slice, columns: slice) -> rasterio.windows.Window:
    """The same cells in the words of rasterio."""
    return rasterio.windows.Window.from_slices(rows, columns)
