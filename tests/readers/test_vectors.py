"""Vector maps: fields, projections, messages."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from abz.errors import CategoryError, GridError, InputError, MissingDataError
from abz.readers.vectors import read_countries, read_ecoregions2017, read_permafrost_map

SPHERE = "+proj=laea +lat_0=90 +lon_0=180 +R=6370997 +units=m +no_defs"


def shapefile(path, crs="EPSG:4326", **fields):
    count = len(next(iter(fields.values())))
    boxes = [box(i, 50, i + 1, 60) for i in range(count)]
    gpd.GeoDataFrame(fields, geometry=boxes, crs=crs).to_file(path, engine="pyogrio")
    return sorted(path.parent.glob(f"{path.stem}.*"))


def test_biomes_become_whole_numbers(tmp_path):
    paths = shapefile(tmp_path / "e.shp", BIOME_NUM=[6.0, 11.0, 4.0], ECO_NAME=["a", "b", "c"])
    table = read_ecoregions2017(paths)
    assert table["BIOME_NUM"].dtype == np.int64
    assert table["BIOME_NUM"].tolist() == [6, 11, 4]
    assert table.crs.to_epsg() == 4326


def test_extent_is_the_first_letter(tmp_path):
    combos = ["Chf", "Dlr", "Smf", "Ihf", "g", "l", "o", "r", "ld"]
    table = read_permafrost_map(shapefile(tmp_path / "permaice.shp", crs=SPHERE, COMBO=combos))
    assert table["extent"].tolist() == [1, 2, 3, 4, 0, 0, 0, 0, 0]
    assert table.crs.coordinate_operation.method_name.startswith("Lambert Azimuthal")


@pytest.mark.parametrize("combo", ["xhf", None])
def test_an_undeclared_letter_is_named(tmp_path, combo):
    paths = shapefile(tmp_path / "permaice.shp", COMBO=["Chf", combo])
    with pytest.raises(CategoryError, match="first in row 1"):
        read_permafrost_map(paths)


@pytest.mark.parametrize("biome", [6.5, 15.0, np.nan])
def test_an_undeclared_biome_is_named(tmp_path, biome):
    with pytest.raises(CategoryError, match="BIOME_NUM holds undeclared codes"):
        read_ecoregions2017(shapefile(tmp_path / "e.shp", BIOME_NUM=[6.0, biome]))


def test_a_map_without_projection_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        paths = shapefile(tmp_path / "e.shp", crs=None, BIOME_NUM=[6.0])
    with pytest.raises(GridError, match=r"\.prj"):
        read_ecoregions2017(paths)


def test_another_map_is_refused(real_data):
    folder = real_data / "samples" / "natural_earth" / "naturalearth_lowres"
    with pytest.raises(InputError, match="missing BIOME_NUM; found pop_est"):
        read_ecoregions2017(sorted(folder.iterdir()))


def test_a_shapefile_is_wanted(tmp_path):
    with pytest.raises(MissingDataError, match=r"\*\.shp"):
        read_permafrost_map([tmp_path / "permaice.dbf"])


def test_radians_are_refused(tmp_path):
    shape = box(0.1, 0.9, 0.3, 1.2)
    path = tmp_path / "e.shp"
    table = gpd.GeoDataFrame({"BIOME_NUM": [6.0]}, geometry=[shape], crs="EPSG:4326")
    table.to_file(path, engine="pyogrio")
    with pytest.raises(GridError, match="Ecoregions2017 are in radians"):
        read_ecoregions2017([path])


def test_real_countries(real_data):
    folder = real_data / "samples" / "natural_earth" / "naturalearth_lowres"
    table = read_countries(sorted(folder.iterdir()))
    assert len(table) == 177
    assert list(table.columns) == ["name", "iso_a3", "geometry"]
    assert table.set_index("iso_a3").loc["GRL", "name"] == "Greenland"


def test_countries_of_one_continent_are_refused(tmp_path):
    paths = shapefile(tmp_path / "c.shp", name=["Canada"], iso_a3=["CAN"])
    with pytest.raises(InputError, match="missing GRL, USA"):
        read_countries(paths)
