"""Rows of the ledger for the annual budgets of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.ledger.parts import FLUX_PARTS
from abz.ledger.rows import Place, Row, annual_row
from abz.validation import check_columns

__all__ = ["Zone", "budget_rows", "zone_atoms", "zone_place"]

Zone = tuple[str, str, str]
"""Model set, zone set, zone."""

ZONE = ["model_set", "zone_set", "zone"]


def zone_atoms(membership: xr.DataArray, model_set: str) -> dict[Zone, frozenset[int]]:
    """Atoms of each zone of a model set.

    Parameters
    ----------
    membership : xarray.DataArray (zone_id, atom_id)
        1 where the zone holds the atom; coordinates `zone_set` and `zone`.
    model_set : str
        Name of the set.

    Returns
    -------
    dict of {(model set, zone set, zone): frozenset of int}

    Examples
    --------
    >>> membership = xr.DataArray([[1, 1], [0, 1]], dims=("zone_id", "atom_id"), coords={
    ...     "zone_set": ("zone_id", ["abz", "biome"]), "zone": ("zone_id", ["ABZ", "tundra"])})
    >>> sorted(zone_atoms(membership, "fine")["fine", "abz", "ABZ"])
    [0, 1]
    """
    names = zip(membership["zone_set"].values, membership["zone"].values, strict=True)
    return {
        (model_set, str(zone_set), str(zone)): frozenset(np.flatnonzero(held).tolist())
        for (zone_set, zone), held in zip(names, membership.values, strict=True)
    }


def zone_place(zone: Zone, atoms: Mapping[Zone, frozenset[int]]) -> Place:
    """Place of a zone of a model set, whose cells and land are the mask.

    Examples
    --------
    >>> print(zone_place(("fine", "biome", "tundra"), {}).mask)
    fine set
    """
    model_set, zone_set, name = zone
    return Place.of(zone_set, name, f"{model_set} set", atoms.get(zone))


def budget_rows(annual: pd.DataFrame, atoms: Mapping[Zone, frozenset[int]]) -> Iterator[Row]:
    """Mean annual budget of each zone and flux over all years that have one.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`.
    atoms : mapping of {(model set, zone set, zone): frozenset of int}
        From `zone_atoms`; zones that are not in it have no atoms in the ledger.

    Yields
    ------
    Row
        Named by the flux. A zone whose years have a gap has no row: it has no period.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> zone = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "member": 0}
    >>> annual = pd.DataFrame([{**zone, "flux": "nee_fire", "year": y, "tg": -300.0}
    ...                        for y in range(2002, 2021)])
    >>> print(*budget_rows(annual, {}))
    “nee_fire” (NEE + fire, ABZ, 2002–2020, fine set)
    """
    check_columns(annual, [*ZONE, "flux", "year", "member", "tg"], "annual budgets")
    known = annual[annual["flux"].isin(list(FLUX_PARTS))].dropna(subset=["tg"])
    for (*zone, flux), group in known.groupby([*ZONE, "flux"], sort=False):
        years = np.unique(group["year"])
        if np.ptp(years) == years.size - 1:
            model_set, zone_set, name = map(str, zone)
            place = zone_place((model_set, zone_set, name), atoms)
            yield annual_row(group, str(flux), place, years.tolist())
