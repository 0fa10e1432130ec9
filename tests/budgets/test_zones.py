"""Zones as unions of atoms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import same_atoms, with_unions, zone_membership, zone_sets, zone_totals
from abz.errors import CategoryError, MissingDataError
from abz.units import GRAM_QUANTUM
from abz.vocabulary import (
    BIOMES,
    BUILT_IN_ZONES,
    LEFT_OUT,
    PERMAFROST,
    REGIONS,
    VEGETATION,
    ZONE_SETS,
)

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


def test_zones_are_those_of_the_vocabulary():
    """A configuration is held against the vocabulary before there are any zones."""
    zones = zone_membership(table_of_atoms(KINDS))
    found = list(zip(zones["zone_set"].values, zones["zone"].values, strict=True))
    known = [(kind, zone) for kind, zones in BUILT_IN_ZONES.items() for zone in zones]
    assert sorted(found) == sorted(known)


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


BASINS = ("Lena", "Ob", "Yukon")


def with_basins(kinds, basins):
    """Atoms with a set of one's own."""
    about = {"zones": list(BASINS)}
    return table_of_atoms(kinds).assign_coords(
        atom_basin=("atom_id", np.array(basins, np.int16), about)
    )


def totals_of(atoms, rng, members=4):
    """Random whole quanta on the atoms, for 24 months."""
    n = atoms.sizes["atom_id"]
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    grams = rng.integers(-(2**55), 2**55, (1, members, time.size, n))
    area = np.ones((time.size, n), np.int64)
    data = {
        "grams": (("flux", "member", "time", "atom_id"), grams, {"scale": GRAM_QUANTUM}),
        "valid_area": (("time", "atom_id"), area, {"scale": 1.0}),
    }
    coords = {"flux": ["nee"], "member": range(members), "time": time}
    return xr.Dataset(data, coords=coords).assign_coords(
        {name: atoms[name] for name in atoms.variables}
    )


own_atoms = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from([-1, 1, 2, 3])),
    min_size=2, max_size=25, unique=True,
)  # fmt: skip


def test_vocabularies_come_with_the_atoms():
    atoms = with_basins(KINDS[:3], [1, 3, -1])
    assert list(zone_sets(atoms)) == [*ZONE_SETS, "basin"]
    assert zone_sets(atoms)["basin"] == {1: "Lena", 2: "Ob", 3: "Yukon"}
    membership = zone_membership(atoms)
    chosen = membership["zone"].values[(membership["zone_set"] == "basin").values]
    assert chosen.tolist() == ["Lena", "Yukon", LEFT_OUT]


def test_a_set_without_names_or_with_further_codes_is_refused():
    atoms = with_basins(KINDS[:2], [1, 2])
    atoms["atom_basin"].attrs.clear()
    with pytest.raises(MissingDataError, match="'basin' does not name its zones"):
        zone_membership(atoms)
    with pytest.raises(CategoryError, match="basin"):
        zone_membership(with_basins(KINDS[:2], [1, 4]))


def test_a_set_that_is_not_known_has_no_zone():
    membership = zone_membership(with_basins(KINDS[:2], [-1, -1]))
    assert "basin" not in membership["zone_set"].values


@given(own_atoms, st.integers(0, 99))
def test_parts_and_what_is_left_out_are_the_whole_for_every_member(atoms, seed):
    atoms = with_basins(*zip(*atoms, strict=True))
    totals = totals_of(atoms, np.random.default_rng(seed))
    membership = zone_membership(atoms)
    grams = zone_totals(totals, membership)["grams"]
    assert grams.dtype == np.int64
    chosen = {kind: (membership["zone_set"] == kind).values for kind in ("abz", "basin", "biome")}
    whole = grams.isel(zone_id=chosen["abz"]).sum("zone_id")
    for kind in ("basin", "biome"):
        if chosen[kind].any():
            np.testing.assert_array_equal(grams.isel(zone_id=chosen[kind]).sum("zone_id"), whole)


@given(own_atoms, st.integers(0, 99))
def test_the_spread_of_a_union_is_that_of_the_summed_members(atoms, seed):
    atoms = with_basins(*zip(*atoms, strict=True))
    totals = totals_of(atoms, np.random.default_rng(seed))
    membership = zone_membership(atoms)
    kinds = (membership["zone_set"] == "basin").values
    names = membership["zone"].values[kinds]
    if names.size < 2:
        return
    parts = [f"basin/{name}" for name in names[:2]]
    joined = with_unions(membership, {"both": parts})
    sums = zone_totals(totals, joined)["grams"].sum("time")
    union = sums.isel(zone_id=-1)
    summed = sums.isel(zone_id=np.flatnonzero(kinds)[:2]).sum("zone_id")
    np.testing.assert_array_equal(union, summed)
    first, second = sums.isel(zone_id=np.flatnonzero(kinds)[:2]).values[0, 1:].T.astype(float)
    covariance = np.cov(first, second)
    assert np.var(union.values[0, 1:].astype(float), ddof=1) == pytest.approx(covariance.sum())


def test_names_of_zones_survive_storage(tmp_path):
    atoms = with_basins(KINDS[:3], [1, 3, -1])
    atoms.to_zarr(tmp_path / "atoms.zarr", zarr_format=3, consolidated=False)
    again = xr.open_zarr(tmp_path / "atoms.zarr", chunks=None, consolidated=False)
    xr.testing.assert_identical(zone_membership(atoms), zone_membership(again))
