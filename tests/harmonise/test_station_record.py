"""A station's record is whole, filled by its neighbours where they can, or refused."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import MissingDataError
from abz.harmonise.station_record import whole_record
from abz.readers import read_noaa_brw


def months(first, count):
    return (np.datetime64(first, "M") + np.arange(count)).astype("datetime64[ns]")


def record(values, first="2001-01"):
    return xr.DataArray(np.asarray(values, float), {"time": months(first, len(values))}, ("time",))


@given(st.lists(st.floats(300, 450), min_size=3, max_size=40), st.data())
def test_known_months_stay_and_single_gaps_lie_between_their_neighbours(values, data):
    gap = data.draw(st.integers(1, len(values) - 2))
    series = record(values)
    series[gap] = np.nan
    found = whole_record(series, series["time"].values, "CO2")
    assert found[gap] == pytest.approx((values[gap - 1] + values[gap + 1]) / 2)
    others = np.arange(len(values)) != gap
    np.testing.assert_array_equal(found.values[others], np.array(values)[others])
    assert found.attrs["filled_months"] == str(series["time"].values[gap])[:7]


def test_a_neighbour_outside_the_years_of_the_set_serves():
    series = record([350.0, np.nan, 360.0, 362.0])
    found = whole_record(series, months("2001-02", 2), "CO2")
    assert found.values.tolist() == [355.0, 360.0]
    assert whole_record(series, months("2001-03", 2), "CO2").attrs["filled_months"] == ""


@pytest.mark.parametrize(
    ("values", "named"),
    [([350, np.nan, np.nan, 360], "2001-02, 2001-03"), ([np.nan, 350, 360], "2001-01"),
     ([350, 360, np.nan], "2001-03")],
)  # fmt: skip
def test_longer_gaps_and_open_ends_are_refused(values, named):
    with pytest.raises(MissingDataError, match=f"record of CO2 has a gap[^$]*{named}"):
        whole_record(record(values), months("2001-01", len(values)), "CO2")


def test_months_without_a_line_are_refused():
    with pytest.raises(MissingDataError, match="does not reach over the years"):
        whole_record(record([350.0] * 12), months("2001-01", 14), "CO2")


def test_the_real_record_becomes_the_one_that_the_study_used(real_data):
    (path,) = real_data.glob("samples/noaa_brw/*v2016-08*.txt")
    used = pd.read_csv(real_data / "flux_training" / "barrow_co2_monthly_as_used.csv")
    used = used.set_index(["year", "month"])["co2_ppm"]
    found = whole_record(read_noaa_brw([path])["co2"], months("2001-01", 14 * 12), "CO2")
    assert found.attrs["filled_months"] == "2002-11"
    beside = (used[2002, 10] + used[2002, 12]) / 2
    assert used[2002, 11] == pytest.approx(beside, abs=1e-3)
    assert float(found.sel(time="2002-11-01")) == pytest.approx(used[2002, 11], abs=1.0)
