"""Numbers of trends beside their slopes: shares against chance, size, overlays, seasonal cycle."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from abz.report.number import FLUX_NAMES, Number, Origin, Pairs, years_text
from abz.report.results import Results, records, slug, zone_key
from abz.report.trend_words import SEASON_WORDS, chance_of, share_text, variable_words
from abz.report.typography import p_text
from abz.trends import OVERLAY
from abz.units import ANNUAL_FLUX, BUDGET, MONTHLY_FLUX

__all__ = ["trend_statistics"]

SITE_TREND = f"{ANNUAL_FLUX} per yr"


def trend_statistics(results: Results) -> Pairs:
    """All of them, as far as the run holds their tables."""
    for part in (
        _shares, _field, _limits, _amplitude, _months, _overlay, _greening, _latitude, _sites,
        _largest_means,
    ):  # fmt: skip
        yield from part(results)


def _origin(results: Results, function: str, *files: str) -> Origin:
    return Origin(results.synthetic, f"abz.trends.{function}", files)


def _rows(results: Results, table: str) -> Any:
    """Records of a table; none where it is missing."""
    found = results.tables.get(table)
    return () if found is None else records(found)


def _shares(results: Results) -> Pairs:
    """Shares of the land with significantly falling and rising fluxes, and what chance makes."""
    for row in _rows(results, "trend_shares"):
        if row.zone_set != "abz" or row.direction == "either":
            continue
        origin = _origin(results, "share_table", f"trends/{row.model_set}.zarr")
        season = "" if row.season == "annual" else f"_{slug(row.season)}"
        key = f"{row.model_set}_{row.variable}{season}_{row.direction}_share"
        what = f"{variable_words(row.variable)}, {SEASON_WORDS[row.season]}, {row.model_set} set"
        period = years_text(row.first_year, row.last_year)
        chance = chance_of(row.expected, row.expected_measured)
        label = f"area with a significantly {row.direction} trend; what chance makes: {what}"
        yield (
            key,
            origin.number(row.share, "%", label, period=period, text=share_text(row.share, chance)),
        )
        label = f"the same with the false discovery rate held below {row.alpha:g}: {what}"
        yield f"{key}_fdr", origin.number(row.share_fdr, "%", label, period=period, decimals=1)


def _field(results: Results) -> Pairs:
    """P of the significant share of each annual flux against maps with shuffled years."""
    for row in _rows(results, "trend_field"):
        origin = _origin(results, "field_significance", f"trends/{row.model_set}_field.parquet")
        key = f"{row.model_set}_{row.variable}_{row.direction}_shuffled"
        what = f"{row.direction} {FLUX_NAMES[row.variable]}, {row.model_set} set"
        p = origin.number(
            row.p_value, "1", f"p of the share against shuffled years: {what}",
            text=p_text(row.p_value),
        )  # fmt: skip
        yield f"{key}_p", p
        label = f"share that one in forty maps with shuffled years exceeds: {what}"
        yield f"{key}_high", origin.number(row.null_high, "%", label, decimals=1)


def _limits(results: Results) -> Pairs:
    """Measured size of the test at a zone's budget, and the trend that it would find."""
    for row in _rows(results, "trend_limits"):
        origin = _origin(results, "trend_limits", "budgets/annual.parquet")
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_trend"
        words = f"{FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
        label = f"share of such series without a trend that the test calls significant: {words}"
        period = years_text(row.first_year, row.last_year)
        size = 100 * row.size
        yield f"{key}_size", origin.number(size, "%", label, period=period, decimals=0)
        label = f"smallest trend found in 80 of 100 such series: {words}"
        yield (
            f"{key}_detectable",
            origin.number(row.detectable, f"{BUDGET} per yr", label, period=period),
        )


def _amplitude(results: Results) -> Pairs:
    """Change of the seasonal amplitude; the default definition carries no suffix."""
    for row in _rows(results, "amplitude"):
        origin = _origin(results, "amplitude_change", "budgets/monthly.parquet")
        tail = "" if row.definition == "trend" else f"_{row.definition}"
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_amplitude_change"
        words = f"{FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set, {row.definition}"
        yield f"{key}{tail}", origin.number(
            row.change, "%", f"change of the seasonal amplitude: {words}",
            period=years_text(row.first_year, row.last_year), spread=row.member_sd,
        )  # fmt: skip


def _months(results: Results) -> Pairs:
    """Change of NEE between two periods, by month, in the biomes."""
    for row in _rows(results, "monthly_change"):
        if row.flux != "nee" or row.zone_set != "biome":
            continue
        origin = _origin(results, "monthly_change", "budgets/monthly_change.parquet")
        month = calendar.month_abbr[int(row.month)].lower()
        early, late = (
            years_text(getattr(row, f"{part}_first"), getattr(row, f"{part}_last"))
            for part in ("early", "late")
        )
        name = calendar.month_name[int(row.month)]
        label = f"NEE of {name} less that of {early}: {row.zone}, {row.model_set} set"
        yield (
            f"{row.model_set}_{row.zone}_nee_{month}_change",
            origin.number(row.difference, MONTHLY_FLUX, label, period=late, decimals=1),
        )


