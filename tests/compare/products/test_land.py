"""Our land in the cells of a product: nothing is lost, and a naive count says the same."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.compare.products import land_shares
from abz.errors import GridError
from abz.grid import lonlat_grid, polar_grid
from abz.harmonise import zones_of_classes

GRID = polar_grid(4e5, (-4e6, -4e6, 4e6, 4e6))


def zones_of(seed):
    rng = np.random.default_rng(seed)
    lat = GRID.lonlat()[1]
    biome = np.where(rng.random(GRID.shape) < 0.7, np.where(lat < 66, 6, 11), 4)
    land = np.where(rng.random(GRID.shape) < 0.3, 0.0, rng.random(GRID.shape))
    return zones_of_classes(GRID, biome, biome * 0, biome * 0 + 80, land)


def naive(zones, cells, parts):
    """Land of each atom in each cell, and all land and area of each cell, part by part."""
    n = int(np.prod(cells.shape))
    atoms = np.zeros((zones.sizes["atom_id"], n))
    land, covered = np.zeros(n), np.zeros(n)
    area = GRID.cell_area()
    for row in range(GRID.shape[0]):
        for column in range(GRID.shape[1]):
            for i in range(parts):
                for j in range(parts):
                    x = GRID.x[column] + GRID.transform.a * ((j + 0.5) / parts - 0.5)
                    y = GRID.y[row] + GRID.transform.e * ((i + 0.5) / parts - 0.5)
                    place = cells.index(*GRID.to_lonlat(np.array([x]), np.array([y])))
                    if place[0][0] < 0:
                        continue
                    c = int(place[0][0]) * cells.shape[1] + int(place[1][0])
                    covered[c] += area[row, column] / parts**2
                    share = float(zones["land_fraction"][row, column])
                    land[c] += area[row, column] * share / parts**2
                    if zones["area"][row, column] > 0:
                        atom = int(zones["atom"][row, column])
                        atoms[atom, c] += float(zones["area"][row, column]) / parts**2
    return atoms, land, covered


@pytest.mark.parametrize("cells", [lonlat_grid(10.0, (-180.0, 30.0, 180.0, 90.0)), GRID])
def test_like_a_count_part_by_part(cells):
    zones = zones_of(1)
    held = land_shares(zones, cells, lonlat_grid(5.0), samples=2)
    atoms, land, covered = naive(zones, cells, 2)
    np.testing.assert_allclose(held.atoms.toarray(), atoms[:, held.used], rtol=1e-9)
    np.testing.assert_allclose(held.land, land[held.used], rtol=1e-6)
    np.testing.assert_allclose(held.covered, covered[held.used], rtol=1e-9)
    assert (atoms.sum(axis=0) > 0).sum() == held.used.size


@given(st.integers(0, 99), st.sampled_from([1.0, 2.5, 5.0]))
def test_no_land_is_lost_and_constants_stay(seed, step):
    zones = zones_of(seed)
    held = land_shares(zones, lonlat_grid(step, (-180.0, 30.0, 180.0, 90.0)), lonlat_grid(5.0))
    total = float(zones["area"].sum())
    np.testing.assert_allclose(held.atoms.sum(), total, rtol=1e-9)
    amount, land = held.common_sums(np.full(held.used.size, 3.0))
    np.testing.assert_allclose(amount, 3.0 * land)
    assert land.sum() <= total * (1 + 1e-9)
    some = np.where(np.arange(held.used.size) % 2, np.nan, 3.0)
    amount, land = held.sums(some)
    np.testing.assert_allclose(amount, 3.0 * land)


def test_a_product_of_the_south_is_refused():
    south = lonlat_grid(5.0, (-180.0, -60.0, 180.0, -30.0))
    with pytest.raises(GridError, match="nowhere on the map of the run"):
        land_shares(zones_of(0), south, lonlat_grid(5.0))


def test_rows_make_up_the_whole():
    zones = zones_of(2)
    parts = [
        land_shares(zones, GRID, lonlat_grid(5.0), rows=slice(top, top + 10), samples=1)
        for top in (0, 10)
    ]
    whole = land_shares(zones, GRID, lonlat_grid(5.0), samples=1)
    found = sum(float(part.atoms.sum()) for part in parts)
    np.testing.assert_allclose(found, whole.atoms.sum())
    assert isinstance(zones, xr.Dataset)
