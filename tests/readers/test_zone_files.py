"""Zones from vector and raster files: names, codes, and everything that is refused."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.readers import read_zone_polygons, read_zone_raster
from abz.world.products.geotiff import write_raster

SQUARES = [box(10 * i, 60, 10 * i + 10, 70) for i in range(4)]
BOW_TIE = Polygon([(0, 60), (10, 70), (10, 60), (0, 70)])


def write(folder, shapes=SQUARES, crs="EPSG:4326", suffix="gpkg", **columns):
    path = folder / f"zones.{suffix}"
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs).to_file(path)
    return path


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_zones_by_name_in_any_format(tmp_path, suffix):
    path = write(tmp_path, suffix=suffix, name=["Ob", " Lena", "Ob", "Yukon"])
    found = read_zone_polygons(path, "name")
    assert found.zones == ("Lena", "Ob", "Yukon")
    assert found.source["code"].tolist() == [2, 1, 2, 3]
    assert found.source.crs == "EPSG:4326"


def test_zones_by_number(tmp_path):
    path = write(tmp_path, number=[30, 4, 30, 0])
    assert read_zone_polygons(path, "number").zones == ("0", "4", "30")
    found = read_zone_polygons(path, "number", {4: "Lena", 30: "Ob"}, left_out=[0])
    assert found.zones == ("Lena", "Ob")
    assert found.source["code"].tolist() == [2, 1, 2]


def test_several_parts_are_one_zone(tmp_path):
    path = write(tmp_path, [MultiPolygon(SQUARES[:3:2]), SQUARES[3]], name=["a", "b"])
    assert len(read_zone_polygons(path, "name").source) == 2


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"title": list("abcd")}, "no column 'name'"),
        ({"name": ["a", None, "b", " "]}, "2 missing, the first in row 1"),
        ({"name": [0.5, 1.0, 2.0, 3.0]}, "cannot name zones"),
        ({"name": ["Ob", "OB ", "Lena", "Yukon"]}, "Ob and OB|OB and Ob"),
        ({"name": ["left-out", "Ob", "Lena", "Yukon"]}, "cannot be told apart"),
        ({"name": ["...", "Ob", "Lena", "Yukon"]}, "cannot be told apart"),
    ],
)
def test_columns_that_are_refused(tmp_path, columns, words):
    with pytest.raises(InputError, match=words):
        read_zone_polygons(write(tmp_path, **columns), "name")


def test_numbers_without_a_name_are_refused(tmp_path):
    path = write(tmp_path, number=[1, 2, 3, 4])
    with pytest.raises(InputError, match=r"without a name[\s\S]*2, 4"):
        read_zone_polygons(path, "number", {1: "Lena", 3: "Ob"})


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (BOW_TIE, "'b' in row 1: Self-intersection"),
        (Point(5, 65), "'b' in row 1: Point"),
        (LineString([(0, 60), (5, 65)]), "'b' in row 1: LineString"),
        (None, "'b' in row 1: no geometry"),
        (Polygon(), "'b' in row 1: no geometry"),
    ],
)
def test_shapes_that_are_refused(tmp_path, shape, words):
    path = write(tmp_path, [SQUARES[0], shape], name=["a", "b"], suffix="geojson")
    with pytest.raises(InputError, match=words):
        read_zone_polygons(path, "name")


def test_files_that_are_refused(tmp_path):
    with pytest.raises(MissingDataError, match="file of zones"):
        read_zone_polygons(tmp_path / "none.gpkg", "name")
    (tmp_path / "text.geojson").write_text("no JSON")
    with pytest.raises(InputError, match="leave out `column`"):
        read_zone_polygons(tmp_path / "text.geojson", "name")
    with pytest.raises(InputError, match="name the `column`"):
        read_zone_raster(tmp_path / "text.geojson")
    path = write(tmp_path, suffix="shp", name=list("abcd"))
    path.with_suffix(".prj").unlink()
    with pytest.raises(GridError, match="does not say where it lies"):
        read_zone_polygons(path, "name")


def raster(folder, codes, grid, nodata=None):
    return write_raster(folder / "zones.tif", codes[None], grid, nodata=nodata)


def test_codes_of_a_raster(tmp_path):
    grid = polar_grid(1e6)
    codes = np.full(grid.shape, 70_000, np.uint32)
    codes[0], codes[1], codes[2] = 5, 9, 11
    path = raster(tmp_path, codes, grid, nodata=9)
    plain = read_zone_raster(path)
    assert plain.zones == ("5", "11", "70000")
    assert plain.source.values[:4, 0].tolist() == [1, -1, 2, 3]
    assert Grid.of(plain.source).transform == grid.transform
    named = read_zone_raster(path, {5: "Lena", 70_000: "Ob"}, left_out=[11])
    assert named.zones == ("Lena", "Ob")
    assert named.source.values[:4, 0].tolist() == [1, -1, -1, 2]
    with pytest.raises(InputError, match=r"without a name[\s\S]*11"):
        read_zone_raster(path, {5: "Lena", 70_000: "Ob"})


def test_a_raster_in_degrees_is_read_in_the_north_only(tmp_path):
    grid = lonlat_grid(10.0, (-180.0, -90.0, 180.0, 90.0))
    codes = np.where(grid.lonlat()[1] < 0, 1, 2).astype(np.int16)
    found = read_zone_raster(raster(tmp_path, codes, grid))
    assert found.zones == ("2",) and found.source.shape == (5, 36)


def test_rasters_that_are_refused(tmp_path):
    grid = polar_grid(1e6)
    with pytest.raises(InputError, match="holds no codes"):
        read_zone_raster(raster(tmp_path, np.ones(grid.shape, np.float32), grid))
    with pytest.raises(InputError, match="no zones, or too many"):
        read_zone_raster(raster(tmp_path, np.ones(grid.shape, np.uint8), grid, nodata=1))
    south = lonlat_grid(10.0, (-180.0, -90.0, 180.0, 0.0))
    with pytest.raises(GridError, match="reach into"):
        read_zone_raster(raster(tmp_path, np.ones(south.shape, np.uint8), south))


def test_a_raster_without_crs_is_refused(tmp_path):
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    path = tmp_path / "bare.tif"
    with (
        pytest.warns(NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", width=2, height=2, count=1, dtype="uint8") as file,
    ):
        file.write(np.ones((1, 2, 2), np.uint8))
    with pytest.raises(GridError, match="does not say where"), pytest.warns():
        read_zone_raster(path)
