"""The record of the tests' size: complete, and shown as it is."""

import json
import re

import numpy as np
import pytest

from abz.report.trend_records import trend_size_numbers, trend_size_tables
from abz.report.trend_words import METHOD_WORDS
from abz.trends import METHODS, ar1_series, rejection_rate, trend_series

EXAMPLES = ("example", "contested")


@pytest.fixture(scope="module")
def record(repository):
    return json.loads((repository / "docs" / "records" / "trend_size.json").read_text("utf-8"))


def test_it_knows_every_method(record):
    """A method without a measured size: run benchmarks/trend_size.py."""
    assert {row["method"] for row in record["rows"]} == set(METHODS)
    for name in EXAMPLES:
        assert {row["method"] for row in record[name]["rows"]} == set(METHODS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_are_what_the_code_makes_of_their_series(name, record):
    """A record that is older than the methods: run benchmarks/trend_size.py."""
    example = record[name]
    values, years = np.array([example["budget"]]), np.array(example["years"])
    for row in example["rows"]:
        found = trend_series(values, years, row["method"])
        for column in ("slope", "lower", "upper", "p_value"):
            assert row[column] == pytest.approx(getattr(found, column)[0], rel=1e-6)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "block_bootstrap"])
def test_sizes_are_those_of_the_code(method, record):
    row = next(r for r in record["rows"] if (r["method"], r["rho"]) == (method, 0.6))
    noise = ar1_series(2000, record["about"]["years"], 0.6, record["about"]["seed"])
    rate, error = rejection_rate(noise, 0.0, method)
    assert row["size"] == pytest.approx(rate, abs=4 * error)


def test_the_examples_show_agreement_and_its_absence(record):
    def verdicts(name, column):
        return {row[column] < 0.05 for row in record[name]["rows"]}

    assert verdicts("example", "p_value") == {True}
    assert verdicts("contested", "p_value") == {True, False}
    for name in EXAMPLES:
        assert record[name]["rho"] < record[name]["rho_high"]
        for row in record[name]["rows"]:
            assert row["calibrated_p_high"] > 0.9 * row["calibrated_p"]


def test_the_page_says_of_the_record_what_is_so(repository, record):
    """Statements in words that a renewed record could make wrong."""
    size = {(row["method"], row["rho"]): row["size"] for row in record["rows"]}
    rhos = {row["rho"] for row in record["rows"]}
    for rho in rhos:
        assert size["trend_free_prewhitening", rho] > size["none", rho]
        assert size["block_bootstrap", rho] < size["zhang", rho] < size["none", rho]
        assert size["prewhiten", rho] == min(size[m, rho] for m in ("prewhiten", "zhang", "none"))
    steep = {row["method"] for row in record["rows"] if row["power_0.5"] > 0.9}
    assert steep == set(METHODS) - {"prewhiten", "three_prewhitening"}
    rows = {row["method"]: row for row in record["contested"]["rows"]}
    first, calibrated = (
        [row[name] for row in rows.values()] for name in ("p_value", "calibrated_p")
    )
    assert max(calibrated) / min(calibrated) < max(first) / min(first)
    assert rows["zhang"]["calibrated_p"] > 0.05
    assert rows["zhang"]["slope"] < rows["zhang"]["detectable"]


def test_the_code_of_the_page_gives_the_calibrated_p(repository, record):
    page = (repository / "docs" / "methods" / "trend-tests.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    example = record["example"]
    names = {"nee": np.array(example["budget"]), "years": np.array(example["years"])}
    exec(code, names)
    row = next(row for row in example["rows"] if row["method"] == "zhang")
    assert names["p"] == pytest.approx(row["calibrated_p"], abs=0.005)


def test_known_sizes(record):
    size = {(row["method"], row["rho"]): row for row in record["rows"]}
    for method, known in {"zhang": 0.175, "yue_pilon": 0.32, "prewhiten": 0.045}.items():
        assert size[method, 0.6]["size"] == pytest.approx(known, abs=0.015)
    assert all(row["error"] < 0.012 for row in record["rows"])
    assert record["about"]["cpu_seconds"] < 180


def test_tables_have_a_row_a_method(record):
    tables = trend_size_tables(record)
    assert set(tables) == {"trend_size", "trend_detectable", "trend_example", "trend_contested",
                           "trend_power_01", "trend_power_02", "trend_power_05"}  # fmt: skip
    for table in tables.values():
        assert table.shown["method"].tolist() == list(METHOD_WORDS.values())
        assert "nan" not in table.shown.to_csv().lower()


def test_numbers_are_those_of_the_record(record):
    numbers = trend_size_numbers(record)
    row = next(r for r in record["rows"] if (r["method"], r["rho"]) == ("zhang", 0.6))
    assert numbers["trend_size_zhang_06"] == f"{100 * row['size']:.0f}\xa0%"
    assert numbers["trend_example_n"] == "16"
    assert numbers["trend_example_zhang_slope"] == "−14.1"
    assert all("nan" not in text for text in numbers.values())


def test_a_record_without_an_example_has_the_rest(record):
    without = {**record, "example": None, "contested": None}
    assert "trend_example" not in trend_size_tables(without)
    assert "trend_example_n" not in trend_size_numbers(without)
