"""Vegetation cover of the AVHRR era: MEaSUREs VCF5KYR, annual GeoTIFFs at 0.05°."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.grid.geometry import Grid
from abz.readers.file_names import parse_names
from abz.readers.geotiff import Bounds, read_raster
from abz.readers.labels import label, predictor_attrs, provenance
from abz.readers.orientation import check_orientation

__all__ = ["ABSENT_YEARS", "COVERS", "LARGEST_COVER", "WATER", "read_vcf5kyr"]

COVERS = ("tree_cover", "nontree_cover", "nonvegetated_cover")
"""Canonical names of the three bands, in order."""
WATER = 200
"""Stored where there is no land."""
LARGEST_COVER = 100
"""Stored values above this are no percentage."""
ABSENT_YEARS = (1994, 2000)
"""Years that the product lacks."""

_NAME = re.compile(r"VCF5KYR_(?P<year>\d{4})001_001_\d{13}\.tif")


def read_vcf5kyr(
    paths: Sequence[Path],
    *,
    years: Collection[int] | None = None,
    bounds: Bounds | None = None,
) -> xr.Dataset:
    """Percent tree, non-tree and no vegetation, VCF5KYR.

    Parameters
    ----------
    paths : sequence of Path
        Yearly files `VCF5KYR_{year}001_001_{produced}.tif`, bands tree, non-tree, non-vegetated.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, degrees; the product is global.

    Returns
    -------
    xarray.Dataset (year, y, x)
        `tree_cover`, `nontree_cover`, `nonvegetated_cover`, %; NaN over water. Only the years that
        have a file: the product lacks 1994 and 2000.

    Raises
    ------
    InputError
        If a name, number of bands or type is not the product's, or two files are of one year.
    GridError
        If the files lie on different grids, or a map lies upside down.
    MissingDataError
        If a file is not there.

    Notes
    -----
    Stored values above 100 (200 water) are missing, so that no average holds water.

    References
    ----------
    .. [1] Song et al. (2018), doi:10.1038/s41586-018-0411-9.
    """
    example = "VCF5KYR_1982001_001_2018224204211.tif"
    names = parse_names(paths, _NAME, "VCF5KYR", example, years)
    order = np.array([int(part["year"]) for _, part in names], dtype=np.int64)
    _check_single(order, names)
    maps = [_read(path, bounds) for path, _ in names]
    grid = maps[0][1]
    for (path, _), (_, other) in zip(names, maps, strict=True):
        if other != grid:
            raise GridError(
                f"{path.name} lies on another grid", rule=f"{grid.bounds}", value=other.bounds
            )
    arrays = {name: np.stack([m[0][band] for m in maps]) for band, name in enumerate(COVERS)}
    attrs = {name: predictor_attrs(name) for name in COVERS}
    year = xr.DataArray(order, dims="year", attrs={"units": "1", "long_name": "year"})
    data = label(arrays, attrs, {"year": year}, grid, "VCF5KYR")
    return data.assign_attrs(provenance("VCF5KYR", [path for path, _ in names]))


def _check_single(order: np.ndarray, names: Sequence[tuple[Path, dict[str, str]]]) -> None:
    """Refuse two files of one year."""
    if np.unique(order).size < order.size:
        raise InputError(
            "two files are of the same year",
            rule="one file a year",
            value=", ".join(path.name for path, _ in names),
            remedy="keep the ones that the catalog pins",
        )


def _read(path: Path, bounds: Bounds | None) -> tuple[np.ndarray, Grid]:
    """Covers (3, y, x) of one file, NaN over water, and their grid."""
    stored, grid = read_raster(path, bounds)
    if len(stored) != len(COVERS) or stored.dtype != np.uint8 or not grid.is_lonlat:
        raise InputError(
            f"{path.name} is not as VCF5KYR stores its maps",
            rule="three bands of uint8 in longitude and latitude",
            value=f"{len(stored)} of {stored.dtype}, longitude and latitude: {grid.is_lonlat}",
            remedy="use the file of the archive, not a converted copy",
        )
    percent = stored.filled(WATER)
    check_orientation(percent[0] <= LARGEST_COVER, grid.x, grid.y, f"covers of {path.name}")
    return np.where(percent > LARGEST_COVER, np.nan, percent).astype(np.float32), grid
