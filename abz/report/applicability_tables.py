"""Tables of what the maps rest on: land outside the area of applicability, levels, clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.table import Table
from abz.report.typography import number_text, unit_text
from abz.vocabulary import FLUXES, PREDICTORS, VEGETATION

__all__ = [
    "APPLICABILITY_TABLES",
    "MAIN_ZONE_SETS",
    "cluster_marks",
    "clusters_table",
    "levels_table",
    "outside_table",
    "unanswered_levels",
    "yearly_shares",
]

MAIN_ZONE_SETS = ("abz", "biome", "permafrost_region", "region")
"""Zone sets that the page shows; the CSV files hold all."""

_MARKS = 3
"""Predictors that describe a cluster."""


def yearly_shares(results: Results) -> pd.DataFrame:
    """Land outside the area of applicability over the year, and the flux that comes from it.

    Parameters
    ----------
    results : Results
        With the table `applicability_shares`.

    Returns
    -------
    pandas.DataFrame
        `model_set`, `flux`, `zone_set`, `zone`, `share_outside` (of land and months, 0 to 1),
        `outside_tg`, `total_tg` (Tg C yr-1); empty if the run has no such table.
    """
    shares = results.tables.get("applicability_shares")
    keys = ["model_set", "flux", "zone_set", "zone"]
    if shares is None:
        return pd.DataFrame(columns=[*keys, "share_outside", "outside_tg", "total_tg"])
    amounts = ["outside_m2", "known_m2", "outside_tg", "total_tg"]
    sums = shares.groupby(keys, sort=False)[amounts].sum().reset_index()
    known = sums["known_m2"].where(sums["known_m2"] > 0)
    sums.insert(len(keys), "share_outside", sums["outside_m2"] / known)
    return sums.drop(columns=["outside_m2", "known_m2"])


def outside_table(results: Results) -> Table | None:
    """Land and fluxes outside the area of applicability, by zone."""
    bare = yearly_shares(results)
    if bare.empty:
        return None
    main = bare[bare["zone_set"].isin(MAIN_ZONE_SETS)]
    rows = []
    for (model_set, _, zone), group in main.groupby(["model_set", "zone_set", "zone"], sort=False):
        by_flux = group.set_index("flux")
        row = {"zone": zone, "set": model_set}
        for flux in FLUXES:
            share = by_flux["share_outside"].get(flux, np.nan)
            row[f"land outside, {FLUX_NAMES[flux]}, %"] = number_text(100 * share, 1)
        row["NEE from outside"] = number_text(by_flux["outside_tg"].get("nee", np.nan), 0)
        row["whole NEE"] = number_text(by_flux["total_tg"].get("nee", np.nan), 0)
        for flux in ("gpp", "reco"):
            row[f"{FLUX_NAMES[flux]} from outside, %"] = _percent(
                by_flux["outside_tg"].get(flux, np.nan), by_flux["total_tg"].get(flux, np.nan)
            )
        rows.append(row)
    caption = (
        "Land outside the area of applicability, mean of the twelve months, and the part of the "
        "mean annual flux that comes from there; NEE in Tg C yr⁻¹. NEE has both signs, so that "
        "part of it and the rest may cancel."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def unanswered_levels(results: Results) -> pd.DataFrame:
    """Rows of `applicability_levels` whose level no training row holds; empty without the table."""
    levels = results.tables.get("applicability_levels")
    if levels is None:
        return pd.DataFrame(columns=["model_set", "flux", "zone_set", "zone", "level", "support"])
    return levels[levels["support"] != "supported"]


def levels_table(results: Results) -> Table | None:
    """Vegetation types without towers: where they occur, and which type stands in."""
    bare = unanswered_levels(results)
    if bare.empty:
        return None
    main = bare[bare["zone_set"].isin(MAIN_ZONE_SETS)]
    keys = ["model_set", "zone_set", "zone", "predictor", "level", "support", "stand_in"]
    grouped = main.groupby([*keys, "cells", "area_m2", "zone_share"], sort=False)["flux"]
    rows = [
        {
            "zone": row.zone,
            "set": row.model_set,
            "type without towers": _level_words(row.predictor, row.level),
            "answered by": _level_words(row.predictor, row.stand_in)
            if row.support == "pooled"
            else "none: no flux",
            "fluxes": ", ".join(FLUX_NAMES[flux] for flux in FLUXES if flux in row.flux),
            "cells": number_text(row.cells, 0),
            "area, 10³ km²": number_text(row.area_m2 * 1e-9, 0),
            "of the zone,\N{NO-BREAK SPACE}%": number_text(100 * row.zone_share, 1),
        }
        for row in records(grouped.agg(list).reset_index())
    ]
    caption = (
        "Land whose vegetation type no training row holds, and the type of its kin by which the "
        "forests answer there."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def clusters_table(results: Results) -> Table | None:
    """Clusters of like environments: extent, towers, and what sets them apart."""
    bare = results.tables.get("applicability_clusters")
    if bare is None:
        return None
    rows = []
    for model_set, group in bare.groupby("model_set", sort=False):
        known = group[(group["cluster"] >= 0) | (group["sites"] > 0)]
        marks = cluster_marks(group[group["cluster"] >= 0].dropna(axis=1, how="all"))
        rows += [
            {
                "cluster": f"{row.cluster + 1}" if row.cluster >= 0 else "none",
                "set": model_set,
                "area, 10⁶ km²": number_text(row.area_m2 * 1e-12, 2),
                "of the land,\N{NO-BREAK SPACE}%": number_text(100 * row.area_share, 1),
                "towers": number_text(row.sites, 0),
                "site-months": number_text(row.site_months, 0),
                "10³ km² per tower": _per_tower(row),
                "what sets it apart": marks.get(row.cluster, "annual means are not known"),
            }
            for row in records(known.sort_values("cluster", key=lambda n: n.where(n >= 0, np.inf)))
        ]
    caption = (
        "Clusters of like environments, numbered by the cells they were fitted to, most first, "
        "which need not be by area: extent, towers, and the annual means in which a cluster "
        "departs most from the mean of the land, which stands in brackets (↑ above, ↓ below)."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def cluster_marks(clusters: pd.DataFrame) -> dict[int, str]:
    """The predictors in which each cluster departs most from the mean of all, in words.

    Parameters
    ----------
    clusters : pandas.DataFrame
        `cluster`, `area_m2`, and the annual mean of each predictor.

    Returns
    -------
    dict of {int: str}
        Departures are measured in standard deviations between clusters, weighted by area; the
        mean of all stands in brackets.

    Examples
    --------
    >>> table = pd.DataFrame({"cluster": [0, 1], "area_m2": [1.0, 1.0], "ndvi": [0.2, 0.4],
    ...                       "co2": [390.0, 390.0]})
    >>> cluster_marks(table)
    {0: 'NDVI ↓ 0.200 (0.300)', 1: 'NDVI ↑ 0.400 (0.300)'}
    """
    names = [name for name in clusters if name in PREDICTORS]
    values, weight = clusters[names].to_numpy(float), clusters["area_m2"].to_numpy(float)
    mean = np.average(values, axis=0, weights=weight)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weight))
    told = spread > 1e-9 * np.maximum(np.abs(mean), 1.0)
    step = np.where(told, (values - mean) / np.where(told, spread, 1.0), 0.0)
    words = {}
    for place, number in enumerate(clusters["cluster"]):
        order = np.argsort(-np.abs(step[place]), kind="stable")[:_MARKS]
        parts = [
            _mark(str(names[column]), values[place, column], mean[column])
            for column in order
            if told[column]
        ]
        words[int(number)] = ", ".join(parts)
    return words


def _mark(name: str, value: float, mean: float) -> str:
    """A predictor above or below the mean of the land, with both values."""
    predictor = PREDICTORS[name]
    unit = unit_text(predictor.units)
    text = f"{number_text(value)}\N{NO-BREAK SPACE}{unit}" if unit else number_text(value)
    arrow = "↑" if value > mean else "↓"
    return f"{predictor.long_name} {arrow} {text} ({number_text(mean)})"


def _per_tower(row: Any) -> str:
    if row.cluster < 0:
        return "—"
    return number_text(row.area_m2 * 1e-9 / row.sites, 0) if row.sites else "no tower"


def _percent(part: float, whole: float) -> str:
    return number_text(100 * part / whole, 1) if whole else "—"


def _level_words(predictor: str, level: int) -> str:
    """Name of a level of a category."""
    return VEGETATION.get(level, str(level)) if predictor == "vegetation" else f"{level}"


APPLICABILITY_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"outside": outside_table, "levels": levels_table, "clusters": clusters_table}
)
"""Name to what makes the table."""
