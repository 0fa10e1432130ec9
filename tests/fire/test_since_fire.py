"""Years since fire of rows and of cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.errors import InputError
from abz.fire import burned_by_age, burned_rows

YEARS = np.arange(2002, 2008)
burns = arrays(
    np.float64, (6, 2, 2), elements=st.one_of(st.just(0.0), st.just(np.nan), st.floats(0, 1))
)


def record(values):
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": YEARS})


def rows(**changes):
    table = pd.DataFrame(
        {"site": list("abcdef"), "year": 2010, "disturbance": "Fire",
         "disturbance_year": [2010.0, 2011.0, 1992.0, 1991.0, np.nan, 2000.0]}
    )  # fmt: skip
    return table.assign(**changes)


def test_rows_within_the_years_after_their_fire_are_kept():
    found = burned_rows(rows(), 18)
    assert found["site"].tolist() == ["a", "c", "f"]
    assert found["years_since_fire"].tolist() == [0, 18, 10]
    assert found["years_since_fire"].dtype == np.int64


def test_other_disturbances_are_not_fires():
    assert burned_rows(rows(disturbance="Harvest"), 18).empty
    assert burned_rows(rows(disturbance=None), 18).empty


def test_wrong_input_is_an_error():
    with pytest.raises(InputError, match="disturbance_year"):
        burned_rows(rows().drop(columns="disturbance_year"), 18)
    with pytest.raises(InputError, match="max_age"):
        burned_rows(rows(), -1)
    with pytest.raises(InputError, match="wrong dimensions"):
        burned_by_age(record(np.zeros((6, 2, 2))).transpose("y", "x", "year"), 2007, 3)


def naive_latest(values, year, max_age):
    shares = np.zeros((max_age + 1, *values.shape[1:]))
    for row, column in np.ndindex(values.shape[1:]):
        for age in range(max_age + 1):
            place = year - age - YEARS[0]
            if 0 <= place < len(YEARS) and values[place, row, column] > 0:
                shares[age, row, column] = values[place, row, column]
                break
    return shares


@given(burns, st.integers(2000, 2010), st.integers(0, 9))
def test_the_latest_fire_stands_for_the_cell(values, year, max_age):
    found = burned_by_age(record(values), year, max_age)
    np.testing.assert_array_equal(found, naive_latest(values, year, max_age))
    assert found["years_since_fire"].values.tolist() == list(range(max_age + 1))


@given(burns, st.integers(2000, 2010), st.integers(0, 9))
def test_with_every_fire_the_shares_fill_the_cell_at_most(values, year, max_age):
    every = burned_by_age(record(values), year, max_age, every_fire=True).values
    latest = burned_by_age(record(values), year, max_age).values
    assert (every >= 0).all()
    assert (every.sum(axis=0) <= 1 + 1e-12).all()
    assert (every >= latest - 1e-12).all()
    held = [year - age in YEARS for age in range(max_age + 1)]
    ages = [v for v, inside in zip(range(max_age + 1), held, strict=True) if inside]
    total = np.nansum([values[year - age - YEARS[0]] for age in ages], axis=0) if ages else 0.0
    np.testing.assert_allclose(every.sum(axis=0), np.minimum(total, 1.0), atol=1e-12)
