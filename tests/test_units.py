"""Units come back after a round trip; months have the days of their own calendar."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz import units
from abz.errors import UnitsError


@given(st.floats(-100, 100))
def test_temperature_round_trip(celsius):
    back = units.kelvin_to_celsius(units.celsius_to_kelvin(celsius))
    assert back == pytest.approx(celsius, abs=1e-10)


@given(st.floats(-1e-6, 1e-6), st.sampled_from(["standard", "noleap", "360_day"]))
def test_a_rate_gives_a_monthly_sum_of_its_own_calendar(rate, calendar):
    time = xr.date_range("2004-01-01", periods=12, freq="MS", calendar=calendar, use_cftime=True)
    flux = xr.DataArray(np.full(12, rate), dims="time", coords={"time": time})
    days = {"standard": 366, "noleap": 365, "360_day": 360}[calendar]
    monthly = units.flux_from_kg_per_second(flux)
    assert float(monthly.sum()) == pytest.approx(rate * 1000 * 86400 * days, rel=1e-12)
    assert monthly.attrs["units"] == units.MONTHLY_FLUX


@pytest.mark.parametrize("attrs", [{}, {"units": "kg m-2 s-1"}])
def test_a_missing_or_other_unit_is_refused(attrs):
    with pytest.raises(UnitsError, match="g C m-2 month-1"):
        units.require_units(xr.DataArray(1.0, attrs=attrs, name="nee"), units.MONTHLY_FLUX)
