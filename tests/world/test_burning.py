"""Fires: mass, timing, recovery."""

import numpy as np
import pytest

from abz.grid import polar_grid
from abz.world import Places, World
from abz.world.burning import FLUX_RECOVERY_YEARS, Fires, scars


def one_fire() -> Fires:
    """A fire at the pole, in July 2005."""
    values = {"radius_km": 40.0, "share": 0.5, "fuel": 3000.0, "year": 2005, "month": 7}
    arrays = {name: np.array([value]) for name, value in values.items()}
    return Fires(centres=np.array([[0.0], [0.0], [1.0]]), **arrays)


@pytest.mark.parametrize("cell_km", [10.0, 50.0])
def test_the_mass_of_a_fire_does_not_depend_on_the_grid(cell_km: float) -> None:
    grid = polar_grid(1000 * cell_km, (-3e5, -3e5, 3e5, 3e5))
    lon, lat = np.radians(np.array(grid.lonlat()).reshape(2, -1))
    points = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    mass = scars(one_fire(), points).emission(2005, 7).sum() * (1000 * cell_km) ** 2
    assert mass == pytest.approx(3000.0 * 0.5 * 2 * np.pi * 40_000.0**2, rel=0.01)


def test_a_fire_burns_once_and_its_mark_fades() -> None:
    marks = scars(one_fire(), np.array([[0.0], [0.0], [1.0]]))
    assert marks.burned_fraction(2005, 7)[0] == 0.5
    assert marks.burned_fraction(2005, 6)[0] == marks.burned_fraction(2006, 7)[0] == 0.0
    assert marks.mark(2005, 7, FLUX_RECOVERY_YEARS)[0] == 0.0
    later = [marks.mark(year, 7, FLUX_RECOVERY_YEARS)[0] for year in (2006, 2010, 2030)]
    assert later == sorted(later, reverse=True)
    assert later[0] == pytest.approx(0.5 * np.exp(-1 / FLUX_RECOVERY_YEARS))
    assert marks.years_since_fire(2010, 7)[0] == 5.0
    assert np.isinf(marks.years_since_fire(2004, 7)[0])


def test_burned_share_of_the_domain(world: World, places: Places) -> None:
    burned = sum(
        places.scars.burned_fraction(year, month)
        for year in range(2002, 2021)
        for month in range(5, 10)
    )
    assert 0.03 < burned.mean() < 0.12


def test_fires_burn_in_the_boreal_summer(world: World) -> None:
    assert set(np.unique(world.fires.month)) == {5, 6, 7, 8, 9}
    assert world.fires.year.min() >= 1985
    assert (world.fires.share <= 1).all()


def test_gpp_falls_after_fire_and_recovers(world: World) -> None:
    fires = world.fires
    events = np.flatnonzero((fires.year > 2001) & (fires.year < 2005) & (fires.share > 0.4))
    x, y, z = fires.centres[:, events]
    here = world.places(np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z)))
    ages = range(-2, 16)
    gpp = np.array(
        [
            [world.fluxes(here, int(fires.year[e]) + age, 7).gpp[i] for age in ages]
            for i, e in enumerate(events)
        ]
    ).mean(axis=0)
    before, first, late = gpp[:2].mean(), gpp[3], gpp[-1]
    assert first < 0.85 * before
    assert late > first
