"""The published fluxes: boxes, and files that are refused by name."""

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import FINE_CELL_M, polar_grid
from abz.ledger import Parts
from abz.readers.ornl_2377 import (
    check_ornl_2377_year,
    read_ornl_2377,
    read_ornl_2377_means,
)
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


def test_files_may_run_south_and_east_in_their_own_order(paths):
    whole = read_ornl_2377(paths)
    for path, axes in zip(
        paths, (["northing"], ["easting"], ["northing", "easting"]), strict=False
    ):
        with xr.open_dataset(path, decode_cf=False) as file:
            turned = file.isel({axis: slice(None, None, -1) for axis in axes}).load()
        turned.to_netcdf(path)
    xr.testing.assert_identical(read_ornl_2377(paths), whole)
    part = read_ornl_2377(paths, rows=(1, 4))
    np.testing.assert_array_equal(part["gpp"], whole["gpp"][:, 1:4])


def test_a_file_that_is_cut_off_or_damaged_is_named(paths):
    content = paths[1].read_bytes()
    paths[1].write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=rf"(?s){paths[1].name} cannot be opened.*fetch"):
        read_ornl_2377(paths)
    paths[1].write_bytes(content)
    with xr.open_dataset(paths[1], decode_cf=False) as file:
        plain = file.load()
    plain.to_netcdf(paths[1], encoding={"NEE": {"zlib": True}})
    with h5py.File(paths[1]) as file:
        start = file["NEE"].id.get_chunk_info(0).byte_offset
    content = paths[1].read_bytes()
    paths[1].write_bytes(content[:start] + bytes(20) + content[start + 20 :])
    with pytest.raises(InputError, match=rf"(?s){paths[1].name} cannot be read.*fetch"):
        read_ornl_2377(paths)


def test_a_band_of_next_to_nothing_is_no_error(tmp_path):
    data = fluxes()[["gpp"]]
    data["gpp"][:, 0] = 1e-3
    paths = write_ornl_2377(data, tmp_path)
    assert float(read_ornl_2377(paths, rows=(0, 1))["gpp"].max()) == pytest.approx(1e-3)


def test_a_year_is_judged_as_a_whole():
    summer = np.where(np.isin(np.arange(12), (5, 6, 7)), -60.0, 10.0)
    gross = np.full(12, 40.0)
    check_ornl_2377_year({"nee": summer, "gpp": gross, "reco": gross}, 2001)
    for name, monthly in (("nee", -summer), ("gpp", -gross), ("reco", -gross)):
        with pytest.raises(InputError, match=rf"{name} of .* of 2003 has the opposite sign"):
            check_ornl_2377_year({name: monthly}, 2003)
    with pytest.raises(InputError, match=r"reco of .* of 2003 is next to nothing"):
        check_ornl_2377_year({"gpp": gross, "reco": gross / 30}, 2003)
    with pytest.raises(InputError, match=r"(?s)nee of .* of 2003 has months without a value.*1 of"):
        check_ornl_2377_year({"nee": np.where(np.arange(12) == 3, np.nan, summer)}, 2003)


def test_raw_integers_signs_and_units(tmp_path, paths):
    packed = OrnlLayout(packing=Packing(0.01, 0.0, -32768))
    (path,) = write_ornl_2377(fluxes()[["gpp"]], tmp_path / "packed", packed)
    with netCDF4.Dataset(path, "a") as file:
        file["GPP"].delncattr("scale_factor")
        file["GPP"].delncattr("add_offset")
    with pytest.raises(InputError, match=r"GPP of .*2001\.nc is stored as whole numbers"):
        read_ornl_2377([path])
    turned = write_ornl_2377(fluxes(sign=-1.0)[["nee"]], tmp_path / "turned")
    with pytest.raises(
        InputError, match="nee of the published fluxes of 2001 has the opposite sign"
    ):
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
    rough = layer(value=np.random.default_rng(0).uniform(-20, 20, GRID.shape))
    fire = write_ornl_2377_means(rough, tmp_path)
    content = fire[0].read_bytes()
    fire[0].write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=rf"(?s){fire[0].name} cannot be read.*fetch"):
        read_ornl_2377_means(fire)
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
