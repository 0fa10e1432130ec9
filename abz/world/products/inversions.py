"""Inversions of the Global Carbon Budget 2022, all systems in one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.readers.inversions import LAND_FLUXES
from abz.validation import check_choice, check_variables
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Variable, write_netcdf

__all__ = ["GCB_LAYOUT", "write_gcb2022_inversions"]

GCB_LAYOUT = Layout(
    units="PgC m-2 yr-1",
    names={"member": "ensemble_member", "time": "time", "y": "latitude", "x": "longitude"},
    order=("member", "time", "y", "x"),
    south_up=True,
    fill=-9999.0,
)
NAME_LENGTH = 32


def write_gcb2022_inversions(
    data: xr.Dataset,
    folder: Path,
    layout: Layout = GCB_LAYOUT,
    adjusted: str = "fossil",
    *,
    downward: bool = False,
) -> list[Path]:
    """Write `GCP2022_inversions_1x1_version1_1_20230127.nc`.

    Parameters
    ----------
    data : xarray.Dataset (member, time, y, x)
        land_flux, g C m-2 month-1, of consecutive months, on a longitude–latitude grid; NaN where
        missing.
    folder : Path
        Made where absent.
    layout : Layout, optional
        Unit, directions, fill and calendar.
    adjusted : str, optional
        A key of `abz.readers.inversions.LAND_FLUXES`.
    downward : bool, optional
        Whether the file counts uptake as positive, and says so.

    Returns
    -------
    list of Path
        One file.

    Raises
    ------
    MissingDataError
        If there is no land_flux.

    Notes
    -----
    float32 of a rate per year: values return within 1e-6 of themselves.
    """
    check_choice(adjusted, LAND_FLUXES, "adjusted")
    check_variables(data, ["land_flux"], "the inversions")
    names = [str(name).ljust(NAME_LENGTH).encode() for name in data["member"].values]
    letters = np.array([[name[i : i + 1] for i in range(NAME_LENGTH)] for name in names])
    flux = data["land_flux"]
    variables = {
        **layout.axes(data),
        "ensemble_member_name": Variable(("ensemble_member", "name_length"), letters.astype("S1")),
        LAND_FLUXES[adjusted][0]: layout.rate(-flux, {"positive": "down"})
        if downward else layout.rate(flux),
    }  # fmt: skip
    path = Path(folder) / "GCP2022_inversions_1x1_version1_1_20230127.nc"
    return [write_netcdf(path, variables, "Synthetic land fluxes in the form of the inversions")]
