"""Each check returns what it was given, or says what is wrong with it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz import validation
from abz.errors import CategoryError, InputError, MissingDataError


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
