"""Zones of the land that a finished flux map covers: its mask is the domain, its cells count whole.

Maps of others come with a mask of their own. Where the zones' polygons were drawn a little
otherwise, cells at the seam take the class of a neighbour, so that the mask stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from abz.grid import Grid
from abz.harmonise.coast import coast_fill
from abz.harmonise.land_cover import land_and_vegetation, merge_vegetation
from abz.harmonise.own_zones import ZoneMap
from abz.harmonise.polygons import polygon_majority
from abz.harmonise.zones import NO_OWN, OTHER_BIOMES, zones_of_classes
from abz.validation import check_same_shape, check_variables
from abz.vocabulary import BIOMES, PERMAFROST, VEGETATION

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["SEAM_CELLS", "mapped_zones"]

SEAM_CELLS = 5.0
"""Cells from which a covered cell without a class may take that of a neighbour."""


def mapped_zones(
    covered: np.ndarray,
    target: Grid,
    ecoregions: gpd.GeoDataFrame,
    permafrost: gpd.GeoDataFrame,
    *,
    vegetation: tuple[xr.Dataset, xr.Dataset] | None = None,
    own: Mapping[str, ZoneMap] = NO_OWN,
) -> xr.Dataset:
    """Zones of the cells that a flux map covers.

    Parameters
    ----------
    covered : numpy.ndarray of bool (y, x)
        Cells in which the map has a value.
    target : Grid
        Equal-area grid of the map.
    ecoregions : geopandas.GeoDataFrame
        Polygons with `BIOME_NUM`.
    permafrost : geopandas.GeoDataFrame
        Polygons with `extent`, codes of `abz.vocabulary.PERMAFROST`.
    vegetation : tuple of xarray.Dataset = (land cover, CAVM), optional
        `lccs_class` (y, x) and `grid_code` (y, x); without them the vegetation is not known.
    own : mapping of {str: ZoneMap}, optional
        Zone sets of one's own on the grid, by name.

    Returns
    -------
    xarray.Dataset
        As `zones_of_classes` gives it, `land_fraction` 1 in each covered cell and 0 in all
        others. The attribute `seam_cells` of `biome` and `vegetation` counts the cells that took
        the class of the nearest cell with one, at most `SEAM_CELLS` away; covered cells beyond
        are outside, with the reason.

    Raises
    ------
    GridError
        If no covered cell lies in a biome of the study.
    InputError
        If shapes differ, or no cell of the domain is in a zone of a set of one's own.

    Notes
    -----
    A covered cell counts with the whole of its geodesic area, as in the code of the study, whose
    1-km cells are either land or not [1]_.

    References
    ----------
    .. [1] Virkkala et al. (2025), doi:10.1038/s41558-024-02234-5.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from abz.grid import polar_grid
    >>> def belt(name, code):
    ...     places = [box(-180, 45, 180, 75)]
    ...     return gpd.GeoDataFrame({name: [code]}, geometry=places, crs="EPSG:4326")
    >>> grid = polar_grid(1e6)
    >>> covered = grid.lonlat()[1] > 60
    >>> zones = mapped_zones(covered, grid, belt("BIOME_NUM", 6), belt("extent", 2))
    >>> int(zones["domain"].sum() - covered.sum()), zones["biome"].attrs["seam_cells"]
    (0, 4)
    """
    check_same_shape(covered, np.empty(target.shape), "the covered cells and the grid")
    biome = polygon_majority(ecoregions, "BIOME_NUM", target, OTHER_BIOMES)
    biome, moved = _from_neighbours(biome, covered, BIOMES)
    extent = np.maximum(polygon_majority(permafrost, "extent", target, PERMAFROST), 0)
    types, filled = np.full(target.shape, -1, np.int16), 0
    if vegetation is not None:
        land_cover, cavm = vegetation
        check_variables(land_cover, ["lccs_class"], "the land-cover map")
        check_variables(cavm, ["grid_code"], "the CAVM map")
        maps = land_cover["lccs_class"], cavm["grid_code"]
        _, lccs, tundra = land_and_vegetation(target, *maps, covered)
        types = merge_vegetation(lccs, tundra, biome)
        types, filled = _from_neighbours(types, covered, VEGETATION)
    zones = zones_of_classes(target, biome, extent, types, covered.astype(np.float32), own=own)
    zones["biome"].attrs["seam_cells"] = moved
    zones["vegetation"].attrs["seam_cells"] = filled
    return zones


def _from_neighbours(
    classes: np.ndarray, covered: np.ndarray, declared: Mapping[int, str]
) -> tuple[np.ndarray, int]:
    """Classes (y, x), covered cells without a declared one filled, and how many these are."""
    fill = coast_fill(np.isin(classes, list(declared)), covered, SEAM_CELLS)
    return fill(classes), fill.into.size
