"""Tables of applicability: shares over the year, stand-ins, clusters."""

import pandas as pd
import pytest

from abz.report import Results
from abz.report.applicability_tables import (
    cluster_marks,
    clusters_table,
    levels_table,
    outside_table,
    unanswered_levels,
    yearly_shares,
)


def shares_of(rows):
    columns = ["flux", "month", "outside_m2", "known_m2", "outside_tg", "total_tg"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(model_set="fine", zone_set="abz", zone="ABZ")


def test_a_year_weighs_its_months_by_their_land():
    table = shares_of([("nee", 1, 1.0, 2.0, -3.0, -4.0), ("nee", 2, 0.0, 6.0, 1.0, 5.0)])
    row = yearly_shares(Results(name="x", tables={"applicability_shares": table})).iloc[0]
    assert row["share_outside"] == pytest.approx(1 / 8)
    assert row[["outside_tg", "total_tg"]].tolist() == [-2.0, 1.0]


def test_a_run_without_applicability_has_no_such_tables():
    empty = Results(name="x")
    assert outside_table(empty) is levels_table(empty) is clusters_table(empty) is None
    assert yearly_shares(empty).empty
    assert unanswered_levels(empty).empty


def test_gpp_without_a_whole_has_no_part(tiny):
    table = shares_of([(flux, 1, 1.0, 2.0, 0.0, 0.0) for flux in ("nee", "gpp", "reco")])
    shown = outside_table(Results(name="x", tables={"applicability_shares": table})).shown
    assert shown["GPP from outside, %"].tolist() == ["—"]
    assert shown["land outside, NEE, %"].tolist() == ["50.0"]


def test_fluxes_with_one_stand_in_share_a_row(tiny):
    shown = levels_table(tiny.results).shown
    assert set(shown["type without towers"]) == {"wetland"}
    assert set(shown["answered by"]) == {"graminoid tundra"}
    assert set(shown["fluxes"]) == {"NEE, GPP, Reco"}
    assert not shown.duplicated(["zone", "set"]).any()


def test_a_type_without_answer_says_so(tiny):
    levels = tiny.results.tables["applicability_levels"]
    levels = levels.assign(support="unsupported", stand_in=-1)
    shown = levels_table(Results(name="x", tables={"applicability_levels": levels})).shown
    assert set(shown["answered by"]) == {"none: no flux"}


def test_a_cluster_without_towers_is_named(tiny):
    shown = clusters_table(tiny.results).shown
    fine = shown[shown["set"] == "fine"].set_index("cluster")
    assert fine.loc["1", "10³ km² per tower"] == "250"
    assert fine.loc["2", "10³ km² per tower"] == "no tower"
    assert "soil organic carbon" in fine.loc["2", "what sets it apart"]


def test_towers_of_unknown_environment_stand_last(tiny):
    table = tiny.results.tables["applicability_clusters"].query("model_set == 'fine'")
    unknown = table.iloc[[0]].assign(cluster=-1, area_m2=0.0, area_share=0.0, sites=7)
    both = {"applicability_clusters": pd.concat([unknown, table])}
    shown = clusters_table(Results(name="x", tables=both)).shown
    assert shown["cluster"].tolist() == ["1", "2", "none"]
    assert shown["towers"].tolist() == ["12", "0", "7"]
    assert shown["10³ km² per tower"].tolist()[-1] == "—"


def test_the_mean_of_the_land_stands_beside_what_sets_apart():
    table = pd.DataFrame({"cluster": [0, 1], "area_m2": [3.0, 1.0], "cti": [-1.8, -3.8]})
    assert cluster_marks(table) == {
        0: "compound topographic index ↑ −1.80 (−2.30)",
        1: "compound topographic index ↓ −3.80 (−2.30)",
    }


def test_clusters_need_not_stand_by_area(tiny):
    table = tiny.results.tables["applicability_clusters"].assign(area_m2=[2e12, 3e12] * 2)
    made = clusters_table(Results(name="x", tables={"applicability_clusters": table}))
    assert made.shown["area, 10⁶ km²"].tolist()[:2] == ["2.00", "3.00"]
    assert "largest first" not in made.caption


def test_what_does_not_vary_sets_nothing_apart():
    table = pd.DataFrame({"cluster": [0, 1], "area_m2": [1.0, 3.0], "co2": [390.0, 390.0]})
    assert cluster_marks(table) == {0: "", 1: ""}
