"""Burned cells of a map, band by band: composites by years since fire, the correction of a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from abz.cli.trend_layers import bands
from abz.fire import (
    BiasFit,
    CellComposites,
    burned_by_age,
    burned_land,
    burned_once,
    burned_years,
    corrected_area,
    correction_map,
    share_of_land,
)
from abz.grid import Grid
from abz.vocabulary import FLUXES, MONTHS

__all__ = ["COUNTED", "FireBands"]

JULY = MONTHS.index(7)
COUNTED = {"latest fire": False, "every fire": True}
"""Which fires of a cell count, and whether that is every one."""


@dataclass
class FireBands:
    """What the maps of a model set say of burned land.

    Parameters
    ----------
    flux, cube, fire, zones : xarray.Dataset
        Fluxes and predictors (time, y, x), burned fraction (time, y, x), zones (y, x).
    fits : mapping of {month: BiasFit}
        Months that are corrected.
    year : int
        Year that is corrected.
    max_age : int
        Most years since the fire.

    Attributes
    ----------
    composites : CellComposites
        Fluxes and NDVI by years since fire.
    areas : dict of {str: numpy.ndarray of int64 (time, years_since_fire, atom_id)}
        Burned land under an NEE in the corrected year, by what counts as burned.
    burned : numpy.ndarray of int64 (atom_id)
        Land that burned at least once.
    """

    flux: xr.Dataset
    cube: xr.Dataset
    fire: xr.Dataset
    zones: xr.Dataset
    fits: Mapping[int, BiasFit]
    year: int
    max_age: int
    composites: CellComposites = field(init=False)
    areas: dict[str, np.ndarray] = field(init=False)
    burned: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing."""
        self.composites = CellComposites(self.max_age)
        n_atoms = self.zones.sizes["atom_id"]
        shape = (len(MONTHS), self.max_age + 1, n_atoms)
        self.areas = {name: np.zeros(shape, np.int64) for name in COUNTED}
        self.burned = np.zeros(n_atoms, np.int64)

    def maps(self) -> Iterator[xr.Dataset]:
        """Maps of the correction, band by band; composites and areas grow with them.

        Yields
        ------
        xarray.Dataset
            `correction` (time, y, x), g C m-2 month-1 of land, by the latest fire of each cell;
            `burned_share` and `years_since_fire` (y, x) of that fire, NaN where none is known.
        """
        grid = Grid.of(self.zones)
        for _, rows in bands(grid, "after fire"):
            zones = self.zones.isel(y=rows)
            monthly = self.fire["burned_fraction"].isel(y=rows).load()
            self.burned += burned_land(burned_once(monthly), zones, self.burned.size)
            burned = burned_years(monthly)
            self._add_composites(rows, burned, zones)
            band = self._correct(rows, burned, zones)
            band = band.assign_coords(grid.window(rows, slice(None)).coords())
            yield band.assign_coords(spatial_ref=grid.coords()["spatial_ref"])

    def _add_composites(self, rows: slice, burned: xr.DataArray, zones: xr.Dataset) -> None:
        """Let the composites take in all years with fire."""
        area = zones["area"].values
        layers = {name: self.flux[name] for name in FLUXES if name in self.flux}
        if "ndvi" in self.cube:
            layers["ndvi"] = self.cube["ndvi"]
        for year in map(int, burned["year"].values):
            shares = self._shares(burned, year, zones)
            for name, monthly in layers.items():
                months = _months(monthly, year).isel(y=rows).values
                if len(months) == len(MONTHS):
                    whole = months.sum(axis=0) if name in FLUXES else months.mean(axis=0)
                    self.composites.add(name, "July", months[JULY], shares, area)
                    self.composites.add(name, "annual", whole, shares, area)

    def _correct(self, rows: slice, burned: xr.DataArray, zones: xr.Dataset) -> xr.Dataset:
        """Correction of the rows; their burned land is added to the areas."""
        nee = _months(self.flux["nee"], self.year).isel(y=rows)
        area, atom = zones["area"].values, zones["atom"].values
        for name, every in COUNTED.items():
            shares = self._shares(burned, self.year, zones, every_fire=every)
            n_atoms = self.areas[name].shape[-1]
            self.areas[name] += corrected_area(nee, shares, area, atom, n_atoms)
        latest = self._shares(burned, self.year, zones)
        here = latest.any(axis=0)
        age = np.where(here, (latest > 0).argmax(axis=0), np.nan)
        share = np.where(here, latest.sum(axis=0), np.nan)
        change = correction_map(nee, latest, self.fits)
        about = {"units": "1", "long_name": "share of the land that burned in its last fire"}
        since = {"units": "yr", "long_name": "years since the last fire"}
        return xr.Dataset(
            {
                "correction": change.astype(np.float32).drop_attrs().assign_attrs(
                    {name: change.attrs[name] for name in ("units", "long_name")}
                ),
                "burned_share": (("y", "x"), share.astype(np.float32), about),
                "years_since_fire": (("y", "x"), age.astype(np.float32), since),
            }
        )  # fmt: skip

    def _shares(
        self, burned: xr.DataArray, year: int, zones: xr.Dataset, *, every_fire: bool = False
    ) -> np.ndarray:
        """Share of the land (years_since_fire, y, x) by years since fire in a year."""
        by_age = burned_by_age(burned, year, self.max_age, every_fire=every_fire)
        return np.asarray(share_of_land(by_age, zones["land_fraction"]).values)


def _months(monthly: xr.DataArray, year: int) -> xr.DataArray:
    """The months of a year."""
    return monthly.isel(time=np.flatnonzero(monthly["time"].dt.year.values == year))
