"""numbers.json: what it holds, that it is complete, stable and honest."""

import json
import re
from importlib import import_module

import pytest

from abz.cli.stages import report
from abz.published import published_table1
from abz.report import Results, collect_numbers, number_records

FIELDS = {"value", "text", "units", "label", "period", "synthetic", "function", "inputs"}


@pytest.fixture(scope="module")
def numbers(tiny):
    return json.loads((tiny.layout.results / "numbers.json").read_text())


def test_each_number_has_all_fields(numbers):
    assert all(set(number) == FIELDS for number in numbers.values())
    assert all(re.fullmatch(r"[a-z0-9_]+", key) for key in numbers)
    assert all(number["text"] and number["label"] for number in numbers.values())


def test_values_are_those_of_the_tables(numbers, tiny):
    table = tiny.results.tables["table1"].set_index(["model_set", "zone", "flux"])
    assert numbers["fine_abz_nee_budget"]["value"] == table.loc[("fine", "ABZ", "nee"), "budget"]
    assert numbers["fine_abz_nee_budget"]["text"] == "−548\xa0±\xa0140\xa0Tg\xa0C\xa0yr⁻¹"
    assert numbers["coarse_boreal_gpp_budget_sd"]["value"] == 140
    assert numbers["fine_nee_r2"]["text"] == "0.57"
    assert numbers["sites_rows_dropped_larval_outbreak"]["value"] == 27
    assert numbers["fine_abz_nee_trend"]["period"] == "2001–2020"
    assert numbers["fine_abz_nee_trend_2001_2016"]["period"] == "2001–2016"
    assert numbers["fine_missing_ndvi"]["value"] > 0


def test_only_numbers_of_the_run_are_synthetic(numbers):
    outside = {key for key, number in numbers.items() if not number["synthetic"]}
    assert outside == {key for key in numbers if key.startswith(("published_", "run_"))}


def test_functions_exist(numbers):
    for dotted in {number["function"] for number in numbers.values()}:
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(import_module(module), name)), dotted


def test_same_run_same_bytes(tiny, numbers):
    again = report.gather(tiny.config, tiny.layout)
    assert number_records(collect_numbers(again)) == numbers


def test_a_real_run_is_not_called_synthetic(tiny):
    found = collect_numbers(Results(name="x", tables={"table1": tiny.results.tables["table1"]}))
    assert not any(number.synthetic for number in found.values())


def test_fluxes_at_sites_carry_the_years_of_the_sites(numbers):
    assert numbers["fine_abz_nee_insitu_mean"]["period"] == "2005–2006"
    assert numbers["fine_boreal_nee_insitu_sd"]["period"] == "2005–2006"
    assert numbers["fine_abz_nee_insitu_sites"]["value"] == 55
    assert numbers["fine_abz_nee_per_area"]["period"] == "2001–2020"


def test_coverage_members_and_truth_have_numbers(numbers):
    assert numbers["fine_abz_valid_share"]["text"] == "95.2\xa0%"
    assert numbers["fine_abz_nee_members_mean"]["value"] < 0
    kinds = ("true_total", "true_budget", "made_budget", "error_sd")
    keys = {f"{s}_{z}_truth_nee_{k}" for s in ("fine", "coarse") for z in ("abz", "boreal")
            for k in kinds}  # fmt: skip
    assert keys <= set(numbers)


def test_published_nee_with_fire_has_the_spread_of_nee(numbers):
    assert numbers["published_abz_neefire_budget"]["text"].startswith("−319\xa0±\xa0140")
    assert "NEE alone" in numbers["published_abz_neefire_budget"]["label"]
    assert numbers["published_abz_neefire_budget"]["period"] == "2002–2020"
    table = published_table1().set_index(["zone", "flux"])["budget_sd"]
    assert table["ABZ", "nee_fire"] == 140
