import numpy as np
import pytest

from abz.report.results import Results
from abz.report.skill_numbers import validation_numbers


@pytest.fixture(scope="module")
def numbers(tiny):
    return dict(validation_numbers(tiny.results))


def test_values_are_those_of_the_tables(numbers, tiny):
    skill = tiny.results.tables["skill"]
    row = skill[(skill["model_set"] == "coarse") & (skill["flux"] == "gpp")].iloc[0]
    assert numbers["coarse_gpp_rmse_low"].value == row["rmse_low"]
    assert numbers["coarse_gpp_r2_sse"].value == row["r2_sse"]
    saved = tiny.results.tables["relative_skill"].iloc[0]["skill"]
    assert numbers["fine_nee_skill_climatology"].value == 100 * saved
    assert numbers["fine_nee_leave_one_site_out_w_km"].text.replace("\xa0", " ") == "100 km"
    assert "fine_nee_leave_one_site_out_rmse_change" not in numbers


def test_each_names_its_function_and_its_file(numbers):
    number = numbers["fine_reco_random_sites_rmse_change"]
    assert number.function == "abz.modelling.compare_designs"
    assert number.inputs == ("validation/fine/reco/designs.parquet",)


def test_the_spread_is_put_in_proportion(numbers):
    assert numbers["fine_nee_sd_error_share"].value == pytest.approx(35)
    assert numbers["fine_nee_site_row_sd_ratio"].value == 1


def test_a_ratio_of_two_spreads_has_its_range(numbers):
    low, high = (numbers[f"fine_nee_site_row_sd_ratio_{end}"].value for end in ("low", "high"))
    drawn = np.random.default_rng(0).normal(size=(20_000, 2, 5)).std(axis=2, ddof=1)
    ratio = drawn[:, 0] / drawn[:, 1]
    assert np.mean((low < ratio) & (ratio < high)) == pytest.approx(0.95, abs=0.01)
    assert low * high == pytest.approx(1)


def test_infinite_intervals_have_no_coverage(tiny):
    table = tiny.results.tables["coverage"]
    table = table.assign(reachable=table["nominal"] < 0.9)
    numbers = dict(validation_numbers(Results(name="x", tables={"coverage": table})))
    assert numbers["fine_nee_coverage90_all"].text == "not known"
    assert numbers["fine_nee_coverage50_all"].text.endswith("%")


def test_what_the_rows_do_not_allow_is_said_in_words(numbers):
    number = numbers["fine_nee_r2_trend"]  # no site is long enough
    assert (number.value, number.text) == ("not known", "not known")
    assert numbers["fine_nee_knndm_geographic_rmse_change"].value == "not known"


def test_a_run_without_validation_has_none():
    assert not dict(validation_numbers(Results(name="x")))
