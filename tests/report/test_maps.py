"""GeoTIFF and NetCDF: valid, georeferenced, the same bytes each time."""

import numpy as np
import rasterio
import xarray as xr
from rio_cogeo.cogeo import cog_validate

from abz.grid import Grid
from abz.report import write_geotiff, write_netcdf


def test_geotiffs_are_cloud_optimised_and_carry_the_values(tiny):
    path = tiny.layout.results / "maps" / "nee_mean_fine.tif"
    valid, errors, _ = cog_validate(path)
    assert valid, errors
    trends = tiny.results.trends["fine"]
    with rasterio.open(path) as raster:
        np.testing.assert_array_equal(raster.read(1), trends["mean"].sel(flux="nee").values)
        assert raster.tags()["data"] == "synthetic"
        assert raster.units == ("g C m-2 yr-1",)
        assert tuple(raster.transform)[:6] == tuple(Grid.of(trends).transform)[:6]


def test_geotiff_repeats(tiny, tmp_path):
    trends = tiny.results.trends["fine"]
    layer = trends["slope"].sel(flux="nee").assign_coords(spatial_ref=trends["spatial_ref"])
    first, second = (write_geotiff(layer, tmp_path / f"{n}.tif", {"data": "x"}) for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_netcdf_is_cf_and_repeats(tiny, tmp_path):
    trends = tiny.results.trends["fine"]
    first, second = (write_netcdf(trends, "t", tmp_path / f"{n}.nc", True) for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    with xr.open_dataset(first, engine="h5netcdf", decode_coords="all") as stored:
        assert stored.attrs["Conventions"] == "CF-1.8"
        assert stored.attrs["data"] == "synthetic"
        assert stored["nee_mean"].encoding["grid_mapping"] == "spatial_ref"
        assert stored["spatial_ref"].attrs["grid_mapping_name"] == "lambert_azimuthal_equal_area"
        values = trends["mean"].sel(flux="nee").values
        np.testing.assert_array_equal(stored["nee_mean"].values, values)
