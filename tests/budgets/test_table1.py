"""Table 1: means, spreads, ratios, sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.budgets import in_situ_means, summer_ratio, table1

ZONES = [("abz", "ABZ"), ("biome", "tundra"), ("permafrost_region", "permafrost")]
COLUMNS = [
    "model_set", "zone_set", "zone", "flux", "budget", "budget_sd", "per_area", "interannual_sd",
    "insitu_mean", "insitu_sd", "insitu_sites", "summer_ratio", "area_m2", "valid_share",
    "source_area_share", "first_year", "last_year",
]  # fmt: skip


def budgets(years=range(2001, 2021), members=5, seed=0, fluxes=("nee", "gpp", "nee_fire")):
    rng = np.random.default_rng(seed)
    rows = []
    for flux in fluxes:
        chosen = [y for y in years if flux != "nee_fire" or y > 2001]
        for zone_set, zone in ZONES:
            for member in range(members):
                tg = rng.normal(-500, 90, len(chosen))
                rows.append(
                    pd.DataFrame({"flux": flux, "zone_set": zone_set, "zone": zone,
                                  "year": chosen, "member": member, "tg": tg})
                )  # fmt: skip
    table = pd.concat(rows, ignore_index=True).assign(model_set="fine", area_m2=2e13)
    table["valid_share"] = rng.choice([0.75, 1.0], len(table))
    table["g_m2"] = table["tg"] * 1e12 / (table["area_m2"] * table["valid_share"])
    return table


ANNUAL = budgets()
SEASONAL = pd.concat(
    [budgets(seed=1).assign(season=s) for s in ("JJA", "non-summer", "MAM")], ignore_index=True
)
SEASONAL.loc[SEASONAL["season"] != "JJA", "tg"] *= -1.0
SITES = pd.DataFrame(
    {
        "site": ["a", "a", "b", "c"],
        "biome": ["Tundra", "Tundra", "tundra", "Boreal"],
        "year": [2001, 2002, 2001, 2001],
        "nee": [10.0, 30.0, -10.0, -40.0],
        "gpp": [100.0, 100.0, 300.0, np.nan],
        "reco": 1.0,
    }
)
SHARES = pd.DataFrame(
    {"model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ",
     "source_area_share": [0.34]}
)  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return table1(ANNUAL, SEASONAL, SITES, SHARES).set_index(["zone", "flux"])


def test_columns_and_rows():
    made = table1(ANNUAL, SEASONAL, SITES, SHARES)
    assert list(made) == COLUMNS
    assert len(made) == 9


def test_budget_and_its_spreads(table):
    row = table.loc[("ABZ", "nee")]
    rows = ANNUAL[(ANNUAL["flux"] == "nee") & (ANNUAL["zone"] == "ABZ")]
    first = rows[rows["member"] == 0]
    central = first["tg"].to_numpy()
    members = [rows[rows["member"] == m]["tg"].mean() for m in range(1, 5)]
    assert row["budget"] == pytest.approx(central.mean())
    assert row["budget_sd"] == pytest.approx(np.std(members, ddof=1))
    per_area = central / 20 / first["valid_share"].to_numpy()
    assert row["interannual_sd"] == pytest.approx(np.std(per_area, ddof=1))
    assert row["per_area"] == pytest.approx(per_area.mean())
    assert row["valid_share"] == pytest.approx(first["valid_share"].mean())


def test_years_are_those_with_a_value(table):
    assert table.loc[("ABZ", "nee_fire"), ["first_year", "last_year"]].tolist() == [2002, 2020]
    gap = ANNUAL.assign(tg=ANNUAL["tg"].where(ANNUAL["year"] > 2003))
    made = table1(gap, SEASONAL, SITES, SHARES)
    assert set(made["first_year"]) == {2004}


def test_sites_are_averaged_before_they_are_compared(table):
    row = table.loc[("tundra", "nee")]
    assert row["insitu_mean"] == pytest.approx(5.0)
    assert row["insitu_sd"] == pytest.approx(np.std([20.0, -10.0], ddof=1))
    assert row["insitu_sites"] == 2
    assert table.loc[("ABZ", "nee"), "insitu_mean"] == pytest.approx((20 - 10 - 40) / 3)
    assert table.loc[("ABZ", "gpp"), "insitu_sites"] == 2


def test_zones_unknown_to_the_sites_have_none(table):
    row = table.loc[("permafrost", "nee")]
    assert pd.isna(row["insitu_mean"])
    assert pd.isna(row["insitu_sites"])
    assert pd.isna(table.loc[("ABZ", "nee_fire"), "insitu_mean"])


def test_ratio_and_share_belong_to_nee(table):
    rows = SEASONAL[(SEASONAL["flux"] == "nee") & (SEASONAL["zone"] == "ABZ")]
    sums = rows[rows["member"] == 0].groupby("season")["tg"].sum()
    expected = -sums["JJA"] / sums["non-summer"]
    assert table.loc[("ABZ", "nee"), "summer_ratio"] == pytest.approx(expected)
    assert pd.isna(table.loc[("ABZ", "gpp"), "summer_ratio"])
    assert table.loc[("ABZ", "nee"), "source_area_share"] == 0.34
    assert pd.isna(table.loc[("tundra", "nee"), "source_area_share"])


def test_a_zone_that_releases_in_summer_too_is_a_source():
    source = SEASONAL.assign(tg=SEASONAL["tg"].abs() * (1 + (SEASONAL["season"] == "JJA")))
    assert (summer_ratio(source)["summer_ratio"] < 0).all()


def test_no_release_outside_summer_has_no_ratio():
    sink = SEASONAL.assign(tg=-SEASONAL["tg"].abs())
    assert summer_ratio(sink)["summer_ratio"].isna().all()


def test_one_site_has_no_spread():
    rows = in_situ_means(SITES).set_index(["zone", "flux"])
    assert np.isnan(rows.loc[("boreal", "nee"), "insitu_sd"])
    assert rows.loc[("boreal", "nee"), "insitu_sites"] == 1


def test_no_sites_leave_the_columns_empty():
    made = table1(ANNUAL, SEASONAL, SITES.iloc[:0], SHARES)
    assert list(made) == COLUMNS
    assert made["insitu_mean"].isna().all()


def test_a_single_set_without_members_works():
    alone = ANNUAL[ANNUAL["member"] == 0]
    made = table1(alone, SEASONAL, SITES, SHARES)
    assert made["budget_sd"].isna().all()
    assert made["budget"].notna().all()
