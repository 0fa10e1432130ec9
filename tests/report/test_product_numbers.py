"""Numbers of the run beside products of others."""

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
