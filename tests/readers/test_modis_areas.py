"""Files of AppEEARS that are not what they should be; whole ones are read in the world's tests."""

import shutil

import numpy as np
import pytest
import rasterio
import xarray as xr
from netCDF4 import Dataset

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import lonlat_grid, sinusoidal_grid
from abz.readers.modis import read_mod11a2, read_mod13a1
from abz.world.products.modis import write_mod11a2
from abz.world.products.modis_areas import AreaLayout, write_modis_area

GRID = sinusoidal_grid(3, (16, 18), (2, 4))
DATES = np.array(["2001-01-01", "2001-01-17"], "datetime64[ns]")


def months(grid=GRID, dates=DATES, kelvin=280.0):
    shape = (len(dates), *grid.shape)
    lst = (("time", "y", "x"), np.full(shape, kelvin))
    return xr.Dataset({"lst": lst}, {"time": dates, **grid.coords()})


@pytest.fixture
def rasters(tmp_path):
    return write_modis_area(months(), tmp_path / "tif", "MOD11A2")


@pytest.fixture
def netcdf(tmp_path):
    return write_modis_area(months(), tmp_path / "nc", "MOD11A2", AreaLayout("nc"))


def change(path, **attributes):
    with Dataset(path, "a") as file:
        file["LST_Day_1km"].setncatts(attributes)


def rewrite(path, dtype="uint16", **profile):
    with rasterio.open(path) as source:
        values, kept = source.read(), source.profile
    path.unlink()
    with rasterio.open(path, "w", **{**kept, "dtype": dtype, **profile}) as target:
        target.write(values.astype(dtype))


@pytest.mark.parametrize("changes", [{"dtype": "float32"}, {"nodata": 255}])
def test_a_rescaled_raster_is_refused(rasters, changes):
    rewrite(rasters[0], **changes)
    with pytest.raises(InputError, match=r"(?s)another way than declared.*scale 0\.02.*AppEEARS"):
        read_mod11a2(rasters)


def test_another_scale_is_refused(netcdf):
    change(netcdf[0], scale_factor=1.0)
    with pytest.raises(InputError, match=r"(?s)another way than declared.*0\.02.*uint16, 1\.0"):
        read_mod11a2(netcdf)


@pytest.mark.parametrize("lazy", [False, True])
def test_numbers_that_cannot_be_true_are_refused(rasters, lazy):
    rewrite(rasters[1])
    with rasterio.open(rasters[1], "r+") as file:
        file.write(np.full((1, *GRID.shape), 280, np.uint16))
    with pytest.raises(InputError, match=r"(?s)stored lst in MOD11A2\.061.*2001017.*280"):
        read_mod11a2(rasters, lazy=lazy)["lst"].compute()


def test_layers_that_are_not_read_may_lie_beside(rasters):
    shutil.copy(rasters[0], str(rasters[0]).replace("LST_Day_1km", "QC_Day"))
    found = read_mod11a2(sorted(rasters[0].parent.iterdir()))
    assert found["lst"].shape == (2, *GRID.shape)


def greenness():
    """NDVI and its reliability on two dates."""
    return xr.Dataset(
        {
            "ndvi": (("time", "y", "x"), np.full((2, *GRID.shape), 0.5)),
            "reliability": (("time", "y", "x"), np.zeros((2, *GRID.shape), np.int8)),
        },
        {"time": DATES, **GRID.coords()},
    )


def test_a_layer_that_is_not_there_is_named(tmp_path):
    paths = write_modis_area(greenness(), tmp_path / "tif", "MOD13A1")
    with pytest.raises(MissingDataError, match=r"(?s)not complete.*missing reliability"):
        read_mod13a1([path for path in paths if "NDVI" in path.name])
    (path,) = write_modis_area(greenness(), tmp_path / "nc", "MOD13A1", AreaLayout("nc"))
    with Dataset(path, "a") as file:
        file.renameVariable("_500m_16_days_pixel_reliability", "other")
    with pytest.raises(MissingDataError, match=r"(?s)lacks a layer.*_500m_16_days_pixel_reliab"):
        read_mod13a1([path])


