"""The zones of a run: those of the maps of a model set, and unions that its configuration names."""

from __future__ import annotations

import xarray as xr

from abz.budgets import with_unions, zone_membership
from abz.config import Config

__all__ = ["zones_of_run"]


def zones_of_run(config: Config, atoms: xr.Dataset) -> xr.DataArray:
    """All zones of a model set, the unions behind.

    Parameters
    ----------
    config : Config
        Of the run.
    atoms : xarray.Dataset
        Zones or totals of the model set, as `zone_membership` reads them.

    Returns
    -------
    xarray.DataArray of int64 (zone_id, atom_id)
        As `with_unions` gives it.

    Examples
    --------
    >>> config = Config(
    ...     name="x", world={}, sets={"coarse": {"first_year": 1990, "last_year": 2016}},
    ...     budgets={"unions": {"land": ["biome/boreal"]}})
    >>> atoms = xr.Dataset(coords={
    ...     "atom_biome": ("atom_id", [6]), "atom_permafrost": ("atom_id", [0]),
    ...     "atom_region": ("atom_id", [4]), "atom_vegetation": ("atom_id", [70]),
    ...     "atom_area": ("atom_id", [2e12]),
    ... })
    >>> zones_of_run(config, atoms)["zone"].values[-1].item()
    'land'
    """
    return with_unions(zone_membership(atoms), config.budgets.unions)
