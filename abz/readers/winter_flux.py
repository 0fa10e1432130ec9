"""Gridded winter soil CO2 flux (ORNL DAAC 1683, Natali et al. 2019): October to April, 25 km.

The archive describes a daily mean flux of each month, g C m-2 d-1, on cells of 25 km. Which names
its files give to variables and axes is not published where it could be checked, so both are found
by what CF metadata say of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from pyproj import CRS
from pyproj.exceptions import CRSError

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.ledger import Parts
from abz.readers.calendars import Months, months_of, open_dated
from abz.readers.fluxes import canonical_flux, monthly
from abz.readers.labels import as_given, provenance
from abz.readers.months import check_scaled, join_months
from abz.readers.projected import projected_window
from abz.units import parse_flux_unit
from abz.vocabulary import SEASONS

__all__ = ["SOIL_FLUX_PARTS", "read_winter_flux"]

SOIL_FLUX_PARTS = Parts.of("reco")
"""What leaves the soil through the snow is respiration; there is no uptake in it."""

WINTER_MONTHS = SEASONS["Oct-Apr"]
_SCENARIO = re.compile("rcp", re.IGNORECASE)
_AXES = {
    "time": ("time", ("time",)),
    "y": ("projection_y_coordinate", ("y", "northing")),
    "x": ("projection_x_coordinate", ("x", "easting")),
}
"""Axis to its standard name, and to names that files give it."""


class _Layout(NamedTuple):
    """Names of a file: of its flux, of its axes (time, y, x), and its projection."""

    flux: str
    axes: dict[str, str]
    crs: str


def read_winter_flux(
    paths: Sequence[Path], *, period: tuple[int, int] | None = None, variable: str | None = None
) -> xr.Dataset:
    """Soil CO2 flux of the winter months.

    Parameters
    ----------
    paths : sequence of Path
        NetCDF files of one projection; those of scenarios (`rcp` in the name) are passed over.
    period : tuple of int = (first year, last year), optional
        Only these years.
    variable : str, optional
        Name of the flux; by default the one variable (time, y, x) in a unit of a carbon flux.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `soil_flux`, g C m-2 month-1 of land, positive from the soil to the air, of October to
        April; NaN where missing. It holds respiration alone, see `SOIL_FLUX_PARTS`.

    Raises
    ------
    MissingDataError
        If there is no file but of scenarios, or no winter month of the period.
    InputError
        If a file has not one such variable, a month occurs twice, or sign or size of a value
        cannot be true.
    GridError
        If a file does not say where it lies, or files lie on different grids.
    UnitsError
        If the flux does not state its unit.

    References
    ----------
    .. [1] Natali et al. (2019), doi:10.1038/s41558-019-0592-8.
    """
    chosen = [path for path in map(Path, paths) if not _SCENARIO.search(path.name)]
    if not chosen:
        raise MissingDataError(
            "there is no file of the winter fluxes of the past",
            rule="one NetCDF file or more without `rcp` in its name",
            value=[Path(path).name for path in paths],
            remedy="fetch the files of 2003 to 2018 as well",
        )
    parts = [part for path in chosen if (part := _months(path, period, variable)) is not None]
    if not parts:
        raise MissingDataError(
            "the winter fluxes hold none of the months that are wanted",
            rule=f"a month of October to April in {period or 'any year'}",
            value=[path.name for path in chosen],
            remedy="ask for years that the files hold",
        )
    joined = join_months(parts)
    flux = monthly(joined["soil_flux"])
    made = canonical_flux(flux, "soil_flux", SOIL_FLUX_PARTS, "the winter fluxes")
    about = provenance("ORNL DAAC 1683", chosen, joined.attrs)
    given = as_given(joined.attrs["units"], "release from the soil is positive",
                     joined.attrs["calendar"])  # fmt: skip
    return made.to_dataset().assign_attrs(about, per_area="land", **given)


def _months(path: Path, period: tuple[int, int] | None, variable: str | None) -> xr.Dataset | None:
    """Winter months of a file in a period, as they are stored; None if there are none."""
    with open_dated(path) as file:
        layout = _layout(file, path.name, variable)
        months = months_of(file, layout.axes["time"], path.name)
        steps = _wanted(months, period)
        if not steps.size:
            return None
        stored = file[layout.flux]
        check_scaled(stored.encoding["dtype"], stored.encoding, f"{layout.flux} of {path.name}")
        x, y = (file[layout.axes[axis]].values for axis in ("x", "y"))
        window = projected_window(x, y, layout.crs, path.name)
        ordered = stored.transpose(*layout.axes.values()).isel({layout.axes["time"]: steps})
        values = window.turned(ordered.values.astype(np.float32))
        units = str(stored.attrs["units"])
        attrs = {**file.attrs, "units": units, "calendar": months.calendar}
    coords = {
        "time": months.starts[steps],
        "days": ("time", months.days[steps]),
        "year_days": ("time", months.year_days[steps]),
        **window.grid.coords(),
    }
    flux = xr.DataArray(values, coords, ("time", "y", "x"), attrs={"units": units})
    return flux.to_dataset(name="soil_flux").assign_attrs(attrs)


def _wanted(months: Months, period: tuple[int, int] | None) -> np.ndarray:
    """Positions of the winter months of a period."""
    month = months.starts.astype("datetime64[M]").astype(int) % 12 + 1
    year = months.starts.astype("datetime64[Y]").astype(int) + 1970
    first, last = period or (year.min(), year.max())
    return np.flatnonzero(np.isin(month, WINTER_MONTHS) & (year >= first) & (year <= last))


def _layout(file: xr.Dataset, name: str, variable: str | None) -> _Layout:
    """Names and projection of a file."""
    axes = {axis: _axis(file, axis, name) for axis in _AXES}
    fluxes = [
        str(found)
        for found in file.data_vars
        if set(file[found].dims) == set(axes.values()) and _is_flux(file[found])
        and variable in (None, found)
    ]  # fmt: skip
    if len(fluxes) != 1:
        raise InputError(
            f"{name} has not one winter flux",
            rule="one variable of time, y and x in a unit of a carbon flux, or one that is named",
            value=variable or fluxes or sorted(map(str, file.data_vars)),
            remedy="give variable= the name of the flux",
        )
    return _Layout(fluxes[0], axes, _projection(file, fluxes[0], name))


def _axis(file: xr.Dataset, axis: str, name: str) -> str:
    """Name of an axis: by its standard name, else by a usual one."""
    standard, usual = _AXES[axis]
    for dim in map(str, file.dims):
        if dim in file and file[dim].attrs.get("standard_name") == standard:
            return dim
    found = next((spelling for spelling in usual if spelling in file.dims and spelling in file), "")
    if not found:
        raise GridError(
            f"{name} has no axis {axis}",
            rule=f"a dimension with the standard name {standard}, or named {' or '.join(usual)}",
            value=sorted(map(str, file.dims)),
            remedy="use the NetCDF file of the archive, on its own projection",
        )
    return found


def _is_flux(array: xr.DataArray) -> bool:
    """Whether a variable is in a unit of a carbon flux."""
    try:
        parse_flux_unit(str(array.attrs.get("units", "")))
    except UnitsError:
        return False
    return True


def _projection(file: xr.Dataset, flux: str, name: str) -> str:
    """The projection that the grid mapping of a variable describes."""
    mapping = str(file[flux].attrs.get("grid_mapping", file[flux].encoding.get("grid_mapping", "")))
    attrs = file[mapping].attrs if mapping in file.variables else {}
    try:
        return str(CRS.from_cf(attrs).to_wkt())
    except (CRSError, KeyError) as error:
        raise GridError(
            f"{name} does not say where it lies",
            rule=f"{flux} names a grid mapping with crs_wkt or the attributes of CF",
            value=mapping or "no grid_mapping",
            remedy="use the NetCDF file of the archive, not a converted copy",
        ) from error
