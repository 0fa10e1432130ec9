"""Maps in a wrong unit, scale or period are refused with their name and value."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError, MissingDataError, UnitsError
from abz.harmonise import check_known, check_months, check_predictor
from abz.harmonise.checks import check_composites
from abz.vocabulary import PREDICTORS


def predictor(name: str, *values: float) -> xr.DataArray:
    return xr.DataArray(list(values), dims="x", attrs={"units": PREDICTORS[name].units}, name=name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("lst", (-20.0, 15.0)),
        ("lst", (13_500.0, 14_200.0)),
        ("air_temperature", (-39.4, 21.5)),
        ("srad", (0.0, 3066.0)),
        ("vpd", (0.0, 141.0)),
        ("ndvi", (-3000.0, 8900.0)),
        ("soil_ph", (41.0, 71.0)),
        ("tree_cover", (12.0, 200.0)),
        ("permafrost_probability", (0.0, 100.0)),
        ("co2", (-999.99, 410.0)),
    ],
)
def test_wrong_scales_are_refused(name, values):
    with pytest.raises(InputError, match=f"{name} holds values") as error:
        check_predictor(predictor(name, *values), name)
    assert f"{values[0]:g} to {values[1]:g}" in str(error.value)


def test_true_values_and_gaps_pass():
    da = predictor("lst", 250.0, np.nan, 300.0)
    assert check_predictor(da, "lst") is da


def test_wrong_units_and_empty_maps_are_refused():
    with pytest.raises(UnitsError, match="lst"):
        check_predictor(predictor("lst", 280.0).assign_attrs(units="degC"), "lst")
    assert check_predictor(predictor("lst", np.nan), "lst").isnull().all()
    assert check_known(3, "lst", "2001") == 3
    with pytest.raises(InputError, match="lst has no valid value"):
        check_known(0, "lst", "2001")


def test_a_year_needs_each_month_once():
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    whole = xr.Dataset(coords={"time": time})
    assert check_months(whole, 2002, "X")["time"].size == 12
    backwards = check_months(whole.isel(time=slice(None, None, -1)), 2002, "X")
    assert backwards["time"].values[0] == np.datetime64("2002-01-01")
    with pytest.raises(MissingDataError, match="whole year 2002"):
        check_months(whole.isel(time=slice(0, 23)), 2002, "X")
    with pytest.raises(MissingDataError, match="months none"):
        check_months(whole, 2005, "X")


def composites_of(step, keep):
    starts = np.datetime64("2001-01-01", "D") + step * np.arange(-(-365 // step))
    days = np.minimum(step, (np.datetime64("2002-01-01", "D") - starts).astype(int))
    time = starts[keep].astype("datetime64[ns]")
    return xr.Dataset(coords={"time": time, "days": ("time", days[keep])})


@pytest.mark.parametrize("step", [8, 16])
def test_a_month_without_composites_is_named(step):
    whole = composites_of(step, slice(None))
    assert check_composites(whole, 2001, "MOD") is whole
    one_lost = composites_of(step, np.arange(whole.sizes["time"]) != 10)
    if step == 8:
        check_composites(one_lost, 2001, "MOD")
    july = (whole["time"].dt.month.values != 7) | (whole["time"].dt.day.values > 27)
    with pytest.raises(MissingDataError, match=r"(?s)MOD does not hold.*days of month 7.*fetch"):
        check_composites(composites_of(step, july), 2001, "MOD")
    with pytest.raises(MissingDataError, match="0 of 31 days of month 1, 0 of 28"):
        check_composites(whole, 2002, "MOD")
