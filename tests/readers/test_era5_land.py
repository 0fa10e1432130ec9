"""ERA5-Land: files as the Climate Data Store delivers them."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid
from abz.readers.era5_land import read_era5_land
from abz.readers.orientation import is_mostly_land

A, B = "era5_land_monthly_2001.nc", "b/era5_land_monthly_2001.nc"
TIME = np.array(["2001-01-01", "2001-02-01"], "datetime64[ns]")
LATITUDE = np.array([60.1, 60.0], "f4")


def store_file(path, longitude, latitude=LATITUDE, **changes):
    """A file made by xarray alone, with coordinates that the store adds."""
    shape = (2, latitude.size, longitude.size)
    dims = ("valid_time", "latitude", "longitude")
    east = np.broadcast_to(longitude, shape).astype("f4")
    fields = {"stl1": 270 + east / 100, "swvl1": east / 1000, "snowc": east / 10, "t2m": east + 200}
    fields = {**fields, **changes}
    xr.Dataset(
        {name: (dims, values) for name, values in fields.items()},
        {
            "valid_time": TIME + np.timedelta64(12, "h"),
            "latitude": latitude,
            "longitude": longitude,
            "number": 0,
            "expver": ("valid_time", ["0001", "0001"]),
        },
    ).to_netcdf(path, engine="netcdf4")
    return path


def test_longitudes_from_0_to_360_are_turned(tmp_path):
    longitude = np.arange(3600, dtype="f4") / np.float32(10)
    path = store_file(tmp_path / A, longitude, t2m=np.full((2, 2, 3600), 250.0))
    data = read_era5_land([path])
    assert data["x"].values[[0, 1800, -1]] == pytest.approx([-180.0, 0.0, 179.9])
    assert Grid.of(data).bounds == pytest.approx((-180.05, 59.95, 179.95, 60.15))
    east = data["x"].values % 360
    np.testing.assert_allclose(data["soil_temperature"][0, 0], 270 + east / 100, rtol=1e-6)
    assert (data["time"].values == TIME).all()


def test_latitudes_from_south_to_north_are_turned(tmp_path):
    longitude = np.array([10.0, 10.1], "f4")
    south_up = np.stack([np.full((2, 2), 260.0), np.full((2, 2), 280.0)], axis=1)
    path = store_file(tmp_path / A, longitude, LATITUDE[::-1], stl1=south_up)
    data = read_era5_land([path])
    assert data["soil_temperature"][0, :, 0].values.tolist() == [280.0, 260.0]
    assert data["y"].values == pytest.approx([60.1, 60.0])


def test_celsius_is_refused(tmp_path):
    longitude = np.array([10.0, 10.1])
    path = store_file(tmp_path / A, longitude, t2m=np.full((2, 2, 2), -5.0))
    with pytest.raises(InputError, match="air_temperature holds values that cannot be true"):
        read_era5_land([path])


def test_a_missing_variable_is_named(tmp_path):
    path = store_file(tmp_path / A, np.array([10.0, 10.1]))
    (tmp_path / "b").mkdir()
    with xr.open_dataset(path) as whole:
        whole.drop_vars("snowc").to_netcdf(tmp_path / B)
    with pytest.raises(MissingDataError, match="snowc"):
        read_era5_land([tmp_path / B])


def test_an_extra_dimension_is_refused(tmp_path):
    path = store_file(tmp_path / A, np.array([10.0, 10.1]))
    (tmp_path / "b").mkdir()
    with xr.open_dataset(path) as whole:
        whole.drop_vars("expver").expand_dims("expver", 1).to_netcdf(tmp_path / B)
    with pytest.raises(InputError, match="wrong dimensions"):
        read_era5_land([tmp_path / B])


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="not there"):
        read_era5_land([tmp_path / A])


def test_a_file_of_another_year_is_refused(tmp_path):
    path = store_file(tmp_path / "era5_land_monthly_2002.nc", np.array([10.0, 10.1]))
    with pytest.raises(InputError, match=r"(?s)months of another year.*2001-01, 2001-02"):
        read_era5_land([path])


def test_a_missing_month_is_named(tmp_path):
    path = store_file(tmp_path / A, np.array([10.0, 10.1]))
    (tmp_path / "b").mkdir()
    with xr.open_dataset(path) as whole:
        march = whole["valid_time"].values + np.array([0, 30], "timedelta64[D]")
        whole.assign_coords(valid_time=march).to_netcdf(tmp_path / B)
    with pytest.raises(MissingDataError, match=r"ERA5-Land lacks months(?s:.*)missing 2001-02"):
        read_era5_land([tmp_path / B])


@pytest.mark.parametrize(
    ("turn", "fault"), [((0, 1), "upside down"), ((0, 2), "mirrored"), ((1, 0), "half a turn")]
)
def test_a_map_that_does_not_fit_its_coordinates_is_refused(tmp_path, turn, fault):
    longitude, latitude = np.arange(0.0, 360.0, 2), np.arange(89.0, 30.0, -2)
    soil = np.where(is_mostly_land(longitude, latitude), 0.3, np.nan)
    shift, axis = turn
    wrong = np.roll(soil, longitude.size // 2, axis=1) if shift else np.flip(soil, axis - 1)
    fields = {"swvl1": soil, "stl1": 900 * soil, "t2m": 900 * soil, "snowc": 10 * soil}
    months = {name: np.stack([field] * 2).astype("f4") for name, field in fields.items()}
    good = store_file(tmp_path / A, longitude, latitude, **months)
    assert read_era5_land([good])["soil_moisture"].notnull().any()
    months["swvl1"] = np.stack([wrong] * 2)
    bad = store_file(tmp_path / A, longitude, latitude, **months)
    with pytest.raises(GridError, match=rf"swvl1 of era5_land_monthly_2001\.nc .*{fault}"):
        read_era5_land([bad])


def test_radians_are_refused(tmp_path):
    longitude, latitude = np.radians([10.0, 10.1]), np.radians([60.1, 60.0])
    path = store_file(tmp_path / A, longitude, latitude)
    with pytest.raises(GridError, match="in radians"):
        read_era5_land([path])


def test_grib_without_cfgrib_says_what_to_do(tmp_path):
    path = tmp_path / "era5_land_monthly_2001.grib"
    path.write_bytes(b"GRIB")
    with pytest.raises(MissingDataError, match=r"(?s)cfgrib is not installed.*NetCDF"):
        read_era5_land([path])


def test_it_says_where_it_comes_from(tmp_path):
    path = store_file(tmp_path / A, np.array([10.0, 10.1]))
    assert read_era5_land([path]).attrs == {"source": "ERA5-Land", "files": A}


def test_lazy_months_are_those_in_memory(tmp_path):
    longitude = np.arange(0.0, 360.0, 1.5, "f4")
    warm = np.random.default_rng(1).uniform(250, 260, (2, 2, longitude.size)).astype("f4")
    path = store_file(tmp_path / A, longitude, t2m=warm, snowc=warm - 200)
    lazy, eager = read_era5_land([path], lazy=True), read_era5_land([path])
    assert all(da.chunks is not None for da in lazy.values())
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), eager)


def test_a_wrong_value_of_lazy_months_is_refused_when_it_is_read(tmp_path):
    longitude = np.array([10.0, 10.1])
    path = store_file(tmp_path / A, longitude, t2m=np.full((2, 2, 2), -5.0))
    data = read_era5_land([path], lazy=True)
    assert float(data["snow_cover"].max()) == pytest.approx(1.01)
    with pytest.raises(InputError, match="air_temperature holds values that cannot be true"):
        data["air_temperature"].compute()
