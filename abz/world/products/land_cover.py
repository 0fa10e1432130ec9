"""Land cover maps in the classes their products store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.grid import Grid
from abz.readers.land_cover import LAND_COVER_MAPS
from abz.validation import check_codes
from abz.world.products.geotiff import write_raster

__all__ = ["write_cavm", "write_esa_cci_lc"]


def write_esa_cci_lc(data: xr.Dataset, folder: Path, year: int = 2015) -> list[Path]:
    """Write `ESACCI-LC-L4-LCCS-Map-300m-P1Y-{year}-v2.0.7.tif`: uint8, class 0 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        lccs_class; −1 where missing.
    folder : Path
        Made where absent.
    year : int, optional
        Year in the name of the file.

    Returns
    -------
    list of Path
        The one file.

    Raises
    ------
    CategoryError
        If a code is not in the product's legend.
    """
    return _write("esa_cci_lc", data, folder, declare_nodata=False, year=year)


def write_cavm(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `raster_cavm_v1.tif`: uint8, 127 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        grid_code; −1 where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.

    Raises
    ------
    CategoryError
        If a code is not in the product's legend.
    """
    return _write("cavm", data, folder, declare_nodata=True)


def _write(
    entry: str, data: xr.Dataset, folder: Path, *, declare_nodata: bool, year: int = 0
) -> list[Path]:
    """The classes of an entry as stored."""
    storage = LAND_COVER_MAPS[entry]
    codes = check_codes(data[storage.variable].values, [-1, *storage.legend], storage.variable)
    stored = np.where(codes == -1, storage.nodata, codes).astype(np.uint8)
    path = Path(folder) / storage.file.format(year=year)
    nodata = storage.nodata if declare_nodata else None
    return [write_raster(path, stored[None], Grid.of(data), nodata)]
