"""Shapefiles, there and back."""

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, box, equals

from abz.errors import CategoryError
from abz.readers.vectors import BIOME_NAMES, read_ecoregions2017, read_permafrost_map
from abz.vocabulary import PERMAFROST
from abz.world.products.vectors import write_ecoregions2017, write_permafrost_map

POLAR = "+proj=laea +lat_0=90 +lon_0=0 +R=6370997 +units=m +no_defs"


def shapes(count):
    """Boxes, each second one in two pieces, clockwise as shapefiles have it."""
    pieces = [box(3 * i, 50, 3 * i + 1, 60, ccw=False) for i in range(count)]
    return [
        MultiPolygon([p, box(3 * i, 61, 3 * i + 1, 62, ccw=False)]) if i % 2 else p
        for i, p in enumerate(pieces)
    ]


@given(codes=st.lists(st.sampled_from(list(BIOME_NAMES)), min_size=1, max_size=8))
def test_ecoregions(tmp_path_factory, codes):
    data = gpd.GeoDataFrame({"BIOME_NUM": codes}, geometry=shapes(len(codes)), crs="EPSG:4326")
    again = read_ecoregions2017(write_ecoregions2017(data, tmp_path_factory.mktemp("eco")))
    assert again["BIOME_NUM"].tolist() == codes
    assert again["BIOME_NAME"].tolist() == [BIOME_NAMES[code] for code in codes]
    assert equals(again.geometry.values, data.geometry.values).all()


@given(codes=st.lists(st.sampled_from(list(PERMAFROST)), min_size=1, max_size=8))
def test_permafrost(tmp_path_factory, codes):
    data = gpd.GeoDataFrame({"extent": codes}, geometry=shapes(len(codes)), crs=POLAR)
    again = read_permafrost_map(write_permafrost_map(data, tmp_path_factory.mktemp("pf")))
    assert again["extent"].tolist() == codes
    assert equals(again.geometry.values, data.geometry.values).all()
    assert again.crs.coordinate_operation.method_name.startswith("Lambert Azimuthal")


def test_fields_of_the_products(tmp_path):
    eco = gpd.GeoDataFrame(
        {"BIOME_NUM": [6], "ECO_NAME": ["Scandinavian birch – Torneträsk".replace("–", "-")]},
        geometry=shapes(1),
        crs="EPSG:4326",
    )
    paths = write_ecoregions2017(eco, tmp_path)
    assert {path.suffix for path in paths} >= {".shp", ".dbf", ".shx", ".prj"}
    raw = gpd.read_file(tmp_path / "Ecoregions2017.shp")
    assert raw["BIOME_NUM"].dtype == float
    assert raw["ECO_NAME"].tolist() == ["Scandinavian birch - Torneträsk"]
    permafrost = gpd.GeoDataFrame({"extent": [1, 0]}, geometry=shapes(2), crs=POLAR)
    write_permafrost_map(permafrost, tmp_path)
    raw = gpd.read_file(tmp_path / "permaice.shp")
    assert raw["COMBO"].tolist() == ["Chf", "l"]


def test_same_data_same_bytes(tmp_path):
    data = gpd.GeoDataFrame({"extent": [1, 2]}, geometry=shapes(2), crs=POLAR)
    first = [path.read_bytes() for path in write_permafrost_map(data, tmp_path / "a")]
    assert first == [path.read_bytes() for path in write_permafrost_map(data, tmp_path / "b")]


def test_undeclared_codes_are_refused(tmp_path):
    data = gpd.GeoDataFrame({"extent": [7], "BIOME_NUM": [15]}, geometry=shapes(1), crs=POLAR)
    with pytest.raises(CategoryError, match="extent"):
        write_permafrost_map(data, tmp_path)
    with pytest.raises(CategoryError, match="BIOME_NUM"):
        write_ecoregions2017(data, tmp_path)
