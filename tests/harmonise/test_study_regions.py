"""Regions as polygons: eight of them, apart, and where the boundary lines put their land."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import points
from shapely.geometry import box

from abz.errors import GridError, InputError
from abz.harmonise import region_of, study_regions
from abz.readers import read_countries


def ecoregions(line=62.0):
    """Taiga south of a parallel, tundra north of it, with some steppe between."""
    shapes = [box(-180, 40, 180, line - 4), box(-180, line, 180, 84), box(-180, 58, 180, line)]
    return gpd.GeoDataFrame({"BIOME_NUM": [6, 11, 8]}, geometry=shapes, crs="EPSG:4326")


@pytest.fixture(scope="module")
def countries(real_data):
    folder = real_data / "samples" / "natural_earth" / "naturalearth_lowres"
    return read_countries(sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def regions(countries):
    return study_regions(ecoregions(), countries)


def test_there_are_eight(regions):
    assert sorted(regions["name"]) == sorted(
        f"{region} {biome}"
        for region in ("Alaska", "Canada", "Siberia", "Europe")
        for biome in ("boreal", "tundra")
    )
    assert regions.geometry.is_valid.all()
    assert regions.crs.to_epsg() == 4326


def test_they_are_apart_and_north(regions):
    for i, first in enumerate(regions.geometry):
        for second in regions.geometry[i + 1 :]:
            assert first.intersection(second).area < 1e-9
    assert regions.total_bounds[1] >= 49.0
    steppe = points([(-100.0, 60.0), (90.0, 60.0)])
    assert not any(regions.contains(point).any() for point in steppe)


def test_land_lies_where_the_boundary_lines_put_it(regions):
    lon, lat = np.meshgrid(np.arange(-179.75, 180, 0.5), np.arange(49.25, 84, 0.5))
    where = points(lon.ravel(), lat.ravel())
    agree = total = 0
    for row in regions.itertuples():
        inside = np.array(gpd.GeoSeries(where).within(row.geometry))
        codes = region_of(lon.ravel()[inside], lat.ravel()[inside])
        agree += int((codes == row.region).sum())
        total += int(inside.sum())
    assert total > 9000
    assert agree / total > 0.995


def test_known_places(regions):
    places = {
        "Alaska boreal": (-156.5, 57.6), "Alaska tundra": (-156.0, 68.0),
        "Canada boreal": (-105.0, 55.0), "Canada tundra": (-95.0, 66.0),
        "Siberia boreal": (100.0, 56.0), "Siberia tundra": (-173.0, 66.5),
        "Europe boreal": (50.0, 57.0), "Europe tundra": (-40.0, 75.0),
    }  # fmt: skip
    for name, place in places.items():
        (shape,) = regions.geometry[regions["name"] == name]
        assert shape.contains(points(place)), name


def test_regions_without_land_are_left_out(countries):
    taiga = ecoregions()[lambda table: table["BIOME_NUM"] == 6]
    assert sorted(study_regions(taiga, countries)["biome"].unique()) == [6]


def test_maps_that_are_none(countries):
    with pytest.raises(InputError, match="missing BIOME_NUM"):
        study_regions(countries, countries)
    with pytest.raises(GridError, match="countries are not in longitude and latitude"):
        study_regions(ecoregions(), countries.to_crs("EPSG:6931"))
