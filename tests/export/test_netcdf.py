"""NetCDF after the CF conventions, in the layout of the published product."""

import errno
import json

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pyproj import CRS

from abz.export import layers, netcdf, write_netcdf_year
from abz.export.layers import flux_year
from abz.grid import Grid
from abz.upscaling import NO_FLUX


@pytest.fixture
def path(year, about, tmp_path):
    return write_netcdf_year(year, tmp_path / "a.nc", about)


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_values_come_back_in_the_published_layout(path, year, engine):
    with xr.open_dataset(path, engine=engine, decode_coords="all") as stored:
        for name, source in (("NEE", "nee"), ("NEE_mean", "nee_mean"), ("NEE_sd", "nee_sd")):
            assert stored[name].dims == ("tm", "northing", "easting")
            expected = year.read(source, slice(None), slice(None))
            step = year.packing(source).step
            tolerance = {
                "rtol": 0,
                "atol": step / 2 + 1e-9 if step and year.per == "cell" else 1e-9,
            }
            np.testing.assert_allclose(stored[name].values, expected, **tolerance)
            assert stored[name].encoding["grid_mapping"] == "crs"
        np.testing.assert_array_equal(stored["northing"], year.grid.y)
        np.testing.assert_array_equal(stored["easting"], year.grid.x)
        assert (stored["time"] == stored["tm"]).all()
        assert stored["tm"].dt.month.values.tolist() == list(range(1, 13))
        assert set(stored["tm"].dt.year.values) == {2002}
        assert CRS(stored["crs"].attrs["crs_wkt"]) == CRS(year.grid.crs)
        assert stored["crs"].attrs["grid_mapping_name"] == "lambert_azimuthal_equal_area"
        assert stored.attrs["data"] == "synthetic"
        assert int(stored["realization"]) == 7


def test_public_programs_find_what_they_look_for(path):
    """As they read the product: the flux alone, its dimension `tm` renamed and filled anew."""
    with xr.open_dataset(path, decode_coords="all") as stored:
        renamed = stored[["NEE"]].rename({"tm": "time"})
        renamed["time"] = pd.date_range("2002-01-01", periods=12, freq="MS")
        assert renamed["NEE"].sel(time="2002-07-01").shape == (22, 26)
    with h5py.File(path) as file:
        days = file["time"][:]
        assert file["NEE"].shape == (12, 22, 26)
    assert (pd.Timestamp("2001-01-01") + pd.to_timedelta(days, "D")).month.tolist() == [
        *range(1, 13)
    ]


def test_the_file_follows_the_conventions(path):
    """Bounds, mapping, methods, ancillary data, flags and packing, as CF checkers look at them."""
    with xr.open_dataset(path, decode_cf=False) as raw:
        assert raw.attrs["Conventions"] == "CF-1.11"
        bounds = raw[raw["tm"].attrs["bounds"]]
        assert bounds.dims == ("tm", "nv")
        assert (bounds[1:, 0].values == bounds[:-1, 1].values).all()
        assert ((bounds[:, 0] < raw["tm"]) & (raw["tm"] < bounds[:, 1])).all()
        assert (bounds[:, 1] - bounds[:, 0]).values.sum() == 365
        for axis, sign in (("tm", 1), ("northing", -1), ("easting", 1)):
            assert (np.sign(np.diff(raw[axis])) == sign).all()
            assert raw[axis].attrs["standard_name"]
            assert raw[axis].attrs["units"]
        monthly = [n for n in raw.data_vars if raw[n].dims == ("tm", "northing", "easting")]
        assert sorted(monthly) == ["NEE", "NEE_mean", "NEE_outside_range", "NEE_sd"]
        for name in ("NEE", "NEE_mean", "NEE_sd"):
            check_flux(raw, name)
        bits = raw["NEE_outside_range"]
        assert bits.attrs["flag_masks"].dtype == bits.dtype == np.int32
        assert len(bits.attrs["flag_masks"]) == len(bits.attrs["flag_meanings"].split())
        assert set(np.unique(bits)) <= {0, 1, 2, 3, NO_FLUX}
        flags = raw["NEE_level_support"]
        assert flags.attrs["flag_values"].dtype == flags.dtype
        assert set(np.unique(flags)) <= set(flags.attrs["flag_values"].tolist())


def check_flux(raw, name):
    """Attributes of a flux name only what is there, in its own type."""
    attributes = raw[name].attrs
    assert attributes["units"] == "g m-2"
    assert attributes["grid_mapping"] in raw
    assert type(attributes["_FillValue"]) is raw[name].dtype.type
    assert ("scale_factor" in attributes) == (raw[name].dtype == np.int16)
    methods = attributes["cell_methods"].split()
    known = {*raw[name].dims, "area", attributes.get("coordinates")}
    assert {word[:-1] for word in methods if word.endswith(":")} <= known
    for other in attributes.get("ancillary_variables", "").split():
        assert set(raw[other].dims) <= set(raw[name].dims)
    for other in attributes.get("coordinates", "").split():
        assert raw[other].attrs["standard_name"]


def test_a_cf_checker_finds_nothing(path, tmp_path):
    runner = pytest.importorskip("compliance_checker.runner")
    runner.CheckSuite.load_all_available_checkers()
    report = tmp_path / "report.json"
    passed, broken = runner.ComplianceChecker.run_checker(
        str(path), ["cf:1.11"], 0, "strict", output_filename=str(report), output_format="json"
    )
    found = json.loads(report.read_text())["cf:1.11"]
    checks = [check for rank in ("high", "medium", "low") for check in found[f"{rank}_priorities"]]
    assert len(checks) > 20
    lost = [check for check in checks if check["value"][0] < check["value"][1]]
    assert lost == []
    assert passed
    assert not broken


def test_bytes_repeat(path, year, about, tmp_path):
    again = write_netcdf_year(year, tmp_path / "b.nc", about)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.999])
def test_a_full_disk_is_the_error_of_the_system(year, about, path, tmp_path, full_disk, share):
    """However much of the file it takes; HDF5 itself may not see the fault, or it falls over."""
    whole = path.read_bytes()
    with full_disk(int(len(whole) * share)), pytest.raises(OSError) as error:
        write_netcdf_year(year, tmp_path / "b.nc", about)
    assert error.value.errno == errno.EFBIG
    assert error.value.filename == str(tmp_path / "b.nc")
    assert write_netcdf_year(year, tmp_path / "b.nc", about).read_bytes() == whole


def test_a_map_of_many_windows_is_whole(planted, tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "WINDOW_CELLS", 8)
    monkeypatch.setattr(netcdf, "CHUNK", (3, 8, 8))
    maps, fraction = planted(4e5, ["nee"])
    path = write_netcdf_year(flux_year(maps, "nee", 2001, 5, fraction), tmp_path / "a.nc", {})
    with xr.open_dataset(path) as stored:
        expected = maps["nee"].values[:12] * fraction.values
        np.testing.assert_allclose(stored["NEE"], expected, rtol=1e-6)
        assert (stored["NEE_level_support"].values == maps["nee_level_support"].values).all()
        bits = maps["nee_outside_range"].values[:12]
        assert (stored["NEE_outside_range"].values == bits).all()
        assert stored["NEE"].encoding["chunksizes"] == (3, 8, 8)
    assert Grid.of(maps).shape == stored["NEE"].shape[1:]
