"""How much has burned."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.fire import burned_once


def test_burned_once_is_capped_and_keeps_missing():
    values = [[[0.6, np.nan, 0.0]], [[0.7, np.nan, np.nan]]]
    burned = burned_once(xr.DataArray(values, dims=("time", "y", "x")))
    np.testing.assert_allclose(burned, [[1.0, np.nan, 0.0]])
    assert burned.attrs["units"] == "1"
