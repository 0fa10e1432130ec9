import numpy as np
import pytest
import xarray as xr
import zarr

from abz.grid import Grid, polar_grid
from abz.units import MONTHLY_FLUX
from abz.upscaling.maps import map_storage, map_template
from abz.upscaling.packing import Packing
from abz.vocabulary import FLUXES


def test_every_map_says_what_it_is_and_where_it_lies():
    months = xr.date_range("2001-01-01", periods=24, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    grid = polar_grid(1e6)
    maps = map_template(list(FLUXES), time, grid)
    assert list(maps.data_vars) == [
        flux + suffix for flux in FLUXES for suffix in ("", "_mean", "_sd")
    ]
    assert Grid.of(maps).shape == grid.shape
    for array in maps.values():
        assert array.dims == ("time", "y", "x")
        assert array.dtype == np.float32
        assert array.attrs["units"] == MONTHLY_FLUX
        assert array.attrs["long_name"]
        assert np.isnan(array.values).all()
    assert maps["nee"].attrs["ancillary_variables"] == "nee_mean nee_sd"


def test_with_a_mapped_category_each_flux_says_what_it_rests_on():
    months = xr.date_range("2001-01-01", periods=12, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    maps = map_template(["nee"], time, polar_grid(1e6), ["month", "vegetation"])
    support = maps["nee_level_support"]
    assert support.dims == ("y", "x")
    assert support.dtype == np.int8
    assert (support.values == -1).all()
    assert support.attrs["flag_values"] == [-1, 0, 1, 2]
    assert support.attrs["flag_meanings"] == "unknown supported pooled unsupported"
    assert maps["nee"].attrs["ancillary_variables"] == "nee_mean nee_sd nee_level_support"


def test_with_predictors_each_flux_says_which_leave_their_range():
    months = xr.date_range("2001-01-01", periods=12, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    names = ["month", "lst", "vegetation", "ndvi"]
    maps = map_template(["nee"], time, polar_grid(1e6), names)
    flags = maps["nee_outside_range"]
    assert flags.dims == ("time", "y", "x")
    assert flags.dtype == np.int32
    assert (flags.values == 2**30).all()
    assert flags.attrs["flag_masks"] == [1, 2, 2**30]
    assert flags.attrs["flag_meanings"] == "lst ndvi no_flux"
    assert "nee_outside_range" in maps["nee"].attrs["ancillary_variables"].split()
    storage = map_storage(maps, (12, 4, 4), Packing(0.5))["nee_outside_range"]
    assert "dtype" not in storage
    assert storage["fill_value"] == 2**30


def test_members_that_are_kept_have_a_file_each():
    months = xr.date_range("2001-01-01", periods=12, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    maps = map_template(["nee"], time, polar_grid(1e6), members=3)
    assert maps["nee_members"].dims == ("member", "time", "y", "x")
    assert maps["member"].values.tolist() == [1, 2, 3]
    storage = map_storage(maps, (12, 4, 4), Packing(0.5))["nee_members"]
    assert storage["shards"] == (1, 12, 4, 4)
    assert storage["dtype"] == np.int16


@pytest.mark.parametrize("packing", [Packing(), Packing(0.5)], ids=["float32", "int16"])
@pytest.mark.parametrize("together", [(12, 128, 128), (12, 9, 7), (12, 85, 100)])
def test_what_is_written_together_is_one_file_and_the_rest_is_missing(tmp_path, packing, together):
    """Whatever the tiles: one file a block, nothing unwritten but NaN, codes in one type."""
    months = xr.date_range("2001-01-01", periods=24, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    template = map_template(["nee"], time, polar_grid(1e5), ["vegetation"])
    storage = map_storage(template, together, packing)
    path = tmp_path / "a.zarr"
    template.to_zarr(path, zarr_format=3, consolidated=False, compute=False, encoding=storage)
    stored = zarr.open_array(path / "nee_sd", mode="r+", zarr_format=3)
    part = stored.shape[1] % together[1], stored.shape[2] % together[2]
    last = tuple(-(rest or side) for rest, side in zip(part, together[1:], strict=True))
    values = np.full((12, -last[0], -last[1]), 2.5)
    stored[12:, last[0] :, last[1] :] = packing.pack(values, "nee_sd")
    places = [p.relative_to(path / "nee_sd/c") for p in (path / "nee_sd/c").rglob("*/*/*")]
    expected = [(n - 1) // side for n, side in zip(stored.shape, together, strict=True)]
    assert [place.as_posix() for place in places] == ["/".join(map(str, expected))]
    with xr.open_zarr(path, consolidated=False, chunks=None) as read:
        assert (read["nee_sd"].values[12:, last[0] :, last[1] :] == 2.5).all()
        assert np.isnan(read["nee_sd"].values[:12]).all()
        assert np.isnan(read["nee"].values).all()
        assert read["nee_level_support"].dtype == np.int8


def test_the_maps_say_of_what_area_and_of_which_members_they_are():
    months = xr.date_range("2001-01-01", periods=12, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    maps = map_template(["nee"], time, polar_grid(1e6))
    assert maps["nee"].attrs["cell_methods"] == "time: sum area: mean where land"
    assert maps["nee_mean"].attrs["cell_methods"].endswith("where land realization: mean")
    assert maps["nee_sd"].attrs["cell_methods"].endswith("realization: standard_deviation")
