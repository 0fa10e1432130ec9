"""Zones as unions of atoms: which of the atoms, into which all totals are cut, each zone holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.validation import check_codes, check_variables
from abz.vocabulary import (
    BIOMES,
    CONTINENTS,
    LEFT_OUT,
    PERMAFROST_REGION,
    REGIONS,
    ZONE_SETS,
)

__all__ = ["same_atoms", "zone_membership", "zone_sets"]

UNKNOWN = -1
"""Class of an atom that is in no zone of a set, or whose map is not known."""
BESIDE = ("atom_id", "atom_area")
"""What stands along `atom_id` beside the classes."""


def zone_sets(atoms: xr.Dataset) -> dict[str, Mapping[int, str]]:
    """The zone sets of a run: code to name of each, the built-in ones first.

    Parameters
    ----------
    atoms : xarray.Dataset
        `atom_<set>` along `atom_id` for each set; those that are not built in have the attribute
        `zones`, the names of their zones, whose codes count from 1.

    Returns
    -------
    dict of {str: mapping of {int: str}}

    Raises
    ------
    MissingDataError
        If a set is not built in and does not name its zones.

    Examples
    --------
    >>> basin = ("atom_id", [1, 1], {"zones": ["Lena"]})
    >>> zone_sets(xr.Dataset(coords={"atom_basin": basin}))["basin"]
    {1: 'Lena'}
    """
    found: dict[str, Mapping[int, str]] = dict(ZONE_SETS)
    for key in map(str, atoms.variables):
        name = key.removeprefix("atom_")
        if name == key or key in BESIDE or name in ZONE_SETS:
            continue
        names = atoms[key].attrs.get("zones")
        if names is None:
            raise MissingDataError(
                f"the zone set {name!r} does not name its zones",
                rule=f"{key} has the attribute `zones`, names in the order of the codes from 1",
                value=sorted(atoms[key].attrs),
                remedy="run the stage `harmonise` again",
            )
        found[name] = dict(enumerate(names, 1))
    return found


def zone_membership(atoms: xr.Dataset) -> xr.DataArray:
    """Which atoms make up each zone.

    Parameters
    ----------
    atoms : xarray.Dataset
        `atom_biome`, `atom_permafrost`, `atom_region`, `atom_vegetation` (codes), `atom_<set>` of
        further sets as `zone_sets` reads them, and `atom_area`, m2, along `atom_id`; totals and
        zones of a model set carry them.

    Returns
    -------
    xarray.DataArray of int64 (zone_id, atom_id)
        1 where the zone holds the atom. Coordinates along `zone_id`: `zone_set`, `zone` and
        `area_m2`. Zones without an atom are left out. Where a set has zones, but none for some
        atoms, these are its zone `abz.vocabulary.LEFT_OUT`: parts and whole add up in every set.

    Raises
    ------
    MissingDataError
        If a class is missing, or a set does not name its zones.
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
    sets = zone_sets(atoms)
    names = [f"atom_{name}" for name in sets]
    check_variables(atoms.reset_coords(), [*names, "atom_area"], "the table of atoms")
    codes = {
        name: check_codes(atoms[f"atom_{name}"].values, [UNKNOWN, *vocabulary], name)
        for name, vocabulary in sets.items()
    }
    found = [(kind, zone, held) for kind, zone, held in _zones(codes, sets) if held.any()]
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


def _zones(
    codes: Mapping[str, np.ndarray], sets: Mapping[str, Mapping[int, str]]
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Zone set, zone, and which atoms it holds."""
    yield "abz", "ABZ", np.ones(codes["biome"].shape, bool)
    for kind, vocabulary in sets.items():
        for code, name in vocabulary.items():
            yield kind, name, codes[kind] == code
        if (codes[kind] != UNKNOWN).any():
            yield kind, LEFT_OUT, codes[kind] == UNKNOWN
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
