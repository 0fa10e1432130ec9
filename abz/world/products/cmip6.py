"""Land fluxes of a CMIP simulation, a file for each variable and span of years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from abz.readers.cmip_names import Run
from abz.validation import check_variables
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Variable, write_netcdf

__all__ = ["CMIP_LAYOUT", "write_cmip6_land_fluxes", "write_cmip6_soil"]

CMIP_LAYOUT = Layout(
    units="kg m-2 s-1",
    south_up=True,
    from_greenwich=True,
    calendar="noleap",
    fill=1e20,
    time_bounds=True,
)
RUN = Run("SYN-ESM1", "historical", "r1i1p1f1", "gn")
STANDARD_NAMES = {
    "gpp": "gross_primary_productivity_of_biomass_expressed_as_carbon",
    "ra": "surface_upward_mass_flux_of_carbon_dioxide_expressed_as_carbon_due_to_plant_respiration",
    "rh": "surface_upward_mass_flux_of_carbon_dioxide_expressed_as_carbon_due_to_heterotrophic_"
    "respiration",
    "nep": "surface_net_downward_mass_flux_of_carbon_dioxide_expressed_as_carbon_due_to_all_land_"
    "processes_excluding_anthropogenic_land_use_change",
}
METHODS = "area: mean where land time: mean"


def write_cmip6_land_fluxes(
    data: xr.Dataset,
    folder: Path,
    layout: Layout = CMIP_LAYOUT,
    *,
    run: Run = RUN,
    variables: Sequence[str] = ("gpp", "ra", "rh"),
    years_a_file: int = 50,
) -> list[Path]:
    """Write the files of a simulation, named as the archive does; sftlf and areacella with them.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        gpp, ra, rh, or nee for nep, g C m-2 month-1, of consecutive months; y latitude from north
        to south, x longitude from −180°, of any spacing, with `y_bounds` (y, edge) and `x_bounds`
        (x, edge); `land_fraction` (y, x), 1, and `cell_area` (y, x), m2, where there are.
    folder : Path
        Made where absent.
    layout : Layout, optional
        Directions, calendar and fill of the files.
    run : Run, optional
        Names of the simulation.
    variables : sequence of str, optional
        Of gpp, ra, rh, nep.
    years_a_file : int, optional
        Calendar years in a file.

    Returns
    -------
    list of Path
        In order of the variables, then of the years; what stands still comes last.

    Raises
    ------
    MissingDataError
        If a variable is missing.

    Notes
    -----
    float32 of a rate per second: values return within 1e-6 of themselves.
    """
    sources = {"nep": "nee"}
    check_variables(data, [sources.get(name, name) for name in variables], "the simulation")
    paths = []
    for name in variables:
        flux = -data["nee"] if name == "nep" else data[name]
        attrs = {"standard_name": STANDARD_NAMES[name], "cell_methods": METHODS}
        for part in _spans(flux, years_a_file):
            months = part["time"].dt.strftime("%Y%m").values[[0, -1]]
            stem = "_".join((name, "Lmon", *filter(None, run), "-".join(months)))
            stored = {**_axes(data, part, layout), name: layout.rate(part, attrs)}
            paths.append(_write(Path(folder) / f"{stem}.nc", stored, run))
    still = {"sftlf": ("land_fraction", 100.0, "%"), "areacella": ("cell_area", 1.0, "m2")}
    for name, (source, factor, units) in still.items():
        if source in data:
            stem = "_".join((name, "fx", *filter(None, run)))
            plain = replace(layout, packing=None)
            field = plain.field(data[source] * factor, {"units": units})
            axes = _axes(data, data[source], layout)
            paths.append(_write(Path(folder) / f"{stem}.nc", {**axes, name: field}, run))
    return paths


def write_cmip6_soil(folder: Path, run: Run, layers: int) -> list[Path]:
    """Write a month of soil temperature of a model, whose layers readers count.

    Parameters
    ----------
    folder : Path
        Made where absent.
    run : Run
        Names of the simulation.
    layers : int
        Layers of the soil.

    Returns
    -------
    list of Path
        One file.
    """
    depth, lat, lon = 0.05 * 2.0 ** np.arange(layers), np.array([-45.0, 45.0]), [90.0, 270.0]
    cells = (1, layers, 2, 2)
    stored = {
        "time": Variable(("time",), np.array([15.5]), {"units": "days since 1850-01-01"}),
        "depth": Variable(("depth",), depth, {"units": "m", "axis": "Z"}),
        "lat": Variable(("lat",), lat, {"units": "degrees_north"}),
        "lon": Variable(("lon",), np.array(lon), {"units": "degrees_east"}),
        "tsl": Variable(
            ("time", "depth", "lat", "lon"), np.full(cells, 270.0, np.float32), {"units": "K"}
        ),
    }
    stem = "_".join(("tsl", "Lmon", *filter(None, run), "185001-185001"))
    return [_write(Path(folder) / f"{stem}.nc", stored, run)]


def _write(path: Path, variables: Mapping[str, Variable], run: Run) -> Path:
    """One file with the names of its simulation."""
    attributes = {"source_id": run.model, "experiment_id": run.experiment,
                  "variant_label": run.member, "grid_label": run.grid}  # fmt: skip
    return write_netcdf(path, variables, "Synthetic simulation in the form of CMIP6", attributes)


def _spans(flux: xr.DataArray, years: int) -> list[xr.DataArray]:
    """A flux cut into spans of calendar years."""
    ordered = flux.sortby("time")
    span = (ordered["time"].dt.year.values - int(ordered["time"].dt.year.values[0])) // years
    return [ordered.isel(time=np.flatnonzero(span == number)) for number in np.unique(span)]


def _axes(data: xr.Dataset, part: xr.DataArray, layout: Layout) -> dict[str, Variable]:
    """The axes of a file with bounds, where the data have them."""
    axes = layout.axes(part)
    rows = np.arange(data.sizes["y"])[:: -1 if layout.south_up else 1]
    turned = {"y": rows, "x": layout.columns(data["x"].values)[0]}
    for axis, order in turned.items():
        if f"{axis}_bounds" in data:
            name = layout.names[axis]
            bounds = np.sort(data[f"{axis}_bounds"].values[order], axis=1)
            if axis == "x" and layout.from_greenwich:
                bounds = bounds + 360.0 * (data["x"].values[order] < 0)[:, None]
            stored = axes[name]
            attrs = {**stored.attributes, "bounds": f"{name}_bnds"}
            axes[name] = Variable(stored.dims, stored.values, attrs)
            axes[f"{name}_bnds"] = Variable((name, "bnds"), bounds)
    return axes
