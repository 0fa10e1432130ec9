"""The eight regions of the study as polygons, from ecoregions, countries and the Urals.

The study's own polygons are not public. Its words are: Alaska, Canada, Siberia (all land east of
the Urals, with a little of Mongolia) and Europe (the rest of Eurasia, and Greenland), each with its
boreal and its tundra biome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
from shapely import make_valid
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from abz.errors import GridError
from abz.harmonise.regions import URALS
from abz.validation import check_columns
from abz.vocabulary import BIOMES, REGIONS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["study_regions"]

SOUTH = 49.0
"""Southern end of the domain, degrees north."""
ALASKA_EAST = -129.0
"""Eastern end of Alaska, degrees east; what the USA have north of 49° N beyond it is a corner of
Minnesota, which goes with Canada."""
OWN_REGION = {"USA": "Alaska", "CAN": "Canada", "GRL": "Europe"}
"""Country code to region; of the others the Urals decide."""


def study_regions(ecoregions: gpd.GeoDataFrame, countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The regions of the study, parted by biome.

    Parameters
    ----------
    ecoregions : geopandas.GeoDataFrame
        From `read_ecoregions2017`: BIOME_NUM, and geometry in EPSG:4326.
    countries : geopandas.GeoDataFrame
        From `read_countries`: iso_a3, and geometry in EPSG:4326.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each region and biome that has land: `region` (code of
        `abz.vocabulary.REGIONS`), `biome` (code of `BIOMES`), `name` such as "Siberia tundra",
        geometry in EPSG:4326, north of 49° N. The polygons do not overlap; land of an ecoregion
        that lies in no country, by the coarser coast of the countries, is left out.

    Raises
    ------
    InputError
        If a column is missing.
    GridError
        If a map is not in longitude and latitude.

    Notes
    -----
    USA north of 49° N is Alaska, save a corner of Minnesota; Greenland is Europe; land of all other
    countries is Europe west of the crest of the Urals and Siberia east of it.
    `abz.harmonise.region_of` tells regions of points from boundary lines alone, and is what the
    zones of budgets use.
    """
    check_columns(ecoregions, ["BIOME_NUM", "geometry"], "the ecoregions")
    check_columns(countries, ["iso_a3", "geometry"], "the countries")
    for table, what in ((ecoregions, "ecoregions"), (countries, "countries")):
        if table.crs is None or not table.crs.is_geographic:
            raise GridError(
                f"the {what} are not in longitude and latitude",
                rule="EPSG:4326",
                value=table.crs,
                remedy='read them with abz.readers, or call to_crs("EPSG:4326")',
            )
    regions = _regions(countries)
    rows = []
    for code, region in REGIONS.items():
        for number, biome in BIOMES.items():
            land = _union(ecoregions[ecoregions["BIOME_NUM"] == number])
            shape = _area_of(land.intersection(regions[region]))
            if not shape.is_empty:
                rows.append((code, number, f"{region} {biome}", shape))
    columns = ("region", "biome", "name", "geometry")
    values = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    return gpd.GeoDataFrame(values, geometry="geometry", crs="EPSG:4326")


def _regions(countries: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    """Land of each region, by country and side of the Urals."""
    code = countries["iso_a3"]
    shapes = {
        region: _union(countries[code.isin([c for c, r in OWN_REGION.items() if r == region])])
        for region in REGIONS.values()
    }
    others = _union(countries[~code.isin(list(OWN_REGION))])
    angle = box(ALASKA_EAST, SOUTH, -60.0, 90.0)
    shapes["Canada"] = shapes["Canada"].union(shapes["Alaska"].intersection(angle))
    shapes["Alaska"] = _area_of(shapes["Alaska"].difference(angle))
    west, east = _sides_of_the_urals()
    shapes["Europe"] = shapes["Europe"].union(others.intersection(west))
    shapes["Siberia"] = shapes["Siberia"].union(others.intersection(east))
    return shapes


def _sides_of_the_urals() -> tuple[BaseGeometry, BaseGeometry]:
    """Eurasia west and east of the crest, north of 49° N; Chukotka reaches beyond 180°."""
    line = [(lon, lat) for lat, lon in URALS]
    crest = [(line[0][0], SOUTH), *line, (line[-1][0], 90.0)]
    west = Polygon([(-60.0, SOUTH), *crest, (-60.0, 90.0)])
    east = Polygon([*crest, (180.0, 90.0), (180.0, SOUTH)])
    return make_valid(west), unary_union([make_valid(east), box(-180.0, SOUTH, -160.0, 90.0)])


def _union(table: gpd.GeoDataFrame) -> BaseGeometry:
    """One area of all rows, north of the southern end."""
    north = box(-180.0, SOUTH, 180.0, 90.0)
    return _area_of(
        unary_union([make_valid(shape).intersection(north) for shape in table.geometry])
    )


def _area_of(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape, without the lines and points where shapes only touch."""
    areas = [part for part in getattr(shape, "geoms", [shape]) if part.area > 0]
    return unary_union(areas) if areas else Polygon()
