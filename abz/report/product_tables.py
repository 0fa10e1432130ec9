"""Tables of the run beside products of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text, p_text
from abz.vocabulary import MONTHS

__all__ = ["PRODUCT_NAMES", "PRODUCT_TABLES", "product_name"]

PRODUCT_NAMES = MappingProxyType(
    {
        "gcb2022_inversions": "inversions (GCB 2022)",
        "cmip6_land_fluxes": "CMIP6",
        "fluxcom": "FLUXCOM",
        "fluxcom_x_base": "X-BASE",
        "fluxcom_x_base_fine": "X-BASE, 0.05°",
        "ornl_2377": "published 1-km maps",
        "winter_flux": "winter soil fluxes (Natali 2019)",
        "run": "this run",
    }
)
"""Entry of the catalog to what the site calls it."""

_ZONES = (("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"))
_LAYERS = {"mean": "mean annual NEE", "slope": "trend of annual NEE"}


def product_name(entry: str) -> str:
    """A product as the site calls it.

    Examples
    --------
    >>> product_name("fluxcom_x_base"), product_name("another")
    ('X-BASE', 'another')
    """
    return PRODUCT_NAMES.get(entry, entry)


def _of_main_zones(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the whole zone and the biomes."""
    zones = list(zip(table["zone_set"], table["zone"], strict=True))
    return table[[zone in _ZONES for zone in zones]]


