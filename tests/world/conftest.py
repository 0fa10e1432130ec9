"""One world for all tests of the room, on cells of 200 km."""

import numpy as np
import pytest

from abz.grid import polar_grid
from abz.world import Places, World

CELL_KM2 = 200.0**2


@pytest.fixture(scope="session")
def world() -> World:
    return World(resolution_km=400.0, sites=20)


@pytest.fixture(scope="session")
def places(world: World) -> Places:
    """Domain points in the middle of 200-km cells."""
    lon, lat = polar_grid(200_000).lonlat()
    everywhere = world.places(lon.ravel(), np.nan_to_num(lat.ravel(), nan=0.0))
    inside = everywhere.domain
    return world.places(everywhere.lon[inside], everywhere.lat[inside])


@pytest.fixture(scope="session")
def annual(world: World, places: Places) -> dict[str, np.ndarray]:
    """Annual totals of the domain, Tg C yr-1, 2001-2020, and of fire."""
    totals = {name: [] for name in ("nee", "gpp", "reco", "fire")}
    tundra = []
    for year in range(2001, 2021):
        sums = dict.fromkeys(totals, 0.0)
        cold = 0.0
        for month in range(1, 13):
            fluxes = world.fluxes(places, year, month)
            for name in ("nee", "gpp", "reco"):
                sums[name] += getattr(fluxes, name).sum() * CELL_KM2 * 1e6 / 1e12
            sums["fire"] += places.scars.emission(year, month).sum() * CELL_KM2 * 1e6 / 1e12
            cold += fluxes.nee[places.ground.biome == 11].sum() * CELL_KM2 * 1e6 / 1e12
        for name, value in sums.items():
            totals[name].append(value)
        tundra.append(cold)
    return {name: np.array(values) for name, values in {**totals, "tundra": tundra}.items()}
