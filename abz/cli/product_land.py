"""The land of a run on which products of others are laid, and the maps of the run itself on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from abz.catalog import Catalog
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr
from abz.compare.products import (
    Aligned,
    Cells,
    LandShares,
    align,
    in_sequence,
    land_shares,
    side_by_side,
)
from abz.config import Config, SetName
from abz.grid import Grid
from abz.ledger import FLUX_PARTS
from abz.vocabulary import FLUXES

__all__ = ["RUN", "Band", "OurLand", "run_bands", "run_on_common"]

RUN = "run"
"""Name of the run among the products."""
BAND_ROWS = 256
"""Rows of the map of the run that are read at a time."""


@dataclass(frozen=True, eq=False)
class OurLand:
    """The land of the finest set of a run.

    Parameters
    ----------
    config : Config
        The run.
    catalog : Catalog
        Its archive.
    model_set : str
        The set.
    zones : xarray.Dataset
        Zones of the set.
    common : Grid
        Grid of the maps that are compared.
    """

    config: Config
    catalog: Catalog
    model_set: SetName
    zones: xr.Dataset
    common: Grid
    known: dict[Any, LandShares] = field(default_factory=dict)

    @property
    def years(self) -> range:
        """Years of the set."""
        return self.config.sets[self.model_set].years

    @property
    def atoms(self) -> dict[str, xr.DataArray]:
        """Coordinates of the atoms."""
        return {n: self.zones[n] for n in map(str, self.zones.coords) if n.startswith("atom_")}

    def shares(self, cells: Cells) -> LandShares:
        """Our land in the cells of a product; found once for each grid."""
        key = cells if isinstance(cells, Grid) else (cells.north.tobytes(), cells.west.tobytes())
        if key not in self.known:
            self.known.clear()
            self.known[key] = land_shares(self.zones, cells, self.common, rows=self._reached(cells))
        return self.known[key]

    def touches(self, cells: Grid) -> bool:
        """Whether a band of a polar map holds land of the domain."""
        if cells.crs != Grid.of(self.zones).crs:
            return True
        return bool((self.zones["area"].isel(y=self._reached(cells)) > 0).any())

    def _reached(self, cells: Cells) -> slice:
        """Rows of our map that cells can reach; all, unless they lie on the same projection."""
        grid = Grid.of(self.zones)
        if not isinstance(cells, Grid) or cells.crs != grid.crs:
            return slice(None)
        north = (grid.bounds[3] - cells.bounds[3]) / -grid.transform.e
        south = (grid.bounds[3] - cells.bounds[1]) / -grid.transform.e
        return slice(max(0, int(np.floor(north))), max(0, int(np.ceil(south))))


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of the maps of a run.

    Parameters
    ----------
    rows : slice
        Which.
    cells : Grid
        Their cells.
    fluxes : xarray.Dataset (time, y, x)
        nee, gpp and reco, not yet read.
    """

    rows: slice
    cells: Grid
    fluxes: xr.Dataset

    def of_year(self, year: int) -> xr.Dataset:
        """The fluxes of a year as a product gives them."""
        one = self.fluxes.isel(time=(self.fluxes["time"].dt.year == year).values).load()
        for name, flux in one.items():
            about = {**flux.attrs, **FLUX_PARTS[str(name)].attrs()}
            one[name] = flux.assign_attrs(about)
        return one.assign_coords(self.cells.coords()).assign_attrs(per_area="land")


def run_bands(ours: OurLand, layout: Layout) -> Iterator[Band]:
    """The maps of the run in bands that hold land."""
    maps, grid = read_zarr(layout.flux(ours.model_set)), Grid.of(ours.zones)
    fluxes = maps[[name for name in FLUXES if name in maps]]
    for top in range(0, grid.shape[0], BAND_ROWS):
        rows = slice(top, min(top + BAND_ROWS, grid.shape[0]))
        if (ours.zones["area"].isel(y=rows) > 0).any():
            yield Band(rows, grid.window(rows, slice(None)), fluxes.isel(y=rows))


def run_on_common(ours: OurLand, layout: Layout) -> Aligned:
    """Fluxes of the run as a product of its own, a year of some rows in memory at a time."""

    def bands() -> Iterator[Aligned]:
        for band in run_bands(ours, layout):
            shares = land_shares(ours.zones, band.cells, ours.common, rows=band.rows)
            yield in_sequence(
                align(band.of_year(year), shares, ours.atoms, RUN) for year in ours.years
            )

    return side_by_side(bands())
