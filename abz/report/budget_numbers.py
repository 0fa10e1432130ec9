"""Numbers of budgets, trends and fire."""

from __future__ import annotations

from typing import Any

import pandas as pd

from abz.report.members import member_means
from abz.report.number import FLUX_NAMES, Origin, Pairs, years_text
from abz.report.results import Results, records, slug, zone_key
from abz.report.source_tables import SOURCE_ZONES
from abz.report.typography import p_text
from abz.units import ANNUAL_FLUX, BUDGET, G_PER_TG
from abz.vocabulary import FLUXES, REGIONS, predictor_names

__all__ = [
    "annual_numbers",
    "climatology_numbers",
    "fire_numbers",
    "source_numbers",
    "table1_numbers",
    "trend_numbers",
]

_TABLE1 = (
    ("budget", "budget_sd", BUDGET, "mean annual budget"),
    ("per_area", "interannual_sd", ANNUAL_FLUX, "mean annual flux per area"),
    ("insitu_mean", "insitu_sd", ANNUAL_FLUX, "mean flux of the sites in their own whole years"),
)

_FIRE_ZONES = frozenset(
    {"ABZ", "permafrost", "boreal", "tundra", "North America", "Eurasia", *REGIONS.values()}
)


def _words(row: Any) -> str:
    return f"{FLUX_NAMES.get(row.flux, row.flux)}, {row.zone}, {row.model_set} set"


def table1_numbers(results: Results) -> Pairs:
    """Budgets, fluxes per area and at the sites, with their spreads; areas and shares of zones."""
    if "table1" not in results.tables:
        return
    origin = Origin(results.synthetic, "abz.budgets.table1", ("budgets/table1.parquet",))
    yield from _member_numbers(results)
    site_years = _site_years(results)
    for row in records(results.tables["table1"]):
        zone = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}"
        key, words, period = (
            f"{zone}_{row.flux}",
            _words(row),
            years_text(row.first_year, row.last_year),
        )
        for column, spread, units, what in _TABLE1:
            value, sd = getattr(row, column), getattr(row, spread)
            when = site_years.get(_place(row), "") if column == "insitu_mean" else period
            number = origin.number(value, units, f"{what}: {words}", period=when, spread=sd)
            yield f"{key}_{column}", number
            number = origin.number(sd, units, f"SD of the {what}: {words}", period=when)
            yield f"{key}_{column}_sd" if column == "per_area" else f"{key}_{spread}", number
        if row.flux == "nee":
            yield from _zone_numbers(origin, row, zone, period)
            sites = float("nan") if pd.isna(row.insitu_sites) else int(row.insitu_sites)
            number = origin.number(
                sites, "1", f"sites with whole years: {row.zone}",
                period=site_years.get(_place(row), ""),
            )  # fmt: skip
            yield f"{zone}_nee_insitu_sites", number


def _place(row: Any) -> tuple[str, ...]:
    return row.model_set, row.zone_set, row.zone, row.flux


def _site_years(results: Results) -> dict[tuple[str, ...], str]:
    """First and last of the whole years that sites have, by zone; not the years of a map."""
    table = results.tables.get("in_situ")
    rows = () if table is None else records(table)
    return {_place(row): years_text(row.first_year, row.last_year) for row in rows}


def source_numbers(results: Results) -> Pairs:
    """How many sites are sources, in the main zones and the regions."""
    table = results.tables.get("source_sites")
    if table is None:
        return
    source = ("budgets/source_sites.parquet",)
    origin = Origin(results.synthetic, "abz.budgets.source_sites", source)
    for row in records(table[table["zone_set"].isin(SOURCE_ZONES)]):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_nee"
        words = f"{row.zone}, {row.model_set} set"
        label = f"sites that are a mean annual source: {words}"
        yield f"{key}_source_sites", origin.number(row.source_sites, "1", label)
        label = f"share of the sites that are a mean annual source: {words}"
        share = origin.number(100 * row.source_site_share, "%", label, decimals=0)
        yield f"{key}_source_site_share", share
        label = f"part of all source sites: {words}"
        part = origin.number(100 * row.share_of_sources, "%", label, decimals=0)
        yield f"{key}_share_of_sources", part


def _member_numbers(results: Results) -> Pairs:
    """Mean budget of the bootstrap members."""
    file = "budgets/annual.parquet" if "annual" in results.tables else "totals"
    origin = Origin(results.synthetic, "abz.report.member_means", (file,))
    for row in records(member_means(results)):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_members_mean"
        label = f"mean budget of the bootstrap members: {_words(row)}"
        yield key, origin.number(row.members_mean, BUDGET, label)


