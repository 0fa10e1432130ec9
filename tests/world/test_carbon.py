"""The carbon cycle answers to its drivers."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.world import Fluxes, Places, World
from abz.world.carbon import carbon_fluxes


def july(world: World, places: Places, co2: float = 390.0, mark: float = 0.0) -> Fluxes:
    return carbon_fluxes(
        places.ground,
        world.weather(places, 2010, 7),
        world.ndvi(places, 2010, 7),
        np.full(places.lon.size, mark),
        co2=co2,
        days=31,
    )


@given(st.integers(1990, 2020), st.integers(1, 12))
def test_nee_is_reco_minus_gpp(world: World, places: Places, year: int, month: int) -> None:
    fluxes = world.fluxes(places, year, month)
    assert np.array_equal(fluxes.nee, fluxes.reco - fluxes.gpp)
    assert fluxes.gpp.min() >= 0
    assert fluxes.reco.min() >= 0


def test_more_co2_more_gpp(world: World, places: Places) -> None:
    more, less = july(world, places, co2=420.0).gpp, july(world, places, co2=380.0).gpp
    growing = less > 0
    assert growing.mean() > 0.95
    assert (more[growing] > less[growing]).all()


def test_fire_lowers_both_fluxes(world: World, places: Places) -> None:
    burned, intact = july(world, places, mark=0.8), july(world, places)
    assert (burned.gpp <= intact.gpp).all()
    assert burned.gpp.mean() < 0.8 * intact.gpp.mean()
    assert (burned.reco < intact.reco).all()


def test_warm_soil_respires_more_by_q10(world: World, places: Places) -> None:
    weather = replace(world.weather(places, 2010, 1), srad=np.zeros(places.lon.size))
    warmer = replace(weather, soil_temperature=weather.soil_temperature + 10.0)
    ndvi, mark = np.zeros(places.lon.size), np.zeros(places.lon.size)
    cold = carbon_fluxes(places.ground, weather, ndvi, mark, co2=390.0, days=31)
    warm = carbon_fluxes(places.ground, warmer, ndvi, mark, co2=390.0, days=31)
    assert np.allclose(warm.reco / cold.reco, 2.4)
    assert (cold.gpp == 0).all()
