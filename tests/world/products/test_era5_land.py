"""ERA5-Land: both layouts, there and back."""

import netCDF4
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.grid import Grid
from abz.readers.era5_land import ERA5_LAND_VARIABLES, read_era5_land
from abz.vocabulary import PREDICTORS
from abz.world.products.era5_land import write_era5_land


def fields(step, months, seed, centred=True, missing=0.3):
    """Random canonical data on a global band; `centred` puts a cell centre on Greenwich."""
    west = -180 - step / 2 if centred else -180.0
    grid = Grid("EPSG:4326", Affine(step, 0, west, 0, -step, 90), (4, round(360 / step)))
    rng = np.random.default_rng(seed)
    time = (
        np.arange("2000-11", months, dtype="datetime64[M]")
        if isinstance(months, str)
        else (np.datetime64("2000-11") + np.arange(months))
    )
    shape = (time.size, *grid.shape)
    data = {}
    for name in ERA5_LAND_VARIABLES.values():
        low, high = PREDICTORS[name].valid
        values = rng.uniform(low, high, shape).astype(np.float32)
        data[name] = (("time", "y", "x"), np.where(rng.random(shape) < missing, np.nan, values))
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **grid.coords()})


@given(
    step=st.sampled_from([10.0, 5.0, 2.5]),
    months=st.integers(1, 16),
    seed=st.integers(0, 100),
    centred=st.booleans(),
    layout=st.sampled_from(["valid_time", "packed"]),
)
def test_there_and_back(tmp_path_factory, step, months, seed, centred, layout):
    data = fields(step, months, seed, centred)
    again = read_era5_land(write_era5_land(data, tmp_path_factory.mktemp("era5"), layout)[::-1])
    assert Grid.of(again) == Grid.of(data)
    assert (again["time"].values == data["time"].values).all()
    for name in data:
        low, high = PREDICTORS[name].valid
        step_of_packing = 0.0 if layout == "valid_time" else (high - low) / 65520
        np.testing.assert_allclose(again[name], data[name], rtol=2e-7, atol=step_of_packing)


@given(
    seed=st.integers(0, 100),
    centred=st.booleans(),
    layout=st.sampled_from(["valid_time", "packed"]),
    order=st.permutations(("time", "y", "x")),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    calendar=st.sampled_from(["standard", "gregorian", "proleptic_gregorian"]),
    pack=st.booleans(),
    fill=st.sampled_from([-32767, -32768, 32767]),
    lazy=st.booleans(),
)
def test_a_file_laid_out_otherwise_holds_the_same(
    tmp_path_factory, relaid, packed, seed, centred, layout, order, south_up, from_greenwich,
    calendar, pack, fill, lazy,
):  # fmt: skip
    data = fields(5.0, 2, seed, centred)
    (path,) = write_era5_land(data, tmp_path_factory.mktemp("era5"), layout)
    spans = {short: PREDICTORS[name].valid for short, name in ERA5_LAND_VARIABLES.items()}
    encoding = {
        short: packed(*span, fill) if pack else {"_FillValue": np.float32(fill)}
        for short, span in spans.items()
    }
    relaid(
        path, order, south_up=south_up, from_greenwich=from_greenwich, calendar=calendar,
        encoding=encoding,
    )  # fmt: skip
    again = read_era5_land([path], lazy=lazy)
    assert Grid.of(again) == Grid.of(data)
    assert (again["time"].values == data["time"].values).all()
    for name in data:
        low, high = PREDICTORS[name].valid
        np.testing.assert_allclose(again[name], data[name], rtol=0, atol=1.1 * (high - low) / 65000)


def test_a_file_a_year_with_the_stores_names(tmp_path):
    paths = write_era5_land(fields(10.0, 15, 0), tmp_path / "new")
    assert [path.name for path in paths] == [
        "era5_land_monthly_2000.nc", "era5_land_monthly_2001.nc", "era5_land_monthly_2002.nc",
    ]  # fmt: skip
    with netCDF4.Dataset(paths[1]) as file:
        assert {*ERA5_LAND_VARIABLES, "valid_time", "latitude", "longitude"} == set(file.variables)
        assert file["stl1"].dimensions == ("valid_time", "latitude", "longitude")
        assert file["stl1"].shape == (12, 4, 36)
        longitude, latitude = file["longitude"][:], file["latitude"][:]
    assert longitude[0] == 0.0
    assert (np.diff(longitude) > 0).all()
    assert (np.diff(latitude) < 0).all()


def test_the_packed_layout(tmp_path):
    (path,) = write_era5_land(fields(10.0, 2, 0), tmp_path, "packed")
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        assert file["stl1"].dtype == np.int16
        assert file["stl1"]._FillValue == -32767
        assert file["stl1"].dimensions == ("time", "latitude", "longitude")
        assert file["time"].units.startswith("hours since 1900-01-01")


def test_an_unknown_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match="did you mean 'packed'"):
        write_era5_land(fields(10.0, 1, 0), tmp_path, "packd")


def test_same_data_same_bytes(tmp_path):
    data = fields(10.0, 1, 0)
    (first,) = write_era5_land(data, tmp_path / "a")
    (second,) = write_era5_land(data, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
