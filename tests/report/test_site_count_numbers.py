"""Counts of sites and site-months beside plain ones."""

import numpy as np
import pandas as pd
import pytest

from abz.report import Results
from abz.report.site_count_numbers import site_count_numbers


def test_counts_are_those_of_the_rows():
    months = pd.DataFrame(
        {
            "site": ["a"] * 3 + ["b"] * 2 + ["c"],
            "year": [2010, 2014, 2015, 2016, 2020, 2001],
            "flux_method": ["EC", "EC", "EC", "Chamber", "Chamber", "EC"],
            "disturbance": ["No", "No", "No", "Fire", "Fire", np.nan],
        }
    )
    annual = pd.DataFrame({"site": ["a", "a", "b", "c"], "nee": [10.0, 20.0, -5.0, 40.0]})
    results = Results(name="x", tables={"site_months": months, "site_annual": annual})
    found = {key: number.value for key, number in site_count_numbers(results)}
    assert found == pytest.approx({
        "sites_months_fewest": 1, "sites_months_most": 3, "sites_months_mean": 2.0,
        "sites_rows_from_2015": 3, "sites_eddy_covariance_share": 100 * 2 / 3,
        "sites_rows_eddy_covariance_share": 100 * 4 / 6, "sites_disturbed_share": 100 / 3,
        "sites_fire": 1, "sites_thermokarst": 0, "sites_harvest": 0,
        "sites_source_lowest": 15.0, "sites_source_highest": 40.0,
    })  # fmt: skip


def test_a_run_without_sites_has_no_counts():
    assert list(site_count_numbers(Results(name="x"))) == []
