"""The published fluxes: boxes, and files that are refused by name."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import FINE_CELL_M, polar_grid
from abz.ledger import Parts
from abz.readers.ornl_2377 import read_ornl_2377, read_ornl_2377_means
from abz.world.products.netcdf import Packing
from abz.world.products.ornl_2377 import OrnlLayout, write_ornl_2377, write_ornl_2377_means

GRID = polar_grid(FINE_CELL_M * 800)


def fluxes(years=1, sign=1.0, grid=GRID):
    time = np.arange("2001-01", f"{2001 + years}-01", dtype="datetime64[M]")
    month = np.arange(time.size) % 12
    summer = np.where((month >= 3) & (month <= 8), 80.0, 1.0)[:, None, None]
    cells = np.arange(grid.shape[0] * grid.shape[1]).reshape(grid.shape) / 1e3
    gpp = summer + cells
    fields = {"gpp": gpp, "reco": 25.0 + 0 * gpp, "nee": sign * (25.0 - gpp)}
    data = {name: (("time", "y", "x"), values) for name, values in fields.items()}
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **grid.coords()})


@pytest.fixture
def paths(tmp_path):
    return write_ornl_2377(fluxes(2), tmp_path)


def test_what_it_holds_is_stated(paths):
    data = read_ornl_2377(paths)
    for name, parts in {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}.items():
        assert str(Parts.of_attrs(data[name].attrs)) == parts
        assert data[name].attrs["units"] == "g C m-2 month-1"
    assert data.attrs["source"] == "ORNL DAAC 2377"
    assert data["y"].attrs["units"] == "m"


def test_a_box_is_read_alone(paths):
    whole = read_ornl_2377(paths)
    part = read_ornl_2377(paths, bounds=(-2e6, -1e6, 1e6, 3e6))
    same = whole.sel(y=slice(3e6, -1e6), x=slice(-2e6, 1e6))
    np.testing.assert_array_equal(part["gpp"], same["gpp"])
    np.testing.assert_allclose(part["y"], same["y"])


def test_years_that_do_not_match(paths):
    with pytest.raises(MissingDataError, match=r"(?s)GPP and NEE.*different years.*2002"):
        read_ornl_2377([path for path in paths if path.name != paths[1].name])


def test_a_file_of_another_year_or_product(paths, tmp_path):
    renamed = paths[0].rename(tmp_path / "CO2Fluxes_Arctic_Boreal_NEE_2015.nc")
    with pytest.raises(InputError, match=r"NEE_2015\.nc holds months of another year"):
        read_ornl_2377([renamed])
    with pytest.raises(InputError, match="not of the published fluxes"):
        read_ornl_2377([renamed.rename(tmp_path / "CO2Fluxes_Arctic_Boreal_CH4_2015.nc")])


def test_a_missing_month(paths):
    with xr.open_dataset(paths[0], decode_cf=False) as file:
        cut = file.isel(tm=slice(0, 11)).load()
    cut.to_netcdf(paths[0])
    with pytest.raises(MissingDataError, match=r"NEE_2001\.nc lacks months"):
        read_ornl_2377(paths[:1])


def test_no_projection(paths):
    with netCDF4.Dataset(paths[0], "a") as file:
        file["crs"].delncattr("crs_wkt")
    with pytest.raises(GridError, match=r"NEE_2001\.nc does not say where it lies"):
        read_ornl_2377(paths[:1])


def test_another_grid(paths, tmp_path):
    other = polar_grid(FINE_CELL_M * 900)
    write_ornl_2377(fluxes(1, grid=other)[["gpp"]], tmp_path)
    with pytest.raises(GridError, match=r"_200\d\.nc lies on another grid"):
        read_ornl_2377(paths)


def test_raw_integers_signs_and_units(tmp_path, paths):
    packed = OrnlLayout(packing=Packing(0.01, 0.0, -32768))
    (path,) = write_ornl_2377(fluxes()[["gpp"]], tmp_path / "packed", packed)
    with netCDF4.Dataset(path, "a") as file:
        file["GPP"].delncattr("scale_factor")
        file["GPP"].delncattr("add_offset")
    with pytest.raises(InputError, match=r"GPP of .*2001\.nc is stored as whole numbers"):
        read_ornl_2377([path])
    turned = write_ornl_2377(fluxes(sign=-1.0)[["nee"]], tmp_path / "turned")
    with pytest.raises(InputError, match="nee of the published fluxes has the opposite sign"):
        read_ornl_2377(turned)
    with netCDF4.Dataset(paths[0], "a") as file:
        file["NEE"].units = "1"
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_ornl_2377(paths[:1])


def layer(value=-20.0, grid=GRID, name="nee_fire"):
    values = np.full(grid.shape, value, "f4")
    return xr.Dataset({name: (("y", "x"), values, {"period": "2002-2020"})}, grid.coords())


def test_mean_maps_say_what_they_hold(tmp_path):
    data = read_ornl_2377_means(write_ornl_2377_means(layer(), tmp_path))
    assert str(Parts.of_attrs(data["nee_fire"].attrs)) == "NEE + fire"
    assert data["nee_fire"].attrs["units"] == "g C m-2 yr-1"


def test_mean_maps_that_are_wrong(tmp_path):
    fire = write_ornl_2377_means(layer(), tmp_path)
    nee = write_ornl_2377_means(layer(grid=polar_grid(5e5), name="nee"), tmp_path)
    with pytest.raises(GridError, match=r"avg\.tif lies on another grid"):
        read_ornl_2377_means([*fire, *nee])
    with pytest.raises(InputError, match="not of the published mean maps"):
        read_ornl_2377_means([fire[0].rename(tmp_path / "NEEfire.tif")])
    raw = write_ornl_2377_means(layer(-2e5), tmp_path)
    with pytest.raises(InputError, match=r"nee_fire in .*avg\.tif is out of range"):
        read_ornl_2377_means(raw)
    other = raw[0].with_name("CO2Fluxes_Arctic_Boreal_NEEfire_2001_2020_avg.tif")
    write_ornl_2377_means(layer(), tmp_path)
    other.write_bytes(raw[0].read_bytes())
    with pytest.raises(InputError, match="second map of nee_fire"):
        read_ornl_2377_means([raw[0], other])
