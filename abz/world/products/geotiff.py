"""GeoTIFF files of any number of bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio.crs import CRS

from abz.grid import Grid

__all__ = ["write_raster"]


def write_raster(
    path: Path,
    bands: np.ndarray,
    grid: Grid,
    nodata: float | None,
    scale: float = 1.0,
    *,
    names: Sequence[str] = (),
) -> Path:
    """Write stored numbers; an earlier file is replaced.

    Parameters
    ----------
    path : Path
        Its folder is made where absent.
    bands : numpy.ndarray (band, y, x)
        As stored: type and values.
    grid : Grid
        Where the cells lie.
    nodata : float or None
        Stored number that the file declares as missing; None declares none.
    scale : float, optional
        Scale that the file declares: value = stored × scale.
    names : sequence of str, optional
        Descriptions of the bands.

    Returns
    -------
    Path
        `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = bands.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=count,
        height=height,
        width=width,
        dtype=bands.dtype,
        crs=CRS.from_wkt(grid.crs),
        transform=grid.transform,
        nodata=nodata,
        compress="deflate",
    ) as target:
        target.write(bands)
        if scale != 1.0:
            target.scales = (scale,) * count
        if names:
            target.descriptions = tuple(names)
    return path
