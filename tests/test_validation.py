"""Each check returns what it was given, or says what is wrong with it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz import validation
from abz.errors import CategoryError, InputError, MissingDataError


@pytest.mark.parametrize("mask", [[1, 0], [1.0, 0.0], [True], [[True, False]]])
def test_masks_are_boolean_and_fit(mask):
    with pytest.raises(InputError, match="domain is no mask"):
        validation.check_mask(mask, (2,), "domain")


def test_the_nearest_choice_is_proposed():
    with pytest.raises(InputError, match="did you mean 'zhang'"):
        validation.check_choice("zang", ["none", "zhang"], "method")


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_values_out_of_range_are_refused(value):
    with pytest.raises(InputError, match="0 <= alpha <= 1"):
        validation.check_range(value, "alpha", minimum=0, maximum=1)


def test_dims_in_another_order_are_refused():
    with pytest.raises(InputError, match="transpose"):
        validation.check_dims(xr.DataArray(np.zeros((2, 3)), dims=("x", "y")), ("y", "x"))


def test_missing_columns_and_variables_are_named():
    with pytest.raises(InputError, match="missing year"):
        validation.check_columns(pd.DataFrame({"site": []}), ["site", "year"])
    with pytest.raises(MissingDataError, match="missing lst"):
        validation.check_variables(xr.Dataset(), ["lst"], "MOD11A2")


def test_undeclared_codes_are_named_with_their_first_place():
    with pytest.raises(CategoryError, match=r"7 \(first at \(0, 1\)\)"):
        validation.check_codes([[6, 7], [7, 11]], [6, 11], "biome")


def test_shapes_that_differ_are_refused():
    with pytest.raises(InputError, match="flux and area"):
        validation.check_same_shape(np.zeros(2), np.zeros(3), "flux and area")


@pytest.mark.parametrize("value", [0, 6, 2.0, True, "2", None, np.float64(2)])
def test_only_whole_numbers_in_the_range_pass(value):
    with pytest.raises(InputError, match=r"mtry is a whole number, 1 <= mtry <= 5"):
        validation.check_whole(value, "mtry", minimum=1, maximum=5)


def test_whole_numbers_of_numpy_become_ints():
    assert type(validation.check_whole(np.int16(3), "mtry", maximum=3)) is int


def test_names_that_stand_twice_are_named():
    with pytest.raises(InputError, match="got:    lst, ndvi more than once"):
        validation.check_distinct(["lst", "ndvi", "co2", "ndvi", "lst"], "predictors")


@pytest.mark.parametrize("value", [1, 0.0, "no", None])
def test_a_flag_is_true_or_false(value):
    assert validation.check_flag(np.bool_(False), "raw_slope") is False
    with pytest.raises(InputError, match="raw_slope"):
        validation.check_flag(value, "raw_slope")
