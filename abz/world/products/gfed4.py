"""GFED4.1s yearly files of HDF5."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from abz.readers.gfed4 import GFED4_FIELDS, GFED4_MONTHS, GFED4_REGIONS
from abz.validation import check_variables
from abz.world.products.gfed import whole_years

__all__ = ["write_gfed4"]

BETA = 2017
"""First year whose file is a beta file, without burned area."""


def write_gfed4(data: xr.Dataset, folder: Path, *, beta_from: int = BETA) -> list[Path]:
    """Write `GFED4.1s_{year}.hdf5`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1, and `burned_fraction`, 0 to 1, of whole years, on a longitude–
        latitude grid; `land` (y, x), bool, becomes the map of regions.
    folder : Path
        Made where absent.
    beta_from : int, optional
        From this year on, files are called beta and hold no burned area.

    Returns
    -------
    list of Path
        One file a year.

    Raises
    ------
    InputError
        If a year has not its twelve months.
    MissingDataError
        If a variable is missing.

    Notes
    -----
    float32: values return as they are.
    """
    check_variables(data, GFED4_FIELDS, "GFED4.1s")
    years = whole_years(data)
    arrays = {n: data[n].transpose("time", "y", "x").values for n in GFED4_FIELDS}
    lon, lat = np.meshgrid(data["x"].values, data["y"].values)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, year in enumerate(years):
        beta = year >= beta_from
        path = folder / f"GFED4.1s_{year}{'_beta' if beta else ''}.hdf5"
        with h5py.File(path, "w") as file:
            file.attrs["title"] = "Synthetic fires in the form of GFED4.1s"
            _store(file, "lat", lat)
            _store(file, "lon", lon)
            if "land" in data:
                _store(file, GFED4_REGIONS, data["land"].values.astype(np.int32))
            for name, place in GFED4_FIELDS.items():
                if name == "burned_fraction" and beta:
                    continue
                for step, month in enumerate(GFED4_MONTHS):
                    _store(file, place.format(month), arrays[name][12 * number + step])
                    if name == "emission":
                        file[place.format(month)].attrs["units"] = "g C m^-2 month^-1"
        paths.append(path)
    return paths


def _store(file: h5py.File, name: str, values: np.ndarray) -> None:
    """One dataset, deflated, without the time of writing."""
    kind = np.float32 if np.issubdtype(values.dtype, np.floating) else values.dtype
    file.create_dataset(
        name, data=values.astype(kind), compression="gzip", shuffle=True, track_times=False
    )
