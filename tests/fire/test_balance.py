"""Matched periods and the years in which fire wins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.fire import fire_years, matched_periods

ZONES = [("abz", "ABZ"), ("biome", "boreal")]


def annual(seed=0, first=2001, last=2005, fire_first=2002, members=4):
    """Budgets of two zones as `annual_budgets` has them."""
    rng, rows = np.random.default_rng(seed), []
    for zone_set, zone in ZONES:
        about = {"model_set": "fine", "zone_set": zone_set, "zone": zone}
        for year in range(first, last + 1):
            fire = float(rng.gamma(2, 50))
            for member in range(members):
                nee = float(rng.normal(-100, 60))
                rows.append({**about, "flux": "nee", "year": year, "member": member, "tg": nee})
                if year >= fire_first:
                    net = {"flux": "nee_fire", "year": year, "member": member, "tg": nee + fire}
                    rows.append({**about, **net})
            if year >= fire_first:
                rows.append({**about, "flux": "fire", "year": year, "member": 0, "tg": fire})
    return pd.DataFrame(rows)


def means(table, zone, flux, first, member=0):
    rows = table[(table["zone"] == zone) & (table["flux"] == flux) & (table["member"] == member)]
    return rows.loc[rows["year"] >= first, "tg"].mean()


@given(st.integers(0, 99))
def test_the_apparent_fire_is_fire_and_the_change_of_period(seed):
    table = annual(seed)
    found = matched_periods(table)
    assert found["zone"].tolist() == ["ABZ", "boreal"]
    np.testing.assert_allclose(
        found["apparent_fire"], found["fire"] + found["period_effect"], atol=1e-9
    )
    for row in found.itertuples():
        assert row.nee_long == pytest.approx(means(table, row.zone, "nee", 2001))
        assert row.nee == pytest.approx(means(table, row.zone, "nee", 2002))
        assert row.fire == pytest.approx(means(table, row.zone, "fire", 2002))
        assert row.nee_fire == pytest.approx(means(table, row.zone, "nee_fire", 2002))
        assert (row.long_first, row.long_last) == (2001, 2005)
        assert (row.first_year, row.last_year) == (2002, 2005)


def test_the_spread_of_nee_and_fire_is_that_of_nee():
    table = annual()
    row = matched_periods(table).iloc[0]
    assert row["nee_fire_sd"] == pytest.approx(row["nee_sd"])
    shift = [means(table, "ABZ", "nee", 2002, m) - means(table, "ABZ", "nee", 2001, m)
             for m in (1, 2, 3)]  # fmt: skip
    assert row["period_effect_sd"] == pytest.approx(np.std(shift, ddof=1))


def test_equal_periods_differ_by_fire_alone():
    row = matched_periods(annual(first=2002)).iloc[0]
    assert row["period_effect"] == 0.0
    assert row["apparent_fire"] == pytest.approx(row["fire"])


def test_a_set_without_fire_has_no_row():
    table = annual()
    coarse = table[table["flux"] == "nee"].assign(model_set="coarse")
    found = matched_periods(pd.concat([coarse, table]))
    assert set(found["model_set"]) == {"fine"}
    assert matched_periods(coarse).empty


def test_a_gap_in_the_years_leaves_no_matched_period():
    table = annual()
    holed = table[~((table["zone"] == "boreal") & (table["year"] == 2003))]
    assert matched_periods(holed)["zone"].tolist() == ["ABZ"]


def years(values):
    rows = [
        {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "flux": flux, "year": 2002 + place,
         "member": 0, "tg": tg}
        for place, (nee, fire) in enumerate(values)
        for flux, tg in (("nee", nee), ("fire", fire), ("nee_fire", nee + fire))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_fire_wins_where_it_turns_a_sink_into_a_source():
    table = fire_years(years([(-100.0, 130.0), (-100.0, 90.0), (20.0, 50.0), (-100.0, 100.0)]))
    assert table["exceeds"].tolist() == [True, False, False, False]
    assert table["source"].tolist() == [False, False, True, False]
    assert table["nee_fire"].tolist() == [30.0, -10.0, 70.0, 0.0]
    assert table["member_share"].isna().all()


def test_members_say_how_sure_that_is():
    table = annual(members=6)
    found = fire_years(table)
    assert found[["zone", "year"]].values.tolist() == [
        [zone, year] for _, zone in ZONES for year in range(2002, 2006)
    ]
    for row in found.itertuples():
        chosen = (table["zone"] == row.zone) & (table["year"] == row.year)
        members = table[chosen & (table["flux"] == "nee_fire") & (table["member"] > 0)]
        assert row.member_share == pytest.approx((members["tg"] > 0).mean())


def test_columns_are_checked():
    with pytest.raises(InputError, match="member"):
        fire_years(annual().drop(columns="member"))
    with pytest.raises(InputError, match="annual budgets"):
        matched_periods(annual().drop(columns="tg"))
