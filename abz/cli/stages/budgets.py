"""Budgets of all zones and model sets, their Table 1 and their trends."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from abz.budgets import (
    add_mean_rows,
    adopted_account,
    annual_budgets,
    fire_totals,
    left_out,
    monthly_budgets,
    no_sites,
    same_atoms,
    seasonal_budgets,
    source_area_share,
    table1,
    zonal_trend_limits,
    zonal_trends,
    zone_totals,
)
from abz.cli.budget_errors import Budgeted, error_tables
from abz.cli.layout import Layout
from abz.cli.run_zones import zones_of_run
from abz.cli.site_budgets import site_tables
from abz.cli.storage import read_table, read_zarr, write_table
from abz.config import Config
from abz.fire import fire_years, matched_periods
from abz.ledger import Zone, budget_rows, ledger_table, zone_atoms
from abz.trends import amplitude_change, monthly_change, site_trend_limits, site_trends
from abz.vocabulary import FLUXES

__all__ = ["run"]

MAKERS = {
    "annual": annual_budgets, "seasonal": seasonal_budgets, "monthly": monthly_budgets
}  # fmt: skip

CYCLE_ZONES = ("abz", "biome", "permafrost_region")
"""Zone sets whose seasonal cycle is compared between years."""


def run(config: Config, layout: Layout) -> list[Path]:
    """Write budgets/*.parquet of the sets that are mapped; nothing if none is."""
    sets = [name for name in config.sets if layout.totals(name).exists()]
    if not sets:
        return []
    parts = [_of_set(config, layout, name) for name in sets]
    names = dict.fromkeys(name for part in parts for name in part)
    tables = {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in names
    }
    at_sites = tables.get("in_situ", no_sites())
    made = table1(tables["annual"], tables["seasonal"], at_sites, tables["source_area"])
    tables["table1"] = _with_means(made, layout)
    tables |= _trends(config, tables) | _balance(config, layout, tables["annual"])
    if (layout.sites / "annual.parquet").is_file():
        tables |= _site_trends(config, read_table(layout.sites / "annual.parquet"))
    return [
        write_table(table, layout.budgets / f"{name}.parquet") for name, table in tables.items()
    ]


def _with_means(table: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Table 1, with what only published mean maps tell."""
    path = layout.mean_maps / "budgets.parquet"
    return add_mean_rows(table, read_table(path)) if path.is_file() else table


def _balance(config: Config, layout: Layout, annual: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What each budget holds, and fire against uptake."""
    atoms: dict[Zone, frozenset[int]] = {}
    for name in annual["model_set"].unique():
        atoms |= zone_atoms(zones_of_run(config, read_zarr(layout.totals(name))), name)
    return {
        "ledger": ledger_table(budget_rows(annual, atoms)),
        "fire_periods": matched_periods(annual, atoms),
        "fire_years": fire_years(annual),
    }


def _trends(config: Config, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Trends of zones, what they cannot say, and how the seasonal cycle changes."""
    test = (config.trends.method, config.trends.preserve_range)
    monthly = tables["monthly"]
    cycles = monthly[monthly["zone_set"].isin(CYCLE_ZONES) & monthly["flux"].isin(list(FLUXES))]
    return {
        "trends": zonal_trends(tables["annual"], *test),
        "trend_limits": zonal_trend_limits(tables["annual"], *test, config.trends.alpha),
        "amplitude": amplitude_change(cycles, *test),
        "monthly_change": monthly_change(cycles),
    }


def _site_trends(config: Config, sites: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Trends of sites, and what they cannot say."""
    test = (config.trends.method, config.trends.preserve_range)
    long = config.sites.long_record_years
    return {
        "site_trends": site_trends(sites, long, *test),
        "site_trend_limits": site_trend_limits(sites, long, *test, alpha=config.trends.alpha),
    }


def _of_set(config: Config, layout: Layout, model_set: str) -> dict[str, pd.DataFrame]:
    """All tables of one model set that need its own files."""
    totals = read_zarr(layout.totals(model_set)).load()
    membership = zones_of_run(config, totals)
    zones = zone_totals(totals, membership)
    parts, fire = [zones], _fire_of(layout, totals)
    if fire is not None:
        parts += fire_totals(zones, fire, membership)
    tables = {
        name: pd.concat([make(part, model_set) for part in parts], ignore_index=True)
        for name, make in MAKERS.items()
    }
    tables["source_area"] = _source_area(config, layout, model_set, membership)
    if "source_grams" in totals:
        tables["adopted"] = adopted_account(totals)
    tables |= site_tables(config, layout, model_set)
    apart = left_out(read_zarr(layout.zones(model_set)))
    tables["left_out"] = apart.assign(model_set=model_set)
    made = Budgeted(model_set, tables["annual"], totals, membership, fire)
    return tables | error_tables(config, layout, made)


def _fire_of(layout: Layout, totals: xr.Dataset) -> xr.Dataset | None:
    """Grams of fire on the atoms of a model set, if it is known on these."""
    if not layout.fire.exists():
        return None
    fire = read_zarr(layout.fire)
    return fire[["grams"]].load() if same_atoms(totals, fire) else None


def _source_area(
    config: Config, layout: Layout, model_set: str, membership: xr.DataArray
) -> pd.DataFrame:
    """Share of source area of each zone, for NEE with and without fire."""
    zones, maps = read_zarr(layout.zones(model_set)), read_zarr(layout.trends(model_set))
    names = [name for name in maps["flux"].values.tolist() if name in ("nee", "nee_fire")]
    band = config.budgets.neutral_band
    rows = [
        pd.DataFrame(
            {
                "model_set": model_set,
                "flux": name,
                "zone_set": membership["zone_set"].values,
                "zone": membership["zone"].values,
                "source_area_share": source_area_share(
                    maps["mean"].sel(flux=name), zones, membership, band
                ),
            }
        )
        for name in names
    ]
    return pd.concat(rows, ignore_index=True)
