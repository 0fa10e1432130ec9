import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from pyhdf.SD import SD, SDC

from abz.errors import InputError, MissingDataError
from abz.grid import Grid, sinusoidal_grid
from abz.readers.modis import (
    read_mcd64a1,
    read_mod11a2,
    read_mod13a1,
    read_mod13a2,
    read_mod44b,
)
from abz.readers.modis_layers import composite_calendar
from abz.world.products.modis import (
    write_mcd64a1,
    write_mod11a2,
    write_mod13a1,
    write_mod13a2,
    write_mod44b,
)

GRID = sinusoidal_grid(3, (16, 20), (2, 4))
COVERS = ("tree_cover", "nontree_cover", "nonvegetated_cover")


def field(seed, steps, low, high, gaps=0.3):
    rng = np.random.default_rng(seed)
    values = rng.uniform(low, high, (steps, *GRID.shape)).astype(np.float32)
    values[rng.random(values.shape) < gaps] = np.nan
    return values


def composites_of(length, year, **arrays):
    starts = composite_calendar([year], length)[0][-3:]
    coords = {"time": starts.astype("datetime64[ns]"), **GRID.coords()}
    return xr.Dataset({n: (("time", "y", "x"), a) for n, a in arrays.items()}, coords)


def assert_same_grid(found, wanted):
    np.testing.assert_allclose(Grid.of(found).bounds, Grid.of(wanted).bounds, atol=1e-5)
    assert found.sizes == wanted.sizes


@given(st.integers(0, 99), st.integers(1, 4), st.integers(2001, 2020))
def test_lst_returns_within_a_hundredth_of_a_kelvin(tmp_path_factory, seed, tiles, year):
    folder = tmp_path_factory.mktemp("lst")
    data = composites_of(8, year, lst=field(seed, 3, 200.0, 330.0))
    paths = write_mod11a2(data, folder, tiles=tiles)
    assert len(paths) == 3 * tiles
    assert paths[0].name.startswith(f"MOD11A2.A{year}345.h16v02.006.")
    found = read_mod11a2(paths[::-1], years=[year])
    assert_same_grid(found, data)
    np.testing.assert_array_equal(found["time"], data["time"])
    np.testing.assert_allclose(found["lst"], data["lst"], rtol=0, atol=0.01 + 2e-5)
    again = read_mod11a2(write_mod11a2(found, folder / "again", tiles=1))
    np.testing.assert_array_equal(again["lst"], found["lst"])


@given(st.integers(0, 99), st.integers(1, 4))
def test_ndvi_and_reliability_return(tmp_path_factory, seed, tiles):
    folder = tmp_path_factory.mktemp("ndvi")
    reliability = np.random.default_rng(seed).integers(-1, 4, (3, *GRID.shape)).astype(np.int8)
    ndvi = field(seed, 3, -0.2, 1.0)
    data = composites_of(16, 2004, ndvi=ndvi, reliability=reliability)
    found = read_mod13a1(write_mod13a1(data, folder, tiles=tiles))
    np.testing.assert_allclose(found["ndvi"], ndvi, rtol=0, atol=0.5e-4 + 1e-7)
    np.testing.assert_array_equal(found["reliability"], reliability)
    assert found["days"].values.tolist() == [16, 16, 14]


@given(seed=st.integers(0, 99), tiles=st.integers(1, 4), water=st.integers(101, 255))
def test_covers_return_as_whole_percent(tmp_path_factory, seed, tiles, water):
    """Whatever number beyond 100 stands for water."""
    covers = {name: field(seed + n, 2, 0.0, 100.0) for n, name in enumerate(COVERS)}
    coords = {"year": [2001, 2002], **GRID.coords()}
    data = xr.Dataset({n: (("year", "y", "x"), a) for n, a in covers.items()}, coords)
    paths = write_mod44b(data, tmp_path_factory.mktemp("covers"), tiles=tiles)
    assert paths[0].name.startswith("MOD44B.A2001065.h16v02.006.")
    for path in paths:
        file = SD(str(path), SDC.WRITE)
        stored = file.select("Percent_Tree_Cover")
        stored[:] = np.where(stored[:] == 253, water, stored[:]).astype(np.uint8)
        stored.endaccess()
        file.end()
    found = read_mod44b(paths[::-1])
    assert found["year"].values.tolist() == [2001, 2002]
    for name in COVERS:
        np.testing.assert_array_equal(found[name], np.rint(covers[name]))
        assert found[name].attrs["units"] == "%"


