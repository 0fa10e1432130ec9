"""The ground: covers fill the ground, classes are declared, codes fit the biome."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.readers.land_cover import CAVM_LEGEND, LCCS_LEGEND
from abz.vocabulary import PERMAFROST, PREDICTORS
from abz.world import Places, World
from abz.world.surface import cavm_codes, lccs_codes


@given(st.integers(1985, 2024))
def test_covers_sum_to_one_hundred(world: World, places: Places, year: int) -> None:
    covers = np.array(world.covers(places, year))
    assert covers.min() >= 0
    assert np.allclose(covers.sum(axis=0), 100.0)


def test_forest_has_trees_and_tundra_has_none(world: World, places: Places) -> None:
    tree, _, bare = world.covers(places, 2010)
    tundra = places.ground.biome == 11
    assert tree[~tundra].mean() > 25
    assert tree[tundra].mean() < 8
    assert bare[tundra].mean() > bare[~tundra].mean()


def test_static_predictors_are_inside_the_declared_limits(places: Places) -> None:
    for name in ("soc", "soil_ph", "cti", "permafrost_probability"):
        low, high = PREDICTORS[name].valid
        values = getattr(places.ground, name)
        assert low <= values.min() <= values.max() <= high


def test_permafrost_follows_its_probability(places: Places) -> None:
    ground = places.ground
    assert set(np.unique(ground.permafrost)) <= set(PERMAFROST)
    assert (ground.permafrost[ground.permafrost_probability > 0.9] == 1).all()
    assert (ground.permafrost[ground.permafrost_probability <= 0.01] == 0).all()


def test_every_point_of_the_domain_has_a_vegetation_type(places: Places) -> None:
    tundra = places.ground.biome == 11
    lccs = lccs_codes(places.ground, places.land, places.lon)
    cavm = cavm_codes(places.ground, places.land)
    assert all(LCCS_LEGEND[code] > 0 for code in np.unique(lccs).tolist())
    assert all(CAVM_LEGEND[code] > 0 for code in np.unique(cavm[tundra]).tolist())
    assert (cavm[~tundra] == 99).all()
    assert np.unique(lccs[~tundra]).size >= 6


def test_water_and_ice_have_their_codes(world: World) -> None:
    here = world.places(np.array([0.0, -41.0]), np.array([80.0, 72.0]))
    assert lccs_codes(here.ground, here.land, here.lon).tolist() == [210, 220]
    assert cavm_codes(here.ground, here.land).tolist() == [92, 93]
