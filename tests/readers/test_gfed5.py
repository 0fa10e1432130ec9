"""GFED5: carbon and not CO2, whole years, one grid."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import lonlat_grid
from abz.ledger import Parts
from abz.readers.gfed5 import read_gfed5
from abz.world.products.gfed5 import write_gfed5


def fires(first=2002, years=2, step=2.0):
    grid = lonlat_grid(step, (-180.0, 30.0, 180.0, 90.0))
    time = np.arange(f"{first}-01", f"{first + years}-01", dtype="datetime64[M]")
    emission = np.full((time.size, *grid.shape), 7.0)
    coords = {"time": time.astype("datetime64[ns]"), **grid.coords()}
    return xr.Dataset({"emission": (("time", "y", "x"), emission)}, coords)


@pytest.fixture
def paths(tmp_path):
    return write_gfed5(fires(), tmp_path)


def test_carbon_and_not_co2(paths):
    data = read_gfed5(paths)
    assert (data["emission"] == 7.0).all()
    assert str(Parts.of_attrs(data["emission"].attrs)) == "fire"
    assert data.attrs["source"] == "GFED5 beta"


def test_files_without_carbon_are_refused(paths):
    with netCDF4.Dataset(paths[0], "a") as file:
        file.renameVariable("C", "carbon")
    with pytest.raises(MissingDataError, match=r"GFED5_Beta_monthly_2002\.nc lacks variables"):
        read_gfed5(paths)


def test_years_are_whole_and_their_own(paths, tmp_path):
    with xr.open_dataset(paths[1], decode_cf=False) as file:
        cut = file.isel(time=slice(0, 9)).load()
    cut.to_netcdf(paths[1])
    with pytest.raises(MissingDataError, match=r"2003\.nc lacks months(?s:.*)2003-10, 2003-11"):
        read_gfed5(paths)
    renamed = paths[0].rename(tmp_path / "GFED5_Beta_monthly_2009.nc")
    with pytest.raises(InputError, match=r"2009\.nc holds months of another year"):
        read_gfed5([renamed])


def test_two_resolutions_do_not_mix(paths, tmp_path):
    earlier = write_gfed5(fires(2001, 1, step=4.0), tmp_path)
    with pytest.raises(GridError, match="different grids"):
        read_gfed5([*earlier, *paths])


def test_units(paths):
    with netCDF4.Dataset(paths[0], "a") as file:
        file["C"].units = "g m-2"
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_gfed5(paths[:1])
    with netCDF4.Dataset(paths[0], "a") as file:
        file["C"].units = "g CO2 m-2 month-1"
    found = read_gfed5(paths[:1])["emission"]
    np.testing.assert_allclose(found, 7.0 * 12.011 / 44.009, rtol=1e-6)
