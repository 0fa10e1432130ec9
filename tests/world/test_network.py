"""The network: sites on land in the domain, their kinds in proportion."""

import numpy as np
import pandas as pd
import pytest

from abz.grid import polar_grid
from abz.harmonise import build_zones
from abz.modelling import great_circle
from abz.sites import locate_sites
from abz.vocabulary import VEGETATION
from abz.world import LARVAL_SITE, Footprints, World, sites
from abz.world.landscape import vegetation
from abz.world.standing import biome_polygons, cavm, esa_cci_lc, permafrost_polygons


def test_sites_stand_in_the_domain() -> None:
    world = World(sites=60)
    network = sites(world)
    here = world.places(np.array([s.lon for s in network]), np.array([s.lat for s in network]))
    assert here.domain.all()
    assert len({s.name for s in network}) == 61
    assert network[-1].name == LARVAL_SITE
    tundra = [s.biome == "tundra" for s in network]
    assert np.array_equal(tundra, here.ground.biome == 11)
    assert 0.2 < np.mean(tundra) < 0.5
    assert 0.4 < np.mean([s.method == "EC" for s in network]) < 0.7
    assert sum(s.last_year - s.first_year >= 8 for s in network) >= 5
    assert sum(s.disturbance == "Fire" for s in network) >= 4
    assert all(1995 <= s.first_year <= s.last_year <= 2020 for s in network)


def test_some_sites_stand_within_sight_of_each_other() -> None:
    network = sites(World(sites=60))
    lon, lat = (np.array([getattr(s, name) for s in network]) for name in ("lon", "lat"))
    apart = great_circle(lon, lat, lon, lat)
    assert [(apart[k] < 3.0).sum() for k in (11, 26, 41, 56)] == [2] * 4


def test_a_site_does_not_depend_on_how_many_follow() -> None:
    few, more = sites(World(sites=8)), sites(World(sites=12))
    assert [(s.lon, s.lat) for s in few[:8]] == [(s.lon, s.lat) for s in more[:8]]


@pytest.mark.parametrize(("count", "resolution_km"), [(60, 100.0), (30, 200.0)])
def test_every_vegetation_type_has_towers(count: int, resolution_km: float) -> None:
    world = World(sites=count, resolution_km=resolution_km)
    towers = [
        s for s in sites(world) if s.method == "EC" and s.first_year <= 2016 and s.last_year >= 2001
    ]
    here = world.places(np.array([s.lon for s in towers]), np.array([s.lat for s in towers]))
    kinds, counts = np.unique(vegetation(here), return_counts=True)
    assert set(kinds) == set(VEGETATION)
    assert np.min(counts) >= 2


def test_the_maps_show_every_vegetation_type_at_some_tower() -> None:
    world = World(sites=30, resolution_km=200.0)
    maps = Footprints(world)
    zones = build_zones(
        polar_grid(400_000.0),
        ecoregions=biome_polygons(maps["lonlat_wide"]),
        permafrost=permafrost_polygons(maps["polar_wide"]),
        land_cover=esa_cci_lc(maps["lonlat_fine"]),
        cavm=cavm(maps["polar_fine"]),
    )
    towers = [s for s in sites(world) if s.method == "EC"]
    places = pd.DataFrame(
        {"latitude": [s.lat for s in towers], "longitude": [s.lon for s in towers]}
    )
    found = locate_sites(places, zones["domain"], max_cells=1.5)
    seen = zones["vegetation"].values[found["row"], found["column"]]
    assert set(seen[found["row"] >= 0]) >= set(zones["atom_vegetation"].values)
