"""TerraClimate as exported from Earth Engine: whole numbers, a GeoTIFF a month."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.grid import Grid
from abz.readers.terraclimate_ee import EE_SCALES
from abz.units import kelvin_to_celsius
from abz.validation import check_variables
from abz.world.products.geotiff import write_raster
from abz.world.products.terraclimate import HALF_RANGE

__all__ = ["write_terraclimate_ee"]

FILL = -32768


def write_terraclimate_ee(data: xr.Dataset, folder: Path, fill: int = FILL) -> list[Path]:
    """Write `{year}{month}.tif` with bands srad, vpd, tmmn, tmmx.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        srad W m-2, vpd kPa, air_temperature K on a longitude–latitude grid; NaN where missing.
    folder : Path
        Made where absent.
    fill : int, optional
        Number for missing cells, which the files declare.

    Returns
    -------
    list of Path
        In order of the months.

    Raises
    ------
    InputError
        If a value does not fit 16 bits at its scale.
    MissingDataError
        If a variable is missing.

    Notes
    -----
    tmmn = T − 5 °C and tmmx = T + 5 °C. A value returns within half of its scale.
    """
    check_variables(data, ["srad", "vpd", "air_temperature"], "TerraClimate")
    celsius = kelvin_to_celsius(data["air_temperature"].transpose("time", "y", "x").values)
    fields = {
        "srad": data["srad"].transpose("time", "y", "x").values,
        "vpd": data["vpd"].transpose("time", "y", "x").values,
        "tmmn": celsius - HALF_RANGE,
        "tmmx": celsius + HALF_RANGE,
    }
    stored = np.stack([_counts(name, fields[name], fill) for name in EE_SCALES], axis=1)
    paths = []
    for number in np.argsort(data["time"].values):
        month = str(data["time"].values[number].astype("datetime64[M]")).replace("-", "")
        path = Path(folder) / f"{month}.tif"
        bands = stored[number]
        paths.append(write_raster(path, bands, Grid.of(data), fill, names=tuple(EE_SCALES)))
    return paths


def _counts(name: str, values: np.ndarray, fill: int) -> np.ndarray:
    """A field in whole multiples of its scale, int16."""
    counts = np.rint(np.asarray(values, np.float64) / EE_SCALES[name])
    known = ~np.isnan(counts)
    if ((np.abs(counts) > 32767) & known).any() or (counts == fill).any():
        raise InputError(
            f"{name} does not fit the export",
            rule=f"-32767 to 32767 times {EE_SCALES[name]:g}, apart from {fill}",
            value=f"{np.nanmin(values):g} to {np.nanmax(values):g}",
            remedy="check the unit of the data",
        )
    return np.where(known, counts, fill).astype(np.int16)
