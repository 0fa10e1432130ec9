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


@given(
    mass=st.sampled_from([("Pg", 1e15), ("kg", 1e3), ("g", 1.0), ("mg", 1e-3)]),
    time=st.sampled_from([("s", "s"), ("h", "h"), ("day", "d"), ("d", "d"), ("yr", "yr")]),
    spelling=st.sampled_from(["{m}C m-2 {t}-1", "{m} C m^-2 {t}^-1", "{m}C/m2/{t}", "{m} m-2 {t}-1",
                              "{m}C / m^2 / {t}", "{m}C m**-2 {t}**-1"]),
)  # fmt: skip
def test_spellings_of_one_flux_unit(mass, time, spelling):
    unit = units.parse_flux_unit(spelling.format(m=mass[0], t=time[0]))
    assert unit == (pytest.approx(mass[1]), time[1])


def test_co2_is_not_carbon():
    of_co2 = units.parse_flux_unit("g CO2 m-2 month-1").grams
    assert of_co2 == pytest.approx(12.011 / 44.009)
    assert units.parse_flux_unit("g m-2 month-1", "CO2").grams == of_co2
    assert units.parse_flux_unit("umol m-2 s-1").grams == pytest.approx(12.011e-6)


@pytest.mark.parametrize("text", ["", "K", "kg m-2", "g s-1", "g C m-2 s-1 d-1", "m m-2 s-1"])
def test_other_units_are_no_flux(text):
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        units.parse_flux_unit(text)


def test_a_rate_is_multiplied_by_its_time():
    leap = np.array([31, 29]), np.array([366, 366])
    factors = {
        "kg m-2 s-1": [31 * 86400e3, 29 * 86400e3],
        "g m-2 h-1": [31 * 24.0, 29 * 24.0],
        "gC m-2 d-1": [31.0, 29.0],
        "g C m-2 month-1": [1.0, 1.0],
        "PgC m-2 yr-1": [1e15 * 31 / 366, 1e15 * 29 / 366],
    }
    for text, expected in factors.items():
        np.testing.assert_allclose(units.parse_flux_unit(text).per_month(*leap), expected)
