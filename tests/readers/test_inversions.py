"""Inversions: systems, periods and boxes are chosen; what cannot be one is refused by name."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import lonlat_grid
from abz.ledger import Parts
from abz.readers.inversions import read_gcb2022_inversions
from abz.readers.orientation import is_mostly_land
from abz.world.products.inversions import write_gcb2022_inversions

GRID = lonlat_grid(5.0, (-180.0, 30.0, 180.0, 90.0))
SYSTEMS = ["CAMS", "CarboScope", "UoE"]


def world(sign=1.0):
    """Land that takes up carbon in summer; the second system begins in 2003, the third in May."""
    time = np.arange("2001-01", "2005-01", dtype="datetime64[M]").astype("datetime64[ns]")
    season = -40.0 * np.sin(np.pi * (np.arange(48) % 12 - 3) / 6) * sign
    land = np.where(is_mostly_land(GRID.x, GRID.y), 1.0, np.nan)
    flux = season[:, None, None] * land
    late, later = flux.copy(), flux.copy()
    late[:24], later[:4] = np.nan, np.nan
    dims = ("member", "time", "y", "x")
    coords = {"member": SYSTEMS, "time": time, **GRID.coords()}
    return xr.Dataset({"land_flux": (dims, np.stack([flux, late, later]))}, coords)


def changed(path, **attributes):
    """The file with other attributes of its flux; None takes one away."""
    with netCDF4.Dataset(path, "a") as file:
        for name, value in attributes.items():
            variable = file["land_flux_only_fossil_cement_adjusted"]
            variable.delncattr(name)
            if value is not None:
                variable.setncattr(name, value)
    return [path]


@pytest.fixture
def paths(tmp_path):
    return write_gcb2022_inversions(world(), tmp_path)


def test_what_it_holds_is_stated(paths):
    found = read_gcb2022_inversions(paths)
    parts = Parts.of_attrs(found["land_flux"].attrs)
    assert str(parts) == "NEE + fire + lakes + rivers (unknown: harvest)"
    assert found["land_flux"].attrs["units"] == "g C m-2 month-1"
    assert found.attrs["files"] == "GCP2022_inversions_1x1_version1_1_20230127.nc"


def test_systems_say_which_years_they_cover(paths):
    found = read_gcb2022_inversions(paths)
    assert found["first_year"].values.tolist() == [2001, 2003, 2002]
    assert found["last_year"].values.tolist() == [2004, 2004, 2004]
    part = read_gcb2022_inversions(paths, period=(2001, 2002))
    assert part["first_year"].values.tolist() == [2001, 0, 2002]


def test_parts_are_read_alone(paths):
    whole = read_gcb2022_inversions(paths)
    box = (-150.0, 50.0, 10.0, 80.0)
    part = read_gcb2022_inversions(paths, members=["UoE"], period=(2002, 2003), bounds=box)
    same = whole.sel(member=["UoE"], time=slice("2002", "2003"), y=slice(80, 50), x=slice(-150, 10))
    np.testing.assert_array_equal(part["land_flux"], same["land_flux"])


def test_years_and_systems_that_are_not_there(paths):
    with pytest.raises(MissingDataError, match=r"(?s)whole period.*holds 2001 to 2004"):
        read_gcb2022_inversions(paths, period=(2001, 2020))
    with pytest.raises(InputError, match=r"(?s)'CAM'.*did you mean 'CAMS'"):
        read_gcb2022_inversions(paths, members=["CAM"])


def test_a_missing_month_is_named(tmp_path):
    data = world()
    (path,) = write_gcb2022_inversions(data, tmp_path)
    with xr.open_dataset(path, decode_cf=False) as file:
        cut = file.isel(time=np.delete(np.arange(48), 14)).load()
    cut.to_netcdf(path)
    with pytest.raises(MissingDataError, match=r"(?s)lacks months.*missing 2002-03"):
        read_gcb2022_inversions([path])


def test_units_are_read_and_needed(paths):
    with pytest.raises(UnitsError, match="does not state its unit"):
        read_gcb2022_inversions(changed(paths[0], units=None))


@pytest.mark.parametrize("units", ["kg C m-2 s-1", "g C m-2 month-1"])
def test_a_wrong_unit_shows_in_the_size(paths, units):
    with pytest.raises(InputError, match="holds values that cannot be true"):
        read_gcb2022_inversions(changed(paths[0], units=units))


def test_an_area_is_no_part_of_another_unit(paths):
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_gcb2022_inversions(changed(paths[0], units="PgC yr-1"))


def test_a_wrong_sign_is_refused(tmp_path):
    paths = write_gcb2022_inversions(world(sign=-1.0), tmp_path)
    with pytest.raises(InputError, match="has the opposite sign"):
        read_gcb2022_inversions(paths)


def test_a_map_upside_down_is_refused(tmp_path):
    data = world()
    data["land_flux"][:] = data["land_flux"].values[:, :, ::-1]
    paths = write_gcb2022_inversions(data, tmp_path)
    with pytest.raises(GridError, match=r"CAMS in GCP2022.* lies upside down"):
        read_gcb2022_inversions(paths)


def test_the_wrong_sign_of_one_system_is_not_hidden_by_the_others(tmp_path):
    data = world()
    data["land_flux"] = data["land_flux"] * xr.DataArray([1.0, 1.0, -1.0], dims="member")
    with pytest.raises(InputError, match=r"land_flux of UoE in .* has the opposite sign"):
        read_gcb2022_inversions(write_gcb2022_inversions(data, tmp_path))


def test_a_system_covers_no_year_beyond_a_gap(tmp_path):
    """A year without values, or without one of its months, ends a stretch."""
    data = world()
    year, month = data["time"].dt.year, data["time"].dt.month
    of_first, of_last = data["member"] == "CAMS", data["member"] == "UoE"
    gone = (of_first & (year == 2002)) | (of_last & (year == 2003) & (month == 5))
    found = read_gcb2022_inversions(write_gcb2022_inversions(data.where(~gone), tmp_path))
    assert found["first_year"].values.tolist() == [2003, 2003, 2002]
    assert found["last_year"].values.tolist() == [2004, 2004, 2002]
