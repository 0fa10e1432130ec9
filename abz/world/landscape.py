"""The vegetation around a place of the synthetic Arctic: what a cell of a map would show there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

from abz.grid import Grid, polar_grid
from abz.readers.land_cover import cavm_to_vegetation, lccs_to_vegetation
from abz.vocabulary import VEGETATION
from abz.world.arctic import Places, World
from abz.world.land import is_land
from abz.world.surface import TUNDRA, cavm_codes, lccs_codes

__all__ = ["Landscapes", "landscapes", "vegetation"]

CELL_M = 50_000.0
WINDOW = 5
"""Cells along a side of the surroundings: 250 km."""
UNIFORM = 0.5
"""Share of the surroundings that a type must cover to be that of the landscape."""
NONE = -1


@dataclass(frozen=True)
class Landscapes:
    """How much of its own vegetation surrounds a place.

    Parameters
    ----------
    grid : Grid
        Polar grid of 50 km.
    types : numpy.ndarray (ny, nx)
        Codes of `abz.vocabulary.VEGETATION` of the cells' centres; −1 outside the domain, and where
        the type covers less than half of the domain's land within 250 km × 250 km.
    shares : numpy.ndarray (ny, nx)
        That part of the surroundings, 0 to 1.
    areas : dict of {int: float}
        Type to its share of the domain, 0 to 1.
    """

    grid: Grid
    types: np.ndarray
    shares: np.ndarray
    areas: dict[int, float]

    def at(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Type and share (n,) around points of the domain, degrees."""
        cells = self.grid.index(lon, lat)
        return self.types[cells], self.shares[cells]


def landscapes(world: World) -> Landscapes:
    """The landscapes of a world, which no resolution of its products changes."""
    grid = polar_grid(CELL_M)
    lon, lat = grid.lonlat()
    land = np.flatnonzero(is_land(lon, lat))
    here = world.places(lon.flat[land], lat.flat[land])
    types = np.full(grid.shape, NONE)
    types.flat[land] = np.where(here.domain, vegetation(here), NONE)
    of_type = {code: types == code for code in VEGETATION}
    around = {code: uniform_filter(mask.astype(float), WINDOW) for code, mask in of_type.items()}
    own = np.select(list(of_type.values()), list(around.values()), default=0.0)
    shares = own / np.maximum(sum(around.values()), 1.0 / WINDOW**2)
    total = sum(mask.sum() for mask in of_type.values())
    return Landscapes(
        grid=grid,
        types=np.where(shares >= UNIFORM, types, NONE),
        shares=shares,
        areas={code: float(mask.sum() / total) for code, mask in of_type.items()},
    )


def vegetation(here: Places) -> np.ndarray:
    """Vegetation types (n,) as the study's maps tell them: CAVM in the tundra, else ESA CCI."""
    tundra = cavm_to_vegetation(cavm_codes(here.ground, here.land))
    boreal = lccs_to_vegetation(lccs_codes(here.ground, here.land, here.lon))
    return np.where(here.ground.biome == TUNDRA, tundra, boreal)
