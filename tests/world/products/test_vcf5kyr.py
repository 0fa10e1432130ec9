import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError, InputError
from abz.grid import Grid, lonlat_grid, sinusoidal_grid
from abz.readers.vcf5kyr import COVERS, read_vcf5kyr
from abz.world.products.vcf5kyr import write_vcf5kyr

GRID = lonlat_grid(5.0)


def covers(seed=0, years=(1993, 1994, 1995, 2000), grid=GRID):
    rng = np.random.default_rng(seed)
    shape = (len(years), *grid.shape)
    arrays = {name: rng.uniform(0, 100, shape).astype(np.float32) for name in COVERS}
    for array in arrays.values():
        array[rng.random(shape) < 0.3] = np.nan
    variables = {name: (("year", "y", "x"), array) for name, array in arrays.items()}
    return xr.Dataset(variables, {"year": list(years), **grid.coords()})


@given(st.integers(0, 99))
def test_covers_return_without_the_absent_years(tmp_path_factory, seed):
    data = covers(seed)
    paths = write_vcf5kyr(data, tmp_path_factory.mktemp("vcf"))
    found = read_vcf5kyr(paths[::-1], years=range(1990, 2017))
    assert found["year"].values.tolist() == [1993, 1995]
    assert Grid.of(found).is_lonlat
    assert Grid.of(found).bounds == pytest.approx(GRID.bounds)
    for name in COVERS:
        np.testing.assert_array_equal(found[name], np.rint(data[name].sel(year=[1993, 1995])))


@given(seed=st.integers(0, 99), water=st.integers(101, 255), stated=st.booleans())
def test_whatever_stands_for_water_is_missing_before_any_mean(
    tmp_path_factory, seed, water, stated
):
    data = covers(seed, (1993,))
    (path,) = write_vcf5kyr(data, tmp_path_factory.mktemp("vcf"))
    whole = read_vcf5kyr([path])
    with rasterio.open(path) as file:
        stored, profile = file.read(), file.profile
    path.unlink()
    with rasterio.open(path, "w", **{**profile, "nodata": water if stated else None}) as file:
        file.write(np.where(stored == 200, water, stored).astype(np.uint8))
    again = read_vcf5kyr([path])
    xr.testing.assert_identical(again, whole)
    assert float(again["tree_cover"].mean()) <= 100.0


def test_what_does_not_fit(tmp_path):
    with pytest.raises(InputError, match="out of range"):
        write_vcf5kyr(covers() + 100.0, tmp_path)
    with pytest.raises(GridError, match="longitude and latitude"):
        write_vcf5kyr(covers(grid=sinusoidal_grid(2, (16, 20), (2, 4))), tmp_path)