def products_table(results: Results) -> Table | None:
    """Budgets of the products and of the run in their common years."""
    bare = results.tables.get("product_summary")
    if bare is None or bare.empty:
        return None
    rows = [_budget_row(row) for row in records(_of_main_zones(bare))]
    caption = (
        "Mean annual fluxes of the common years, in Tg C yr⁻¹ and, per area of land with a value, "
        "in g C m⁻² yr⁻¹; ± SD over the members of a product, and over the bootstrap members of "
        "the run. Factor: product / run per area, where both have one sign. NEE of a product is "
        "without fire; what it holds besides is named. The CSV file holds all zones."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _held(part: str) -> str:
    """A part of the balance that a product has and the run has not, or may have.

    Examples
    --------
    >>> _held("lakes: included / not included"), _held("harvest: unknown / not included")
    ('lakes', 'harvest unknown')
    """
    name, _, states = part.partition(": ")
    return f"{name} unknown" if states.startswith("unknown") else name


def _budget_row(row: Any) -> dict[str, str]:
    """A product, flux and zone as text."""
    held = [_held(part) for part in str(row.unlike).split("; ") if part]
    return {
        "product": product_name(row.product),
        "members": str(row.members),
        "flux": FLUX_NAMES[row.flux],
        "zone": row.zone,
        "years": years_text(row.first_year, row.last_year, row.n_years),
        "product, Tg C yr⁻¹": spread_text(row.tg, row.tg_sd),
        "run, Tg C yr⁻¹": spread_text(row.run_tg, row.run_tg_sd),
        "product, per area": spread_text(row.g_m2, row.g_m2_sd),
        "run, per area": spread_text(row.run_g_m2, row.run_g_m2_sd),
        "factor": number_text(row.factor, 2),
        "land with a value, %": number_text(100 * row.valid_share, 0),
        "r, years": number_text(row.years_r, 2),
        "also holds": ", ".join(held) or "nothing",
    }


def likeness_table(results: Results) -> Table | None:
    """How alike the maps of products and of the run are."""
    bare = results.tables.get("product_likeness")
    if bare is None or bare.empty:
        return None
    rows = [
        {
            "product": product_name(row.product),
            "map": _LAYERS[row.layer],
            "cells": number_text(row.cells, 0),
            "r": number_text(row.r, 2),
            "independent places": number_text(row.n_effective, 0),
            "p": p_text(row.p_value),
            "p, as if all cells were independent": p_text(row.p_naive),
            "r, by land": number_text(row.r_land, 2),
            "ratio of SDs": number_text(row.sd_ratio, 2),
            "centred RMSD": number_text(row.crmsd, 1),
            "bias": number_text(row.bias, 1),
        }
        for row in records(bare)
    ]
    caption = (
        "Maps of 1° of the products beside those of the run in the same years: Pearson's r over "
        "the cells and its p with the number of places that count as independent; and, weighted "
        "with land, r, SD of the product / SD of the run, the centred root mean square difference, "
        "and product − run, in g C m⁻² yr⁻¹ (of trends, per year)."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def trends_table(results: Results) -> Table | None:
    """Trends of the budgets of products and of the run in the same years."""
    bare = results.tables.get("product_trends")
    if bare is None or bare.empty:
        return None
    main = _of_main_zones(bare)
    rows = [
        {
            "product": _trend_name(row.product),
            "zone": row.zone,
            "years": years_text(row.first_year, row.last_year),
            "trend": number_text(row.slope, 1),
            "95 % bounds": f"{number_text(row.lower, 1)} to {number_text(row.upper, 1)}",
            "p": p_text(row.p_value),
        }
        for row in records(main[main["flux"] == "nee"])
    ]
    caption = (
        "Trends of annual NEE in Tg C yr⁻¹ per year: Theil–Sen slope and the Mann–Kendall test of "
        "the run's method, of the mean of the members, and of the run in the same years. The CSV "
        "file holds all zones and fluxes."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _trend_name(name: str) -> str:
    """A product, or the run in the years of a product."""
    entry = name.removeprefix("run beside ")
    return product_name(entry) if entry == name else f"this run, years of {product_name(entry)}"


def steps_table(results: Results) -> Table | None:
    """What was done to each product."""
    bare = results.tables.get("product_steps")
    if bare is None or bare.empty:
        return None
    shown = bare.assign(product=bare["product"].map(product_name))
    return Table("Each product on its way to one definition.", bare, shown)


def ledger_table(results: Results) -> Table | None:
    """Rows of the ledger of each product."""
    bare = results.tables.get("product_ledger")
    if bare is None or bare.empty:
        return None
    columns = {"name": "row", "value": "Tg C yr⁻¹", "period": "period", "gpp": "GPP",
               "reco": "Reco", "fire": "fire", "lakes": "lakes", "rivers": "rivers",
               "lateral": "lateral", "harvest": "harvest"}  # fmt: skip
    shown = bare.assign(
        name=[_row_name(name) for name in bare["name"]],
        value=[spread_text(row.value, row.spread) for row in records(bare)],
        period=[_period_text(row) for row in records(bare)],
    )
    caption = (
        "Rows of the ledger, ABZ: each product as it is given, the fire that is taken from it, and "
        "what is left; mean of the members ± their SD. Of winter soil fluxes: as they are given, "
        "the uptake of the run, and what both make beside NEE of the run."
    )
    return Table(caption, bare, shown[list(columns)].rename(columns=columns))


def _period_text(row: Any) -> str:
    """Years of a row of the ledger, and how many months of each."""
    years = years_text(row.first_year, row.last_year)
    return years if row.months == len(MONTHS) else f"{years}, {row.months} months of each"


def _row_name(name: str) -> str:
    """Name of a row of the ledger, with the product as the site calls it."""
    others = PRODUCT_NAMES.keys() - {"run"}
    return re.sub(r"\w+", lambda word: PRODUCT_NAMES[word[0]] if word[0] in others else word[0],
                  name)  # fmt: skip


def sites_table(results: Results) -> Table | None:
    """Sites beside the cells of the maps."""
    bare = results.tables.get("product_site_agreement")
    if bare is None or bare.empty:
        return None
    rows = [
        {
            "map": product_name(row.source),
            "sites": str(row.sites),
            "measured": number_text(row.measured, 0),
            "mapped": number_text(row.mapped, 0),
            "mapped − measured": number_text(row.bias, 0),
            "r": number_text(row.r if row.sites > 3 else np.nan, 2),
        }
        for row in records(bare)
    ]
    caption = (
        "Mean annual NEE at sites, in g C m⁻² yr⁻¹, beside the 1° cells that hold them, in the "
        "complete years of each site that the map covers."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def winter_table(results: Results) -> Table | None:
    """Winter fluxes beside those of the run."""
    bare = results.tables.get("product_winter")
    if bare is None or bare.empty:
        return None
    rows = [
        {
            "months": row.season,
            "zone": row.zone,
            "years": years_text(row.first_year, row.last_year, row.n_years),
            "land with a value, %": number_text(100 * row.valid_share, 0),
            "soil flux": number_text(row.soil_flux_g_m2, 1),
            "Reco of the run": number_text(row.reco_g_m2, 1),
            "soil flux − GPP of the run": number_text(row.soil_nee_g_m2, 1),
            "NEE of the run": number_text(row.nee_g_m2, 1),
            "winters with more release": f"{row.higher} of {row.n_years}",
            "r, years": number_text(row.years_r, 2),
        }
        for row in records(_of_main_zones(bare))
    ]
    caption = (
        "Winter soil CO₂ flux of Natali et al. (2019) beside the run in the same cells and months, "
        "in g C m⁻² per winter. The flux is respiration: it stands beside Reco as it is given, and "
        "beside NEE without the GPP of the run in these months. Oct–Apr lies within a calendar "
        "year; one winter is October to December of the year before and January to April. The CSV "
        "file holds all zones and the budgets."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def notes_table(results: Results) -> Table | None:
    """Products that are not compared."""
    bare = results.tables.get("product_notes")
    if bare is None or bare.empty:
        return None
    shown = bare.assign(product=bare["product"].map(product_name))
    return Table("Products, and members of products, that are not compared.", bare, shown)


PRODUCT_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "products": products_table,
        "product_likeness": likeness_table,
        "product_trends": trends_table,
        "product_ledger": ledger_table,
        "product_steps": steps_table,
        "product_sites": sites_table,
        "product_winter": winter_table,
        "product_notes": notes_table,
    }
)
"""Name to what makes the table."""
