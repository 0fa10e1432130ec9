"""The record of the tests' size: complete, and shown as it is."""

import json

import pytest

from abz.report.trend_records import trend_size_numbers, trend_size_tables
from abz.report.trend_words import METHOD_WORDS
from abz.trends import METHODS


@pytest.fixture(scope="module")
def record(repository):
    return json.loads((repository / "docs" / "records" / "trend_size.json").read_text("utf-8"))


def test_it_knows_every_method(record):
    """A method without a measured size: run benchmarks/trend_size.py."""
    assert {row["method"] for row in record["rows"]} == set(METHODS)
    assert {row["method"] for row in record["example"]["rows"]} == set(METHODS)


def test_known_sizes(record):
    size = {(row["method"], row["rho"]): row for row in record["rows"]}
    for method, known in {"zhang": 0.175, "yue_pilon": 0.32, "prewhiten": 0.045}.items():
        assert size[method, 0.6]["size"] == pytest.approx(known, abs=0.015)
    assert all(row["error"] < 0.012 for row in record["rows"])
    assert record["about"]["cpu_seconds"] < 180


def test_tables_have_a_row_a_method(record):
    tables = trend_size_tables(record)
    assert set(tables) == {"trend_size", "trend_detectable", "trend_example", "trend_power_01",
                           "trend_power_02", "trend_power_05"}  # fmt: skip
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
    without = {**record, "example": None}
    assert "trend_example" not in trend_size_tables(without)
    assert "trend_example_n" not in trend_size_numbers(without)
