"""FLUXCOM-X-BASE and FLUXCOM RS+METEO: a file for each flux and year."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from abz.readers.fluxcom import FLUXCOM_VARIABLES
from abz.validation import check_variables
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import write_netcdf, years_of

__all__ = ["FLUXCOM_LAYOUT", "X_BASE_LAYOUT", "write_fluxcom", "write_fluxcom_x_base"]

X_BASE_LAYOUT = Layout(units="gC m-2 d-1", epoch="days since 1970-01-01", fill=-9999.0)
FLUXCOM_LAYOUT = Layout(units="gC m-2 d-1", epoch="days since 1582-10-15", fill=-9999.0)


def write_fluxcom_x_base(
    data: xr.Dataset, folder: Path, layout: Layout = X_BASE_LAYOUT, step: str = "050"
) -> list[Path]:
    """Write `{NEE|GPP}_{year}_{step}_monthly.nc`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        nee and gpp, or one of them, g C m-2 month-1 of land, on a longitude–latitude grid; NaN
        where missing. `land_fraction` (y, x), 1, goes along.
    folder : Path
        Made where absent.
    layout : Layout, optional
        Unit, directions, fill, packing and calendar of the files.
    step : str, optional
        Resolution in the name: "050" or "005" of the product.

    Returns
    -------
    list of Path
        In order of the fluxes, then of the years.

    Raises
    ------
    MissingDataError
        If there is neither flux.
    """
    return _write(data, folder, ("NEE", "GPP"), f"{{name}}_{{year}}_{step}_monthly.nc", layout)


def write_fluxcom(data: xr.Dataset, folder: Path, layout: Layout = FLUXCOM_LAYOUT) -> list[Path]:
    """Write `{NEE|GPP|TER}.RS_METEO.….720_360.monthly.{year}.nc`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        nee, gpp and reco, or some of them, g C m-2 month-1 of land, on a longitude–latitude grid;
        NaN where missing.
    folder : Path
        Made where absent.
    layout : Layout, optional
        Unit, directions, fill, packing and calendar of the files.

    Returns
    -------
    list of Path
        In order of the fluxes, then of the years.

    Raises
    ------
    MissingDataError
        If there is no flux.
    """
    size = f"{data.sizes['x']}_{data.sizes['y']}"
    pattern = f"{{name}}.RS_METEO.FP-ALL.MLM-ALL.METEO-ALL.{size}.monthly.{{year}}.nc"
    return _write(data, folder, ("NEE", "GPP", "TER"), pattern, layout)


def _write(
    data: xr.Dataset, folder: Path, names: tuple[str, ...], pattern: str, layout: Layout
) -> list[Path]:
    """Every flux that the data hold, year by year."""
    held = [name for name in names if FLUXCOM_VARIABLES[name] in data]
    if not held:
        check_variables(data, [FLUXCOM_VARIABLES[name] for name in names], "the upscaled fluxes")
    plain = {} if "land_fraction" not in data else {"land_fraction": data["land_fraction"]}
    unpacked = Layout(
        layout.units, layout.names, layout.order, layout.south_up, layout.from_greenwich
    )
    still = {name: unpacked.field(field, {"units": "1"}) for name, field in plain.items()}
    paths = []
    for name in held:
        for year, months in years_of(data, [FLUXCOM_VARIABLES[name]]):
            stored = {**layout.axes(months), name: layout.rate(months[FLUXCOM_VARIABLES[name]])}
            path = Path(folder) / pattern.format(name=name, year=year)
            title = f"Synthetic {name} in the form of upscaled fluxes"
            paths.append(write_netcdf(path, {**stored, **still}, title))
    return paths
