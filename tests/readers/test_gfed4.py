"""GFED4.1s: months, regions and units that are wrong or missing are named."""

import h5py
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import lonlat_grid
from abz.ledger import Parts
from abz.readers.gfed4 import read_gfed4
from abz.readers.orientation import is_mostly_land
from abz.world.products.gfed4 import write_gfed4

GRID = lonlat_grid(2.0, (-180.0, 30.0, 180.0, 90.0))


def fires(first=2003, years=1, value=5.0, burned=0.1, grid=GRID):
    time = np.arange(f"{first}-01", f"{first + years}-01", dtype="datetime64[M]")
    land = is_mostly_land(grid.x, grid.y)
    shape = (time.size, *grid.shape)
    dims = ("time", "y", "x")
    data = {
        "emission": (dims, np.broadcast_to(np.where(land, value, 0.0), shape)),
        "burned_fraction": (dims, np.broadcast_to(np.where(land, burned, 0.0), shape)),
        "land": (("y", "x"), land),
    }
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **grid.coords()})


@pytest.fixture
def path(tmp_path):
    return write_gfed4(fires(), tmp_path)[0]


def test_what_it_holds_is_stated(path):
    data = read_gfed4([path])
    assert str(Parts.of_attrs(data["emission"].attrs)) == "fire"
    assert data["emission"].attrs["units"] == "g C m-2 month-1"
    assert data.attrs == {"source": "GFED4.1s", "files": "GFED4.1s_2003.hdf5", "per_area": "cell"}
    assert float(data["emission"].max()) == 5.0


def test_a_box(path):
    whole = read_gfed4([path])
    part = read_gfed4([path], bounds=(90.0, 50.0, 140.0, 70.0))
    same = whole.sel(y=slice(70, 50), x=slice(90, 140))
    for name in ("emission", "burned_fraction"):
        np.testing.assert_array_equal(part[name], same[name])


def change(path, action):
    with h5py.File(path, "a") as file:
        action(file)
    return [path]


def test_missing_months_and_datasets_are_named(path):
    change(path, lambda file: file.__delitem__("emissions/07/C"))
    with pytest.raises(MissingDataError, match=r"GFED4\.1s_2003\.hdf5 lacks a dataset(?s:.*)07/C"):
        read_gfed4([path])
    change(path, lambda file: file.__delitem__("emissions/07"))
    with pytest.raises(MissingDataError, match=r"lacks months(?s:.*)missing 07"):
        read_gfed4([path])


def test_a_file_cut_off_is_refused(path):
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"GFED4\.1s_2003\.hdf5 cannot be opened"):
        read_gfed4([path])


def set_units(units):
    def action(file):
        for month in file["emissions"].values():
            month["C"].attrs["units"] = units

    return action


def test_units(path):
    kilograms = read_gfed4(change(path, set_units("kg C m^-2 month^-1")))
    assert float(kilograms["emission"].max()) == 5000.0
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_gfed4(change(path, set_units("kg DM")))


def test_percent_is_no_fraction(tmp_path):
    paths = write_gfed4(fires(burned=10.0), tmp_path)
    with pytest.raises(InputError, match=r"burned_fraction in GFED4\.1s_2003\.hdf5 is out of"):
        read_gfed4(paths)


def test_regions_upside_down(tmp_path):
    data = fires().map(lambda field: field.copy(data=field.values[..., ::-1, :]))
    with pytest.raises(GridError, match=r"basis_regions of GFED4\.1s_2003\.hdf5 lies upside down"):
        read_gfed4(write_gfed4(data, tmp_path))


def test_files_that_do_not_go_together(tmp_path, path):
    other = write_gfed4(fires(2004, grid=lonlat_grid(1.0, (-180.0, 30.0, 180.0, 90.0))), tmp_path)
    with pytest.raises(GridError, match="different grids"):
        read_gfed4([path, *other])
    twin = write_gfed4(fires(), tmp_path, beta_from=2003)
    with pytest.raises(InputError, match="two files are of the same year"):
        read_gfed4([path, *twin])
    with pytest.raises(InputError, match=r"not of GFED4\.1s"):
        read_gfed4([path.rename(tmp_path / "GFED4_2003.hdf5")])
