"""Tables of trends: zones and sites, shares against chance, overlays, seasonal cycle."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.report.members import if_learned
from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.trend_words import (
    MAIN_ZONE_SETS,
    PERCENT,
    SEASON_WORDS,
    published_value,
    variable_words,
)
from abz.report.typography import number_text, p_text, quantity_text, unit_text
from abz.trends import AMPLITUDE_DEFINITIONS
from abz.trends.trend_limits import RHOS
from abz.vocabulary import MONTHS

__all__ = ["TREND_TABLES"]

_ORDER = ["abz", "permafrost_region", "biome", "continent", "region", "region_biome"]
_CHANCE = (
    "by chance: the share that the test makes significant where nothing changes, at its nominal "
    "level and at the size measured at the mean autocorrelation of the cells"
)


def _p(value: float) -> str:
    return p_text(value).removeprefix("p ").removeprefix("= ")


def _interval(row: Any, places: int | None = None) -> str:
    return f"{number_text(row.lower, places)} … {number_text(row.upper, places)}"


def _trends(results: Results) -> Table | None:
    """Trends of zones other than vegetation and permafrost classes, and what the test can do."""
    bare = results.tables.get("trends")
    if bare is None:
        return None
    keys = ["model_set", "flux", "zone_set", "zone", "first_year", "last_year"]
    limits = results.tables.get("trend_limits", pd.DataFrame(columns=keys))
    added = [*keys, *(c for c in ("rho", "sd", "size", "detectable") if c in limits)]
    bare = bare.merge(limits[added], how="left", on=keys)
    main = bare[bare["zone_set"].isin(_ORDER) & bare["flux"].isin(["nee", "nee_fire"])]
    main = main.assign(place=main["zone_set"].map(_ORDER.index)).sort_values(
        ["place", "zone", "model_set", "flux", "n"]
    )
    shown = [
        {
            "zone": row.zone, "flux": FLUX_NAMES[row.flux], "set": row.model_set,
            "years": years_text(row.first_year, row.last_year),
            "trend, Tg C yr⁻¹ per yr": number_text(row.slope),
            f"95{PERCENT} interval": _interval(row), "p": _p(row.p_value),
            "autocorrelation": _rho(getattr(row, "rho", np.nan)),
            "size of the test": _percent(100 * getattr(row, "size", np.nan), 0),
            "detectable": number_text(getattr(row, "detectable", np.nan)),
            "members": _members(row),
            "members below zero": _percent(100 * getattr(row, "below_zero", np.nan), 0),
            "spread / noise": number_text(getattr(row, "spread_over_noise", np.nan), 1),
        }
        for row in records(main.drop(columns="place"))
    ]  # fmt: skip
    caption = (
        "Trends of annual NEE and NEE + fire. autocorrelation: of the years, its bias removed. "
        f"size of the test: share of series without a trend, as long and as autocorrelated, in "
        f"which it finds one at a nominal {100 * results.alpha:g}{PERCENT}. detectable: the "
        "smallest trend that it finds in 80 of 100 such series."
        + if_learned(
            results,
            " members: mean ± SD of their trends, each tested by itself. members below zero: share "
            "of them whose trend is. spread / noise: SD over the members by the error of one "
            "member's trend, as its interval tells it; below one, the years are the larger doubt, "
            "and the share of members says less than it seems to.",
        )
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _members(row: Any) -> str:
    """Mean and spread of the trends of the members, where the run has some."""
    mean, spread = (getattr(row, name, np.nan) for name in ("slope_mean", "slope_sd"))
    return spread_text(mean, spread)


def _rho(rho: float) -> str:
    """An autocorrelation; beyond the largest that was simulated it is only known to be larger."""
    return f"≥\N{NO-BREAK SPACE}{number_text(rho, 2)}" if rho >= max(RHOS) else number_text(rho, 2)


def _percent(value: float, places: int = 1) -> str:
    text = number_text(value, places)
    return f"{text}{PERCENT}" if np.isfinite(value) else text


_PUBLISHED_SHARES = {"falling": "pix_sink_increase", "rising": "pix_source_increase"}


def _shares(results: Results) -> Table | None:
    """Falling and rising shares of annual fluxes against all that chance can make."""
    bare = results.tables.get("trend_shares")
    if bare is None:
        return None
    field = results.tables.get("trend_field", pd.DataFrame())
    keys = ["model_set", "variable", "season", "direction"]
    if len(field):
        field = field.assign(zone_set="abz")
        columns = [*keys, "zone_set", "null_mean", "null_high", "p_value"]
        bare = bare.merge(field[columns], how="left", on=[*keys, "zone_set"])
    chosen = (bare["season"] == "annual") & bare["variable"].isin(list(FLUX_NAMES))
    rows = records(bare[chosen & (bare["direction"] != "either")])
    shown = [
        {
            "set": row.model_set, "flux": FLUX_NAMES[row.variable], "zone": row.zone,
            "trend": row.direction, "share": _percent(row.share),
            "by chance": _by_chance(row),
            "false discoveries held": _percent(row.share_fdr),
            "shuffled years": _shuffled(row), "published": _published_share(row),
        }
        for row in rows
    ]  # fmt: skip
    caption = (
        f"Share of the tested land with a significant trend of annual fluxes. {_CHANCE}. false "
        "discoveries held: with the rate of false discoveries below the level, over all tested "
        "cells of the map. shuffled years: mean share of maps whose years are shuffled alike in "
        f"all cells, in brackets the share that one in forty of them exceeds, and p."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _by_chance(row: Any) -> str:
    """What chance makes, at the nominal level and at the measured size."""
    return f"{number_text(row.expected, 1)} / {_percent(row.expected_measured)}"


def _shuffled(row: Any) -> str:
    mean = getattr(row, "null_mean", np.nan)
    if not np.isfinite(mean):
        return "—"
    return (
        f"{number_text(mean, 1)} ({number_text(row.null_high, 1)}){PERCENT}, {p_text(row.p_value)}"
    )


def _published_share(row: Any) -> str:
    if (row.model_set, row.variable, row.zone_set) != ("fine", "nee", "abz"):
        return "—"
    return _percent(published_value(_PUBLISHED_SHARES[row.direction]), 0)


def _overlay(results: Results) -> Table | None:
    """Classes of the signs of the three trends."""
    bare = results.tables.get("trend_overlay")
    if bare is None:
        return None
    named = bare[(bare["share"] > 0) | (bare["expected"] > 0)]
    wide = named.pivot(index=["code", "name", "expected"], columns="model_set", values="share")
    shown = pd.DataFrame({"signs of the trends": wide.index.get_level_values("name")})
    for name in wide.columns:
        shown[f"{name} set"] = [_percent(value) for value in wide[name]]
    shown["thrown like coins"] = [_percent(v) for v in wide.index.get_level_values("expected")]
    caption = (
        "Share of the land by the signs of the trends of NEE, GPP and Reco, significant or not. "
        "thrown like coins: the share if the three signs had nothing to do with each other."
    )
    return Table(caption, bare, shown)


def _greening(results: Results) -> Table | None:
    """Greening land and the trend of NEE there."""
    bare = results.tables.get("trend_greening")
    if bare is None or bare.empty:
        return None
    paper = {"annual": "greening_annual_sink", "JJA": "greening_jja_sink"}
    shown = [
        {
            "set": row.model_set, "NEE of": SEASON_WORDS[row.nee_season],
            "falling NEE": "significantly" if row.nee_trend == "significant" else "at all",
            "by chance": _percent(row.expected),
            "all land": _percent(row.falling), "greening land": _percent(row.conditional),
            "greening and falling, of all land": _percent(row.both),
            "if independent": _percent(row.independent),
            "published, of greening land": _percent(published_value(paper[row.nee_season]), 0)
            if (row.model_set, row.nee_trend) == ("fine", "significant") else "—",
        }
        for row in records(bare)
    ]  # fmt: skip
    greening = ", ".join(
        f"{name} set {_percent(rows['greening'].iloc[0])}"
        for name, rows in bare.groupby("model_set", sort=False)
    )
    nominal = _percent(50 * results.alpha)
    caption = (
        "Falling NEE where the NDVI of June to August rises significantly. Greening land: "
        f"{greening}, where chance makes {nominal}; published 49{PERCENT}. if independent: the "
        "product of the shares of greening and of falling land."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _sites(results: Results) -> Table | None:
    """Trends at sites with long records."""
    bare = results.tables.get("site_trends")
    if bare is None or bare.empty:
        return None
    limits = results.tables.get("site_trend_limits", pd.DataFrame(columns=["site", "flux"]))
    bare = bare.merge(limits, how="left", on=["site", "flux"])
    shown = [
        {
            "site": row.site, "biome": str(row.biome), "flux": FLUX_NAMES[row.flux],
            "years": years_text(row.first_year, row.last_year), "complete": str(row.n),
            "trend, g C m⁻² yr⁻¹ per yr": number_text(row.slope, 1),
            f"95{PERCENT} interval": _interval(row, 1), "p": _p(row.p_value),
            "q": _p(row.q_value),
            "size of the test": _percent(100 * getattr(row, "size", np.nan), 0),
            "detectable": number_text(getattr(row, "detectable", np.nan), 1),
        }
        for row in records(bare)
    ]  # fmt: skip
    caption = (
        "Trends of annual sums at sites with long records. q: the smallest rate of false "
        "discoveries, over the sites of a flux, at which the trend would count as significant. "
        f"size of the test: share of series without a trend, with as many years and as "
        f"autocorrelated, in which it finds one at a nominal {100 * results.alpha:g}{PERCENT}. "
        "detectable: the smallest trend that it finds in 80 of 100 such series."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _amplitude(results: Results) -> Table | None:
    """Change of the seasonal amplitude in all definitions."""
    bare = results.tables.get("amplitude")
    if bare is None:
        return None
    nee = bare[bare["flux"] == "nee"]
    rows = []
    for _, of_zone in nee.groupby(["model_set", "zone_set", "zone"], sort=False):
        about = next(records(of_zone))
        row = {
            "set": about.model_set, "zone": about.zone,
            "years": years_text(about.first_year, about.last_year),
        }  # fmt: skip
        changes = {
            each.definition: spread_text(each.change, each.member_sd) for each in records(of_zone)
        }
        row |= {name.replace("_", " "): changes[name] for name in AMPLITUDE_DEFINITIONS}
        rows.append({**row, "p of the trend": _p(about.p_value)})
    words = "; ".join(
        f"{name.replace('_', ' ')}: {text}" for name, text in AMPLITUDE_DEFINITIONS.items()
    )
    caption = (
        f"Change of the seasonal amplitude of NEE, %{if_learned(results, ' ± SD over the members')}"
        f". {words}. Published for "
        "2001–2020, in a definition that is not told: "
        f"+{published_value('amplitude'):.0f}{PERCENT}."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _monthly(results: Results) -> Table | None:
    """Second half of the years less the first, month by month."""
    bare = results.tables.get("monthly_change")
    if bare is None:
        return None
    chosen = bare[bare["zone_set"].isin(MAIN_ZONE_SETS)]
    rows = []
    for _, part in chosen.groupby(["model_set", "flux", "zone_set", "zone"], sort=False):
        about = next(records(part))
        row = {"set": about.model_set, "flux": FLUX_NAMES[about.flux], "zone": about.zone}
        changes = {
            each.month: quantity_text(each.difference, "1", each.member_sd, 1)
            for each in records(part)
        }
        rows.append(row | {calendar.month_abbr[month]: changes[month] for month in MONTHS})
    periods = [
        f"{name} set {years_text(row.late_first, row.late_last)} less "
        f"{years_text(row.early_first, row.early_last)}"
        for name, rows_of in chosen.groupby("model_set", sort=False)
        for row in records(rows_of.head(1))
    ]
    caption = (
        f"Change of the mean of each month, {', '.join(periods)}; g C m⁻² month⁻¹"
        f"{if_learned(results, ' ± SD over the members')}. Published: July −5 in the boreal biome, "
        "−3 in the tundra."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _latitude(results: Results) -> Table | None:
    """Correlation of mean NEE with latitude."""
    bare = results.tables.get("trend_latitude")
    if bare is None:
        return None
    paper = {"cells": "lat_corr_upscaled", "sites": "lat_corr_insitu"}
    once = bare[~bare.duplicated(["places", "zone", "r", "n"])]
    shown = [
        {
            "over": f"cells of the {row.model_set} set" if row.places == "cells" else "sites",
            "zone": row.zone, "r": number_text(row.r, 2), "places": number_text(row.n, 0),
            "independent places": number_text(row.n_effective, 0), "p": _p(row.p_value),
            "p, were all independent": _p(row.p_naive),
            "published r": number_text(published_value(paper[row.places]), 2)
            if row.zone_set == "abz" and row.model_set == "fine" else "—",
        }
        for row in records(once)
    ]  # fmt: skip
    caption = (
        "Correlation of mean annual NEE with latitude. Neighbours repeat each other: p counts the "
        "places that would be as good as independent, as Dutilleul estimates them."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _environment(results: Results) -> Table | None:
    """Trends of the environment by season, and on how much of the land."""
    bare = results.tables.get("trend_environment")
    shares = results.tables.get("trend_shares")
    if bare is None or shares is None:
        return None
    keys = ["model_set", "variable", "season", "zone_set", "zone"]
    wide = shares.pivot_table(index=keys, columns="direction", values="share")
    falling = shares[shares["direction"] == "falling"].set_index(keys)
    chance = falling[["expected", "expected_measured"]]
    wide = wide.join(chance).reset_index()
    bare = bare.merge(wide, how="left", on=keys)
    shown = [
        {
            "set": row.model_set, "variable": variable_words(row.variable),
            "season": SEASON_WORDS[row.season],
            "trend of the mean, per decade":
                f"{number_text(10 * row.slope)}\N{NO-BREAK SPACE}{unit_text(row.units)}".rstrip(),
            "p": _p(row.p_value), "q": _p(row.q_value), "falling land": _percent(row.falling),
            "rising land": _percent(row.rising), "each by chance": _by_chance(row),
        }
        for row in records(bare[bare["zone_set"] == "abz"])
    ]  # fmt: skip
    caption = (
        "Trends of the environment and of seasonal NEE, whole zone: of the mean over the land, and "
        "the share of the land where the trend is significant. q: over the rows of the table. each "
        f"{_CHANCE}."
    )
    return Table(caption, bare, pd.DataFrame(shown))


TREND_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "trends": _trends,
        "trend_shares": _shares,
        "trend_overlay": _overlay,
        "greening": _greening,
        "latitude": _latitude,
        "amplitude": _amplitude,
        "monthly_change": _monthly,
        "environment_trends": _environment,
        "site_trends": _sites,
    }
)
"""Name to function of the results."""
