"""Numbers of trends: shares with their chance, sizes, overlays, sites."""

import json
from dataclasses import replace

import pytest

from abz.report import Results
from abz.report.trend_numbers import trend_statistics
from abz.report.trend_words import chance_of


@pytest.fixture(scope="module")
def numbers(tiny):
    return dict(trend_statistics(tiny.results))


def test_no_share_of_significant_land_stands_without_what_chance_makes(numbers):
    shares = [
        number for key, number in numbers.items()
        if (key.endswith(("falling_share", "rising_share")) and "_overlay_" not in key)
        or "_greening_" in key
    ]  # fmt: skip
    assert len(shares) > 20
    assert all("(chance:" in number.text for number in shares)


def test_chance_is_taken_at_the_measured_size(numbers, tiny):
    row = tiny.results.tables["trend_shares"].iloc[0]
    assert chance_of(row["expected"], row["expected_measured"]) == row["expected_measured"]
    assert "3.0" in numbers["fine_nee_falling_share"].text
    assert numbers["fine_nee_falling_share"].value == 18.0
    assert numbers["fine_nee_jja_rising_share"].period == "2001–2020"


def test_tables_of_all_kinds_give_numbers(numbers):
    expected = {
        "fine_nee_falling_share_fdr", "coarse_gpp_rising_shuffled_p", "fine_abz_nee_trend_size",
        "coarse_boreal_nee_trend_detectable", "fine_boreal_nee_amplitude_change",
        "fine_boreal_nee_amplitude_change_five_years", "fine_overlay_inconsistent_share",
        "fine_overlay_nee_falling_gpp_rising_reco_rising_share", "fine_greening_share",
        "fine_greening_conditional_annual", "fine_greening_both_jja", "fine_latitude_cells_n",
        "fine_latitude_sites_r", "sites_trends_tested", "sites_trends_expected",
    }  # fmt: skip
    assert expected <= set(numbers)
    assert "(chance:\xa02.5\xa0%)" in numbers["fine_greening_conditional_annual"].text
    assert "(chance:\xa07.4\xa0%)" in numbers["fine_greening_both_jja"].text
    assert numbers["fine_greening_both_jja"].value == 7.5
    assert numbers["sites_trends_tested"].value == 2


def test_sites_are_counted_beside_the_size_of_the_test_at_each(numbers, tiny):
    nee, limits = (
        tiny.results.tables[name].query("flux == 'nee'")
        for name in ("site_trends", "site_trend_limits")
    )
    assert numbers["sites_trends_rising"].value == (nee["slope"] > 0).sum()
    assert numbers["sites_trends_significant"].value == (nee["p_value"] < 0.05).sum()
    assert numbers["sites_trends_expected"].value == pytest.approx(limits["size"].sum())
    tables = {"site_trends": tiny.results.tables["site_trends"]}
    tables["site_trends"] = tables["site_trends"].assign(slope=1.0)
    alone = dict(trend_statistics(replace(tiny.results, tables=tables)))
    assert alone["sites_trends_rising"].value == 2
    assert alone["sites_trends_expected"].value == pytest.approx(0.1)


def test_they_reach_the_numbers_of_the_run(numbers, tiny):
    written = json.loads((tiny.layout.results / "numbers.json").read_text())
    assert set(numbers) <= set(written)


def test_a_run_without_trends_has_none():
    assert dict(trend_statistics(Results(name="empty"))) == {}
