"""The maps of one flux and year, read window by window, per area of land or of the whole cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.export.names import Per
from abz.grid import Grid
from abz.upscaling import LEVEL_SUPPORT, OUTSIDE_RANGE, STATISTICS, Packing

__all__ = ["WINDOW_CELLS", "FluxYear", "flux_year"]

WINDOW_CELLS = 256
"""Edge of the windows that are read and written at once; that of the tiles in which maps lie."""


@dataclass(frozen=True, eq=False)
class FluxYear:
    """Twelve months of one flux, with its uncertainty and its support; nothing is read yet.

    Parameters
    ----------
    flux : str
        Name of the flux.
    maps : xarray.Dataset
        Central value (time, y, x), twelve months; `_mean`, `_sd`, `_outside_range` (time, y, x) and
        `_level_support` (y, x) where there are such.
    members : int
        Bootstrap members behind mean and SD.
    land_fraction : xarray.DataArray (y, x), optional
        Share of land, by which a flux per area of land becomes one per area of the cell.
    """

    flux: str
    maps: xr.Dataset
    members: int
    land_fraction: xr.DataArray | None = None

    @property
    def per(self) -> Per:
        """The area that the flux is an amount of."""
        return "land" if self.land_fraction is None else "cell"

    @cached_property
    def grid(self) -> Grid:
        """Of all maps."""
        return Grid.of(self.maps)

    @property
    def months(self) -> xr.DataArray:
        """First day of each month."""
        return self.maps["time"]

    @property
    def year(self) -> int:
        """Of all months."""
        return int(self.months.dt.year[0])

    @property
    def fluxes(self) -> list[str]:
        """Names of the monthly maps, the central one first."""
        names = [self.flux + suffix for suffix in STATISTICS]
        return [name for name in names if name in self.maps]

    @property
    def support(self) -> str | None:
        """Name of the map of what the flux rests on."""
        name = self.flux + LEVEL_SUPPORT
        return name if name in self.maps else None

    @property
    def flags(self) -> str | None:
        """Name of the monthly map of predictors outside their training range."""
        name = self.flux + OUTSIDE_RANGE
        return name if name in self.maps else None

    def packing(self, name: str) -> Packing:
        """How the numbers of a monthly map are stored, and shall be again."""
        return Packing.of(self.maps[name].encoding)

    def windows(self) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of windows that cover the map."""
        return self.grid.blocks(WINDOW_CELLS)

    def read(self, name: str, rows: slice, columns: slice) -> np.ndarray:
        """A window (time, y, x) of a monthly map, or (y, x) of the support, in its own units.

        Notes
        -----
        Per area of the cell it is F · l, with the share of land l: times the area of the cell, that
        is the same mass as F times the area of land.
        """
        values = self.maps[name].isel(y=rows, x=columns).values
        if self.land_fraction is None or name in (self.support, self.flags):
            return values
        return values * self.land_fraction.isel(y=rows, x=columns).values.astype(values.dtype)


def flux_year(
    maps: xr.Dataset,
    flux: str,
    year: int,
    members: int,
    land_fraction: xr.DataArray | None = None,
) -> FluxYear:
    """One year of the maps of a flux.

    Parameters
    ----------
    maps : xarray.Dataset (time, y, x)
        Maps of all fluxes, g C m-2 month-1 of land, with their grid.
    flux : str
        Name of the flux.
    year : int
        All of its months are in `maps`.
    members : int
        Bootstrap members behind the maps of mean and SD.
    land_fraction : xarray.DataArray (y, x), optional
        0 to 1, on the grid of the maps; with it the flux is one per area of the cell.

    Returns
    -------
    FluxYear
        Nothing is read yet.

    Raises
    ------
    InputError
        If the maps lack a month of the year.
    GridError
        If the grid is not in metres, or the land fraction lies on another one.
    """
    grid = Grid.of(maps)
    if grid.is_lonlat:
        raise GridError(
            "the maps do not lie on the grid of the published product",
            rule="northing and easting in metres",
            value="longitude and latitude",
            remedy="export a model set on the polar grid",
        )
    if land_fraction is not None and Grid.of(land_fraction) != grid:
        raise GridError(
            "the land fraction lies on another grid than the maps",
            rule="both lie on the grid of the model set",
            value=f"{land_fraction.shape} and {grid.shape} cells",
            remedy="run `abz harmonise` and `abz upscale` of this set again",
        )
    steps = np.flatnonzero(maps["time"].dt.year.values == year)
    if sorted(maps["time"].dt.month.values[steps]) != list(range(1, 13)):
        raise InputError(
            f"the maps do not hold the year {year}",
            rule="all twelve months of a year are exported together",
            value=f"{steps.size} months",
            remedy="choose among the years of the model set",
        )
    names = [name for name in maps.data_vars if str(name).partition("_")[0] == flux]
    return FluxYear(flux, maps[names].isel(time=steps), members, land_fraction)
