"""What the products say that stands still: soils, terrain, land cover, biomes, permafrost."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import xarray as xr
from rasterio.features import shapes
from shapely.geometry import shape

from abz.grid import Grid
from abz.readers.labels import predictor_attrs
from abz.world.footprint import Footprint
from abz.world.surface import cavm_codes, lccs_codes

__all__ = [
    "biome_polygons",
    "cavm",
    "esa_cci_lc",
    "permafrost_polygons",
    "predictor_map",
]

NO_CLASS = -1


def predictor_map(here: Footprint, name: str) -> xr.Dataset:
    """A static predictor: `soil_ph`, `soc`, `cti` or `permafrost_probability`."""
    maps = here.map(getattr(here.places.ground, name))
    return here.dataset({name: (maps, predictor_attrs(name))}, {})


def esa_cci_lc(here: Footprint) -> xr.Dataset:
    """ESA CCI land-cover codes; cells without land are water."""
    places = here.places
    codes = here.map(lccs_codes(places.ground, places.land, places.lon), missing=210)
    return _code_map(here, "lccs_class", codes, "land cover, UN LCCS code")


def cavm(here: Footprint) -> xr.Dataset:
    """Codes of the circumpolar Arctic vegetation map; cells without land are salt water."""
    codes = here.map(cavm_codes(here.places.ground, here.places.land), missing=92)
    return _code_map(here, "grid_code", codes, "circumpolar Arctic vegetation")


def biome_polygons(here: Footprint) -> gpd.GeoDataFrame:
    """Biomes as polygons with BIOME_NUM; the ice sheet belongs to none."""
    ground = here.places.ground
    codes = np.where(ground.ice, NO_CLASS, ground.biome).astype(np.int16)
    frame = _polygons(here, codes, "BIOME_NUM")
    names = {6: "Boreal Forests/Taiga", 11: "Tundra"}
    other = "Temperate Grasslands, Savannas & Shrublands"
    frame["BIOME_NAME"] = [names.get(int(code), other) for code in frame["BIOME_NUM"]]
    return frame


def permafrost_polygons(here: Footprint) -> gpd.GeoDataFrame:
    """Permafrost extent as polygons with `extent`, in the CRS of the grid."""
    ground = here.places.ground
    return _polygons(here, np.where(ground.ice, NO_CLASS, ground.permafrost), "extent")


def _code_map(here: Footprint, name: str, codes: np.ndarray, long_name: str) -> xr.Dataset:
    """A map of class codes, int16."""
    attributes: Mapping[str, str] = {"units": "1", "long_name": long_name}
    return here.dataset({name: (codes.astype(np.int16), attributes)}, {})


def _polygons(here: Footprint, codes: np.ndarray, column: str) -> gpd.GeoDataFrame:
    """One multipolygon a code, from codes (n,) of the cells of a footprint."""
    grid: Grid = here.grid
    raster = here.map(codes.astype(np.int16), missing=NO_CLASS)
    found = list(shapes(raster, mask=raster != NO_CLASS, transform=grid.transform))
    frame = gpd.GeoDataFrame(
        {column: [int(code) for _, code in found]},
        geometry=[shape(outline) for outline, _ in found],
        crs=grid.crs,
    )
    return frame.dissolve(by=column, as_index=False)
