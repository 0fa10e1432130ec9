"""Static maps: units, missing cells, messages."""

import numpy as np
import pytest

from abz.errors import InputError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers import static_maps
from abz.world.products.geotiff import write_raster

GRID = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))


@pytest.mark.parametrize(
    ("entry", "stored", "expected"),
    [
        ("soilgrids_ph", np.array([[[57, 255]]], "uint8"), [5.7, np.nan]),
        ("soilgrids_ph", np.array([[[0, 60]]], "uint8"), [np.nan, 6.0]),
        ("soilgrids_soc", np.array([[[842, -32768]]], "int16"), [84.2, np.nan]),
        ("soilgrids_soc", np.array([[[0, 2489]]], "int16"), [np.nan, 248.9]),
        ("merit_cti", np.array([[[-3.5, -9999.0]]], "float32"), [-3.5, np.nan]),
        ("uio_permafrost", np.array([[[0.0, 1.0]]], "float32"), [0.0, 1.0]),
    ],
)
def test_units_and_missing_cells(tmp_path, entry, stored, expected):
    storage = static_maps.STATIC_MAPS[entry]
    path = write_raster(tmp_path / storage.file, stored, GRID, storage.nodata)
    data = getattr(static_maps, f"read_{entry}")([path])
    assert list(data) == [storage.variable]
    np.testing.assert_allclose(data[storage.variable].values[0], expected, rtol=1e-6)


def test_a_fill_that_the_file_does_not_declare_is_refused(tmp_path):
    path = write_raster(tmp_path / "p.tif", np.array([[[0.5, -9999.0]]], "f4"), GRID, None)
    with pytest.raises(InputError, match="permafrost_probability holds values"):
        static_maps.read_uio_permafrost([path])


def test_only_the_box_is_read(tmp_path):
    path = write_raster(tmp_path / "ph.tif", np.array([[[57, 60]]], "uint8"), GRID, 255)
    data = static_maps.read_soilgrids_ph([path], bounds=(10.0, 50.0, 20.0, 60.0))
    assert data["soil_ph"].values.tolist() == [[6.0]]


def test_one_map_is_wanted(tmp_path):
    with pytest.raises(MissingDataError, match="merit_cti is not among the files"):
        static_maps.read_merit_cti([])
    with pytest.raises(InputError, match="several files"):
        static_maps.read_merit_cti([tmp_path / "a.tif", tmp_path / "b.tif"])
