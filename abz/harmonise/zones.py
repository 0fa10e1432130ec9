"""Zones of the study on a grid: biome, permafrost, region, vegetation, and their common cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.grid import Grid
from abz.harmonise.domain import domain_of
from abz.harmonise.land_cover import land_and_vegetation, merge_vegetation
from abz.harmonise.own_zones import ZoneMap
from abz.harmonise.polygons import polygon_majority
from abz.harmonise.regions import region_of
from abz.validation import check_variables
from abz.vocabulary import PERMAFROST, ZONE_SETS

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["atoms", "build_zones", "zones_of_classes"]

OTHER_BIOMES = range(1, 100)
"""Biomes of the ecoregion map, which also vote, so that a cell of mainly steppe is no taiga."""

LONG_NAMES = {
    "biome": "biome of the ecoregion map",
    "permafrost": "permafrost extent class",
    "region": "region of the study",
    "vegetation": "vegetation type of the models",
}
NO_OWN: Mapping[str, ZoneMap] = MappingProxyType({})


def build_zones(
    target: Grid,
    ecoregions: gpd.GeoDataFrame,
    permafrost: gpd.GeoDataFrame,
    land_cover: xr.Dataset,
    cavm: xr.Dataset,
    *,
    own: Mapping[str, ZoneMap] = NO_OWN,
) -> xr.Dataset:
    """The domain of the study on a grid, and the zones that part it.

    Parameters
    ----------
    target : Grid
        Equal-area grid of a model set.
    ecoregions : geopandas.GeoDataFrame
        Polygons with `BIOME_NUM`.
    permafrost : geopandas.GeoDataFrame
        Polygons with `extent`, codes of `abz.vocabulary.PERMAFROST`.
    land_cover : xarray.Dataset
        `lccs_class` (y, x) of ESA CCI land cover.
    cavm : xarray.Dataset
        `grid_code` (y, x) of the CAVM raster.
    own : mapping of {str: ZoneMap}, optional
        Zone sets of one's own on the grid, by name.

    Returns
    -------
    xarray.Dataset
        See `zones_of_classes`.

    Notes
    -----
    Polygons take a cell by the majority of 4 × 4 points, vegetation maps by the majority of area.
    A land cell outside the permafrost polygons has class 0, none. The domain is where the biome is
    boreal or tundra, the centre lies at or north of 49° N, land_fraction > 0, and a vegetation
    type is known.
    """
    check_variables(land_cover, ["lccs_class"], "the land-cover map")
    check_variables(cavm, ["grid_code"], "the CAVM map")
    biome = polygon_majority(ecoregions, "BIOME_NUM", target, OTHER_BIOMES)
    extent = polygon_majority(permafrost, "extent", target, PERMAFROST)
    land, lccs, tundra = land_and_vegetation(target, land_cover["lccs_class"], cavm["grid_code"])
    vegetation = merge_vegetation(lccs, tundra, biome)
    return zones_of_classes(target, biome, np.maximum(extent, 0), vegetation, land, own=own)


def zones_of_classes(
    target: Grid,
    biome: np.ndarray,
    permafrost: np.ndarray,
    vegetation: np.ndarray,
    land: np.ndarray,
    *,
    least_land: float = 0.0,
    own: Mapping[str, ZoneMap] = NO_OWN,
) -> xr.Dataset:
    """Domain, area, region and atoms that follow from the classes of each cell.

    Parameters
    ----------
    target : Grid
        Grid of the class maps.
    biome, permafrost, vegetation : numpy.ndarray of int (y, x)
        Codes of `abz.vocabulary`; −1 where there is none. A map of −1 alone is a map that is not
        known, and takes no cell out of the domain.
    land : numpy.ndarray (y, x)
        Share of land, 0 to 1.
    least_land : float, optional
        Cells of the domain have more land than this share.
    own : mapping of {str: ZoneMap}, optional
        Zone sets of one's own, by name. They take no cell out of the domain.

    Returns
    -------
    xarray.Dataset
        `biome`, `permafrost`, `region`, `vegetation` and each set of one's own (y, x) int16, −1
        outside the domain and where a set has no zone; `land_fraction` (y, x); `area` (y, x), m2
        of land, 0 outside; `domain` (y, x), 0 or 1; `outside` (y, x), why a cell is not in the
        domain, see `abz.harmonise.domain`; `atom` (y, x) int32, −1 outside; and along `atom_id`
        the classes and the area of each atom.

    Raises
    ------
    GridError
        If the domain is empty.
    InputError
        If no cell of the domain is in a zone of a set of one's own.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(1e6)
    >>> taiga = np.full(grid.shape, 6)
    >>> zones = zones_of_classes(grid, taiga, taiga * 0, taiga * 0 + 80, np.ones(grid.shape))
    >>> zones["atom_region"].values.tolist()
    [1, 2, 3, 4]
    """
    lon, lat = target.lonlat()
    classes = {
        "biome": biome, "permafrost": permafrost, "region": region_of(lon, lat),
        "vegetation": vegetation,
    }  # fmt: skip
    land = land.astype(np.float32)
    outside = domain_of(classes, lat, land, least_land)
    domain = outside.values == 0
    if not domain.any():
        raise GridError(
            "no cell of the grid belongs to the domain",
            rule="biome boreal or tundra, 49° N or more, land, a vegetation type",
            value=f"{target.shape} cells",
            remedy="check that the maps of biome and land cover reach the grid",
        )
    zones = xr.Dataset(coords=target.coords())
    for name, codes in classes.items():
        zones[name] = _map(np.where(domain, codes, -1).astype(np.int16), LONG_NAMES[name])
    for name, held in own.items():
        zones[name] = _own_map(name, held, domain, land)
    zones["land_fraction"] = _map(land, "share of land without water and ice")
    area = np.where(domain, target.cell_area() * land.astype(np.float64), 0.0)
    zones["area"] = _map(area, "area of land", "m2")
    zones["domain"] = _map(domain.astype(np.int8), "whether the cell belongs to the domain")
    zones["outside"] = outside
    return atoms(zones, [*ZONE_SETS, *own])


def _own_map(name: str, held: ZoneMap, domain: np.ndarray, land: np.ndarray) -> xr.DataArray:
    """A zone set of one's own on the domain, with the names of its zones."""
    codes = np.where(domain, held.on_land(land), -1).astype(np.int16)
    if not (codes > 0).any():
        raise InputError(
            f"[zones.{name}] misses the domain",
            rule="at least one zone covers half of the land of a cell of the domain",
            value=f"{len(held.zones)} zones, none with a cell",
            remedy="check the coordinates and the CRS of the file, and the size of the cells",
        )
    about: dict[str, Any] = {"zones": list(held.zones), "overlap_m2": held.overlap_m2}
    about |= {"units": "1", "long_name": f"zone of the set {name}"}
    return xr.DataArray(codes, dims=("y", "x"), attrs=about)


