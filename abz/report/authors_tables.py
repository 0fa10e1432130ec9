"""Tables beside the authors' own small results: trends, closure, months, sites, CMIP6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.report.authors_words import (
    MAIN_AREAS,
    METHOD_HEADS,
    flux_words,
    slope_cell,
    years_head,
)
from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.trend_words import variable_words
from abz.report.typography import decimals_of, number_text
from abz.vocabulary import FLUXES

__all__ = ["AUTHORS_TABLES"]

_SERIES = ["flux", "area", "first_year", "last_year"]
_SLOPES = (
    "slopes per year with p in brackets. Zhang: the method that the paper names; Yue–Pilon: the "
    "one that its code calls; raw: Theil–Sen slope and Mann–Kendall test of the series as it is. "
    "† the iteration never comes to rest; its last pass is shown."
)


def trends_table(results: Results, areas: tuple[str, ...] | None = None) -> Table | None:
    """Trends of the 8-km budgets by three methods over two periods."""
    bare = results.tables.get("authors_trends")
    if bare is None:
        return None
    chosen = bare if areas is None else bare[bare["area"].isin(areas)]
    order = {flux: place for place, flux in enumerate(FLUXES)}
    chosen = chosen.sort_values("flux", key=lambda c: c.map(order), kind="stable")
    rows = []
    for (flux, area), of_series in chosen.groupby(["flux", "area"], sort=False):
        row = {"flux": FLUX_NAMES[str(flux)], "area": str(area)}
        for _, of_period in of_series.groupby(["first_year", "last_year"], sort=False):
            first = of_period.iloc[0]
            years = years_text(first["first_year"], first["last_year"])
            row[f"mean, {years}"] = spread_text(float(first["mean"]), float(first["sd"]))
            for found in records(of_period):
                row[f"{METHOD_HEADS[found.method]}, {years}"] = slope_cell(found, 2)
        rows.append(row)
    caption = (
        "Annual budgets of the authors' 8-km quantile forest, Tg C yr⁻¹: mean ± SD between years, "
        f"and {_SLOPES}"
    )
    return Table(caption, chosen, pd.DataFrame(rows))


def main_trends_table(results: Results) -> Table | None:
    """The same for the whole zone, its biomes and continents."""
    return trends_table(results, MAIN_AREAS)


def gaps_table(results: Results) -> Table | None:
    """NEE of the 8-km model beside its Reco − GPP."""
    bare = results.tables.get("authors_gaps")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "area": bare["area"],
            "NEE": [number_text(v, 1) for v in bare["nee"]],
            "Reco − GPP": [number_text(v, 1) for v in bare["reco_gpp"]],
            "Reco − GPP − NEE": [spread_text(r.gap, r.gap_sd) for r in records(bare)],
        }
    )
    caption = (
        "What three separate models leave open: mean budgets of the authors' 8-km model over all "
        "its years, Tg C yr⁻¹; ± SD between years."
    )
    return Table(caption, bare, shown)


def environment_table(results: Results) -> Table | None:
    """Trends of the environment of the whole zone, with the state of the years."""
    table = results.tables.get("authors_environment")
    if table is None:
        return None
    bare = table[table["area"] == "ABZ"]
    rows = []
    keys = ["variable", "units", "years", "first_year", "last_year"]
    for (name, units, *_), found in bare.groupby(keys, sort=False, dropna=False):
        places = decimals_of(float(found["slope"].abs().max()), 2)
        cells = {METHOD_HEADS[r.method]: slope_cell(r, places) for r in records(found)}
        rows.append(
            {
                "variable": variable_words(str(name)),
                "unit": "—" if units == "1" else str(units),
                "years": years_head(found.iloc[0]),
                "mean": number_text(float(found["mean"].iloc[0])),
                **cells,
            }
        )
    caption = (
        f"Annual means over the cells of the authors' 8-km model, whole zone: {_SLOPES} Of the "
        "covers the years stored beside the values are wrong, and those of the layers' names are "
        "used; layers without a year are in order, and a year of their slope is one layer."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def months_table(results: Results) -> Table | None:
    """The seasonal cycle of NEE of the 8-km model in three bins of years."""
    bare = results.tables.get("authors_amplitudes")
    if bare is None:
        return None
    chosen = bare[bare["area"].isin(["ABZ", "boreal", "tundra"])]
    shown = pd.DataFrame(
        {
            "area": chosen["area"],
            "years": [years_text(r.first_year, r.last_year) for r in records(chosen)],
            "sum of the months, g C m⁻² yr⁻¹": [number_text(v, 1) for v in chosen["annual"]],
            "amplitude, g C m⁻² month⁻¹": [number_text(v, 1) for v in chosen["amplitude"]],
            "change to the bin before, %": [number_text(v, 1) for v in chosen["change"]],
            "change to the first bin, %": [number_text(v, 1) for v in chosen["change_of_all"]],
        }
    )
    caption = (
        "Mean monthly NEE of the authors' 8-km model: largest less smallest month. Means over "
        "cells, each counting alike."
    )
    return Table(caption, bare, shown)


def sites_table(results: Results) -> Table | None:
    """Slopes of annual sums at the sites that the authors list."""
    bare = results.tables.get("authors_sites")
    if bare is None:
        return None
    rows = []
    for name, found in bare.groupby("site_name", sort=False):
        row: dict[str, Any] = {"site": str(name).split("_")[1] if "_" in str(name) else str(name)}
        nee = found[found["flux"] == "nee"].iloc[0]
        row["years of NEE"] = str(int(nee["years"]))
        for each in records(found):
            row[f"{FLUX_NAMES[each.flux]}, public rows"] = number_text(each.slope, 1)
            mark = " =" if each.same else ""
            row[f"{FLUX_NAMES[each.flux]}, authors"] = f"{number_text(each.published, 1)}{mark}"
        rows.append(row)
    caption = (
        "Theil–Sen slopes of annual sums, g C m⁻² yr⁻¹ per year: from the complete years of the "
        "public site-months, and as the authors list them. = both agree to the last digit."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def models_table(results: Results) -> Table | None:
    """CMIP6 over the permafrost region beside the published budgets."""
    bare = results.tables.get("authors_region")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "flux of the models": [flux_words(v) for v in bare["flux"]],
            "models": [str(int(v)) for v in bare["models"]],
            "mean ± SD over the models": [spread_text(r.mean, r.mean_sd) for r in records(bare)],
            "flux of the study": [FLUX_NAMES[v] for v in bare["beside"]],
            "published": [spread_text(r.published, r.published_sd) for r in records(bare)],
            "ratio": [number_text(v, 2) for v in bare["ratio"]],
            "in what they differ": bare["unlike"],
        }
    )
    caption = (
        "Permafrost region, Tg C yr⁻¹: CMIP6 models over 2001–2014, one run each, and the "
        "published budgets."
    )
    return Table(caption, bare, shown)


def each_model_table(results: Results) -> Table | None:
    """Means and Zhang trends of every model."""
    table = results.tables.get("authors_models")
    if table is None:
        return None
    bare = table[table["method"] == "zhang"]
    rows = []
    for model, found in bare.groupby("model", sort=False):
        row = {"model": str(model)}
        for each in records(found):
            name = flux_words(each.flux)
            row[name] = number_text(each.mean, 0)
            if each.flux in ("nee", "gpp", "minus_nbp"):
                row[f"trend of {name}"] = slope_cell(each, 1)
        rows.append(row)
    caption = (
        "Every model over the permafrost region, 2001–2014: means in Tg C yr⁻¹ and Zhang slopes "
        "per year with p in brackets."
    )
    return Table(caption, table, pd.DataFrame(rows))


AUTHORS_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "authors_trends": main_trends_table,
        "authors_trends_all": trends_table,
        "authors_gaps": gaps_table,
        "authors_environment": environment_table,
        "authors_months": months_table,
        "authors_sites": sites_table,
        "authors_models": models_table,
        "authors_each_model": each_model_table,
    }
)
"""Name to function of the results."""
