"""Maps over time, made block by block, against the whole at once."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.fire import burned_once
from abz.grid import polar_grid
from abz.report import time_means
from abz.report.time_means import burned_over_time, mean_over_time


@pytest.fixture
def layer(monkeypatch):
    """Months of a map that needs several blocks; some values, and all of a cell, are missing."""
    monkeypatch.setattr(time_means, "BLOCK_CELLS", 4)
    grid = polar_grid(1.0e6)
    rng = np.random.default_rng(4)
    values = rng.random((5, *grid.shape))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[:, 2, 3] = np.nan
    return xr.DataArray(values, dims=("time", "y", "x"), coords=grid.coords())


def test_the_mean_is_that_of_the_known_months(layer):
    found = mean_over_time(layer, layer["spatial_ref"])
    np.testing.assert_allclose(found.values, layer.mean("time").values, rtol=1e-14)
    assert np.isnan(found.values[2, 3])


def test_burned_land_is_that_of_the_whole_map_at_once(layer):
    found = burned_over_time(layer / 3, layer["spatial_ref"])
    np.testing.assert_array_equal(found.values, burned_once(layer / 3).values)
    assert np.nanmax(found.values) <= 1 and np.isnan(found.values[2, 3])
