"""Static maps: units, missing cells, messages."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers import geotiff, static_maps
from abz.readers.orientation import is_mostly_land
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
        ("merit_cti", np.array([[[-350, -32768]]], "int16"), [-3.5, np.nan]),
        ("uio_permafrost", np.array([[[0.0, 1.0]]], "float32"), [0.0, 1.0]),
    ],
)
def test_units_and_missing_cells(tmp_path, entry, stored, expected):
    storage = static_maps.STATIC_MAPS[entry]
    nodata = -32768 if stored.dtype == np.int16 else storage.nodata
    path = write_raster(tmp_path / storage.file, stored, GRID, nodata)
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


def test_hundredths_with_a_declared_scale_are_scaled_once(tmp_path):
    stored = np.array([[[-350, 1012]]], "int16")
    path = write_raster(tmp_path / "cti.tif", stored, GRID, -32768, scale=0.01)
    np.testing.assert_allclose(static_maps.read_merit_cti([path])["cti"], [[-3.5, 10.12]])


@pytest.mark.parametrize(
    ("entry", "stored"),
    [
        ("soilgrids_ph", np.array([[[5.7, 6.1]]], "float32")),
        ("merit_cti", np.array([[[-350.0, 900.0]]], "float32")),
        ("uio_permafrost", np.array([[[0, 100]]], "uint8")),
    ],
)
def test_another_scale_is_refused(tmp_path, entry, stored):
    path = write_raster(tmp_path / "map.tif", stored, GRID, None)
    name = static_maps.STATIC_MAPS[entry].variable
    with pytest.raises(InputError, match=f"{name} holds values that cannot be true"):
        getattr(static_maps, f"read_{entry}")([path])


def test_a_map_upside_down_is_refused(tmp_path):
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    ph = np.where(is_mostly_land(grid.x, grid.y), 60, 255).astype("uint8")
    good = write_raster(tmp_path / "good.tif", ph[None], grid, 255)
    assert static_maps.read_soilgrids_ph([good]).attrs["files"] == "good.tif"
    bad = write_raster(tmp_path / "bad.tif", ph[None, ::-1], grid, 255)
    with pytest.raises(GridError, match=r"soil_ph of bad\.tif lies upside down"):
        static_maps.read_soilgrids_ph([bad])


@pytest.mark.parametrize("entry", list(static_maps.STATIC_MAPS))
def test_lazy_maps_are_those_in_memory(tmp_path, monkeypatch, entry):
    monkeypatch.setattr(geotiff, "SIDE", 7)
    storage = static_maps.STATIC_MAPS[entry]
    grid = lonlat_grid(2.0, (0.0, 50.0, 40.0, 70.0))
    stored = np.random.default_rng(1).choice([0, 1, 45, storage.nodata], (1, *grid.shape))
    stored = np.where(storage.variable == "permafrost_probability", np.minimum(stored, 1), stored)
    path = write_raster(tmp_path / "a.tif", stored.astype(storage.dtype), grid, storage.nodata)
    read = getattr(static_maps, f"read_{entry}")
    if entry == "soilgrids_ph":
        stored[stored == 1] = 60
        write_raster(path, stored.astype(storage.dtype), grid, storage.nodata)
    lazy, eager = read([path], lazy=True), read([path])
    assert lazy[storage.variable].chunks is not None
    xr.testing.assert_identical(lazy.compute(), eager)
    box = (4.0, 54.0, 20.0, 64.0)
    xr.testing.assert_identical(read([path], box, lazy=True), read([path], box))


def test_a_wrong_value_of_a_lazy_map_is_refused_when_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(geotiff, "SIDE", 1)
    monkeypatch.setattr(geotiff, "WIDEST", 1)
    path = write_raster(tmp_path / "p.tif", np.array([[[0.5, -9999.0]]], "f4"), GRID, None)
    data = static_maps.read_uio_permafrost([path], lazy=True)["permafrost_probability"]
    assert float(data[0, 0]) == 0.5
    with pytest.raises(InputError, match="permafrost_probability holds values"):
        data[0, 1].compute()


def test_a_lazy_map_upside_down_is_refused_at_once(tmp_path):
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    ph = np.where(is_mostly_land(grid.x, grid.y), 60, 255).astype("uint8")
    bad = write_raster(tmp_path / "bad.tif", ph[None, ::-1], grid, 255)
    with pytest.raises(GridError, match=r"soil_ph of bad\.tif lies upside down"):
        static_maps.read_soilgrids_ph([bad], lazy=True)
