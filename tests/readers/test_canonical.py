"""Canonical variables: unit, type, limits."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError
from abz.readers.canonical import canonical
from abz.vocabulary import PREDICTORS


@pytest.mark.parametrize("name", [n for n, p in PREDICTORS.items() if not p.is_category])
def test_limits_and_missing_values_pass(name):
    low, high = PREDICTORS[name].valid
    array = xr.DataArray([low, np.nan, high], dims="time")
    result = canonical(array, name)
    assert result.dtype == np.float32
    assert result.attrs["units"] == PREDICTORS[name].units
    assert result.attrs["long_name"]
    np.testing.assert_allclose(result, np.float32(array))


@pytest.mark.parametrize(("name", "value"), [("air_temperature", -12.0), ("snow_cover", -32767.0)])
def test_wrong_unit_or_surviving_fill_is_refused(name, value):
    with pytest.raises(InputError, match=f"{name} holds values that cannot be true"):
        canonical(xr.DataArray([value, np.nan], dims="time"), name)


def test_all_missing_stays_missing():
    assert np.isnan(canonical(xr.DataArray(np.full((2, 2), np.nan)), "cti")).all()


def test_rounding_noise_is_set_to_the_limit():
    noisy = xr.DataArray([-0.01, 100.02], dims="time")
    assert canonical(noisy, "snow_cover").values.tolist() == [0.0, 100.0]
