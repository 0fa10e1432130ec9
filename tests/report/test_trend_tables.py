"""Tables of trends: what stands beside what."""

from dataclasses import replace

import pytest

from abz.report import Results
from abz.report.trend_tables import TREND_TABLES


def text_of(results, name):
    table = TREND_TABLES[name](results)
    return table.caption + " " + table.shown.to_csv()


def test_shares_have_chance_in_three_ways(tiny):
    table = TREND_TABLES["trend_shares"](tiny.results).shown
    assert {"by chance", "false discoveries held", "shuffled years"} <= set(table.columns)
    assert (table["by chance"] == "2.5 / 3.0\xa0%").all()
    first = table.query("set == 'fine' and flux == 'NEE' and zone == 'ABZ'")
    assert first["published"].tolist() == ["23\xa0%", "2\xa0%"]
    assert first["shuffled years"].str.contains("p = 0.005").all()
    assert (table.query("zone == 'boreal'")["shuffled years"] == "—").all()


def test_zones_tell_size_and_detectable_slope(tiny):
    table = TREND_TABLES["trends"](tiny.results).shown
    whole = table[table["years"].isin(["2001–2020", "1990–2016"])]
    assert (whole["size of the test"] == "8\xa0%").all()
    assert (whole["detectable"] == "7.30").all()
    assert (whole["trend, Tg C yr⁻¹ per yr"] == "−14.2").all()
    assert (whole["members"] == "−13.6\xa0±\xa03.1").all()
    assert (whole["members below zero"] == "97\xa0%").all()
    assert (whole["spread / noise"] == "0.6").all()
    tables = {"trends": tiny.results.tables["trends"]}
    alone = TREND_TABLES["trends"](replace(tiny.results, tables=tables)).shown
    assert (alone["detectable"] == "—").all()


def test_an_autocorrelation_beyond_the_simulated_ones_is_a_bound(tiny):
    limits = tiny.results.tables["trend_limits"].assign(rho=0.8)
    tables = {**tiny.results.tables, "trend_limits": limits}
    table = TREND_TABLES["trends"](replace(tiny.results, tables=tables)).shown
    assert "≥\xa00.80" in set(table["autocorrelation"])


def test_greening_tells_both_shares_and_independence(tiny):
    table = TREND_TABLES["greening"](tiny.results).shown
    assert {"all land", "greening land", "greening and falling, of all land", "if independent",
            "by chance"} <= set(table.columns)  # fmt: skip
    published = table.query("set == 'fine'")["published, of greening land"]
    assert published.tolist() == ["12\xa0%", "—", "29\xa0%", "—"]


def test_greening_shares_stand_under_their_names(tiny):
    row = TREND_TABLES["greening"](tiny.results).shown.iloc[0]
    names = ["by chance", "all land", "greening land", "greening and falling, of all land",
             "if independent"]  # fmt: skip
    assert row[names].tolist() == [f"{value}\xa0%" for value in (2.5, 18.0, 18.3, 7.5, 7.4)]


def test_environment_has_trends_of_a_decade_and_both_signs_beside_chance(tiny):
    table = TREND_TABLES["environment_trends"](tiny.results).shown
    assert (table["trend of the mean, per decade"] == "0.300\xa0K").all()
    assert (table["falling land"] == "18.0\xa0%").all()
    assert (table["rising land"] == "5.0\xa0%").all()
    assert (table["each by chance"] == "2.5 / 3.0\xa0%").all()


def test_overlay_leaves_out_what_is_nowhere_and_expected_nowhere(tiny):
    names = TREND_TABLES["trend_overlay"](tiny.results).shown["signs of the trends"]
    assert "inconsistent" in set(names)
    assert "no sign" not in set(names)


def test_latitude_tells_independent_places_and_sites_once(tiny):
    table = TREND_TABLES["latitude"](tiny.results).shown
    assert (table["over"] == "sites").sum() == 1
    assert table["independent places"].tolist()[:2] == ["21", "11"]
    assert table["published r"].tolist()[:2] == ["0.55", "0.26"]


def test_sites_tell_what_their_years_can(tiny):
    shown = TREND_TABLES["site_trends"](tiny.results).shown
    limits = tiny.results.tables["site_trend_limits"]
    assert shown["size of the test"].tolist() == [f"{100 * s:.0f}\xa0%" for s in limits["size"]]
    assert shown["detectable"].tolist() == [f"{value:.1f}" for value in limits["detectable"]]
    tables = {"site_trends": tiny.results.tables["site_trends"]}
    alone = TREND_TABLES["site_trends"](replace(tiny.results, tables=tables)).shown
    assert (alone["detectable"] == "—").all()


def test_amplitude_has_all_definitions(tiny):
    shown = TREND_TABLES["amplitude"](tiny.results).shown
    assert {"trend", "prewhitened", "five years", "halves", "mean cycle"} <= set(shown.columns)


@pytest.mark.parametrize("name", TREND_TABLES)
def test_nothing_shown_is_no_number(name, tiny):
    assert "nan" not in text_of(tiny.results, name).replace("dominan", "")
    assert TREND_TABLES[name](Results(name="empty")) is None