def _largest_means(results: Results) -> Pairs:
    """Largest mean NEE of a cell."""
    for model_set, maps in results.trends.items():
        if "mean" not in maps or "nee" not in maps["flux"].values:
            continue
        origin = _origin(results, "flux_trends", f"trends/{model_set}.zarr")
        value = float(maps["mean"].sel(flux="nee").max())
        label = f"largest mean annual NEE of a cell, {model_set} set"
        number = origin.number(value, ANNUAL_FLUX, label, decimals=0)
        yield f"{model_set}_nee_largest_mean", number


def _overlay(results: Results) -> Pairs:
    """Shares of the classes of the overlay, by the signs in their names."""
    keys = {code: _overlay_key(name) for code, name in OVERLAY.items()}
    for row in _rows(results, "trend_overlay"):
        origin = _origin(results, "overlay_classes", f"trends/{row.model_set}.zarr")
        label = f"area where the signs of the trends are {row.name}: {row.model_set} set"
        key = f"{row.model_set}_overlay_{keys[row.code]}_share"
        yield key, origin.number(row.share, "%", label, decimals=1)


def _overlay_key(name: str) -> str:
    return slug(name.replace("↓", "falling").replace("↑", "rising"))


def _greening(results: Results) -> Pairs:
    """Greening land, and how much of it has a significantly falling NEE."""
    for row in _rows(results, "trend_greening"):
        if row.nee_trend != "significant":
            continue
        origin = _origin(results, "greening_overlay", f"trends/{row.model_set}_seasons.zarr")
        key, of = f"{row.model_set}_greening", f"{row.model_set} set"
        label = f"area with a significantly rising June–August NDVI; what chance makes: {of}"
        text = share_text(row.greening, row.expected)
        yield f"{key}_share", origin.number(row.greening, "%", label, text=text)
        tail = "annual" if row.nee_season == "annual" else slug(row.nee_season)
        words = {
            "conditional": (f"of greening land, with falling NEE ({tail}): {of}", row.expected),
            "both": (f"of all land, greening with falling NEE ({tail}): {of}", row.independent),
        }
        for name, (label, chance) in words.items():
            share = getattr(row, name)
            text = share_text(share, chance)
            yield f"{key}_{name}_{tail}", origin.number(share, "%", label, text=text)


def _latitude(results: Results) -> Pairs:
    """Correlation of mean NEE with latitude, with the number of independent places."""
    for row in _rows(results, "trend_latitude"):
        if row.zone_set != "abz":
            continue
        origin = _origin(results, "spatial_correlation", f"trends/{row.model_set}.zarr")
        key = f"{row.model_set}_latitude_{row.places}"
        words = f"mean NEE with latitude over {row.places}, {row.model_set} set"
        yield f"{key}_r", origin.number(row.r, "1", f"correlation of {words}", decimals=2)
        label = f"places that count as independent in the correlation of {words}"
        yield f"{key}_n", origin.number(row.n_effective, "1", label, decimals=0)
        p = origin.number(row.p_value, "1", f"p of the correlation of {words}",
                          text=p_text(row.p_value))  # fmt: skip
        yield f"{key}_p", p


_SITE_COUNTS: MappingProxyType[str, tuple[str, Callable[[Any, float], Any]]] = MappingProxyType(
    {
        "tested": ("sites whose NEE is tested for a trend", lambda rows, _: rows["p_value"].size),
        "significant": (
            "of these with p below the level", lambda rows, alpha: (rows["p_value"] < alpha).sum(),
        ),
        "rising": ("of these with a rising NEE", lambda rows, _: (rows["slope"] > 0).sum()),
    }
)  # fmt: skip


def _sites(results: Results) -> Pairs:
    """How many sites are tested, how many are significant, and how many chance would make so."""
    table = results.tables.get("site_trends")
    if table is None:
        return
    origin = _origin(results, "site_trends", "sites/annual.parquet")
    nee = table[table["flux"] == "nee"]
    for name, (label, count) in _SITE_COUNTS.items():
        yield f"sites_trends_{name}", _count(origin, count(nee, results.alpha), label)
    source = nee.loc[(nee["slope"] > 0) & (nee["p_value"] >= results.alpha), "slope"]
    label = "of these with a rising NEE that is not significant"
    yield "sites_trends_source", _count(origin, source.size, label)
    for name, value in (("lowest", source.min()), ("highest", source.max())):
        number = origin.number(value, SITE_TREND, f"{name} slope {label}", decimals=0)
        yield f"sites_trends_source_{name}", number
    limits = results.tables.get("site_trend_limits")
    expected, level = results.alpha * len(nee), "the nominal level"
    if limits is not None:
        size = limits.loc[limits["flux"] == "nee", "size"].fillna(results.alpha)
        expected, level = float(size.sum()), "the size of the test at each"
    label = f"sites that chance would make significant, at {level}"
    yield "sites_trends_expected", origin.number(expected, "1", label, decimals=1)


def _count(origin: Origin, value: Any, label: str) -> Number:
    return origin.number(int(np.asarray(value)), "1", label)
