"""The vegetation around places, told apart from that of the places themselves."""

import numpy as np
import pytest

from abz.vocabulary import VEGETATION
from abz.world import Places, World, landscapes
from abz.world.landscape import vegetation


def test_every_place_of_the_domain_has_a_type(places: Places) -> None:
    assert set(vegetation(places)) == set(VEGETATION)


def test_areas_are_those_of_the_places(world: World, places: Places) -> None:
    around = landscapes(world)
    assert sum(around.areas.values()) == pytest.approx(1.0)
    kinds = vegetation(places)
    for code, area in around.areas.items():
        assert area == pytest.approx(np.mean(kinds == code), abs=0.03)


def test_a_landscape_is_mostly_of_its_type(world: World) -> None:
    around = landscapes(world)
    row, column = np.argwhere(around.types == 80)[0]
    x, y = np.meshgrid(
        around.grid.x[column - 2 : column + 3], around.grid.y[row - 2 : row + 3], indexing="xy"
    )
    here = world.places(*around.grid.to_lonlat(x.ravel(), y.ravel()))
    share = np.mean(vegetation(here)[here.domain] == 80)
    assert share == pytest.approx(around.shares[row, column])
    assert share >= 0.5


def test_points_are_looked_up(world: World) -> None:
    around = landscapes(world)
    lon, lat = around.grid.lonlat()
    cells = np.nonzero(around.types > 0)
    kinds, shares = around.at(lon[cells], lat[cells])
    assert np.array_equal(kinds, around.types[cells])
    assert (shares >= 0.5).all()