def _zone_numbers(origin: Origin, row: Any, zone: str, period: str) -> Pairs:
    """What Table 1 says of a zone once, in the row of NEE."""
    words = f"{row.zone}, {row.model_set} set"
    ratio = f"summer uptake / non-summer release of NEE: {words}"
    share = 100 * row.source_area_share
    yield (
        f"{zone}_nee_summer_ratio",
        origin.number(row.summer_ratio, "1", ratio, period=period, decimals=1),
    )
    yield (
        f"{zone}_nee_source_area_share",
        origin.number(share, "%", f"area that is a mean annual source: {words}", period=period),
    )
    held = 100 * row.valid_share
    label = f"area with a value, which the budgets hold: {words}"
    yield f"{zone}_valid_share", origin.number(held, "%", label, period=period, decimals=1)
    area = row.area_m2 / G_PER_TG
    yield f"{zone}_area", origin.number(area, "1e6 km2", f"land area: {words}")


def trend_numbers(results: Results) -> Pairs:
    """Trends of annual budgets; the longest period carries no suffix."""
    if "trends" not in results.tables:
        return
    origin = Origin(results.synthetic, "abz.trends.trend_series", ("budgets/trends.parquet",))
    table = results.tables["trends"]
    for _, group in table.groupby(["model_set", "zone_set", "zone", "flux"], sort=True):
        ordered = group.sort_values(["n", "first_year"], ascending=[False, True])
        for place, row in enumerate(records(ordered)):
            key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_trend"
            tail = f"_{row.first_year}_{row.last_year}" if place else ""
            words, period = _words(row), years_text(row.first_year, row.last_year)
            units = f"{BUDGET} per yr"
            number = origin.number(
                row.slope, units, f"trend ({row.method}): {words}", period=period
            )
            yield f"{key}{tail}", number
            p, text = row.p_value, p_text(row.p_value)
            number = origin.number(p, "1", f"p of the trend: {words}", period=period, text=text)
            yield f"{key}_p{tail}", number


def annual_numbers(results: Results) -> Pairs:
    """NEE of the whole zone in each year."""
    annual = results.tables.get("annual")
    if annual is None:
        return
    origin = Origin(results.synthetic, "abz.budgets.annual_budgets", ("budgets/annual.parquet",))
    rows = annual[
        (annual["flux"] == "nee") & (annual["member"] == 0) & (annual["zone_set"] == "abz")
    ]
    for row in records(rows):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_nee_{row.year}"
        label = f"NEE of the year: {row.zone}, {row.model_set} set"
        yield key, origin.number(row.tg, BUDGET, label, period=str(row.year))


def fire_numbers(results: Results) -> Pairs:
    """Mean annual fire emission of the domain, the permafrost region, biomes and regions."""
    annual = results.tables.get("annual")
    if annual is None:
        return
    if "fire" not in annual["flux"].unique():
        yield from _mean_fires(results)
        return
    origin = Origin(results.synthetic, "abz.budgets.annual_budgets", ("budgets/annual.parquet",))
    fire = annual[
        (annual["flux"] == "fire") & (annual["member"] == 0) & annual["zone"].isin(_FIRE_ZONES)
    ]
    for (model_set, zone_set, zone), group in fire.groupby(["model_set", "zone_set", "zone"]):
        period = years_text(group["year"].min(), group["year"].max())
        number = origin.number(
            group["tg"].mean(), BUDGET, f"mean annual fire emission: {zone}", period=period
        )
        yield f"{model_set}_{zone_key(str(zone_set), str(zone))}_fire_mean", number


def _mean_fires(results: Results) -> Pairs:
    """The same, where only a map of the mean year knows the fire."""
    table = results.tables.get("table1")
    if table is None:
        return
    origin = Origin(results.synthetic, "abz.budgets.mean_map_budgets", ("budgets/table1.parquet",))
    fire = table[(table["flux"] == "fire") & table["zone"].isin(_FIRE_ZONES)]
    for row in records(fire):
        period = years_text(row.first_year, row.last_year)
        label = f"mean annual fire emission: {row.zone}"
        number = origin.number(row.budget, BUDGET, label, period=period)
        yield f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_fire_mean", number


def climatology_numbers(results: Results) -> Pairs:
    """Budgets of a climatological year beside the published ones."""
    table = results.tables.get("climatology")
    if table is None:
        return
    yield from _member_numbers(results)
    origin = Origin(
        results.synthetic, "abz.budgets.beside.beside_published", ("budgets/climatology.parquet",)
    )
    declared = Origin(results.synthetic, "abz.vocabulary.predictor_names", ("abz/vocabulary.py",))
    for flux in FLUXES:
        count = len(predictor_names("climatology", flux))
        label = f"predictors of the forest for {FLUX_NAMES[flux]}"
        yield f"climatology_{flux}_predictors", declared.number(count, "1", label)
    for row in records(table):
        key = f"climatology_{slug(row.zone)}_{row.flux}"
        words = f"{FLUX_NAMES.get(row.flux, row.flux)}, {row.zone}"
        label = f"budget of a climatological year: {words}"
        yield f"{key}_budget", origin.number(row.budget, BUDGET, label, spread=row.budget_sd)
        number = origin.number(
            row.published, BUDGET, f"published: {words}", spread=row.published_sd
        )
        yield f"{key}_published", number
        label = f"budget / published: {words}"
        yield f"{key}_ratio", origin.number(row.ratio, "1", label, decimals=2)
