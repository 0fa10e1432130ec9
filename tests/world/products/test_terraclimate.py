"""TerraClimate, there and back."""

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid
from abz.readers.terraclimate import read_terraclimate
from abz.world.products.netcdf import Packing
from abz.world.products.terraclimate import PACKINGS, write_terraclimate

SPANS = {"srad": (0.0, 400.0), "vpd": (0.0, 3.0), "air_temperature": (220.0, 305.0)}


def fields(step, months, seed):
    grid = lonlat_grid(step, (-180.0, 50.0, 180.0, 90.0))
    rng = np.random.default_rng(seed)
    time = (np.datetime64("1999-12") + np.arange(months)).astype("datetime64[ns]")
    shape = (months, *grid.shape)
    data = {
        name: (
            ("time", "y", "x"),
            np.where(rng.random(shape) < 0.3, np.nan, rng.uniform(*span, shape)).astype("f4"),
        )
        for name, span in SPANS.items()
    }
    return xr.Dataset(data, {"time": time, **grid.coords()})


@given(
    step=st.sampled_from([10.0, 5.0, 1.25]),
    months=st.integers(1, 14),
    seed=st.integers(0, 100),
    scale=st.sampled_from([0.02, 0.05, 0.1]),
    offset=st.sampled_from([0.0, -99.0, 7.5]),
    fill=st.sampled_from([-32768, 32767, -9999]),
)
def test_there_and_back(tmp_path_factory, step, months, seed, scale, offset, fill):
    data = fields(step, months, seed)
    packings = dict.fromkeys(PACKINGS, Packing(scale, offset, fill))
    folder = tmp_path_factory.mktemp("terraclimate")
    try:
        paths = write_terraclimate(data, folder, packings)
    except InputError:  # a value falls on the fill
        assert fill == -9999
        return
    again = read_terraclimate(paths)
    assert Grid.of(again) == Grid.of(data)
    assert (again["time"].values == data["time"].values).all()
    for name in SPANS:
        np.testing.assert_allclose(again[name], data[name], rtol=1e-6, atol=0.51 * scale)


@given(
    seed=st.integers(0, 100),
    order=st.permutations(("time", "y", "x")),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    calendar=st.sampled_from(["standard", "proleptic_gregorian"]),
    lazy=st.booleans(),
)
def test_a_file_laid_out_otherwise_holds_the_same(
    tmp_path_factory, relaid, seed, order, south_up, from_greenwich, calendar, lazy
):
    data = fields(5.0, 2, seed).isel(time=slice(1, None))
    paths = write_terraclimate(data, tmp_path_factory.mktemp("terraclimate"))
    whole = read_terraclimate(paths)
    for path in paths[1:]:
        relaid(
            path, order, south_up=south_up, from_greenwich=from_greenwich, raw=True,
            calendar=calendar,
        )  # fmt: skip
    again = read_terraclimate(paths, lazy=lazy)
    xr.testing.assert_identical(again.compute(scheduler="synchronous"), whole)


def test_a_file_a_variable_and_year(tmp_path):
    paths = write_terraclimate(fields(10.0, 2, 0), tmp_path / "new")
    assert [path.name for path in paths] == [
        f"TerraClimate_{name}_{year}.nc"
        for year in (1999, 2000)
        for name in ("srad", "vpd", "tmin", "tmax")
    ]
    with netCDF4.Dataset(paths[0]) as file:
        file.set_auto_maskandscale(False)
        assert file["srad"].dimensions == ("time", "lat", "lon")
        assert file["srad"].dtype == np.int16
        assert file["srad"].scale_factor == 0.1
        assert file["lat"][0] > file["lat"][-1]


def test_polar_night_is_no_missing_value(tmp_path):
    data = fields(10.0, 1, 0)
    data["srad"][:] = 0.0
    assert (read_terraclimate(write_terraclimate(data, tmp_path))["srad"] == 0).all()


def test_a_value_beyond_the_packing_is_refused(tmp_path):
    data = fields(10.0, 1, 0)
    data["vpd"][:] = 400.0
    with pytest.raises(InputError, match="values do not fit the packing"):
        write_terraclimate(data, tmp_path)
