"""Numbers of fire against uptake and of what follows a fire."""

from __future__ import annotations

import pandas as pd
import pytest

from abz.report import Results, collect_numbers


@pytest.fixture(scope="module")
def numbers(tiny):
    return collect_numbers(tiny.results)


def test_published_numbers_are_real_and_round(numbers):
    texts = {name: numbers[f"published_{name}"].text.split("\xa0")[0]
             for name in ("fire_nee", "fire_apparent_fire", "fire_period_effect",
                          "fire_burned_share", "postfire_corrected")}  # fmt: skip
    assert list(texts.values()) == ["−556", "229", "−8", "7", "−822"]
    assert not any(numbers[f"published_{name}"].synthetic for name in texts)


def test_values_are_those_of_the_tables(numbers, tiny):
    tables = tiny.results.tables
    row = tables["fire_periods"].query("zone == 'boreal'").iloc[0]
    assert numbers["fine_boreal_fire_apparent_fire"].value == row["apparent_fire"]
    assert numbers["fine_boreal_fire_period_effect"].value == row["period_effect"]
    years = tables["fire_years"].query("zone == 'tundra'")
    assert numbers["fine_tundra_fire_years_exceeding"].value == years["exceeds"].sum()
    assert numbers["fine_abz_fire_burned_share"].text == "7.0\xa0%"
    change = tables["postfire_correction"].query("zone == 'ABZ'").iloc[0]
    assert numbers["fine_abz_postfire_correction"].value == change["correction"]
    assert numbers["fine_abz_postfire_corrected"].period == "2001"


def test_burned_sites_and_months_are_named(numbers):
    assert numbers["fine_postfire_sites"].value == 9
    assert numbers["fine_postfire_rows"].value == 9 * 10 * 12
    assert numbers["fine_postfire_months"].text == "July"
    assert numbers["fine_postfire_largest_bias"].value > 25


def test_what_is_not_known_is_a_dash(tiny):
    tables = dict(tiny.results.tables)
    tables["postfire_bias"] = tables["postfire_bias"].iloc[:0]
    tables["postfire_fits"] = tables["postfire_fits"].assign(kept=False)
    change = tables["postfire_correction"]
    tables["postfire_correction"] = change.assign(budget=float("nan"), corrected=float("nan"))
    found = collect_numbers(Results(name="x", tables=tables))
    assert found["fine_postfire_months"].text == "none"
    for name in ("postfire_largest_bias", "abz_postfire_nee", "abz_postfire_corrected"):
        assert found[f"fine_{name}"].text == "—"


def test_a_run_without_fire_has_only_the_published_ones():
    found = collect_numbers(
        Results(
            name="x",
            tables={
                "annual": pd.DataFrame(
                    columns=[
                        "model_set",
                        "zone_set",
                        "zone",
                        "flux",
                        "year",
                        "member",
                        "tg",
                        "valid_share",
                    ]
                )
            },
        )
    )
    assert not [key for key in found if "postfire" in key and not key.startswith("published")]
