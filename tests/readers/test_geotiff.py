"""GeoTIFF maps: windows, scales, missing cells."""

import numpy as np
import pytest
import rasterio
import xarray as xr

from abz.errors import GridError, MissingDataError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.readers import geotiff
from abz.readers.geotiff import (
    holds_raw_integers,
    lazy_codes,
    lazy_values,
    read_bands,
    read_codes,
    read_raster,
    read_values,
)
from abz.world.products.geotiff import write_raster

GRID = lonlat_grid(1.0, (-10.0, 50.0, 10.0, 60.0))


def ramp(dtype="int16"):
    return np.arange(200, dtype=dtype).reshape(1, 10, 20)


@pytest.mark.parametrize("grid", [GRID, polar_grid(1_000_000)])
def test_the_grid_comes_back(tmp_path, grid):
    path = write_raster(tmp_path / "a.tif", np.ones((2, *grid.shape), np.float32), grid, None)
    values, found = read_raster(path)
    assert values.shape == (2, *grid.shape)
    assert found.transform == grid.transform
    np.testing.assert_allclose(found.lonlat(), grid.lonlat(), atol=1e-9)


def test_scale_and_missing_cells(tmp_path):
    path = write_raster(tmp_path / "a.tif", ramp(), GRID, nodata=7, scale=0.5)
    values = read_values(path)
    assert np.isnan(values.values[0, 7])
    assert values.values[1, 1] == 10.5
    assert Grid.of(values.to_dataset(name="v")) == GRID
    assert read_codes(path).values[0, 6:9].tolist() == [6, -1, 8]


def test_a_window_is_the_same_cells(tmp_path):
    path = write_raster(tmp_path / "a.tif", ramp(), GRID, None)
    whole, part = read_codes(path), read_codes(path, bounds=(-3.5, 52.0, 2.0, 57.5))
    assert part["x"].values[[0, -1]].tolist() == [-3.5, 1.5]
    assert part["y"].values[[0, -1]].tolist() == [57.5, 52.5]
    assert (part == whole.sel(x=part["x"], y=part["y"])).all()
    assert Grid.of(part.to_dataset(name="v")).shape == part.shape


def test_a_box_elsewhere_is_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", ramp(), GRID, None)
    with pytest.raises(GridError, match="does not reach into the box"):
        read_values(path, bounds=(100.0, 50.0, 110.0, 60.0))


def test_a_map_without_crs_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "count": 1, "height": 10, "width": 20, "dtype": "int16"}
    with rasterio.open(path, "w", transform=GRID.transform, **profile) as target:
        target.write(ramp())
    with pytest.raises(GridError, match="does not say where it lies"):
        read_values(path)


def test_an_absent_map_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="not there"):
        read_values(tmp_path / "none.tif")


def test_bands_have_names_and_a_missing_number(tmp_path):
    bands = np.concatenate([ramp(), ramp() + 1])
    path = write_raster(tmp_path / "a.tif", bands, GRID, 7, names=["tmmn", "tmmx"])
    found, grid, nodata = read_bands(path)
    assert list(found) == ["tmmn", "tmmx"]
    assert (found["tmmx"].filled(0)[0, :7].tolist(), nodata) == ([1, 2, 3, 4, 5, 6, 0], 7)
    assert grid == GRID
    plain = write_raster(tmp_path / "b.tif", bands, GRID, None)
    assert list(read_bands(plain)[0]) == ["1", "2"]
    assert read_bands(plain)[2] is None


def test_raw_integers(tmp_path):
    for number, (dtype, scale, raw) in enumerate(
        [("int16", 1.0, True), ("int16", 0.1, False), ("float32", 1.0, False)]
    ):
        path = write_raster(tmp_path / f"{number}.tif", ramp(dtype), GRID, None, scale)
        assert holds_raw_integers(path) == raw


@pytest.mark.parametrize("side", [3, 7, 2048])
def test_lazy_maps_are_those_in_memory(tmp_path, monkeypatch, side):
    monkeypatch.setattr(geotiff, "SIDE", side)
    path = write_raster(tmp_path / "a.tif", ramp(), GRID, nodata=7, scale=0.3)
    for lazy, eager in ((lazy_values(path), read_values(path)),
                        (lazy_codes(path), read_codes(path))):  # fmt: skip
        assert lazy.chunks is not None and lazy.dtype == eager.dtype
        xr.testing.assert_identical(lazy.compute(), eager)
        xr.testing.assert_identical(lazy[2:9, 5:17].compute(), eager[2:9, 5:17])


def tiled(path):
    """The ramp on 40 × 40 cells, in tiles of 16."""
    profile = {"driver": "GTiff", "count": 1, "height": 40, "width": 40, "dtype": "int16"}
    grid = lonlat_grid(0.5, (-10.0, 40.0, 10.0, 60.0))
    layout = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    with rasterio.open(
        path, "w", crs="EPSG:4326", transform=grid.transform, **profile, **layout
    ) as target:
        target.write(np.arange(1600, dtype="int16").reshape(1, 40, 40))
    return path


@pytest.mark.parametrize(
    ("widest", "in_tiles", "expected"),
    [
        (16, True, [(0, 16, 16, 32), (16, 32, 16, 32)]),
        (16, False, [(4, 8, 0, 16), (4, 8, 16, 20)]),
        (100, False, [(6, 9, 0, 20)]),
    ],
)
def test_only_the_squares_and_strips_that_are_needed_are_read(
    tmp_path, monkeypatch, widest, in_tiles, expected
):
    monkeypatch.setattr(geotiff, "SIDE", 16 if in_tiles else 8)
    monkeypatch.setattr(geotiff, "WIDEST", widest)
    path = tmp_path / "a.tif"
    path = tiled(path) if in_tiles else write_raster(path, ramp(), GRID, None)
    lazy, eager = lazy_values(path), read_values(path)
    part = (slice(15, 17), slice(17, 19)) if in_tiles else (slice(6, 8), slice(15, 17))
    read, stored = [], geotiff._stored

    def noted(path, rows, columns):
        read.append((rows.start, rows.stop, columns.start, columns.stop))
        return stored(path, rows, columns)

    monkeypatch.setattr(geotiff, "_stored", noted)
    np.testing.assert_array_equal(lazy[part].compute(), eager[part])
    assert sorted(read) == expected
