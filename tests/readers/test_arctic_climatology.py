"""The 1-degree climatology: canonical names, north up, values that can be true."""

import os

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError, MissingDataError
from abz.grid import Grid, lonlat_grid
from abz.readers.arctic_climatology import VARIABLES, read_arctic_climatology
from abz.vocabulary import PREDICTORS

MONTHLY = ("sw_down", "vpd", "snow_cover", "tsoil_l1", "soil_moisture_l1", "ndvi_gapfilled", "tair")


@pytest.fixture
def stored() -> xr.Dataset:
    """As the file holds it: south first, latitude as the value of each field."""
    lat, lon = np.arange(45.5, 90.0), np.arange(-179.5, 180.0)
    field = np.broadcast_to(lat[:, None], (lat.size, lon.size))
    variables = {
        name: (("month", "lat", "lon"), np.stack([field] * 12))
        if name in MONTHLY
        else (("lat", "lon"), field)
        for name in VARIABLES
    }
    dataset = xr.Dataset(variables, {"month": range(1, 13), "lat": lat, "lon": lon})
    for name in dataset.data_vars:
        dataset[name].attrs["long_name"] = f"{name} of the file"
    return dataset


def test_fields_turn_north_up_with_units(tmp_path, stored):
    stored.to_netcdf(tmp_path / "climatology.nc")
    data = read_arctic_climatology([tmp_path / "climatology.nc"])
    assert set(data) == set(VARIABLES.values())
    grid = Grid.of(data)
    assert grid == lonlat_grid(1.0)
    np.testing.assert_array_equal(data["srad"].isel(month=0), grid.lonlat()[1])
    assert all(data[n].attrs["units"] == PREDICTORS[n].units for n in data if n in PREDICTORS)


def test_a_missing_variable_is_named(tmp_path, stored):
    stored.drop_vars("tair").to_netcdf(tmp_path / "climatology.nc")
    with pytest.raises(MissingDataError, match="tair"):
        read_arctic_climatology([tmp_path / "climatology.nc"])


def test_a_file_that_broke_off_is_named(tmp_path, stored):
    path = tmp_path / "climatology.nc"
    stored.to_netcdf(path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(InputError, match=r"(?s)climatology\.nc cannot be read.*fetch"):
        read_arctic_climatology([path])


def test_no_file_is_an_error_that_says_so():
    with pytest.raises(MissingDataError, match="climatology"):
        read_arctic_climatology([])


def test_the_real_values_are_in_their_units(real_data):
    data = read_arctic_climatology([real_data / "real_arctic" / "arctic_predictors_real.nc"])
    for name in set(data) & set(PREDICTORS):
        low, high = PREDICTORS[name].valid
        assert low <= float(data[name].min()) <= float(data[name].max()) <= high, name
    assert float(data["soil_temperature"].mean()) > 200
    assert float(data["snow_cover"].max()) > 50
