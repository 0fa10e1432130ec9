"""The truth on a grid."""

import json

import numpy as np
import pytest

from abz.grid import Grid, polar_grid
from abz.world import World, true_fluxes, true_parameters


def test_true_fluxes(world: World) -> None:
    grid = polar_grid(400_000)
    truth = true_fluxes(world, grid, [2005])
    assert Grid.of(truth) == grid
    share = truth["domain_fraction"].values
    assert share.sum() * 0.16 == pytest.approx(20.7, rel=0.1)
    assert np.array_equal(np.isfinite(truth["nee"].values[0]), share > 0)
    balance = truth["nee"] - (truth["reco"] - truth["gpp"])
    assert float(abs(balance).max()) < 1e-3
    assert truth["fire"].attrs["units"] == "g C m-2 month-1"


def test_a_cell_is_the_mean_of_its_points(world: World) -> None:
    grid = polar_grid(400_000)
    truth = true_fluxes(world, grid, [2005])
    row, column = np.argwhere(truth["domain_fraction"].values == 1)[0]
    x = grid.x[column] + np.array([-1, 1, -1, 1]) * 100_000
    y = grid.y[row] + np.array([1, 1, -1, -1]) * 100_000
    lon, lat = grid.to_lonlat(x, y)
    expected = world.fluxes(world.places(lon, lat), 2005, 7).gpp.mean()
    assert float(truth["gpp"][6, row, column]) == pytest.approx(expected, rel=1e-5)


def test_parameters_are_json(world: World) -> None:
    text = json.dumps(true_parameters(world), allow_nan=False)
    assert json.loads(text)["seed"] == world.seed
    assert len(json.loads(text)["sites"]) == world.sites + 1
