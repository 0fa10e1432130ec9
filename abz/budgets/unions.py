"""Unions of zones: further zones, made of the same atoms, so that nothing is counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.vocabulary import UNION

__all__ = ["with_unions"]


def with_unions(membership: xr.DataArray, unions: Mapping[str, Sequence[str]]) -> xr.DataArray:
    """The zones, and unions of some of them behind.

    Parameters
    ----------
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.
    unions : mapping of {str: sequence of str}
        Name of each union to its parts, each spelled "zone set/zone", such as
        "region_biome/Siberia tundra".

    Returns
    -------
    xarray.DataArray (zone_id, atom_id)
        As `zone_membership` gives it; unions are of the zone set `UNION`. Totals of all members,
        and hence every spread and covariance, follow from the atoms as for any other zone.

    Raises
    ------
    InputError
        If a part is unknown, or two parts of a union share an atom.

    Examples
    --------
    >>> zones = xr.DataArray(
    ...     [[1, 0, 0], [0, 1, 1]], dims=("zone_id", "atom_id"), coords={
    ...     "zone_set": ("zone_id", ["biome"] * 2), "zone": ("zone_id", ["boreal", "tundra"]),
    ...     "area_m2": ("zone_id", [2e12, 1e12])})
    >>> both = with_unions(zones, {"land": ["biome/boreal", "biome/tundra"]})
    >>> both.sel(zone_id=both["zone"] == "land").values.tolist()
    [[1, 1, 1]]
    """
    if not unions:
        return membership
    names = [
        f"{kind}/{zone}"
        for kind, zone in zip(membership["zone_set"].values, membership["zone"].values, strict=True)
    ]
    parts = [_union(membership, names, name, held) for name, held in unions.items()]
    return xr.concat([membership, *parts], "zone_id")


def _union(
    membership: xr.DataArray, names: list[str], name: str, parts: Sequence[str]
) -> xr.DataArray:
    """One union as a zone (1, atom_id)."""
    unknown = [part for part in parts if part not in names]
    if unknown or not parts:
        raise InputError(
            f"the union {name!r} has no such part",
            rule="its parts are zones with land in this model set, each spelled zone set/zone",
            value=", ".join(unknown) or "no parts",
            remedy=f"choose among {', '.join(names)}",
        )
    chosen = membership.isel(zone_id=[names.index(part) for part in parts])
    _check_apart(chosen.values, name, parts)
    together = chosen.sum("zone_id").expand_dims("zone_id")
    return together.assign_coords(
        zone_set=("zone_id", [UNION]),
        zone=("zone_id", [name]),
        area_m2=("zone_id", [float(chosen["area_m2"].sum())]),
    ).assign_attrs(membership.attrs)


def _check_apart(held: np.ndarray, name: str, parts: Sequence[str]) -> None:
    """Nothing, if no two parts hold the same atom."""
    for first in range(len(parts)):
        for second in range(first):
            shared = int((held[first] & held[second]).sum())
            if shared:
                raise InputError(
                    f"the union {name!r} would count land twice",
                    rule="its parts do not overlap",
                    value=f"{parts[second]} and {parts[first]} share {shared} atoms",
                    remedy="leave one of them out, or join zones of one zone set",
                )
