"""Blocks of land: areas are kept, places are where the land is."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import land_blocks
from abz.errors import MissingDataError
from abz.grid import polar_grid
from abz.modelling.distances import great_circle

GRID = polar_grid(2.5e5)


def zones(seed=0, atoms=6):
    rng = np.random.default_rng(seed)
    atom = rng.integers(-1, atoms, GRID.shape).astype(np.int32)
    area = np.where(atom < 0, rng.choice([0.0, np.nan], GRID.shape), rng.random(GRID.shape) * 6e10)
    held = np.bincount(atom[atom >= 0], area[atom >= 0], atoms)
    return xr.Dataset(
        {"atom": (("y", "x"), atom), "area": (("y", "x"), area)},
        coords={**GRID.coords(), "atom_area": ("atom_id", held)},
    )


@given(seed=st.integers(0, 2**32 - 1), cells=st.integers(1, 60))
def test_area_is_kept_for_every_atom(seed, cells):
    world = zones(seed)
    blocks = land_blocks(world, 2.5e5 * cells)
    np.testing.assert_allclose(blocks["area"].sum("block"), world["atom_area"], rtol=1e-12)
    assert blocks.attrs["edge_km"] == 250.0 * cells
    assert (blocks["area"].sum("atom_id") > 0).all()


def test_a_block_of_one_cell_is_that_cell():
    world = zones()
    blocks = land_blocks(world, 1.0)
    land = world["area"].values[world["atom"].values >= 0]
    np.testing.assert_allclose(np.sort(blocks["area"].sum("atom_id")), np.sort(land))
    lon, lat = (axis[world["atom"].values >= 0] for axis in GRID.lonlat())
    np.testing.assert_allclose(blocks["latitude"], lat)
    turn = (blocks["longitude"].values - lon + 180) % 360 - 180
    np.testing.assert_allclose(turn, 0, atol=1e-9)


def test_a_block_lies_where_its_land_is():
    world = zones()
    world["atom"][:] = -1
    world["atom"][3, 2], world["atom"][3, 3] = 0, 0
    world["area"][:] = 0.0
    world["area"][3, 2], world["area"][3, 3] = 3e10, 1e10
    blocks = land_blocks(world, 1e6)
    assert blocks.sizes["block"] == 1
    middle = GRID.to_lonlat(np.array([0.75 * GRID.x[2] + 0.25 * GRID.x[3]]), GRID.y[[3]])
    away = great_circle(*middle, blocks["longitude"].values, blocks["latitude"].values)
    assert away.item() == pytest.approx(0, abs=0.1)


def test_zones_without_atoms_are_refused():
    with pytest.raises(MissingDataError):
        land_blocks(zones().drop_vars("atom"), 1e5)
