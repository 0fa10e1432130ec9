"""Numbers of the run beside products of others."""

from dataclasses import replace

from abz.report import Results
from abz.report.product_numbers import product_numbers


def test_a_run_without_products_has_no_such_numbers():
    assert dict(product_numbers(Results(name="x"))) == {}


def test_each_product_has_its_budget_factor_and_likeness(tiny):
    numbers = dict(product_numbers(tiny.results))
    found = numbers["product_gcb2022_inversions_factor"]
    assert found.text == "2.50"
    assert found.synthetic == tiny.results.synthetic
    assert numbers["product_gcb2022_inversions_years"].value == "2001–2020"
    assert numbers["product_fluxcom_x_base_mean_sd_ratio"].text == "1.00"
    run = numbers["product_fluxcom_x_base_run_budget"].value
    assert numbers["product_fluxcom_x_base_budget"].value == run


def test_members_p_and_lowest_cell(tiny):
    numbers = dict(product_numbers(tiny.results))
    assert numbers["product_gcb2022_inversions_members"].value == 2
    assert numbers["product_gcb2022_inversions_members"].period == "2001–2020"
    assert numbers["product_gcb2022_inversions_members_given"].value == 3
    assert numbers["product_fluxcom_x_base_mean_r"].period == "2001–2020"
    assert numbers["product_fluxcom_x_base_mean_p_naive"].text == "p < 0.001"
    lowest = float(tiny.results.products["mean"].sel(product="gcb2022_inversions").min())
    assert numbers["product_gcb2022_inversions_lowest"].value == lowest


def test_winters_have_their_numbers(tiny):
    numbers = dict(product_numbers(tiny.results))
    assert numbers["winter_oct_apr_winters"].value == numbers["winter_oct_apr_higher"].value == 5
    assert numbers["winter_oct_apr_one_winter_soil_flux"].period == "2003–2007"
    assert numbers["winter_oct_apr_nee"].value < numbers["winter_oct_apr_soil_nee"].value


def test_a_product_that_lacks_a_year_is_of_another_period(tiny):
    """So none of its numbers is held against one of the paper."""
    summary = tiny.results.tables["product_summary"].copy()
    summary.loc[summary["product"] == "gcb2022_inversions", "n_years"] = 19
    tables = {**tiny.results.tables, "product_summary": summary}
    numbers = dict(product_numbers(replace(tiny.results, tables=tables)))
    for name in ("years", "factor", "members", "mean_r", "lowest"):
        number = numbers[f"product_gcb2022_inversions_{name}"]
        assert (number.value if name == "years" else number.period) == "19 years of 2001–2020"
    assert numbers["product_fluxcom_x_base_factor"].period == "2001–2020"