def test_seam_between_sectors_keeps_every_column(tmp_path):
    lst = np.broadcast_to(250.0 + np.arange(GRID.shape[1]), (3, *GRID.shape)).astype(np.float32)
    data = composites_of(8, 2001, lst=lst)
    for tiles in (1, 2, 3, 4):
        found = read_mod11a2(write_mod11a2(data, tmp_path / str(tiles), tiles=tiles))
        np.testing.assert_allclose(found["lst"], lst, atol=1e-4)


def test_values_that_do_not_fit_the_format(tmp_path):
    with pytest.raises(InputError, match=r"(?s)lst.*out of range"):
        write_mod11a2(composites_of(8, 2001, lst=field(0, 3, 20.0, 30.0)), tmp_path)
    ndvi = composites_of(16, 2001, ndvi=field(0, 3, 2.0, 3.0))
    with pytest.raises(MissingDataError, match="reliability"):
        write_mod13a1(ndvi, tmp_path)


def test_dates_that_begin_no_composite(tmp_path):
    data = composites_of(8, 2001, lst=field(0, 3, 250.0, 260.0))
    moved = data.assign_coords(time=data["time"] + np.timedelta64(1, "D"))
    with pytest.raises(InputError, match=r"(?s)no composite.*composite_calendar"):
        write_mod11a2(moved, tmp_path)


def burning(seed, year, months=3):
    """Days inside each month, most cells unburned, some missing."""
    rng = np.random.default_rng(seed)
    time = (np.datetime64(f"{year}-06") + np.arange(months)).astype("datetime64[ns]")
    dates = xr.DataArray(time, dims="time").dt
    first, days = dates.dayofyear.values, dates.days_in_month.values
    shape = (months, *GRID.shape)
    day = first[:, None, None] + rng.integers(0, days[:, None, None], shape)
    day = np.where(rng.random(shape) < 0.8, 0, day)
    day[rng.random(shape) < 0.1] = -1
    coords = {"time": time, **GRID.coords()}
    return xr.Dataset({"burn_day": (("time", "y", "x"), day.astype(np.int16))}, coords)


@given(st.integers(0, 99), st.integers(1, 4), st.integers(2001, 2020))
def test_days_of_burning_return(tmp_path_factory, seed, tiles, year):
    data = burning(seed, year)
    paths = write_mcd64a1(data, tmp_path_factory.mktemp("burned"), tiles=tiles)
    leap = year % 4 == 0
    assert paths[0].name.startswith(f"MCD64A1.A{year}{152 + leap}.h16v02.006.")
    found = read_mcd64a1(paths[::-1], years=[year])
    assert_same_grid(found, data)
    np.testing.assert_array_equal(found["burn_day"], data["burn_day"])
    np.testing.assert_array_equal(found["time"], data["time"])
    expected = (data["burn_day"] > 0).where(data["burn_day"] >= 0)
    np.testing.assert_array_equal(found["burned_fraction"], expected)


def test_ndvi_at_1_km(tmp_path):
    reliability = np.zeros((3, *GRID.shape), np.int8)
    data = composites_of(16, 2004, ndvi=field(0, 3, -0.2, 1.0), reliability=reliability)
    paths = write_mod13a2(data, tmp_path)
    assert paths[0].name.startswith("MOD13A2.A2004321.h16v02.006.")
    np.testing.assert_allclose(read_mod13a2(paths)["ndvi"], data["ndvi"], rtol=0, atol=0.6e-4)


def test_burning_is_dated_to_months(tmp_path):
    data = burning(0, 2003)
    moved = data.assign_coords(time=data["time"] + np.timedelta64(1, "D"))
    with pytest.raises(InputError, match="not the first of a month"):
        write_mcd64a1(moved, tmp_path)
    with pytest.raises(InputError, match=r"burn_day.* out of range"):
        write_mcd64a1(data * 0 + 400, tmp_path)
