"""Table 1: means, spreads, ratios, sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import in_situ_means, summer_ratio, table1

ZONES = [("abz", "ABZ"), ("biome", "tundra"), ("permafrost_region", "permafrost")]
COLUMNS = [
    "model_set", "zone_set", "zone", "flux", "budget", "budget_sd", "per_area", "interannual_sd",
    "insitu_mean", "insitu_sd", "insitu_sites", "insitu_site_years", "summer_ratio", "area_m2",
    "valid_share", "source_area_share", "first_year", "last_year", "same_years_nee",
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
MEMBERSHIP = xr.DataArray(
    [[1, 1, 1], [1, 1, 0]], dims=("zone_id", "site"),
    coords={"zone_set": ("zone_id", ["abz", "biome"]), "zone": ("zone_id", ["ABZ", "tundra"]),
            "site": list("abc")},
)  # fmt: skip
IN_SITU = in_situ_means(SITES, MEMBERSHIP).assign(model_set="fine")
SHARES = pd.DataFrame(
    {"model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ",
     "source_area_share": [0.34]}
)  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return table1(ANNUAL, SEASONAL, IN_SITU, SHARES).set_index(["zone", "flux"])


def test_columns_and_rows():
    made = table1(ANNUAL, SEASONAL, IN_SITU, SHARES)
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
    made = table1(gap, SEASONAL, IN_SITU, SHARES)
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


def test_sites_and_their_years_are_counted(table):
    counts = table.loc[("tundra", "nee"), ["insitu_sites", "insitu_site_years"]]
    assert counts.tolist() == [2, 3]


def test_nee_of_the_years_with_fire_stands_beside_nee_with_fire(table):
    rows = ANNUAL[(ANNUAL["flux"] == "nee") & (ANNUAL["zone"] == "tundra")]
    late = rows[(rows["member"] == 0) & (rows["year"] > 2001)]
    assert table.loc[("tundra", "nee_fire"), "same_years_nee"] == pytest.approx(late["tg"].mean())
    assert table["same_years_nee"].drop("nee_fire", level="flux").isna().all()


@given(st.integers(0, 999))
def test_a_ratio_below_one_is_a_source_and_signs_flip(seed):
    years = budgets(years=[2001, 2002], members=1, seed=seed, fluxes=("nee",))
    summer, rest = years.assign(season="JJA"), years.assign(season="non-summer")
    rest["tg"] = np.random.default_rng(seed + 1).normal(400, 90, len(rest))
    keys = ["zone_set", "zone", "year"]
    annual = years.assign(tg=years["tg"].to_numpy() + rest["tg"].to_numpy())
    made = table1(annual, pd.concat([summer, rest]), IN_SITU, SHARES)
    source = made["budget"] > 0
    assert (source == (made["summer_ratio"] < 1)).all()
    flipped = annual.assign(tg=-annual["tg"])
    again = table1(flipped, pd.concat([summer, rest]), IN_SITU, SHARES)
    np.testing.assert_allclose(again["budget"], -made["budget"])
    assert not annual.duplicated(keys).any()


def test_no_sites_leave_the_columns_empty():
    made = table1(ANNUAL, SEASONAL, IN_SITU.iloc[:0], SHARES)
    assert list(made) == COLUMNS
    assert made["insitu_mean"].isna().all()


def test_a_single_set_without_members_works():
    alone = ANNUAL[ANNUAL["member"] == 0]
    made = table1(alone, SEASONAL, IN_SITU, SHARES)
    assert made["budget_sd"].isna().all()
    assert made["budget"].notna().all()
