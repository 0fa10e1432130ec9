"""Series on a row of years: gaps, types, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.trends.years import LONGEST, on_whole_years

YEARS = np.arange(2001, 2006)
VALUES = np.random.default_rng(0).normal(size=(3, 5))


@given(st.sets(st.integers(0, 30), min_size=1))
def test_each_value_stands_in_its_year(kept):
    years = np.array(sorted(kept))
    values = np.random.default_rng(1).normal(size=(2, years.size))
    complete = on_whole_years(values, years + 1990)
    np.testing.assert_array_equal(complete[:, years - years[0]], values)
    assert np.isfinite(complete).sum() == values.size
    assert complete.shape[1] == years[-1] - years[0] + 1


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_whole_rows_are_not_copied(kind):
    values = VALUES.astype(kind)
    assert on_whole_years(values, YEARS) is values


@pytest.mark.parametrize("kind", [np.int16, np.bool_, np.float16, np.uint8])
def test_other_numbers_become_float64(kind):
    found = on_whole_years(np.ones((1, 5), kind), YEARS)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.ones((1, 5)))


def test_what_is_masked_is_missing():
    found = on_whole_years(np.ma.masked_greater(VALUES.astype(np.float32), 0.0), YEARS)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(found), VALUES > 0)


@pytest.mark.parametrize("values", [VALUES + 1j, VALUES.astype("M8[s]"), VALUES.astype(str)])
def test_values_that_are_no_numbers_are_an_error(values):
    with pytest.raises(InputError, match="real numbers"):
        on_whole_years(values, YEARS)


@pytest.mark.parametrize(
    "years",
    [YEARS[::-1], YEARS.astype(np.uint16)[::-1], YEARS + 0.5, YEARS[:4], YEARS[:, None],
     YEARS.astype("M8[Y]"), np.full(5, 2001), np.r_[YEARS[:4], np.nan], YEARS.astype(str),
     np.r_[YEARS[:4], np.inf], np.r_[-np.inf, YEARS[1:]], np.full(5, np.inf)],
)  # fmt: skip
def test_years_that_do_not_fit_are_an_error(years):
    with pytest.raises(InputError, match="years ascend"):
        on_whole_years(VALUES, years)


def test_a_wrong_year_is_named():
    with pytest.raises(InputError, match="1 to 1000000"):
        on_whole_years(VALUES[:, :2], np.array([1, 10**6]))
    with pytest.raises(InputError, match=r"1e\+300"):
        on_whole_years(VALUES[:, :2], np.array([1, 1e300]))
    assert on_whole_years(VALUES[:, :2], np.array([1, LONGEST])).shape == (3, LONGEST)
