"""Findings are told in the words of the file: what is wrong, what is right, how to write it."""

import pytest

from abz.config import parse_config
from abz.errors import ConfigError

FINE = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}


def message(**changes):
    with pytest.raises(ConfigError) as error:
        parse_config({"name": "x", "world": {}, "sets": {"fine": FINE}, **changes}, "my.toml")
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"forest": {"mtry": 9}},
            "key `forest.mtry`: wrong type|a list in brackets|9|write `mtry = [9]`",
        ),
        (
            {"forest": {"trees": "12"}},
            'key `forest.trees`: wrong type|a whole number|"12"|write `trees = 12`, without quotes',
        ),
        (
            {"forest": {"trees": "many"}},
            'key `forest.trees`: wrong type|a whole number|"many"|give `trees` as a whole number',
        ),
        (
            {"forest": {"trees": 12.0}},
            "key `forest.trees`: wrong type|a whole number|12.0|write `trees = 12`",
        ),
        (
            {"forest": {"trees": True}},
            "key `forest.trees`: wrong type|a whole number|true|give `trees` as a whole number",
        ),
        (
            {"forest": {"engine": "extra_tree"}},
            'key `forest.engine`: wrong value|one of "random_forest", "extra_trees", '
            '"quantile_forest", "gradient_boosting"|"extra_tree"|did you mean `extra_trees`?',
        ),
        (
            {"forest": {"unit": "plot"}},
            'key `forest.unit`: wrong value|one of "row", "site"|"plot"|choose one of these',
        ),
        (
            {"forest": {"mtry": []}},
            "key `forest.mtry`: wrong value|a list of at least 1|[]|give `mtry` such a value; "
            "by default it is [2, 9, 17]",
        ),
        (
            {"validation": {"designs": ["nested", "colocate"]}},
            'key `validation.designs[1]`: wrong value|one of "nested", "colocated", "same_cell", '
            '"leave_region_out", "leave_year_out", "random_sites", "knndm_geographic", '
            '"knndm_feature"|"colocate"|did you mean `colocated`?',
        ),
        (
            {"sites": {"apply_v2_errata": "yes"}},
            'key `sites.apply_v2_errata`: wrong type|true or false|"yes"|'
            "give `apply_v2_errata` as true or false",
        ),
        ({"title": 3}, 'key `title`: wrong type|text in quotes|3|write `title = "3"`'),
        ({"forest": 5}, "key `forest`: wrong type|a table|5|give `forest` as a table"),
        (
            {"sets": {"fina": FINE}},
            'key `sets.fina`: wrong value|one of "fine", "coarse", "climatology"|"fina"|'
            "did you mean `fine`?",
        ),
        (
            {"sets": {"fine": {**FINE, "first_year": 1700}}},
            "key `sets.fine.first_year`: wrong value|>= 1850|1700|give `first_year` such a value",
        ),
        (
            {"sets": {"fine": {**FINE, "firstyear": 2001}}},
            "key `sets.fine.firstyear`: unknown key|keys here: first_year, last_year, cell_m, "
            "air_temperature|2001|did you mean `first_year`?",
        ),
        (
            {"drivers": {"groups": {"heat": []}}},
            "key `drivers.groups.heat`: wrong value|a list of at least 1|[]|"
            "give `heat` such a value",
        ),
    ],
)
def test_words(changes, expected):
    problem, rule, value, remedy = expected.split("|")
    lines = [
        f"my.toml, {problem}",
        f"  rule:   {rule}",
        f"  got:    {value}",
        f"  remedy: {remedy}",
    ]
    assert message(**changes).splitlines() == lines


def test_nothing_of_the_checker_s_own_words_is_left():
    for changes in ({"forest": {"mtry": {}}}, {"data": 3}, {"workers": None}, {"sets": [1]}):
        found = message(**changes)
        assert "Input should" not in found
        assert "pydantic" not in found
        assert "<class" not in found


def test_a_long_value_is_cut():
    found = message(title=["a" * 500])
    assert max(map(len, found.splitlines())) < 700
    assert "…" in found
    assert len(found.splitlines()[2]) == len("  got:    ") + 200


def test_a_finding_about_the_whole_file_shows_it_as_it_is_written():
    found = message(kind="climatology")
    assert "key `(whole file)`" in found
    assert 'kind = "climatology"' in found
