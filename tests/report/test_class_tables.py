"""Supplementary Table 1: budgets by class, with areas, sites and ratios beside them."""

import numpy as np

from abz.report import Results, make_tables


def test_budgets_are_means_over_years_and_spreads_over_members(tiny):
    bare = make_tables(tiny.results)["budgets_vegetation"].bare
    row = bare.query("model_set == 'fine' and zone == 'wetland' and flux == 'nee'").iloc[0]
    annual = tiny.results.tables["annual"].query(
        "model_set == 'fine' and zone == 'wetland' and flux == 'nee'"
    )
    means = annual.groupby("member")["tg"].mean()
    assert abs(row["budget"] - means[0]) < 1e-9
    assert abs(row["budget_sd"] - means[1:].std()) < 1e-9


def test_regions_come_before_their_biomes(tiny):
    zones = make_tables(tiny.results)["budgets_region"].shown["zone"].drop_duplicates().tolist()
    assert zones[:4] == ["Alaska", "Canada", "Europe", "Siberia"]
    assert set(zones[4:]) >= {"Alaska boreal", "Siberia tundra"}


def test_areas_sites_and_ratios_stand_beside_the_budgets(tiny):
    tables = dict(tiny.results.tables)
    about = tables["table1"].query("zone == 'boreal'").assign(zone_set="vegetation", zone="wetland")
    tables["table1"] = about
    shown = make_tables(Results(name="x", tables=tables))["budgets_vegetation"].shown
    row = shown[(shown["zone"] == "wetland") & (shown["set"] == "fine")].iloc[0]
    assert row["NEE at the sites"].endswith("(55)")
    assert (row["summer / non-summer"], row["area, 10⁶ km²"]) == ("1.4", "20.70")
    other = shown[shown["zone"] == "sparse boreal vegetation"].iloc[0]
    assert (other["NEE at the sites"], other["area, 10⁶ km²"]) == ("—", "—")
    alone = {k: v for k, v in tables.items() if k != "table1"}
    assert "budgets_vegetation" in make_tables(Results(name="x", tables=alone))


def test_all_fluxes_and_both_sets_are_there(tiny):
    shown = make_tables(tiny.results)["budgets_permafrost"].shown
    assert {"NEE", "GPP", "Reco", "NEE + fire"} <= set(shown)
    assert np.isin(["fine", "coarse"], shown["set"]).all()
