"""GFED5 yearly files of NetCDF."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from abz.validation import check_variables
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Variable, write_netcdf, years_of

__all__ = ["GFED5_LAYOUT", "write_gfed5"]

GFED5_LAYOUT = Layout(units="g C m-2 month-1", epoch="days since 1997-01-01", fill=-9999.0)
CO2_PER_C = 3.3
"""Emission of CO2, g for each g of carbon that burns: some carbon leaves as CO, CH4 and soot."""


def write_gfed5(data: xr.Dataset, folder: Path, layout: Layout = GFED5_LAYOUT) -> list[Path]:
    """Write `GFED5_Beta_monthly_{year}.nc`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1, on a longitude–latitude grid.
    folder : Path
        Made where absent.
    layout : Layout, optional
        Unit, directions, fill, packing and calendar of the files.

    Returns
    -------
    list of Path
        One file a year.

    Raises
    ------
    MissingDataError
        If there is no emission.
    """
    check_variables(data, ["emission"], "GFED5")
    paths = []
    for year, months in years_of(data, ["emission"]):
        carbon = layout.rate(months["emission"])
        co2 = layout.rate(CO2_PER_C * months["emission"])
        stored = {
            **layout.axes(months),
            "C": carbon,
            "CO2": Variable(co2.dims, co2.values, {"units": "g CO2 m-2 month-1"}, co2.fill),
        }
        path = Path(folder) / f"GFED5_Beta_monthly_{year}.nc"
        paths.append(write_netcdf(path, stored, "Synthetic fires in the form of GFED5"))
    return paths
