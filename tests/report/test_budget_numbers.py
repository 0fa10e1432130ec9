"""Numbers of budgets: each year of the whole zone, and fire from whatever knows it."""

import pandas as pd

from abz.report import Results
from abz.report.budget_numbers import annual_numbers, fire_numbers


def annual(*fluxes):
    zones = (("abz", "ABZ"), ("biome", "boreal"))
    return pd.DataFrame(
        [
            {"model_set": "fine", "zone_set": kind, "zone": zone, "flux": flux, "member": member,
             "year": year, "tg": 100.0 * member + year - 2000.0}
            for flux in fluxes for kind, zone in zones for member in (0, 1)
            for year in (2019, 2020)
        ]
    )  # fmt: skip


def results(**tables):
    return Results(name="x", kind="study", synthetic=True, tables=tables)


def test_each_year_of_the_whole_zone_is_a_number_of_the_central_forest():
    found = dict(annual_numbers(results(annual=annual("nee", "gpp"))))
    assert {key: number.value for key, number in found.items()} == {
        "fine_abz_nee_2019": 19.0, "fine_abz_nee_2020": 20.0
    }  # fmt: skip
    assert found["fine_abz_nee_2020"].period == "2020"
    assert found["fine_abz_nee_2020"].synthetic


def test_fire_is_a_mean_of_years_where_these_are_known():
    found = dict(fire_numbers(results(annual=annual("nee", "fire"))))
    assert found["fine_abz_fire_mean"].value == 19.5
    assert found["fine_boreal_fire_mean"].period == "2019–2020"


def test_fire_is_that_of_the_mean_map_where_no_year_is_known():
    rows = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "flux": ["nee", "fire"],
            "budget": [-548.0, 229.0], "first_year": 2002, "last_year": 2020}  # fmt: skip
    found = dict(fire_numbers(results(annual=annual("nee"), table1=pd.DataFrame(rows))))
    assert list(found) == ["fine_abz_fire_mean"]
    assert found["fine_abz_fire_mean"].value == 229.0
    assert found["fine_abz_fire_mean"].period == "2002–2020"


def test_a_run_without_budgets_has_no_such_number():
    assert dict(annual_numbers(results())) == dict(fire_numbers(results())) == {}
