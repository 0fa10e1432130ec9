"""Static maps, there and back."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.readers import static_maps as readers
from abz.world.products import static_maps as writers

LONLAT = lonlat_grid(10.0, (-180.0, 50.0, 180.0, 90.0))
POLAR = polar_grid(1_000_000)
MAPS = {
    "soilgrids_ph": ("soil_ph", LONLAT, (3.0, 9.0), 0.05),
    "soilgrids_soc": ("soc", LONLAT, (1.0, 600.0), 0.05),
    "merit_cti": ("cti", LONLAT, (-36.0, 22.0), 0.0),
    "uio_permafrost": ("permafrost_probability", POLAR, (0.0, 1.0), 0.0),
}


def dataset(name, values, grid):
    return xr.Dataset({name: (("y", "x"), values)}, grid.coords())


@pytest.mark.parametrize("entry", MAPS)
@given(drawn=st.data())
def test_there_and_back(tmp_path_factory, entry, drawn):
    name, grid, span, precision = MAPS[entry]
    elements = st.one_of(st.floats(*map(np.float32, span), width=32), st.just(np.nan))
    values = drawn.draw(hnp.arrays(np.float32, grid.shape, elements=elements, fill=elements))
    folder = tmp_path_factory.mktemp("static")
    paths = getattr(writers, f"write_{entry}")(dataset(name, values, grid), folder)
    again = getattr(readers, f"read_{entry}")(paths)
    np.testing.assert_allclose(again[name], values, rtol=1e-6, atol=precision * 1.001)
    assert Grid.of(again).transform == grid.transform
    np.testing.assert_allclose(Grid.of(again).lonlat(), grid.lonlat(), atol=1e-9)


@pytest.mark.parametrize("entry", MAPS)
@given(
    seed=st.integers(0, 99),
    wide=st.sampled_from(["float32", "float64", "int32"]),
    nodata=st.sampled_from([-32767, -9999, 65000]),
    lazy=st.booleans(),
)
def test_a_map_in_another_type_with_another_fill_value_holds_the_same(
    tmp_path_factory, entry, seed, wide, nodata, lazy
):
    name, grid, span, _ = MAPS[entry]
    rng = np.random.default_rng(seed)
    values = rng.uniform(*span, grid.shape).astype(np.float32)
    values[rng.random(grid.shape) < 0.3] = np.nan
    folder = tmp_path_factory.mktemp("static")
    (path,) = getattr(writers, f"write_{entry}")(dataset(name, values, grid), folder)
    read = getattr(readers, f"read_{entry}")
    whole = read([path])
    with rasterio.open(path) as file:
        stored, profile = file.read(masked=True), file.profile
    if np.issubdtype(stored.dtype, np.floating) and wide == "int32":
        wide = "float32"  # a fraction is no whole number
    path.unlink()
    with rasterio.open(path, "w", **{**profile, "dtype": wide, "nodata": nodata}) as file:
        file.write(stored.astype(wide).filled(nodata))
    again = read([path], lazy=lazy)
    xr.testing.assert_allclose(again.compute(scheduler="synchronous"), whole, rtol=1e-6)
    assert again[name].attrs == whole[name].attrs


def test_a_map_that_is_scaled_already_is_refused(tmp_path):
    grid = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))
    (path,) = writers.write_soilgrids_ph(dataset("soil_ph", [[5.7, np.nan]], grid), tmp_path)
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
    with pytest.raises(InputError, match="soil_ph holds values that cannot be true"):
        readers.read_soilgrids_ph([path])


def test_numbers_as_stored(tmp_path):
    grid = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))
    (path,) = writers.write_soilgrids_ph(dataset("soil_ph", [[5.7, np.nan]], grid), tmp_path / "n")
    assert path.name == "PHIHOX_M_sl1_250m_ll.tif"
    with rasterio.open(path) as file:
        assert file.read(1).tolist() == [[57, 255]]
        assert file.nodata == 255


def test_a_wrong_unit_is_refused(tmp_path):
    grid = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))
    with pytest.raises(InputError, match="soil_ph does not fit"):
        writers.write_soilgrids_ph(dataset("soil_ph", [[57.0, np.nan]], grid), tmp_path)
