"""Rows: periods, places, means of annual budgets, the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError, LedgerError
from abz.ledger import Parts, Period, Place, Row, annual_row, ledger_table

HERE = Place.of("abz", "ABZ", "fine set")


def annual(years=range(2001, 2004), members=3):
    rows = [
        {"year": year, "member": member, "tg": -10.0 * (year - 2000) - member}
        for year in years
        for member in range(members)
    ]
    return pd.DataFrame(rows)


def test_a_period_names_its_season():
    assert str(Period(2001, 2003, (8, 6, 7))) == "2001–2003, JJA"
    assert str(Period(2001, 2003, (5, 4))) == "2001–2003, months [4, 5]"
    with pytest.raises(LedgerError, match="ends before"):
        Period(2003, 2001)


def test_atoms_decide_where_both_places_know_them():
    boreal, siberia, tundra = (
        Place.of(kind, name, "fine set", atoms)
        for kind, name, atoms in (
            ("biome", "boreal", [0, 1]), ("region", "Siberia", [1, 2]), ("biome", "tundra", [2]),
        )
    )  # fmt: skip
    assert boreal.overlaps(siberia) is True
    assert boreal.overlaps(tundra) is False
    assert boreal.union(tundra).same_zone(Place.of("abz", "ABZ", "fine set", range(3)))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Place.of("biome", "boreal", "a"), True),
        (Place.of("biome", "tundra", "a"), False),
        (Place.of("region", "Alaska", "a"), None),
        (Place.of("biome", "tundra", "b"), None),
        (Place.of("biome", "tundra", "a", [3]), False),
    ],
)
def test_without_atoms_only_names_of_one_set_tell(other, expected):
    here = Place.of("biome", "boreal", "a")
    assert here.overlaps(other) is expected
    assert other.overlaps(here) is expected


def test_names_do_not_tell_unions_apart():
    eurasia, boreal = (Place.of("union", name, "a") for name in ("Eurasia", "Siberian forest"))
    assert eurasia.overlaps(boreal) is None
    assert eurasia.overlaps(eurasia) is True
    known = [Place.of("union", n, "a", held) for n, held in (("Eurasia", [0]), ("Alaska", [1]))]
    assert known[0].overlaps(known[1]) is False


def test_the_mean_of_the_years_keeps_the_members():
    row = annual_row(annual(), "nee", HERE, range(2001, 2004))
    np.testing.assert_allclose(row.values, [-20.0, -21.0, -22.0])
    assert row.central == -20.0
    assert row.spread == pytest.approx(np.std([-21, -22], ddof=1))
    assert row.period == Period(2001, 2003)
    assert np.isnan(annual_row(annual(members=2), "nee", HERE, [2001]).spread)


def test_gpp_takes_carbon_from_the_air():
    gpp = annual_row(annual(), "gpp", HERE, [2001])
    reco = annual_row(annual(), "reco", HERE, [2001])
    assert gpp.central == -reco.central == 10.0


def test_years_without_a_budget_are_refused():
    with pytest.raises(LedgerError, match=r"without: 2004, 2005"):
        annual_row(annual(), "nee", HERE, range(2002, 2006))
    with pytest.raises(LedgerError, match="a gap in the years"):
        annual_row(annual(), "nee", HERE, [2001, 2003])
    holed = annual()
    holed.loc[(holed["year"] == 2002) & (holed["member"] == 1), "tg"] = np.nan
    with pytest.raises(LedgerError, match="without: 2002"):
        annual_row(holed, "nee", HERE, range(2001, 2004))
    with pytest.raises(InputError, match="flux is unknown"):
        annual_row(annual(), "ch4", HERE, [2001])


def test_the_table_states_every_part():
    fire = Row("GFED", 237.0, Parts.of("fire", unknown=["harvest"]), HERE, Period(2002, 2020))
    row = ledger_table([fire]).iloc[0]
    assert row[["fire", "harvest", "gpp"]].tolist() == ["included", "unknown", "not included"]
    assert row[["first_year", "last_year", "months"]].tolist() == [2002, 2020, 12]
    assert row["mask"] == "fine set"
