"""The zones of sites: those of the land that a site stands on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.zones import UNKNOWN, zone_membership
from abz.sites import MAX_CELLS, locate_sites
from abz.validation import check_columns, check_variables
from abz.vocabulary import BIOMES, LEFT_OUT

__all__ = ["SITE_TABLE", "place_sites", "site_membership"]

SITE_TABLE, MAP = "site table", "map"
"""Where the biome of a site comes from."""

_CODES = {name: code for code, name in BIOMES.items()}


def place_sites(
    sites: pd.DataFrame, zones: xr.Dataset, max_cells: float = MAX_CELLS
) -> pd.DataFrame:
    """The cell of each site, and its biome.

    Parameters
    ----------
    sites : pandas.DataFrame
        site, latitude, longitude (degrees), biome; the first row of each site counts.
    zones : xarray.Dataset
        Zones of a model set: `domain`, `atom` (y, x); `atom_biome` along `atom_id`.
    max_cells : float, optional
        How far from a site, in cells, the centre of a cell of the domain may lie where the site's
        own cell is not in the domain.

    Returns
    -------
    pandas.DataFrame
        site, latitude, longitude; `atom` of the cell, −1 where none is near enough; `distance` to
        its centre, m; `map_biome`, code of the cell's biome, −1 where there is none; `biome`, code
        of the biome that counts; `biome_from`, "site table" where that names one, or "map".

    Raises
    ------
    InputError
        If a column is missing.
    MissingDataError
        If a map is missing.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> from abz.harmonise import zones_of_classes
    >>> grid = polar_grid(1e6)
    >>> taiga = np.full(grid.shape, 6)
    >>> zones = zones_of_classes(grid, taiga, taiga * 0, taiga * 0 + 80, np.ones(grid.shape))
    >>> sites = pd.DataFrame({"site": ["FI-Hyy", "NO-Adv"], "latitude": [61.8, 78.2],
    ...                       "longitude": [24.3, 15.9], "biome": [None, "Tundra"]})
    >>> place_sites(sites, zones)[["map_biome", "biome", "biome_from"]].values.tolist()
    [[6, 6, 'map'], [6, 11, 'site table']]
    """
    check_columns(sites, ["site", "latitude", "longitude", "biome"], "the site table")
    check_variables(zones.reset_coords(), ["domain", "atom", "atom_biome"], "the zones")
    places = sites.drop_duplicates("site")[["site", "latitude", "longitude", "biome"]]
    found = locate_sites(places.reset_index(drop=True), zones["domain"], max_cells)
    near = found["row"].to_numpy() >= 0
    atom = np.full(len(found), UNKNOWN, np.int64)
    cells = {"y": ("site", found["row"][near]), "x": ("site", found["column"][near])}
    atom[near] = zones["atom"].isel(cells).values
    map_biome = np.where(near, zones["atom_biome"].values[atom], UNKNOWN)
    stated = found["biome"].astype("string").str.strip().str.lower().map(_CODES)
    known = stated.notna().to_numpy()
    return found[["site", "latitude", "longitude", "distance"]].assign(
        atom=atom,
        map_biome=map_biome,
        biome=np.where(known, stated.fillna(UNKNOWN), map_biome).astype(np.int64),
        biome_from=np.where(known, SITE_TABLE, MAP),
    )


def site_membership(
    placed: pd.DataFrame,
    atoms: xr.Dataset,
    rules: Callable[[xr.Dataset], xr.DataArray] = zone_membership,
) -> xr.DataArray:
    """Which sites stand in each zone, by the rules that put land into zones.

    Parameters
    ----------
    placed : pandas.DataFrame
        From `place_sites`.
    atoms : xarray.Dataset
        `atom_*` along `atom_id`, with the codes and the area of each atom.
    rules : callable, optional
        From atoms to zones (zone_id, atom_id), such as `zone_membership`.

    Returns
    -------
    xarray.DataArray of int64 (zone_id, site)
        1 where the zone holds the site; `zone_set` and `zone` along `zone_id`, and the names of
        the sites. A site without a cell stands in the ABZ and in the biome that it names; one
        without either stands nowhere.

    Notes
    -----
    A site is an atom without land, of the classes of its cell and of its own biome, so that zones
    made of classes, their unions and their combinations hold sites as they hold land. What a set
    leaves out is a zone of land, and of no site.

    Examples
    --------
    >>> atoms = xr.Dataset(coords={
    ...     "atom_biome": ("atom_id", [6, 11]), "atom_permafrost": ("atom_id", [0, 1]),
    ...     "atom_region": ("atom_id", [4, 1]), "atom_vegetation": ("atom_id", [70, 33]),
    ...     "atom_area": ("atom_id", [2e12, 1e12])})
    >>> placed = pd.DataFrame({"site": ["a", "b"], "atom": [0, 0], "biome": [6, 11]})
    >>> held = site_membership(placed, atoms)
    >>> held.sel(zone_id=held["zone"] == "Europe tundra").values.tolist()
    [[0, 1]]
    """
    names = [name for name in map(str, atoms.variables) if name.startswith("atom_")]
    land = atoms.reset_coords()[[name for name in names if name != "atom_id"]]
    land = land.drop_vars("atom_id", errors="ignore")
    own = land.isel(atom_id=placed["atom"].to_numpy())
    nowhere = placed["atom"].to_numpy() < 0
    for name in own.variables:
        own[name] = own[name].where(~nowhere, UNKNOWN).astype(land[name].dtype)
    biome = placed["biome"].to_numpy()
    own["atom_biome"] = own["atom_biome"].copy(data=biome.astype(land["atom_biome"].dtype))
    own["atom_area"] = own["atom_area"] * 0.0
    both = xr.concat([land, own], "atom_id", combine_attrs="override")
    for name in land.variables:
        both[name].attrs = land[name].attrs
    zones = rules(both)
    zones = zones.isel(zone_id=np.flatnonzero(zones["zone"].values != LEFT_OUT))
    held = zones.values[:, land.sizes["atom_id"] :] * ~(nowhere & (biome == UNKNOWN))
    coords = {name: ("zone_id", zones[name].values) for name in ("zone_set", "zone")}
    return xr.DataArray(
        held, dims=("zone_id", "site"), coords={**coords, "site": placed["site"].to_numpy()}
    )
