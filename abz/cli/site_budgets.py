"""What the sites say of the zones of a model set, as tables of budgets/."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, cast

import pandas as pd
import xarray as xr

from abz.budgets import (
    in_situ_means,
    place_sites,
    site_membership,
    source_sites,
    zone_sets,
)
from abz.cli.layout import Layout
from abz.cli.run_zones import zones_of_run
from abz.cli.storage import read_table, read_zarr
from abz.cli.tables import labelled
from abz.config import Config
from abz.vocabulary import BIOMES

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = ["SITE_TABLES", "site_tables"]

SITE_TABLES = ("in_situ", "site_zones", "source_area", "source_sites")
"""Tables of budgets/ that speak of sites, and of what they are held against."""


def site_tables(config: Config, layout: Layout, model_set: str) -> dict[str, pd.DataFrame]:
    """Where the sites stand, their mean fluxes by zone, and which are sources.

    Parameters
    ----------
    config : Config
        Years of the set, neutral band and unions.
    layout : Layout
        Zones of the set and annual sums of the sites.
    model_set : str
        Its name.

    Returns
    -------
    dict of {str: pandas.DataFrame}
        `site_zones`, a row a site; `in_situ`, a row a zone and flux; `source_sites`, a row a zone.
        A run without sites has no table.
    """
    path = layout.sites / "annual.parquet"
    if not path.is_file():
        return {}
    sites, zones = read_table(path), read_zarr(layout.zones(model_set))
    placed = place_sites(sites, zones)
    held = site_membership(placed, zones, partial(zones_of_run, config))
    settings = config.sets[cast("SetName", model_set)]
    years = settings.first_year, settings.last_year
    found = {
        "site_zones": _named(placed, held, zone_sets(zones)),
        "in_situ": in_situ_means(sites, held, years),
        "source_sites": source_sites(sites, held, config.budgets.neutral_band),
    }
    return {name: labelled(table, model_set) for name, table in found.items()}


def _named(placed: pd.DataFrame, held: xr.DataArray, single: Collection[str]) -> pd.DataFrame:
    """Sites with the names of their biome and of the zone of each set that holds them."""
    names = {-1: ""} | dict(BIOMES)
    kinds, zones = held["zone_set"].values, held["zone"].values
    table = placed.drop(columns="atom").assign(
        map_biome=placed["map_biome"].map(names), biome=placed["biome"].map(names)
    )
    for kind in [kind for kind in dict.fromkeys(kinds) if kind in single and kind != "biome"]:
        rows = kinds == kind
        at, inside = held.values[rows].argmax(axis=0), held.values[rows].any(axis=0)
        table[kind] = [
            zones[rows][row] if in_it else "" for row, in_it in zip(at, inside, strict=True)
        ]
    return table