def atoms(zones: xr.Dataset, sets: Sequence[str] = tuple(ZONE_SETS)) -> xr.Dataset:
    """Give each combination of classes that occurs a number: the atoms of all zones.

    Parameters
    ----------
    zones : xarray.Dataset
        The class maps, `area` and `domain` (y, x).
    sets : sequence of str, optional
        Names of the class maps.

    Returns
    -------
    xarray.Dataset
        With `atom` (y, x) int32, −1 outside the domain, in the order of the classes of
        the first map, then of the second and so on; `atom_<set>` int16, with the attributes of its
        map, and `atom_area` float64, m2, along `atom_id`.
    """
    inside = zones["domain"].values == 1
    kinds, member = _combinations([zones[name].values[inside] for name in sets])
    atom = np.full(inside.shape, -1, dtype=np.int32)
    atom[inside] = member
    area = np.bincount(member, zones["area"].values[inside], minlength=len(kinds))
    coords: dict[str, tuple[str, np.ndarray, dict[str, Any]]] = {}
    coords["atom_id"] = ("atom_id", np.arange(len(kinds), dtype=np.int32), {"units": "1"})
    for column, name in enumerate(sets):
        about = zones[name].attrs
        attrs = {**about, "units": "1", "long_name": f"{about['long_name']} of the atom"}
        coords[f"atom_{name}"] = ("atom_id", kinds[:, column].astype(np.int16), attrs)
    coords["atom_area"] = ("atom_id", area, {"units": "m2", "long_name": "area of the atom"})
    return zones.assign(atom=_map(atom, "atom: one combination of all classes")).assign_coords(
        coords
    )


def _combinations(classes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Combinations (kind, set) that occur, in order, and which each cell (n,) has.

    Sets are taken in one after another, so that only single numbers are sorted.
    """
    kinds, member = np.empty((1, 0), np.int16), np.zeros(classes[0].size, np.int64)
    for codes in classes:
        known, place = np.unique(codes, return_inverse=True)
        found, member = np.unique(member * known.size + place, return_inverse=True)
        before, last = np.divmod(found, known.size)
        kinds = np.column_stack([kinds[before], known[last].astype(np.int16)])
    return kinds, member


def _map(
    values: np.ndarray, long_name: str, units: str = "1"
) -> tuple[tuple[str, str], np.ndarray, dict[str, str]]:
    """A labelled map (y, x), as xarray takes it."""
    return ("y", "x"), values, {"units": units, "long_name": long_name}
