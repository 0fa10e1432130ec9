import numpy as np
import pytest
import rasterio
from affine import Affine

from abz.errors import GridError, InputError
from abz.grid import lonlat_grid
from abz.readers.orientation import is_mostly_land
from abz.readers.vcf5kyr import read_vcf5kyr
from abz.world.products.geotiff import write_raster

NAME = "VCF5KYR_{}001_001_2018224204211.tif"


def write(folder, year, bands, *, dtype="uint8", west=10.0):
    values = np.asarray(bands, dtype).reshape(len(bands), 1, -1).repeat(2, axis=1)
    path = folder / NAME.format(year)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[2], height=2, count=len(values),
        dtype=dtype, crs="EPSG:4326", transform=Affine(0.5, 0, west, 0, -0.5, 70.0),
    ) as target:  # fmt: skip
        target.write(values)
    return path


def test_water_never_enters_an_average(tmp_path):
    path = write(tmp_path, 1990, [[0, 100, 101, 200], [50, 0, 253, 200], [50, 0, 255, 200]])
    data = read_vcf5kyr([path])
    np.testing.assert_array_equal(data["tree_cover"][0, 0], [0, 100, np.nan, np.nan])
    np.testing.assert_array_equal(data["nontree_cover"][0, 0], [50, 0, np.nan, np.nan])
    assert float(data["tree_cover"].mean()) == 50.0


def test_box(tmp_path):
    path = write(tmp_path, 1990, [[1, 2, 3, 4]] * 3)
    data = read_vcf5kyr([path], bounds=(10.5, 69.0, 11.5, 70.0))
    assert data["tree_cover"][0, 0].values.tolist() == [2.0, 3.0]


def test_foreign_maps(tmp_path):
    with pytest.raises(InputError, match=r"(?s)three bands of uint8.*1 of uint8"):
        read_vcf5kyr([write(tmp_path, 1990, [[1, 2]])])
    with pytest.raises(InputError, match="3 of int16"):
        read_vcf5kyr([write(tmp_path, 1991, [[1, 2]] * 3, dtype="int16")])


def test_years_that_do_not_fit(tmp_path):
    first = write(tmp_path, 1990, [[1, 2]] * 3)
    moved = write(tmp_path, 1991, [[1, 2]] * 3, west=20.0)
    with pytest.raises(GridError, match=r"VCF5KYR_1991.*another grid"):
        read_vcf5kyr([first, moved])
    with pytest.raises(InputError, match="another year"):
        read_vcf5kyr([first], years=[1991])


def test_a_map_upside_down_is_refused(tmp_path):
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    land = is_mostly_land(grid.x, grid.y)
    bands = np.where(land, np.array([30, 50, 20])[:, None, None], 200).astype("uint8")
    good = write_raster(tmp_path / NAME.format(1990), bands, grid, None)
    assert read_vcf5kyr([good]).attrs["files"] == good.name
    bad = write_raster(tmp_path / NAME.format(1991), bands[:, ::-1], grid, None)
    with pytest.raises(GridError, match=r"covers of VCF5KYR_1991.* lies upside down"):
        read_vcf5kyr([bad])
