"""Tables of what a ± holds: the numbers are those of the run, the sum says what is in it."""

from dataclasses import replace

import numpy as np
import pytest

from abz.budgets import implied_correlation
from abz.report import Results, make_tables
from abz.report.uncertainty_tables import (
    UNCERTAINTY_TABLES,
    main_means,
    pair_correlations,
    published_correlations,
)


def without(results, name):
    return replace(results, tables={k: v for k, v in results.tables.items() if k != name})


def test_a_run_without_errors_has_no_tables():
    assert all(make(Results(name="x")) is None for make in UNCERTAINTY_TABLES.values())


def test_components_stand_beside_a_total_that_says_what_it_holds(tiny):
    table = make_tables(tiny.results)["uncertainty"]
    shown = table.shown
    row = shown[(shown["flux"] == "NEE + fire") & (shown["zone"] == "ABZ")].iloc[0]
    bare = main_means(table.bare).query("flux == 'nee_fire' and zone == 'ABZ'").iloc[0]
    assert row["the total holds"] == "sampling + transfer + fire"
    assert row["total"] == f"{bare['total_sd']:.0f}"
    assert row["held-out bias"] == "7"
    fire = shown[(shown["flux"] == "fire emission") & (shown["zone"] == "ABZ")].iloc[0]
    assert fire["sampling"] == fire["transfer"] == "—"
    assert fire["the total holds"] == "fire"
    assert shown["set"].drop_duplicates().tolist() == ["fine", "coarse"]


def test_the_published_correlation_stands_beside_nee_of_the_fine_set(tiny):
    shown = make_tables(tiny.results)["zone_correlation"].shown
    name = "published SDs imply (real)"
    biomes = shown[shown["zones"] == "boreal, tundra"].set_index(["set", "flux"])[name]
    assert biomes["fine", "NEE"] == "0.62"
    assert biomes["fine", "NEE + fire"] == biomes["coarse", "NEE"] == "—"
    assert (shown[shown["zones"] == "North America, Eurasia"][name] == "—").all()


def test_a_correlation_is_what_the_sds_of_a_closed_pair_imply(tiny):
    """The covariance of two zones and the SD of their sum are one statement."""
    pairs = pair_correlations(tiny.results)
    table = tiny.results.tables["covariance"].query("period == 'mean' and zone_set == 'biome'")
    for row in pairs.query("zone_set == 'biome'").itertuples():
        own = table.query("model_set == @row.model_set and flux == @row.flux")
        own = own[own["component"] == row.component].set_index(["zone", "other"])["covariance"]
        union = np.sqrt(own.sum())
        sds = [np.sqrt(own[zone, zone]) for zone in ("boreal", "tundra")]
        assert implied_correlation(union, *sds) == pytest.approx(row.correlation)


def test_the_file_has_regions_by_regions_by_years(tiny):
    bare = make_tables(tiny.results)["zone_correlation"].bare
    whole = tiny.results.tables["covariance"]
    for kind in ("biome", "region"):
        own = bare[(bare["zone_set"] == kind) & (bare["period"] == "year")]
        years = own.groupby(["model_set", "flux", "component", "year"]).size()
        assert (years == whole[whole["zone_set"] == kind]["zone"].nunique() ** 2).all()
        assert set(own["year"]) == set(whole["year"].dropna())
    assert set(bare[bare["period"] == "mean"]["zone_set"]) == set(whole["zone_set"])


def test_published_correlations_follow_from_the_printed_sds():
    found = published_correlations()
    assert found["nee"] == pytest.approx(implied_correlation(140, 101, 53))
    assert found["gpp"] == pytest.approx(implied_correlation(144, 106, 49))
    assert found["reco"] == pytest.approx(implied_correlation(90, 74, 33))


def test_lengths_at_the_limit_say_so(tiny):
    shown = make_tables(tiny.results)["transfer"].shown.set_index("set")
    assert set(shown.loc["fine", "over, km"]) == {"300"}
    assert set(shown.loc["coarse", "over, km"]) == {"≥\N{NO-BREAK SPACE}300"}


def test_budgets_before_and_after(tiny):
    table = make_tables(tiny.results)["reconciliation"]
    row = table.shown.query("set == 'fine' and zone == 'ABZ'").iloc[0]
    bare = table.bare.query("model_set == 'fine' and zone == 'ABZ' and period == 'mean'")
    after = bare.set_index("flux")["after"]
    assert after["nee"] == pytest.approx(after["reco"] - after["gpp"])
    assert row["NEE, before"] != row["NEE, after"]
    assert "add up" in table.caption
    zone = tiny.results.tables["reconciliation"].assign(scope="zone")
    other = replace(tiny.results, tables={**tiny.results.tables, "reconciliation": zone})
    assert "do not add up" in make_tables(other)["reconciliation"].caption


def test_the_truth_is_held_against_the_total(tiny):
    bare = make_tables(tiny.results)["truth"].bare
    total = main_means(tiny.results.tables["uncertainty"]).query(
        "model_set == 'fine' and zone == 'boreal' and flux == 'gpp'"
    )
    row = bare.query("model_set == 'fine' and zone == 'boreal' and flux == 'gpp'").iloc[0]
    assert row["total_sd"] == total["total_sd"].item()
    error = row["made_budget"] - row["true_budget"]
    assert row["error_total"] == pytest.approx(error / row["total_sd"])
    bare = make_tables(without(tiny.results, "uncertainty"))["truth"].bare
    assert bare["error_total"].isna().all()
