"""Static maps of soil, terrain and permafrost, in the numbers their products store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.grid import Grid
from abz.readers.static_maps import STATIC_MAPS
from abz.world.products.geotiff import write_raster

__all__ = [
    "write_merit_cti",
    "write_soilgrids_ph",
    "write_soilgrids_soc",
    "write_uio_permafrost",
]


def write_soilgrids_ph(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `PHIHOX_M_sl1_250m_ll.tif`: pH × 10 in uint8, 255 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        soil_ph; NaN where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.
    """
    return _write("soilgrids_ph", data, folder)


def write_soilgrids_soc(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `OCSTHA_M_200cm_250m_ll.tif`: whole t ha-1 in int16, −32768 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        soc kg m-2; NaN where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.
    """
    return _write("soilgrids_soc", data, folder)


def write_merit_cti(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `dtm_cti_merit.dem_m_250m_s0..0cm_2018_v1.0.tif`: float32, −9999 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        cti; NaN where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.
    """
    return _write("merit_cti", data, folder)


def write_uio_permafrost(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `UiO_PEX_PERPROB_5.0_20181128_2000_2016_NH.tif`: float32, −9999 where missing.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        permafrost_probability, 0 to 1; NaN where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.
    """
    return _write("uio_permafrost", data, folder)


def _write(entry: str, data: xr.Dataset, folder: Path) -> list[Path]:
    """The map of an entry as stored numbers."""
    storage = STATIC_MAPS[entry]
    kind = np.dtype(storage.dtype)
    numbers = data[storage.variable].values / storage.factor
    if kind.kind in "iu":
        numbers = np.rint(numbers)
        limits = np.iinfo(kind)
        if (numbers < limits.min).any() or (numbers > limits.max).any():
            raise InputError(
                f"{storage.variable} does not fit the product's type",
                rule=f"{limits.min} to {limits.max} as stored, {kind}",
                value=f"{np.nanmin(numbers):g} to {np.nanmax(numbers):g}",
                remedy="check the unit of the data",
            )
    stored = np.where(np.isnan(numbers), storage.nodata, numbers).astype(kind)
    path = Path(folder) / storage.file
    return [write_raster(path, stored[None], Grid.of(data), storage.nodata)]
