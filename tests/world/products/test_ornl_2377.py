"""The published fluxes, there and back, in any unit, direction, fill and packing."""

import itertools

import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import MissingDataError
from abz.grid import FINE_CELL_M, Grid, polar_grid
from abz.readers.ornl_2377 import ornl_2377_bands, read_ornl_2377, read_ornl_2377_means
from abz.world.products.netcdf import Packing
from abz.world.products.ornl_2377 import OrnlLayout, write_ornl_2377, write_ornl_2377_means

GRID = polar_grid(FINE_CELL_M * 800)
SPANS = {"nee": (-90.0, 70.0), "gpp": (0.0, 300.0), "reco": (0.0, 200.0)}


def fluxes(seed=0, years=1, first=2001):
    rng = np.random.default_rng(seed)
    time = np.arange(f"{first}-01", f"{first + years}-01", dtype="datetime64[M]")
    shape = (time.size, *GRID.shape)
    sea = rng.random(GRID.shape) < 0.4
    data = {
        name: (("time", "y", "x"), np.where(sea, np.nan, rng.uniform(*span, shape)).astype("f4"))
        for name, span in SPANS.items()
    }
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **GRID.coords()})


@given(
    seed=st.integers(0, 99),
    years=st.integers(1, 2),
    units=st.sampled_from(["g C m-2 month-1", "gC m-2 mo-1", "gC m-2 d-1"]),
    south_up=st.booleans(),
    packed=st.booleans(),
    dated=st.booleans(),
    fill=st.sampled_from([np.nan, -9999.0, 1e20]),
)
def test_there_and_back(tmp_path_factory, seed, years, units, south_up, packed, dated, fill):
    data = fluxes(seed, years, first=2003)
    packing = Packing(0.01, 0.0, -32768) if packed else None
    layout = OrnlLayout(units, south_up, fill, packing, dated)
    paths = write_ornl_2377(data, tmp_path_factory.mktemp("ornl"), layout)
    found = read_ornl_2377(paths[::-1])
    assert Grid.of(found).shape == GRID.shape
    np.testing.assert_allclose(Grid.of(found).bounds, GRID.bounds, atol=1e-3)
    assert (found["time"].values == data["time"].values).all()
    atol = 0.0 if packing is None else 0.0051 * (31 if "d-1" in units else 1)
    for name in SPANS:
        np.testing.assert_allclose(found[name], data[name], rtol=1e-6, atol=atol)


@pytest.mark.parametrize("order", itertools.permutations(("tm", "northing", "easting")))
def test_axes_in_any_order_hold_the_same(tmp_path, order):
    paths = write_ornl_2377(fluxes(years=1, first=2003), tmp_path)
    whole = read_ornl_2377(paths)
    for path in paths:
        with xr.open_dataset(path, decode_cf=False) as file:
            turned = file.load().transpose(*order, missing_dims="ignore")
        path.unlink()
        turned.to_netcdf(path)
    xr.testing.assert_identical(read_ornl_2377(paths), whole)


@pytest.mark.parametrize("height", [None, 1, 4, 100])
def test_bands_are_the_whole(tmp_path, height):
    paths = write_ornl_2377(fluxes(), tmp_path)
    whole = read_ornl_2377(paths)
    bands = list(ornl_2377_bands(paths, height))
    for name in SPANS:
        joined = np.concatenate([band[name].values for band in bands], axis=1)
        np.testing.assert_array_equal(joined, whole[name])


def test_the_file_is_as_the_product(tmp_path):
    paths = write_ornl_2377(fluxes(years=2), tmp_path)
    assert [path.name for path in paths] == [
        f"CO2Fluxes_Arctic_Boreal_{name}_{year}.nc"
        for name in ("NEE", "GPP", "Reco")
        for year in (2001, 2002)
    ]
    with netCDF4.Dataset(paths[1]) as file:
        assert file["NEE"].dimensions == ("tm", "northing", "easting")
        assert file["time"].dimensions == ("tm",)
        assert file["time"][0] == 365
        assert "Lambert" in file["crs"].crs_wkt


def maps():
    shape = GRID.shape
    rng = np.random.default_rng(4)
    data = {}
    for name in ("nee", "nee_fire", "nee_trend"):
        values = np.where(rng.random(shape) < 0.3, np.nan, rng.normal(size=shape))
        data[name] = (("y", "x"), values.astype("f4"), {"period": "2002-2020"})
    return xr.Dataset(data, GRID.coords())


def test_mean_maps_return(tmp_path):
    paths = write_ornl_2377_means(maps(), tmp_path)
    assert sorted(path.name for path in paths) == [
        "CO2Fluxes_Arctic_Boreal_NEE_2002_2020_avg.tif",
        "CO2Fluxes_Arctic_Boreal_NEE_2002_2020_trend.tif",
        "CO2Fluxes_Arctic_Boreal_NEEfire_2002_2020_avg.tif",
    ]
    with rasterio.open(paths[0]) as file:
        assert file.dtypes == ("float32",)
    found = read_ornl_2377_means(paths)
    for name in maps():
        np.testing.assert_array_equal(found[name], maps()[name])
        assert found[name].attrs["period"] == "2002-2020"


def test_nothing_to_write(tmp_path):
    with pytest.raises(MissingDataError, match="no map to write"):
        write_ornl_2377_means(maps()[[]], tmp_path)
    with pytest.raises(MissingDataError, match="lacks variables"):
        write_ornl_2377(fluxes()[[]], tmp_path)