def test_a_date_that_lacks_a_layer_is_missing_there(tmp_path):
    paths = write_modis_area(greenness(), tmp_path, "MOD13A1")
    found = read_mod13a1([path for path in paths if "reliability_doy2001017" not in path.name])
    assert found["ndvi"].notnull().all()
    assert np.unique(found["reliability"][0]) == 0
    assert np.unique(found["reliability"][1]) == -1


@pytest.mark.parametrize("kind", ["tif", "nc"])
def test_years_are_those_that_are_asked_for(tmp_path, kind):
    dates = np.array(["2000-12-26", "2001-01-01"], "datetime64[ns]")
    paths = write_modis_area(months(dates=dates), tmp_path, "MOD11A2", AreaLayout(kind))
    assert read_mod11a2(paths, years=[2000, 2001]).sizes["time"] == 2
    with pytest.raises(MissingDataError, match="missing 2002"):
        read_mod11a2(paths, years=[2000, 2001, 2002])
    if kind == "nc":
        assert read_mod11a2(paths, years=[2001])["time"].dt.year.values.tolist() == [2001]
    else:
        with pytest.raises(InputError, match="another year"):
            read_mod11a2(paths, years=[2001])


def test_a_day_on_which_no_composite_begins(rasters):
    moved = rasters[0].rename(str(rasters[0]).replace("doy2001001", "doy2001002"))
    with pytest.raises(InputError, match=r"(?s)no composite of MOD11A2.*doy2001002"):
        read_mod11a2([moved])


def test_two_requests_do_not_mix(tmp_path, rasters, netcdf):
    with pytest.raises(InputError, match=r"(?s)same layer.*held twice.*tif and in .*nc"):
        read_mod11a2([*rasters, *netcdf])
    other = lonlat_grid(0.5, (-4.0, 60.0, 6.0, 63.0))
    far = write_modis_area(months(other, DATES + np.timedelta64(16, "D")), tmp_path, "MOD11A2")
    with pytest.raises(GridError, match="lies on another grid"):
        read_mod11a2([*rasters, *far[1:]])


def test_a_date_that_a_file_holds_twice_is_refused(netcdf):
    with Dataset(netcdf[0], "a") as file:
        file["time"][1] = file["time"][0]
    with pytest.raises(InputError, match=r"(?s)held twice.*lst of 2001-01-01"):
        read_mod11a2(netcdf)


def test_tiles_and_areas_do_not_mix(tmp_path, rasters):
    tiles = write_mod11a2(months(), tmp_path)
    with pytest.raises(InputError, match=r"(?s)do not mix.*2 of 6 files"):
        read_mod11a2([*rasters, *tiles])


def test_a_file_that_does_not_say_where_it_lies(netcdf):
    with Dataset(netcdf[0], "a") as file:
        file["crs"].delncattr("crs_wkt")
    with pytest.raises(GridError, match="does not say where it lies"):
        read_mod11a2(netcdf)
    with Dataset(netcdf[0], "a") as file:
        file.renameVariable("ydim", "row")
    with pytest.raises(GridError, match=r"(?s)axes lat and lon, or ydim and xdim.*found time, row"):
        read_mod11a2(netcdf)


def test_radians_are_refused(tmp_path):
    grid = lonlat_grid(0.5, (-4.0, 60.0, 6.0, 63.0))
    paths = write_modis_area(months(grid), tmp_path, "MOD11A2", AreaLayout("nc"))
    with Dataset(paths[0], "a") as file:
        for axis in ("lat", "lon"):
            file[axis][:] = np.radians(file[axis][:])
    with pytest.raises(GridError, match="in radians"):
        read_mod11a2(paths)


def test_lazy_parts_are_read_where_they_are_needed(rasters):
    data = read_mod11a2(rasters, lazy=True)
    rasters[0].unlink()
    assert data["lst"].chunks is not None
    np.testing.assert_allclose(data["lst"][1, :2, 1:3].compute(), 280.0, atol=1e-4)
