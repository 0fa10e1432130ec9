"""Maps of classes in NetCDF that are none; whole ones are read in the world's tests."""

import numpy as np
import pytest
from netCDF4 import Dataset

from abz.errors import GridError, InputError, MissingDataError
from abz.readers.land_cover import is_land, read_esa_cci_lc
from abz.readers.netcdf_codes import netcdf_codes, thinned_codes
from abz.readers.orientation import is_mostly_land

LAT, LON = np.arange(88.75, 40.0, -2.5), np.arange(-178.75, 180.0, 2.5)


def write(path, codes, lat=LAT, lon=LON, steps=1, pieces=None):
    with Dataset(path, "w") as file:
        for name, size in (("time", steps), ("lat", lat.size), ("lon", lon.size)):
            file.createDimension(name, size)
        file.createVariable("lat", "f8", ("lat",))[:] = lat
        file.createVariable("lon", "f8", ("lon",))[:] = lon
        dims = ("time", "lat", "lon")
        file.createVariable("lccs_class", "u1", dims, chunksizes=pieces)[:] = codes
    return path


@pytest.mark.parametrize("pieces", [None, (1, 7, 11), (1, 20, 144)])
def test_parts_are_those_of_the_whole(tmp_path, pieces):
    codes = np.random.default_rng(0).choice([10, 70, 210], (LAT.size, LON.size)).astype("u1")
    path = write(tmp_path / "a.nc", codes, pieces=pieces)
    whole, lazy = netcdf_codes(path, "lccs_class"), netcdf_codes(path, "lccs_class", lazy=True)
    assert lazy.chunks is not None
    np.testing.assert_array_equal(whole, codes)
    np.testing.assert_array_equal(lazy[3:7, 20:40].compute(), codes[3:7, 20:40])
    np.testing.assert_array_equal(thinned_codes(path, "lccs_class", 10), codes[::2, ::15])


@pytest.mark.parametrize("lazy", [False, True])
def test_a_map_that_lies_upside_down_is_refused(tmp_path, lazy):
    codes = np.where(is_mostly_land(LON, LAT), 70, 210)
    assert is_land(read_esa_cci_lc([write(tmp_path / "a.nc", codes)])["lccs_class"]).any()
    with pytest.raises(GridError, match=r"lccs_class of a\.nc lies upside down"):
        read_esa_cci_lc([write(tmp_path / "a.nc", codes[::-1])], lazy=lazy)


def test_years_and_other_maps_are_refused(tmp_path):
    codes = np.full((2, LAT.size, LON.size), 70)
    with pytest.raises(InputError, match=r"(?s)one map of lccs_class.*'time': 2"):
        netcdf_codes(write(tmp_path / "a.nc", codes, steps=2), "lccs_class")
    with pytest.raises(InputError, match="missing grid_code"):
        netcdf_codes(tmp_path / "a.nc", "grid_code")
    with pytest.raises(GridError, match="in radians"):
        netcdf_codes(
            write(tmp_path / "a.nc", codes[0], np.radians(LAT), np.radians(LON)), "lccs_class"
        )
    with pytest.raises(MissingDataError, match="not there"):
        netcdf_codes(tmp_path / "none.nc", "lccs_class")
