import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from netCDF4 import Dataset

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid
from abz.readers.gimms import half_months, read_gimms3g
from abz.world.products.gimms import write_gimms3g

GRID = lonlat_grid(15.0)


def half_month_data(seed=0, years=(1990, 1991)):
    rng = np.random.default_rng(seed)
    starts = half_months(years)[0]
    ndvi = rng.uniform(-0.2999, 1.0, (len(starts), *GRID.shape)).astype(np.float32)
    ndvi[rng.random(ndvi.shape) < 0.3] = np.nan
    flag = np.where(np.isnan(ndvi), -1, rng.integers(0, 3, ndvi.shape)).astype(np.int8)
    variables = {"ndvi": (("time", "y", "x"), ndvi), "flag": (("time", "y", "x"), flag)}
    return xr.Dataset(variables, {"time": starts.astype("datetime64[ns]"), **GRID.coords()})


@given(st.integers(0, 99))
def test_ndvi_and_flag_return(tmp_path_factory, seed):
    data = half_month_data(seed)
    paths = write_gimms3g(data, tmp_path_factory.mktemp("gimms"))
    assert [p.name for p in paths[:2]] == [
        "ndvi3g_geo_v1_1_1990_0106.nc4",
        "ndvi3g_geo_v1_1_1990_0712.nc4",
    ]
    found = read_gimms3g(paths[::-1], years=[1990, 1991])
    np.testing.assert_allclose(found["ndvi"], data["ndvi"], rtol=0, atol=0.5e-4 + 1e-7)
    np.testing.assert_array_equal(found["flag"], data["flag"])
    np.testing.assert_array_equal(found["time"], data["time"])
    assert Grid.of(found) == GRID
    assert found["days"].sum() == 730


@given(
    seed=st.integers(0, 99),
    order=st.permutations(("time", "y", "x")),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    water=st.sampled_from([-3000, -5000, -10000, -32768]),
    box=st.sampled_from([None, (-100.0, 45.0, 60.0, 90.0)]),
)
def test_a_file_laid_out_otherwise_holds_the_same(
    tmp_path_factory, relaid, seed, order, south_up, from_greenwich, water, box
):
    data = half_month_data(seed, (1990,))
    paths = write_gimms3g(data, tmp_path_factory.mktemp("gimms"))
    whole = read_gimms3g(paths, bounds=box)
    for path in paths:
        with Dataset(path, "a") as file:
            file.set_auto_maskandscale(False)
            stored = file["ndvi"][:]
            file["ndvi"][:] = np.where(stored <= -3000, np.int16(water), stored)
        relaid(path, order, south_up=south_up, from_greenwich=from_greenwich, raw=True)
    again = read_gimms3g(paths, bounds=box)
    xr.testing.assert_identical(again, whole)


def test_stored_as_the_product_stores(tmp_path):
    data = half_month_data(years=(1990,)).copy(deep=True)
    data["ndvi"][0, 0, 0], data["flag"][0, 0, 0] = 0.5, 2
    data["ndvi"][0, 0, 1], data["flag"][0, 0, 1] = np.nan, -1
    path = write_gimms3g(data, tmp_path)[0]
    with Dataset(path) as file:
        file.set_auto_maskandscale(False)
        assert file["ndvi"].dimensions == ("time", "lat", "lon")
        assert file["ndvi"][0, 0, :2].tolist() == [5000, -5000]
        assert file["percentile"][0, 0, 0] // 2000 == 2


def test_years_must_be_whole(tmp_path):
    with pytest.raises(InputError, match=r"(?s)whole years.*half_months"):
        write_gimms3g(half_month_data().isel(time=slice(1, None)), tmp_path)
