"""GeoTIFF files as other programs see them."""

import numpy as np
import rasterio
from pyproj import CRS

from abz.grid import polar_grid
from abz.world.products.geotiff import write_raster

GRID = polar_grid(2_000_000)


def test_what_the_file_declares(tmp_path):
    bands = np.zeros((3, *GRID.shape), np.uint8)
    path = write_raster(tmp_path / "new" / "a.tif", bands, GRID, nodata=200, scale=0.25)
    with rasterio.open(path) as file:
        assert (file.count, file.nodata, file.dtypes[0]) == (3, 200, "uint8")
        assert file.scales == (0.25, 0.25, 0.25)
        assert tuple(file.bounds) == GRID.bounds
        projection = CRS(file.crs.to_wkt()).coordinate_operation
    assert projection.method_name == "Lambert Azimuthal Equal Area"
    assert projection.params[0].value == 90


def test_same_data_same_bytes(tmp_path):
    bands = np.ones((1, *GRID.shape), np.int16)
    first = write_raster(tmp_path / "a.tif", bands, GRID, None).read_bytes()
    assert write_raster(tmp_path / "b.tif", bands, GRID, None).read_bytes() == first
