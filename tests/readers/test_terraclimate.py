"""TerraClimate: names, months, units."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers import months
from abz.readers.calendars import open_dated
from abz.readers.terraclimate import read_terraclimate
from abz.world.products.terraclimate import write_terraclimate

GRID = lonlat_grid(10.0, (-180.0, 50.0, 180.0, 90.0))


def files(folder, first="2001-01", last="2003-01"):
    time = np.arange(first, last, dtype="datetime64[M]").astype("datetime64[ns]")
    shape = (time.size, *GRID.shape)
    fields = {"srad": 100.0, "vpd": 0.5, "air_temperature": 263.15}
    data = xr.Dataset(
        {name: (("time", "y", "x"), np.full(shape, value)) for name, value in fields.items()},
        {"time": time, **GRID.coords()},
    )
    return write_terraclimate(data, folder)


def test_temperature_is_the_mean_in_kelvin(tmp_path):
    data = read_terraclimate(files(tmp_path))
    np.testing.assert_allclose(data["air_temperature"], 263.15, rtol=1e-6)
    assert data.sizes["time"] == 24
    assert set(data) == {"srad", "vpd", "air_temperature"}


def test_other_variables_are_passed_over(tmp_path):
    paths = files(tmp_path)
    extra = tmp_path / "TerraClimate_ppt_2001.nc"
    extra.write_bytes(b"")
    assert set(read_terraclimate([*paths, extra])) == {"srad", "vpd", "air_temperature"}


def test_a_missing_variable_is_named(tmp_path):
    paths = [path for path in files(tmp_path) if "tmax" not in path.name]
    with pytest.raises(MissingDataError, match="missing tmax"):
        read_terraclimate(paths)


def test_a_missing_year_is_named(tmp_path):
    paths = [path for path in files(tmp_path) if path.name != "TerraClimate_vpd_2002.nc"]
    with pytest.raises(MissingDataError, match="2002-01"):
        read_terraclimate(paths)


def test_a_foreign_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"srad_2001_1\.tif"):
        read_terraclimate([tmp_path / "srad_2001_1.tif"])


def test_another_grid_is_refused(tmp_path):
    paths = files(tmp_path)
    (path,) = [path for path in paths if path.name == "TerraClimate_tmax_2001.nc"]
    with xr.open_dataset(path, decode_cf=False) as stored:
        cut = stored.isel(lat=slice(1, None)).load()
    cut.to_netcdf(path)
    others = [path for path in paths if "2001" in path.name]
    with pytest.raises(GridError, match="tmax"):
        read_terraclimate(others)


def test_a_file_of_another_year_is_refused(tmp_path):
    paths = files(tmp_path, last="2002-01")
    renamed = [path.rename(path.with_name(path.name.replace("2001", "2005"))) for path in paths]
    with pytest.raises(InputError, match=r"(?s)srad_2005\.nc holds months of another year"):
        read_terraclimate(renamed)


def test_a_missing_month_is_named(tmp_path):
    for path in (paths := files(tmp_path, last="2002-01")):
        with xr.open_dataset(path, decode_cf=False) as stored:
            cut = stored.isel(time=[0, 1, 3]).load()
        cut.to_netcdf(path)
    with pytest.raises(MissingDataError, match=r"TerraClimate lacks months(?s:.*)2001-03"):
        read_terraclimate(paths)


def test_raw_whole_numbers_are_refused(tmp_path):
    paths = files(tmp_path, last="2002-01")
    with xr.open_dataset(paths[1], decode_cf=False) as stored:
        raw = stored.load()
    del raw["vpd"].attrs["scale_factor"], raw["vpd"].attrs["add_offset"]
    raw.to_netcdf(paths[1])
    with pytest.raises(InputError, match=r"vpd of TerraClimate_vpd_2001\.nc is stored as whole"):
        read_terraclimate(paths)


def test_lazy_months_are_those_in_memory(tmp_path):
    paths = files(tmp_path)
    lazy, eager = read_terraclimate(paths, lazy=True), read_terraclimate(paths)
    assert all(da.chunks is not None for da in lazy.values())
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), eager)


def test_lazy_months_open_the_files_of_their_variable_and_year(tmp_path, monkeypatch):
    data = read_terraclimate(files(tmp_path), lazy=True)
    opened = []

    def noted(path):
        opened.append(path.name)
        return open_dated(path)

    monkeypatch.setattr(months, "open_dated", noted)
    data["air_temperature"].sel(time="2002").compute(scheduler="synchronous")
    assert sorted(opened) == ["TerraClimate_tmax_2002.nc", "TerraClimate_tmin_2002.nc"]
