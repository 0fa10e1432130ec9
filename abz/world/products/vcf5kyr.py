"""VCF5KYR yearly GeoTIFFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError
from abz.grid.geometry import Grid
from abz.readers.vcf5kyr import ABSENT_YEARS, COVERS, LARGEST_COVER, WATER
from abz.validation import check_values, check_variables
from abz.world.products.geotiff import write_raster

__all__ = ["write_vcf5kyr"]

PRODUCED = "2018224204211"


def write_vcf5kyr(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write vegetation covers as VCF5KYR files; 1994 and 2000 are left out, as in the archive.

    Parameters
    ----------
    data : xarray.Dataset (year, y, x)
        `tree_cover`, `nontree_cover`, `nonvegetated_cover`, %, in longitude and latitude.
    folder : Path
        Where the files go; made if needed.

    Returns
    -------
    list of Path
        One file for each year that the product has.

    Raises
    ------
    InputError
        If a value is not in 0 to 100 %.
    GridError
        If the grid is not in longitude and latitude.

    Notes
    -----
    stored = whole percent as uint8, missing 200: a value returns within 0.5 %.
    """
    check_variables(data, COVERS, "VCF5KYR")
    grid = Grid.of(data)
    if not grid.is_lonlat:
        raise GridError(
            "VCF5KYR lies in longitude and latitude",
            rule="crs is EPSG:4326",
            value=grid.crs[:60],
            remedy="make the grid with abz.grid.lonlat_grid",
        )
    arrays = [data[name].transpose("year", "y", "x").values for name in COVERS]
    paths = []
    for number, year in enumerate(data["year"].values.tolist()):
        if year not in ABSENT_YEARS:
            path = folder / f"VCF5KYR_{year}001_001_{PRODUCED}.tif"
            bands = np.stack([_encode(array[number]) for array in arrays])
            paths.append(write_raster(path, bands, grid, nodata=None))
    return paths


def _encode(cover: np.ndarray) -> np.ndarray:
    """A cover as stored whole percent."""
    missing = np.isnan(cover)
    percent = np.rint(cover)
    check_values(percent, (0, LARGEST_COVER), "cover, %,", missing)
    return np.where(missing, WATER, percent).astype(np.uint8)
