"""Zones as unions of atoms: which of the atoms, into which all totals are cut, each zone holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from abz.validation import check_codes, check_variables
from abz.vocabulary import BIOMES, CONTINENTS, PERMAFROST_REGION, REGIONS, ZONE_SETS

__all__ = ["same_atoms", "zone_membership"]

UNKNOWN = -1
"""Class of an atom in a zone set whose map is not known."""


def zone_membership(atoms: xr.Dataset) -> xr.DataArray:
    """Which atoms make up each zone.

    Parameters
    ----------
    atoms : xarray.Dataset
        `atom_biome`, `atom_permafrost`, `atom_region`, `atom_vegetation` (codes) and `atom_area`,
        m2, along `atom_id`; totals and zones of a model set carry them.

    Returns
    -------
    xarray.DataArray of int64 (zone_id, atom_id)
        1 where the zone holds the atom. Coordinates along `zone_id`: `zone_set`, `zone` and
        `area_m2`. Zones without an atom are left out.

    Raises
    ------
    MissingDataError
        If a class is missing.
    CategoryError
        If a code is undeclared.

    Examples
    --------
    >>> atoms = xr.Dataset(coords={
    ...     "atom_biome": ("atom_id", [6, 11]), "atom_permafrost": ("atom_id", [0, 1]),
    ...     "atom_region": ("atom_id", [4, 1]), "atom_vegetation": ("atom_id", [70, 33]),
    ...     "atom_area": ("atom_id", [2e12, 1e12]),
    ... })
    >>> zones = zone_membership(atoms)
    >>> dict(zip(zones["zone"].values.tolist(), zones["area_m2"].values.tolist()))["tundra"]
    1000000000000.0
    """
    names = [f"atom_{name}" for name in ZONE_SETS]
    check_variables(atoms.reset_coords(), [*names, "atom_area"], "the table of atoms")
    codes = {
        name: check_codes(atoms[f"atom_{name}"].values, [UNKNOWN, *vocabulary], name)
        for name, vocabulary in ZONE_SETS.items()
    }
    found = [(kind, zone, held) for kind, zone, held in _zones(codes) if held.any()]
    member = np.array([held for _, _, held in found], np.int64)
    return xr.DataArray(
        member,
        dims=("zone_id", "atom_id"),
        coords={
            "zone_set": ("zone_id", [kind for kind, _, _ in found]),
            "zone": ("zone_id", [zone for _, zone, _ in found]),
            "area_m2": ("zone_id", member @ atoms["atom_area"].values),
        },
        attrs={"units": "1", "long_name": "whether the zone holds the atom"},
    )


def _zones(codes: dict[str, np.ndarray]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Zone set, zone, and which atoms it holds."""
    yield "abz", "ABZ", np.ones(codes["biome"].shape, bool)
    for kind, vocabulary in ZONE_SETS.items():
        for code, name in vocabulary.items():
            yield kind, name, codes[kind] == code
    frozen = np.isin(codes["permafrost"], PERMAFROST_REGION)
    yield "permafrost_region", "permafrost", frozen
    for name, regions in CONTINENTS.items():
        yield "continent", name, np.isin(codes["region"], regions)
    for region, where in REGIONS.items():
        for biome, name in BIOMES.items():
            held = (codes["region"] == region) & (codes["biome"] == biome)
            yield "region_biome", f"{where} {name}", held


def same_atoms(first: xr.Dataset, second: xr.Dataset) -> bool:
    """Whether two datasets are cut into the same atoms.

    Parameters
    ----------
    first, second : xarray.Dataset
        With `atom_*` along `atom_id`.

    Examples
    --------
    >>> atoms = xr.Dataset(coords={"atom_area": ("atom_id", [2e12, 1e12])})
    >>> same_atoms(atoms, atoms.isel(atom_id=[0]))
    False
    """
    names = [name for name in first.coords if str(name).startswith("atom_")]
    return all(
        name in second.coords and np.array_equal(first[name].values, second[name].values)
        for name in names
    )
