"""Winter soil CO2 flux on cells of a polar projection, as its archive describes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import xarray as xr
from pyproj import CRS

from abz.grid import Grid
from abz.validation import check_variables
from abz.vocabulary import SEASONS
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Variable, write_netcdf

__all__ = ["WINTER_LAYOUT", "WinterLayout", "write_winter_flux"]

WINTER_LAYOUT = Layout(
    units="g C m-2 d-1",
    names={"time": "time", "y": "y", "x": "x"},
    epoch="days since 2003-01-01",
    fill=-9999.0,
)


@dataclass(frozen=True)
class WinterLayout:
    """The form of a file.

    Parameters
    ----------
    layout : Layout, optional
        Unit, axes, calendar and fill.
    variable : str, optional
        Name of the flux.
    standard_names : bool, optional
        Whether the axes say by their standard names what they are.
    """

    layout: Layout = field(default_factory=lambda: WINTER_LAYOUT)
    variable: str = "soil_CO2_flux"
    standard_names: bool = True


def write_winter_flux(
    data: xr.Dataset, folder: Path, form: WinterLayout | None = None
) -> list[Path]:
    """Write `winter_soil_CO2_flux_{first year}_{last year}.nc`.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        soil_flux, g C m-2 month-1 of land, positive, of consecutive months on a projected grid;
        NaN where missing. Only October to April is written.
    folder : Path
        Made where absent.
    form : WinterLayout, optional
        Form of the file.

    Returns
    -------
    list of Path
        One file.

    Raises
    ------
    MissingDataError
        If there is no soil_flux.

    Notes
    -----
    float32 of a rate per day: values return within 1e-6 of themselves.
    """
    check_variables(data, ["soil_flux"], "the winter fluxes")
    form = form or WinterLayout()
    layout, grid = form.layout, Grid.of(data)
    chosen = np.isin(data["time"].dt.month.values, SEASONS["Oct-Apr"])
    rate = layout.rate(data["soil_flux"], {"grid_mapping": "crs"})
    dated = {**_axes(data, form), form.variable: rate}
    stored = {name: _of_steps(held, layout.names["time"], chosen) for name, held in dated.items()}
    stored["crs"] = Variable((), np.array(0, np.int32), _mapping(grid))
    years = data["time"].dt.year.values
    path = Path(folder) / f"winter_soil_CO2_flux_{years.min()}_{years.max()}.nc"
    return [write_netcdf(path, stored, "Synthetic winter soil CO2 flux")]


def _axes(data: xr.Dataset, form: WinterLayout) -> dict[str, Variable]:
    """Time, northing and easting as stored."""
    made = form.layout.axes(data)
    for axis in ("y", "x"):
        name = form.layout.names[axis]
        attrs = {"units": "m"}
        if form.standard_names:
            attrs["standard_name"] = f"projection_{axis}_coordinate"
        made[name] = Variable((name,), made[name].values, attrs)
    return made


def _of_steps(variable: Variable, time: str, chosen: np.ndarray) -> Variable:
    """A variable in some of its steps; as it is, if it has none."""
    if time not in variable.dims:
        return variable
    return replace(variable, values=np.compress(chosen, variable.values, variable.dims.index(time)))


def _mapping(grid: Grid) -> dict[str, str | float]:
    """Attributes of the grid mapping."""
    stated = CRS(grid.crs).to_cf().items()
    return {name: value for name, value in stated if isinstance(value, str | float)}
