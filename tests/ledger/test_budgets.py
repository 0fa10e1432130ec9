"""Rows of the ledger for the budgets of a run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.errors import InputError, LedgerError
from abz.ledger import add, budget_rows, compare, zone_atoms, zone_place

HELD = {"ABZ": [0, 1, 2], "boreal": [0, 1], "tundra": [2], "Alaska": [1]}
SETS = {"ABZ": "abz", "boreal": "biome", "tundra": "biome", "Alaska": "region"}


def membership():
    held = np.array([[atom in atoms for atom in range(3)] for atoms in HELD.values()], np.int64)
    names = {"zone_set": ("zone_id", list(SETS.values())), "zone": ("zone_id", list(HELD))}
    return xr.DataArray(held, dims=("zone_id", "atom_id"), coords=names)


def annual(first=2001):
    own = {"ABZ": -548.0, "boreal": -593.0, "tundra": 45.0, "Alaska": -10.0}
    return pd.DataFrame(
        [
            {"model_set": "fine", "zone_set": SETS[zone], "zone": zone, "flux": flux, "year": year,
             "member": member, "tg": tg + member}
            for zone, tg in own.items() for flux in ("nee", "fire") for year in range(first, 2004)
            for member in range(3)
        ]
    )  # fmt: skip


def rows(**options):
    atoms = zone_atoms(membership(), "fine")
    found = budget_rows(annual(**options), atoms)
    return {(row.name, str(row.place)): row for row in found}


def test_every_zone_and_flux_has_a_row():
    found = rows()
    assert set(found) == {(flux, zone) for flux in ("nee", "fire") for zone in HELD}
    row = found["nee", "boreal"]
    np.testing.assert_allclose(row.values, [-593.0, -592.0, -591.0])
    assert row.place.atoms == {0, 1}
    assert (row.period.first, row.period.last, row.place.mask) == (2001, 2003, "fine set")


def test_biomes_add_up_to_the_whole_and_no_zone_counts_twice():
    found = rows()
    both = add(found["nee", "boreal"], found["nee", "tundra"])
    assert compare(both, found["nee", "ABZ"]).caveat == ""
    for other in ("ABZ", "Alaska"):
        with pytest.raises(LedgerError, match="zones that overlap"):
            add(found["nee", "boreal"], found["nee", other])
    assert add(found["nee", "tundra"], found["nee", "Alaska"]).place.atoms == {1, 2}


def test_a_gap_in_the_years_leaves_no_row():
    table = annual()
    holed = table[~((table["zone"] == "tundra") & (table["year"] == 2002))]
    names = {str(row.place) for row in budget_rows(holed, {})}
    assert names == {"ABZ", "boreal", "Alaska"}


def test_unknown_atoms_leave_it_to_the_names():
    assert zone_place(("fine", "biome", "tundra"), {}).atoms is None


def test_columns_are_checked():
    with pytest.raises(InputError, match="member"):
        list(budget_rows(annual().drop(columns="member"), {}))
