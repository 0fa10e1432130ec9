"""The world as a whole: the same for every company of points, and much like the real Arctic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.config import World as WorldConfig
from abz.grid import polar_grid
from abz.world import Places, World, middle_of_month


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1990, 2020), st.integers(1, 12))
def test_values_do_not_depend_on_the_company(
    world: World, places: Places, seed: int, count: int, year: int, month: int
) -> None:
    some = np.random.default_rng(seed).choice(places.lon.size, count, replace=False)
    few = world.places(places.lon[some], places.lat[some])
    for name in ("nee", "gpp", "reco"):
        part = getattr(world.fluxes(few, year, month), name)
        assert np.array_equal(part, getattr(world.fluxes(places, year, month), name)[some])
    assert np.array_equal(world.ndvi(few, year, month), world.ndvi(places, year, month)[some])


def test_the_same_seed_makes_the_same_world_at_any_resolution(places: Places) -> None:
    lon, lat = places.lon[:50], places.lat[:50]
    first, again = World(seed=7, resolution_km=50.0), World(seed=7, resolution_km=400.0)
    a = first.fluxes(first.places(lon, lat), 2012, 7)
    b = again.fluxes(again.places(lon, lat), 2012, 7)
    other = World(seed=8)
    c = other.fluxes(other.places(lon, lat), 2012, 7)
    assert np.array_equal(a.nee, b.nee)
    assert not np.allclose(a.nee, c.nee)


@pytest.mark.parametrize("cell_km", [100.0, 150.0])
def test_areas_are_those_of_the_real_domain_at_any_resolution(world: World, cell_km: float) -> None:
    lon, lat = polar_grid(1000 * cell_km).lonlat()
    known = np.isfinite(lat) & (lat > 45.0)
    here = world.places(lon[known], lat[known])
    cell = cell_km**2 / 1e6
    biome = here.ground.biome[here.domain]
    assert here.domain.sum() * cell == pytest.approx(20.7, rel=0.05)
    assert (biome == 6).sum() * cell == pytest.approx(13.9, rel=0.1)
    assert (biome == 11).sum() * cell == pytest.approx(6.8, rel=0.15)
    assert (here.ground.permafrost[here.domain] > 0).sum() * cell == pytest.approx(16.6, rel=0.15)


def test_budgets_are_plausible(annual: dict[str, np.ndarray]) -> None:
    assert 8000 < annual["gpp"].mean() < 11_000
    assert -900 < annual["nee"].mean() < -300
    assert -150 < annual["tundra"].mean() < 200
    assert np.allclose(annual["nee"], annual["reco"] - annual["gpp"], atol=1e-6)


def test_the_sink_grows(annual: dict[str, np.ndarray]) -> None:
    slope = np.polyfit(np.arange(20), annual["nee"], 1)[0]
    assert -18 < slope < -4


def test_fire_mass_is_plausible(annual: dict[str, np.ndarray]) -> None:
    assert 120 < annual["fire"].mean() < 350


def test_seasons(world: World, places: Places) -> None:
    boreal = places.ground.biome == 6
    nee = [world.fluxes(places, 2010, month).nee[boreal].mean() for month in range(1, 13)]
    assert int(np.argmin(nee)) + 1 in (6, 7)
    assert min(nee) < -30
    assert all(nee[month - 1] > 0 for month in (1, 2, 3, 4, 10, 11, 12))


def test_world_of_a_configuration() -> None:
    config = WorldConfig(seed=5, resolution_km=150.0, sites=12)
    assert World.of(config) == World(5, 150.0, 12)


def test_middle_of_month_lies_in_the_month() -> None:
    assert [middle_of_month(2001, m) for m in (2, 12)] == [45.5, 350.0]


def test_ice_and_lakes_are_not_in_the_domain(world: World) -> None:
    here = world.places(np.array([-41.0, 110.0]), np.array([72.0, 64.0]))
    assert here.ground.ice.tolist() == [True, False]
    assert here.domain.tolist() == [False, True]
    lon, lat = np.meshgrid(np.arange(-180.0, 180.0, 2.0), np.arange(50.0, 75.0, 0.5))
    wide = world.places(lon.ravel(), lat.ravel())
    assert 0.005 < wide.ground.lake.mean() < 0.05
    assert not wide.domain[wide.ground.lake].any()
