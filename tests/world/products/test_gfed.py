import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.grid import Grid, sinusoidal_grid
from abz.readers.gfed import read_gfed500m
from abz.world.products.gfed import write_gfed500m

GRID = sinusoidal_grid(2, (16, 20), (2, 4))


def fires(seed=0, first="2002-01", months=24):
    rng = np.random.default_rng(seed)
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    emission = rng.exponential(100.0, (months, *GRID.shape)).astype(np.float32)
    emission[rng.random(emission.shape) < 0.5] = 0.0
    emission[rng.random(emission.shape) < 0.1] = np.nan
    burned = rng.random(emission.shape).astype(np.float32)
    dims = ("time", "y", "x")
    variables = {"emission": (dims, emission), "burned_fraction": (dims, burned)}
    return xr.Dataset(variables, {"time": time, **GRID.coords()})


@given(st.integers(0, 99))
def test_fires_return_bit_for_bit(tmp_path_factory, seed):
    data = fires(seed)
    paths = write_gfed500m(data, tmp_path_factory.mktemp("gfed"))
    assert [path.name for path in paths] == ["GFED500m_2002.nc", "GFED500m_2003.nc"]
    found = read_gfed500m(paths[::-1], years=[2002, 2003])
    assert Grid.of(found) == GRID
    for name in ("emission", "burned_fraction"):
        np.testing.assert_array_equal(found[name], data[name])
    np.testing.assert_array_equal(found["time"], data["time"])
    assert found["emission"].attrs["units"] == "g C m-2 month-1"


@given(
    seed=st.integers(0, 99),
    fill=st.sampled_from([-9999.0, 1e20, np.nan]),
    scale=st.sampled_from([None, 0.02]),
    calendar=st.sampled_from(["standard", "noleap", "proleptic_gregorian"]),
    chunk=st.integers(1, 4),
    lazy=st.booleans(),
)
def test_a_file_stored_otherwise_holds_the_same(
    tmp_path_factory, seed, fill, scale, calendar, chunk, lazy
):
    data = fires(seed, months=12)
    (path,) = write_gfed500m(data, tmp_path_factory.mktemp("gfed"))
    with xr.open_dataset(path, decode_times=False) as file:
        stored = file.load().drop_encoding()
    stored["time"].attrs["calendar"] = calendar
    about = {"chunksizes": (12, chunk, chunk), "_FillValue": np.float32(fill)}
    packed = {"dtype": "i4", "scale_factor": scale, "_FillValue": -9999} if scale else {}
    encoding = {"C": about | packed, "burned_fraction": about}
    path.unlink()
    stored.to_netcdf(path, encoding=encoding)
    found = read_gfed500m([path], lazy=lazy)
    np.testing.assert_allclose(found["emission"], data["emission"], rtol=1e-6, atol=0.0101)
    np.testing.assert_array_equal(found["burned_fraction"], data["burned_fraction"])


def test_file_opens_as_plain_cf(tmp_path):
    data = fires()
    path = write_gfed500m(data, tmp_path)[0]
    with xr.open_dataset(path, engine="netcdf4") as file:
        np.testing.assert_array_equal(file["time"], data["time"][:12])
        np.testing.assert_array_equal(file["C"], data["emission"][:12])
        assert file["C"].attrs["grid_mapping"] == "crs"


def test_years_must_be_whole(tmp_path):
    for broken in (fires(months=23), fires(first="2002-02")):
        with pytest.raises(InputError, match="whole years"):
            write_gfed500m(broken, tmp_path)
