"""The network: sites on land in the domain, their kinds in proportion."""

import numpy as np

from abz.world import LARVAL_SITE, World, sites


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


def test_a_site_does_not_depend_on_how_many_follow() -> None:
    few, more = sites(World(sites=8)), sites(World(sites=12))
    assert [(s.lon, s.lat) for s in few[:8]] == [(s.lon, s.lat) for s in more[:8]]
