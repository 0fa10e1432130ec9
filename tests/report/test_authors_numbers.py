"""Numbers beside the authors' own results."""

import re

import pytest

from abz.report import Results, collect_numbers
from abz.report.authors_numbers import authors_numbers


@pytest.fixture(scope="module")
def numbers(climatology):
    return dict(authors_numbers(climatology.results))


def test_a_run_without_these_results_has_no_such_numbers():
    assert dict(authors_numbers(Results(name="x"))) == {}


def test_numbers_are_those_of_the_tables(numbers, climatology):
    trends = climatology.results.tables["authors_trends"]
    row = trends.query(
        "flux == 'nee' and area == 'ABZ' and first_year == 2001 and method == 'zhang'"
    ).iloc[0]
    found = numbers["authors_abz_nee_zhang_2001"]
    assert (found.value, found.period, found.synthetic) == (row["slope"], "2001–2016", False)
    assert numbers["authors_series"].value == 2 * 3 * 13
    assert numbers["authors_sites_same_nee"].value == 1
    assert numbers["authors_sites"].value == numbers["authors_sites_known"].value == 2
    assert numbers["authors_sites_sign"].value == 1
    assert numbers["authors_published_trend"].value == -14
    spread = climatology.results.tables["authors_spread"]
    nee = spread.query("flux == 'nee' and method == 'zhang'").iloc[0]
    assert numbers["authors_cmip6_nee_mean"].value == nee["mean"]
    assert numbers["authors_cmip6_nee_models"].value == 3


def test_the_predictor_whose_ranks_part_most_is_named(numbers, climatology):
    ranks = climatology.results.tables["authors_ranks"]
    rows = ranks.query("forest == 'the tables' and variant == 'final, figure' and flux == 'gpp'")
    apart = (rows["rank_ours"] - rows["rank_theirs"]).abs()
    ours, theirs = (numbers[f"authors_apart_gpp_{side}"].value for side in ("ours", "theirs"))
    assert abs(ours - theirs) == apart.max()
    assert numbers["authors_moisture_gpp_theirs"].value == 17


def test_methods_that_decide_apart_are_counted(numbers, climatology):
    trends = climatology.results.tables["authors_trends"]
    keys = ["flux", "area", "first_year"]
    zhang, other = (
        trends[trends["method"] == m].set_index(keys)["p_value"] for m in ("zhang", "yue_pilon")
    )
    assert numbers["authors_methods_apart"].value == ((zhang < 0.05) != (other < 0.05)).sum()


def test_every_number_of_the_page_is_there(climatology, repository):
    page = (repository / "docs" / "results" / "authors.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\{\{ (\w+) \}\}", page))
    assert len(named) > 40
    assert named <= set(collect_numbers(climatology.results))
