"""The fits as tables."""

from __future__ import annotations

import numpy as np
import pytest

from abz.fire import MODELS, NO_MODEL, BiasFit, bias_curves, fit_table

COVARIANCE = np.array([[4.0, -0.5], [-0.5, 0.25]])


def fit(month, level, slope, p=(0.01, 0.01)):
    return BiasFit(month, MODELS[0], "", 9, 60, np.array([level, slope]), COVARIANCE, np.array(p))


NONE = BiasFit(1, NO_MODEL, "2 of at least 3 burned sites", 2, 5, np.zeros(2), np.zeros((2, 2)),
               np.ones(2))  # fmt: skip


@pytest.mark.parametrize(
    ("level", "slope", "years"), [(9.5, -1.0, 10), (-1.0, 1.0, 0), (5.0, 0.1, 19), (0.0, -1.0, 0)]
)
def test_years_above_zero_are_counted_from_the_fire_on(level, slope, years):
    row = fit_table([fit(5, level, slope)], 0.05, 18).iloc[0]
    assert row["positive_years"] == years
    assert row[["intercept_sd", "slope_sd", "covariance"]].tolist() == [2.0, 0.5, -0.5]


def test_a_month_without_a_model_has_no_numbers_but_a_reason():
    table = fit_table([NONE, fit(5, 3.0, -1.0, (0.01, 0.2))], 0.05, 18)
    assert not table["kept"].any()
    assert table["reason"].iloc[0] == NONE.reason
    assert table.loc[0, ["intercept", "slope", "intercept_p", "positive_years"]].isna().all()
    assert table.loc[1, "slope_p"] == 0.2


def test_curves_are_of_the_months_with_a_model():
    table = bias_curves([NONE, fit(5, 3.0, -1.0)], 4)
    assert table["month"].unique().tolist() == [5]
    assert table["bias"].tolist() == [3.0, 2.0, 1.0, 0.0, -1.0]
    ages = np.arange(5)
    np.testing.assert_allclose(table["bias_sd"] ** 2, 4.0 - ages + 0.25 * ages**2)
    assert bias_curves([NONE], 4).empty
