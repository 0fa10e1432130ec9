"""Table 1 as published: whole, and the same numbers in both shapes."""

import pytest

from abz.errors import InputError
from abz.published import (
    published_cells,
    published_fields,
    published_record,
    published_skill,
    published_table1,
)


def test_the_table_holds_all_cells():
    table = published_table1().set_index(["zone", "flux"])
    for (zone, flux, column), number in published_cells().items():
        name = "area_1e6km2" if column == "area" else column
        assert table.loc[(zone, flux), name] == number.value
    assert len(table) == 4 * 4


def test_every_number_of_the_records_is_in_a_cell():
    places = list(published_fields().values())
    assert len(set(places)) == len(places)
    for name in {name for name, _ in places}:
        assert {f for n, f in places if n == name} == set(published_record(name).numbers)


def test_nee_with_fire_has_the_sd_of_nee():
    table = published_table1().set_index(["zone", "flux"])["budget_sd"]
    assert table["tundra", "nee_fire"] == table["tundra", "nee"] == 53.0


def test_skill_is_that_of_the_fine_forests():
    assert published_skill("nee") == {"r2": 0.57, "rmse": 19.4, "mae": 12.3, "mbe": 0.4}


def test_an_unknown_field_is_named():
    with pytest.raises(InputError, match="t1_abz"):
        published_record("t1_abz").number("budget.NPP.mean")
