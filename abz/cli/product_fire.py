"""Fire that is taken out of products: of an entry of the archive, or of the run itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import xarray as xr

from abz.catalog import Catalog
from abz.cli.layout import Layout
from abz.cli.products import NORTH, years_held
from abz.cli.storage import read_zarr
from abz.compare.products import fire_on_cells
from abz.grid import Grid, overlap
from abz.readers.calendars import longest_stretch
from abz.units import MONTHLY_FLUX

__all__ = ["Fire", "fire_of"]

FIRES = ("gfed5", "gfed4")
"""Entries of fire emissions on cells of degrees, the preferred first."""
FEWEST_YEARS = 2
BAND_ROWS = 256
"""Rows of the fire of the run that are read at a time."""


class Fire(Protocol):
    """Fire emissions that can be brought to the cells of a product."""

    name: str
    """What they are called in tables."""
    years: range
    """Years that they cover."""

    def on(self, cells: Grid, year: int) -> xr.DataArray:
        """Emission (time, y, x) of the whole cells in a year, g C m-2 month-1."""


def fire_of(catalog: Catalog, layout: Layout, years: range) -> Fire | None:
    """The fire that covers most of some years: of the archive, else that of the run.

    Parameters
    ----------
    catalog : Catalog
        The archive.
    layout : Layout
        Where the run keeps its own.
    years : range
        Wanted years.

    Returns
    -------
    Fire or None
        None if there are no two years of any.
    """
    found: list[Fire] = [
        _ArchiveFire(entry, years_held(catalog, entry, years), catalog) for entry in FIRES
    ]
    if layout.fire.exists():
        found.append(_RunFire.of(layout.fire, years))
    best = max(found, key=lambda fire: len(fire.years))
    return best if len(best.years) >= FEWEST_YEARS else None


@dataclass(eq=False)
class _ArchiveFire:
    """Fire of an entry of the archive, each year brought to some cells once."""

    name: str
    years: range
    catalog: Catalog
    made: dict[tuple[Grid, int], xr.DataArray] = field(default_factory=dict)

    def on(self, cells: Grid, year: int) -> xr.DataArray:
        """Emission of the whole cells in a year."""
        if (cells, year) not in self.made:
            source = self.catalog.open(self.name, years=[year], bounds=NORTH)["emission"]
            self.made[cells, year] = fire_on_cells(source, cells)
        return self.made[cells, year]


@dataclass(eq=False)
class _RunFire:
    """Fire that the run has mapped on its own cells, all years brought to some cells at once."""

    name: str
    years: range
    path: Path
    made: dict[Grid, xr.DataArray] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, years: Sequence[int]) -> _RunFire:
        """The fire of a run in the longest stretch of some years that it has whole."""
        held = read_zarr(path)["time"].dt.year.values
        whole = [year for year in years if (held == year).sum() == 12]
        return cls("gfed500m of the run", longest_stretch(whole), path)

    def on(self, cells: Grid, year: int) -> xr.DataArray:
        """Emission of the whole cells in a year."""
        if cells not in self.made:
            self.made = {cells: self._moved(cells)}
        months = self.made[cells]
        return months.isel(time=(months["time"].dt.year == year).values)

    def _moved(self, cells: Grid) -> xr.DataArray:
        """Emission of the whole cells, summed over bands of the map of the run."""
        emission = read_zarr(self.path)["emission"]
        chosen = np.isin(emission["time"].dt.year, list(self.years))
        emission = emission.isel(time=chosen)
        grid, year = Grid.of(emission), emission["time"].dt.year.values
        grams = np.zeros((emission.sizes["time"], *cells.shape))
        for top in range(0, grid.shape[0], BAND_ROWS):
            rows = slice(top, min(top + BAND_ROWS, grid.shape[0]))
            shared = overlap(grid.window(rows, slice(None)), cells)
            for one in self.years:
                steps = np.flatnonzero(year == one)
                values = emission.isel(time=steps, y=rows).values
                grams[steps] += shared.sums(np.nan_to_num(values))
        coords = {"time": emission["time"].values, **cells.coords()}
        attrs = {**emission.attrs, "units": MONTHLY_FLUX}
        return xr.DataArray(grams / cells.cell_area(), coords, ("time", "y", "x"), attrs=attrs)
