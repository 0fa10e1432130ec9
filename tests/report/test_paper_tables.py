"""The page of published numbers: its tables, its counts, its text."""

import pytest

from abz.published import TOPICS, published_numbers, verify_paper
from abz.report import collect_numbers, paper_tables, paper_text, shown_value
from abz.report.results import Results


@pytest.fixture(scope="module")
def numbers(tiny):
    return collect_numbers(tiny.results)


def test_each_number_stands_in_one_topic(numbers):
    tables = paper_tables(numbers)
    by_topic = sum(len(tables[f"paper_{topic}"].bare) for topic in TOPICS)
    assert by_topic == len(tables["paper_all"].bare) == len(verify_paper())
    assert set(tables["paper_all"].bare["record"]) == set(published_numbers())


def test_a_synthetic_run_says_so_in_each_caption_and_compares_nothing(numbers):
    tables = paper_tables(numbers)
    assert all("reproduces nothing" in table.caption for table in tables.values())
    verdicts = set(tables["paper_all"].shown["verdict on this run"])
    assert "synthetic run: not compared" in verdicts
    assert not verdicts & {"reproduced", "near", "differs"}


def test_the_numbers_of_the_text_are_those_of_the_table(numbers):
    table = paper_tables(numbers)["paper"].bare
    for status in ("consistent", "contradicted", "adopted"):
        assert numbers[f"run_paper_{status}"].value == table[status].sum()
    assert numbers["run_paper_unexpected"].value == 0
    assert numbers["run_paper_reproduced"].value == 0


def test_the_numbers_that_claims_speak_of_are_those_of_a_run(numbers):
    keys = {key for row in verify_paper() for key in row.inputs.split(", ") if key}
    absent = sorted(key for key in keys if key not in numbers)
    assert [key for key in absent if not key.endswith(NOT_BY_HAND)] == []


NOT_BY_HAND = ("nee_fire_budget", "amplitude_change", "sites_source_lowest", "sites_source_highest")
"""What the run made by hand lacks: a Table 1 of fire, a zone's cycle, a site that is a source."""


def test_functions_are_those_that_the_run_names(numbers):
    for row in verify_paper():
        keys = [key for key in row.inputs.split(", ") if key in numbers]
        if len(keys) == 1 and row.function not in OTHER_NAMES:
            assert numbers[keys[0]].function == row.function, row.record


def test_units_are_those_of_the_record(numbers):
    for row in verify_paper():
        keys = [key for key in row.inputs.split(", ") if key in numbers]
        if len(keys) == 1 and row.units and not row.units.startswith(PLAIN_UNITS):
            units = numbers[keys[0]].units
            # A row of Table 1 has no unit of its own; a percentage says what it is a part of.
            assert units == row.units or (units == "%" and row.units.startswith("%")), row.record


PLAIN_UNITS = ("sites", "significant", "g per yr")
"""Units of counts, and one that is spelled out."""

OTHER_NAMES = {
    "abz.budgets.in_situ_means", "abz.budgets.summer_ratio", "abz.harmonise.build_zones",
    "abz.budgets.source_area_share", "abz.sites.training_table",
}  # fmt: skip
"""Functions whose numbers Table 1 and the scores of a run carry on."""


def test_the_nearest_number_stands_in_brackets(climatology):
    found = collect_numbers(climatology.results)
    texts = {key: number.text for key, number in found.items()}
    row = next(r for r in verify_paper() if r.record == "abz_nee_trend" and r.field == "v")
    assert shown_value(row, texts).startswith("(")
    assert shown_value(row, {}) == "—"
    verdicts = set(paper_tables(found)["paper_all"].shown["verdict on this run"])
    assert not verdicts & {"reproduced", "near", "differs", "synthetic run: not compared"}


def test_text_has_a_line_for_each_number():
    rows = verify_paper()
    assert len(paper_text(rows, {}).splitlines()) == len(rows) + 1


def test_without_a_run_all_is_known_that_print_says():
    assert collect_numbers(Results(name="x"))["run_paper_contradicted"].value > 0
