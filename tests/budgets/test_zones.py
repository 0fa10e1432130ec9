"""Zones as unions of atoms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import same_atoms, zone_membership
from abz.errors import CategoryError, MissingDataError
from abz.vocabulary import BIOMES, PERMAFROST, REGIONS, VEGETATION

KINDS = list(itertools.product(BIOMES, PERMAFROST, REGIONS, VEGETATION))


def table_of_atoms(kinds):
    codes = np.array(kinds, np.int16).reshape(-1, 4)
    area = 1e9 * (1.0 + np.arange(len(codes)))
    names = ("biome", "permafrost", "region", "vegetation")
    columns = {f"atom_{name}": ("atom_id", codes[:, i]) for i, name in enumerate(names)}
    return xr.Dataset(coords={**columns, "atom_area": ("atom_id", area)})


def zone(membership, kind, name):
    found = (membership["zone_set"] == kind) & (membership["zone"] == name)
    return membership.values[found.values][0]


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=30, unique=True))
def test_each_set_of_classes_parts_the_domain(kinds):
    membership = zone_membership(table_of_atoms(kinds))
    for kind in ("biome", "permafrost", "region", "continent", "region_biome", "vegetation"):
        parts = membership.values[(membership["zone_set"] == kind).values]
        np.testing.assert_array_equal(parts.sum(axis=0), 1)
        assert parts.sum(axis=1).min() >= 1
    np.testing.assert_array_equal(zone(membership, "abz", "ABZ"), 1)
    area = membership["area_m2"]
    total = area.values[(membership["zone_set"] == "biome").values].sum()
    assert total == pytest.approx(float(area[0]))


def test_zones_of_all_kinds():
    membership = zone_membership(table_of_atoms(KINDS))
    kinds, counts = np.unique(membership["zone_set"], return_counts=True)
    assert dict(zip(kinds.tolist(), counts.tolist(), strict=True)) == {
        "abz": 1, "biome": 2, "permafrost": 5, "permafrost_region": 1, "region": 4,
        "continent": 2, "region_biome": 8, "vegetation": 9,
    }  # fmt: skip


def test_unions_hold_what_they_should():
    atoms = table_of_atoms([(6, 0, 1, 70), (6, 4, 4, 70), (11, 1, 3, 33)])
    membership = zone_membership(atoms)
    assert zone(membership, "permafrost_region", "permafrost").tolist() == [0, 1, 1]
    assert zone(membership, "continent", "North America").tolist() == [1, 0, 0]
    assert zone(membership, "continent", "Eurasia").tolist() == [0, 1, 1]
    assert zone(membership, "region_biome", "Siberia tundra").tolist() == [0, 0, 1]
    assert "Canada" not in membership["zone"].values


def test_undeclared_codes_are_an_error():
    with pytest.raises(CategoryError, match="vegetation"):
        zone_membership(table_of_atoms([(6, 0, 1, 99)]))


def test_a_missing_class_is_an_error():
    with pytest.raises(MissingDataError, match="atom_region"):
        zone_membership(table_of_atoms(KINDS[:2]).drop_vars("atom_region"))


def test_same_atoms():
    atoms = table_of_atoms(KINDS[:4])
    assert same_atoms(atoms, atoms.copy(deep=True))
    assert not same_atoms(atoms, table_of_atoms(KINDS[1:5]))
    assert not same_atoms(atoms, atoms.drop_vars("atom_biome"))
