"""Monthly means of composites."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.harmonise import overlap_days, to_months


def composites(year: int, length: int, values=None) -> xr.DataArray:
    """Composites of a year as the products cut it: the last one ends with the year."""
    last = np.datetime64(f"{year + 1}-01-01")
    starts = np.arange(np.datetime64(f"{year}-01-01"), last, length)
    days = np.minimum((last - starts).astype(int), length)
    values = np.arange(len(starts), dtype=float) if values is None else values
    coords = {"time": starts.astype("datetime64[ns]"), "days": ("time", days)}
    return xr.DataArray(values, dims="time", coords=coords, name="lst", attrs={"units": "K"})


@given(st.integers(1985, 2020), st.sampled_from([8, 16]))
def test_months_share_out_the_days_of_the_year(year, length):
    da = composites(year, length)
    months = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    days = overlap_days(da["time"].values, da["days"].values, months)
    assert (days.sum(axis=0) == da["days"].values).all()
    assert days.sum(axis=1).tolist() == [pd.Timestamp(m).days_in_month for m in months]


@given(st.integers(2000, 2004), st.sampled_from([8, 16]), st.integers(0, 99))
def test_months_equal_the_mean_of_their_days(year, length, seed):
    rng = np.random.default_rng(seed)
    size = composites(year, length).size
    values = np.where(rng.random(size) < 0.3, np.nan, rng.normal(size=size))
    da = composites(year, length, values)
    daily = pd.Series(
        np.repeat(values, da["days"].values), pd.date_range(f"{year}-01-01", f"{year}-12-31")
    )
    expected = daily.groupby(daily.index.month).mean()
    np.testing.assert_allclose(to_months(da).values, expected.to_numpy())


def test_datasets_keep_names_attributes_and_maps():
    da = composites(2001, 16).expand_dims(y=2, x=3).astype(np.float32)
    months = to_months(da.to_dataset())
    assert months["lst"].dims == ("time", "y", "x") and months["lst"].dtype == np.float32
    assert months["lst"].attrs == {"units": "K"}
    assert "days" not in months.coords
    assert months["time"].values[3] == np.datetime64("2001-04-01")


def test_a_month_without_valid_composites_is_missing():
    values = np.ones(46)
    values[3:8] = np.nan
    monthly = to_months(composites(2001, 8, values))
    assert np.isnan(monthly.values).tolist() == [month == 2 for month in range(1, 13)]


def test_lengths_are_needed_and_must_not_overlap():
    with pytest.raises(InputError, match="how long"):
        to_months(composites(2001, 8).drop_vars("days"))
    with pytest.raises(InputError, match="overlap"):
        to_months(composites(2001, 8).assign_coords(days=("time", np.full(46, 9))))
