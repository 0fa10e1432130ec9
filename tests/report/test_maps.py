"""GeoTIFF and NetCDF: valid, georeferenced, the same bytes each time."""

import os
import subprocess
import sys

import numpy as np
import pytest
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


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_netcdf_is_cf(tiny, tmp_path, engine):
    trends = tiny.results.trends["fine"]
    path = write_netcdf(trends, "t", tmp_path / "a.nc", True)
    with xr.open_dataset(path, engine=engine, decode_coords="all") as stored:
        assert stored.attrs["Conventions"] == "CF-1.8"
        assert stored.attrs["data"] == "synthetic"
        layer = stored["nee_mean"]
        assert layer.dims == ("y", "x")
        assert layer.encoding["grid_mapping"] == "spatial_ref"
        assert stored["spatial_ref"].attrs["grid_mapping_name"] == "lambert_azimuthal_equal_area"
        assert Grid.of(stored) == Grid.of(trends)
        np.testing.assert_array_equal(layer.values, trends["mean"].sel(flux="nee").values)
        assert {f"{f}_slope" for f in ("nee", "gpp", "reco", "nee_fire")} <= set(stored)


def test_netcdf_has_the_same_bytes_in_every_process(tiny, tmp_path):
    write = (
        "import sys; from pathlib import Path; from abz.cli.storage import read_zarr;"
        "from abz.report import write_netcdf;"
        "write_netcdf(read_zarr(Path(sys.argv[1])), 't', Path(sys.argv[2]), True)"
    )
    source = tiny.layout.trends("fine")
    own = write_netcdf(tiny.results.trends["fine"], "t", tmp_path / "own.nc", True).read_bytes()
    other = tmp_path / "other.nc"
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", write, str(source), str(other)]
    subprocess.run(command, check=True, env=environment)
    assert other.read_bytes() == own
