"""Zones of sites: those of the cell they stand on, with the biome they name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import place_sites, site_membership, with_unions, zone_membership
from abz.errors import InputError
from abz.grid import polar_grid
from abz.harmonise import zones_of_classes
from abz.vocabulary import BIOMES, PERMAFROST, VEGETATION

GRID = polar_grid(4e5)
RNG = np.random.default_rng(3)
LAND = np.where(RNG.random(GRID.shape) < 0.6, 1.0, 0.0)
CLASSES = [RNG.choice(list(codes), GRID.shape) for codes in (BIOMES, PERMAFROST, VEGETATION)]
MAPS = zones_of_classes(GRID, *CLASSES, LAND)


def sites_at(rows, columns, biome=None):
    lon, lat = GRID.to_lonlat(GRID.x[columns], GRID.y[rows])
    names = [f"s{n}" for n in range(len(lon))]
    return pd.DataFrame({"site": names, "latitude": lat, "longitude": lon, "biome": biome})


def zones_of(held, site):
    inside = held.sel(site=site).values.astype(bool)
    kinds, names = held["zone_set"].values[inside], held["zone"].values[inside]
    return dict(zip(kinds.tolist(), names.tolist(), strict=True))


ROWS, COLUMNS = np.nonzero(MAPS["domain"].values)


@given(st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=6, unique=True))
def test_a_site_has_the_zones_of_its_cell(chosen):
    rows, columns = ROWS[chosen], COLUMNS[chosen]
    placed = place_sites(sites_at(rows, columns), MAPS)
    held, land = site_membership(placed, MAPS), zone_membership(MAPS)
    assert (placed["biome_from"] == "map").all()
    for n, (row, column) in enumerate(zip(rows, columns, strict=True)):
        atom = int(MAPS["atom"].values[row, column])
        inside = land.values[:, atom].astype(bool)
        cell = dict(zip(land["zone_set"].values[inside], land["zone"].values[inside], strict=True))
        assert zones_of(held, f"s{n}") == cell


@given(st.integers(0, len(ROWS) - 1), st.sampled_from(["Boreal", "TUNDRA", " tundra "]))
def test_the_biome_that_a_site_names_counts(chosen, biome):
    sites = sites_at(ROWS[[chosen]], COLUMNS[[chosen]], biome)
    placed = place_sites(sites, MAPS)
    found = zones_of(site_membership(placed, MAPS), "s0")
    name, region = biome.strip().lower(), found["region"]
    assert found["biome"] == name
    assert found["region_biome"] == f"{region} {name}"
    assert placed["map_biome"].item() == MAPS["biome"].values[ROWS[chosen], COLUMNS[chosen]]
    assert placed["biome_from"].item() == "site table"


def test_a_site_beside_the_domain_takes_the_nearest_cell_within_reach():
    inside = MAPS["domain"].values == 1
    row, column = next(
        (y, x) for y, x in np.argwhere(~inside[1:-1, 1:-1]) + 1
        if inside[y - 1 : y + 2, x - 1 : x + 2].any()
    )  # fmt: skip
    sites = sites_at(np.array([row]), np.array([column]))
    placed = place_sites(sites, MAPS)
    cells = np.argwhere(inside)
    away = np.hypot(*(cells - (row, column)).T)
    nearest = {int(MAPS["atom"].values[y, x]) for y, x in cells[away == away.min()]}
    assert placed["atom"].item() in nearest
    assert placed["distance"].item() == pytest.approx(4e5 * away.min())
    assert place_sites(sites, MAPS, max_cells=0.5)["atom"].item() == -1


def test_a_site_far_from_land_stands_in_the_biome_it_names_or_nowhere():
    sites = pd.DataFrame({"site": ["named", "nameless"], "latitude": -40.0, "longitude": 0.0,
                          "biome": ["Tundra", "steppe"]})  # fmt: skip
    held = site_membership(place_sites(sites, MAPS), MAPS)
    found = zones_of(held, "named")
    assert {"abz": "ABZ", "biome": "tundra"}.items() <= found.items()
    assert "permafrost_region" not in found
    assert "region" not in found
    assert zones_of(held, "nameless") == {}


def test_unions_hold_the_sites_of_their_parts():
    union = {"cold": ["permafrost/continuous", "permafrost/discontinuous"]}
    placed = place_sites(sites_at(ROWS, COLUMNS), MAPS)

    def rules(atoms):
        return with_unions(zone_membership(atoms), union)

    held = site_membership(placed, MAPS, rules)
    parts = held.values[np.isin(held["zone"].values, ["continuous", "discontinuous"])]
    np.testing.assert_array_equal(held.values[held["zone"].values == "cold"][0], parts.sum(axis=0))
    land = rules(MAPS)
    assert held["zone"].values.tolist() == land["zone"].values.tolist()


def test_each_set_of_zones_parts_the_sites():
    held = site_membership(place_sites(sites_at(ROWS, COLUMNS), MAPS), MAPS)
    for kind in ("abz", "biome", "permafrost", "region", "vegetation", "region_biome"):
        assert (held.values[held["zone_set"].values == kind].sum(axis=0) == 1).all()


def test_the_first_place_of_a_site_counts():
    twice = sites_at(ROWS[:2], COLUMNS[:2]).assign(site="same")
    placed = place_sites(twice, MAPS)
    assert len(placed) == 1
    assert placed["atom"].item() == MAPS["atom"].values[ROWS[0], COLUMNS[0]]


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="biome"):
        place_sites(sites_at(ROWS[:1], COLUMNS[:1]).drop(columns="biome"), MAPS)
