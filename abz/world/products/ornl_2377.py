"""Files in the form of the published 1-km fluxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from pyproj import CRS

from abz.errors import MissingDataError
from abz.grid import Grid
from abz.readers.ornl_2377 import ORNL_MEANS, ORNL_VARIABLES
from abz.units import parse_flux_unit
from abz.validation import check_variables
from abz.world.products.geotiff import write_raster
from abz.world.products.gfed import whole_years
from abz.world.products.netcdf import Packing, Variable, write_netcdf

__all__ = ["OrnlLayout", "write_ornl_2377", "write_ornl_2377_means", "write_ornl_2377_trends"]


@dataclass(frozen=True)
class OrnlLayout:
    """The form of a file.

    Parameters
    ----------
    units : str
        Unit of the flux in the file.
    south_up : bool
        Whether rows run from the lower to the upper edge.
    fill : float
        Number that means missing.
    packing : Packing, optional
        How int16 numbers stand for values.
    dated : bool
        Whether the file holds the variable `time`.
    """

    units: str = "g C m-2 month-1"
    south_up: bool = False
    fill: float = np.nan
    packing: Packing | None = None
    dated: bool = True


def write_ornl_2377(data: xr.Dataset, folder: Path, layout: OrnlLayout | None = None) -> list[Path]:
    """Write `CO2Fluxes_Arctic_Boreal_{NEE|GPP|Reco}_{year}.nc`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        nee, gpp and reco, or some of them, g C m-2 month-1, of whole years on a projected grid;
        NaN where missing.
    folder : Path
        Made where absent.
    layout : OrnlLayout, optional
        Unit, direction, fill and packing of the files.

    Returns
    -------
    list of Path
        In order of the fluxes, then of the years.

    Raises
    ------
    MissingDataError
        If there is no flux.
    InputError
        If a year has not its twelve months.
    """
    form = layout or OrnlLayout()
    held = [name for name, flux in ORNL_VARIABLES.items() if flux in data]
    if not held:
        check_variables(data, ORNL_VARIABLES.values(), "the fluxes")
    grid = Grid.of(data)
    axes = _axes(grid, form)
    paths = []
    for name in held:
        flux = data[ORNL_VARIABLES[name]].transpose("time", "y", "x").values
        for number, year in enumerate(whole_years(data)):
            months = flux[12 * number : 12 * number + 12]
            stored = {**_time(year, form), **axes, name: _field(months, year, form)}
            path = Path(folder) / f"CO2Fluxes_Arctic_Boreal_{name}_{year}.nc"
            title = f"Synthetic {name} in the form of the published fluxes"
            paths.append(write_netcdf(path, stored, title))
    return paths


def write_ornl_2377_means(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `CO2Fluxes_Arctic_Boreal_{NEE|NEEfire}_{first}_{last}_{avg|trend}.tif`.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        nee, nee_fire, nee_trend, or some of them; `attrs["period"]` of each: "2002-2020".
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        A map each.

    Raises
    ------
    MissingDataError
        If there is no such map.
    """
    paths = []
    for (layer, kind), (name, *_) in ORNL_MEANS.items():
        if name in data:
            period = str(data[name].attrs["period"]).replace("-", "_")
            path = Path(folder) / f"CO2Fluxes_Arctic_Boreal_{layer}_{period}_{kind}.tif"
            band = data[name].transpose("y", "x").values.astype(np.float32)[None]
            paths.append(write_raster(path, band, Grid.of(data), np.nan))
    if not paths:
        raise MissingDataError(
            "there is no map to write",
            rule=f"one of {', '.join(name for name, *_ in ORNL_MEANS.values())}",
            value=list(data),
            remedy="name the maps so",
        )
    return paths


def write_ornl_2377_trends(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `CO2Fluxes_Arctic_Boreal_{NEE|NEEfire}_{first}_{last}_trend.tif`.

    Parameters
    ----------
    data : xarray.Dataset (y, x)
        nee_trend, nee_fire_trend, or one of them; `attrs["period"]` of each: "2002-2020".
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        A map each.

    Raises
    ------
    MissingDataError
        If there is no such map.
    """
    trends = [name for (_, kind), (name, *_) in ORNL_MEANS.items() if kind == "trend"]
    return write_ornl_2377_means(data[[name for name in trends if name in data]], folder)


def _axes(grid: Grid, form: OrnlLayout) -> dict[str, Variable]:
    """Projection and centres as stored."""
    mapping = {k: v for k, v in CRS(grid.crs).to_cf().items() if isinstance(v, str | float)}
    northing = grid.y[::-1] if form.south_up else grid.y
    return {
        "northing": Variable(("northing",), northing, {"units": "m"}),
        "easting": Variable(("easting",), grid.x, {"units": "m"}),
        "crs": Variable((), np.array(0, np.int32), {**mapping, "crs_wkt": grid.crs}),
    }


def _time(year: int, form: OrnlLayout) -> dict[str, Variable]:
    """First days of the months, in days since 2001."""
    months = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    days = (months.astype("datetime64[D]") - np.datetime64("2001-01-01")).astype(np.float64)
    attrs = {"units": "days since 2001-01-01", "calendar": "standard"}
    return {"time": Variable(("tm",), days, attrs)} if form.dated else {}


def _field(months: np.ndarray, year: int, form: OrnlLayout) -> Variable:
    """A year of a flux as stored."""
    starts = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    days = ((starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")).astype(float)
    factor = parse_flux_unit(form.units).per_month(days, np.full(12, days.sum()))
    values = months / factor[:, None, None]
    values = values[:, ::-1] if form.south_up else values
    attrs = {"units": form.units, "grid_mapping": "crs"}
    dims = ("tm", "northing", "easting")
    if form.packing is not None:
        stored = form.packing.pack(values)
        return Variable(dims, stored, {**form.packing.attributes, **attrs}, form.packing.fill)
    stored = np.where(np.isnan(values), form.fill, values).astype(np.float32)
    return Variable(dims, stored, attrs, float(np.float32(form.fill)))
