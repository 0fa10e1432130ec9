"""Exports of Earth Engine, there and back."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid
from abz.readers.terraclimate_ee import read_terraclimate_ee
from abz.world.products.terraclimate_ee import write_terraclimate_ee

SPANS = {"srad": (0.0, 400.0), "vpd": (0.0, 3.0), "air_temperature": (220.0, 305.0)}
PRECISION = {"srad": 0.051, "vpd": 0.0051, "air_temperature": 0.051}


def fields(seed=0, months=3, step=10.0):
    grid = lonlat_grid(step, (-180.0, 50.0, 180.0, 90.0))
    rng = np.random.default_rng(seed)
    time = (np.datetime64("1999-12") + np.arange(months)).astype("datetime64[ns]")
    sea = rng.random((months, *grid.shape)) < 0.3
    data = {
        name: (("time", "y", "x"), np.where(sea, np.nan, rng.uniform(*span, sea.shape)))
        for name, span in SPANS.items()
    }
    return xr.Dataset(data, {"time": time, **grid.coords()})


@given(
    seed=st.integers(0, 99),
    months=st.integers(1, 5),
    step=st.sampled_from([10.0, 5.0]),
    fill=st.sampled_from([-32768, 32767, -9999]),
)
def test_there_and_back(tmp_path_factory, seed, months, step, fill):
    data = fields(seed, months, step)
    paths = write_terraclimate_ee(data, tmp_path_factory.mktemp("ee"), fill)
    found = read_terraclimate_ee(paths[::-1])
    assert Grid.of(found) == Grid.of(data)
    assert (found["time"].values == data["time"].values).all()
    for name, precision in PRECISION.items():
        np.testing.assert_allclose(found[name], data[name], rtol=1e-6, atol=precision)


def test_numbers_as_stored(tmp_path):
    data = fields(months=1)
    data["srad"][:], data["vpd"][:], data["air_temperature"][:] = 306.6, 1.41, 263.15
    (path,) = write_terraclimate_ee(data, tmp_path)
    assert path.name == "199912.tif"
    with rasterio.open(path) as file:
        assert file.descriptions == ("srad", "vpd", "tmmn", "tmmx")
        assert file.read()[:, 0, 0].tolist() == [3066, 141, -150, -50]
        assert file.nodata == -32768


def test_a_value_beyond_the_type_is_refused(tmp_path):
    data = fields()
    data["vpd"][:] = 400.0
    with pytest.raises(InputError, match="vpd does not fit the export"):
        write_terraclimate_ee(data, tmp_path)
