import numpy as np
import pytest
import xarray as xr
from netCDF4 import Dataset

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers.gimms import half_months, read_gimms3g
from abz.readers.orientation import is_mostly_land
from abz.world.products.gimms import write_gimms3g


def write(path, *, ndvi=5000, percentile=500, dtype="i2", ascending=False, step=10.0, steps=12):
    """A half-year file in the product's layout, each row its own number where none is given."""
    latitude = np.arange(85.0, 45.0, -step)
    longitude = np.arange(-175.0, 180.0, step)
    order = slice(None, None, -1 if ascending else 1)
    with Dataset(path, "w") as file:
        sizes = {"lat": latitude.size, "lon": longitude.size, "time": steps}
        for name, size in sizes.items():
            file.createDimension(name, size)
        file.createVariable("lat", "f8", ("lat",))[:] = latitude[order]
        file.createVariable("lon", "f8", ("lon",))[:] = longitude
        for name, value in (("ndvi", ndvi), ("percentile", percentile)):
            if value is not None:
                variable = file.createVariable(name, dtype, ("time", "lat", "lon"))
                rows = np.resize(value, latitude.size)[order]
                variable[:] = np.broadcast_to(
                    rows[None, :, None], (steps, latitude.size, longitude.size)
                )
    return path


def test_half_months_fill_the_years():
    starts, days = half_months([1990, 1992])
    assert days.sum() == 365 + 366
    assert len(starts) == 48
    assert set(days.tolist()) == {13, 14, 15, 16}


@pytest.mark.parametrize("ascending", [True, False])
def test_masks_flags_and_direction(tmp_path, ascending):
    path = write(
        tmp_path / "ndvi3g_geo_v1_1990_0712.nc4",
        ndvi=[-5000, -3000, -2999, 10000],
        percentile=[-5000, 500, 2000, 5000],
        ascending=ascending,
    )
    data = read_gimms3g([path])
    expected = np.array([np.nan, np.nan, -0.2999, 1.0], "f4")
    np.testing.assert_allclose(data["ndvi"].values[0, :, 0], expected)
    assert data["flag"].values[0, :, 0].tolist() == [-1, -1, 1, 2]
    assert data["y"].values.tolist() == [85.0, 75.0, 65.0, 55.0]
    assert str(data["time"].values[0])[:10] == "1990-07-01"
    assert data["days"].values.tolist() == [15, 16, 15, 16, 15, 15, 15, 16, 15, 15, 15, 16]


@pytest.mark.parametrize("ascending", [True, False])
def test_box(tmp_path, ascending):
    rows = [1000, 2000, 3000, 4000]
    path = write(tmp_path / "ndvi3g_geo_v1_2_2016_0106.nc4", ndvi=rows, ascending=ascending)
    data = read_gimms3g([path], bounds=(-180.0, 60.0, -150.0, 80.0))
    assert data["x"].values.tolist() == [-175.0, -165.0, -155.0]
    np.testing.assert_allclose(data["ndvi"].values[0, :, 0], [0.2, 0.3])
    with pytest.raises(GridError, match="too few cells"):
        read_gimms3g([path], bounds=(-180.0, 84.0, -150.0, 90.0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "f4", "ndvi": 0.5}, "stored in another way"),
        ({"steps": 6}, "stored in another way"),
        ({"ndvi": 12000}, "stored ndvi"),
        ({"percentile": 6000}, "flag in"),
    ],
)
def test_foreign_storage(tmp_path, options, message):
    path = write(tmp_path / "ndvi3g_geo_v1_1990_0106.nc4", **options)
    with pytest.raises(InputError, match=message):
        read_gimms3g([path])


def test_files_that_do_not_belong_together(tmp_path):
    first = write(tmp_path / "ndvi3g_geo_v1_1990_0106.nc4")
    twin = write(tmp_path / "ndvi3g_geo_v1_1_1990_0106.nc4")
    with pytest.raises(InputError, match="same half-year"):
        read_gimms3g([first, twin])
    coarse = write(tmp_path / "ndvi3g_geo_v1_1991_0106.nc4", step=20.0)
    with pytest.raises(GridError, match="another grid"):
        read_gimms3g([first, coarse])
    bare = write(tmp_path / "ndvi3g_geo_v1_1992_0106.nc4", percentile=None)
    with pytest.raises(MissingDataError, match="`percentile`"):
        read_gimms3g([bare])


def test_a_map_upside_down_is_refused(tmp_path):
    grid = lonlat_grid(5.0, (-180.0, 40.0, 180.0, 90.0))
    land = np.broadcast_to(is_mostly_land(grid.x, grid.y), (24, *grid.shape))
    starts = half_months([1990])[0].astype("datetime64[ns]")
    dims = ("time", "y", "x")
    data = xr.Dataset(
        {"ndvi": (dims, np.where(land, 0.4, np.nan)), "flag": (dims, land.astype("i1") - 1)},
        {"time": starts, **grid.coords()},
    )
    assert read_gimms3g(write_gimms3g(data, tmp_path))["ndvi"].notnull().any()
    flipped = data.map(lambda field: field.copy(data=field.values[:, ::-1]))
    with pytest.raises(GridError, match=r"ndvi in ndvi3g_geo_v1_1_1990_0106\.nc4 lies upside"):
        read_gimms3g(write_gimms3g(flipped, tmp_path))


def test_radians_are_refused(tmp_path):
    path = write(tmp_path / "ndvi3g_geo_v1_1990_0106.nc4")
    with Dataset(path, "a") as file:
        for name in ("lat", "lon"):
            file[name][:] = np.radians(file[name][:])
    with pytest.raises(GridError, match="in radians"):
        read_gimms3g([path])


@pytest.mark.parametrize("stated", ["Year", "time", "nothing"])
def test_a_file_of_another_year(tmp_path, stated):
    path = write(tmp_path / "ndvi3g_geo_v1_1_1991_0106.nc4")
    with Dataset(path, "a") as file:
        if stated == "Year":
            file.Year = 1990
        time = file.createVariable("time", "f8", ("time",))
        time.units = "days since 1982-01-01" if stated == "time" else "half-months"
        time[:] = 365 * 8 + 2 + 15 * np.arange(12)
    if stated == "nothing":
        assert read_gimms3g([path]).sizes["time"] == 12
    else:
        with pytest.raises(InputError, match=r"(?s)_1991_0106\.nc4 holds half-months.*got: +1990"):
            read_gimms3g([path])
