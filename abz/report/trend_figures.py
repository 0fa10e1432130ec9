"""Figures of trends: shares against chance, months between decades, environment, sites."""

from __future__ import annotations

import calendar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.trend_words import SEASON_WORDS, variable_words
from abz.vocabulary import BIOMES, FLUXES, MONTHS

__all__ = ["environment_figure", "monthly_change_figure", "shares_figure", "site_trends_figure"]

_CHANCE = "#B2182B"
_CHANCES = (("expected", ":", "nominal"), ("expected_measured", "-", "measured"))
_SIDES = (("falling", -1, COLOURS["fine"]), ("rising", 1, COLOURS["coarse"]))


def _of_set(results: Results, table: str, model_set: str) -> pd.DataFrame:
    """Rows of one set; none where the table is missing."""
    found = results.tables.get(table)
    if found is None or "model_set" not in found:
        return pd.DataFrame()
    return found[found["model_set"] == model_set]


def _draw_shares(axes: Axes, shares: pd.DataFrame, labels: list[str], measure: str) -> None:
    """Falling land to the left, rising land to the right, in red what chance makes of each."""
    for direction, sign, colour in _SIDES:
        rows = shares[shares["direction"] == direction]
        places = np.arange(len(rows))
        axes.barh(places, sign * rows[measure], color=colour, height=0.62, label=direction)
        for column, line, what in _CHANCES:
            chance = sign * rows[column].to_numpy(float)
            axes.vlines(
                chance, places - 0.42, places + 0.42, color=_CHANCE, linewidth=1.1, linestyle=line,
                label=f"by chance, {what}" if sign < 0 else "", zorder=4,
            )  # fmt: skip
    axes.axvline(0, color=COLOURS["quiet"], linewidth=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    top = max(6.0, *np.abs(axes.get_xlim()))
    axes.set_xlim(-top, top)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set_xlabel("% of the tested land")


def shares_figure(results: Results, model_set: str) -> Figure | None:
    """Land with falling and rising annual fluxes, with chance, and with false discoveries held."""
    shares = _of_set(results, "trend_shares", model_set)
    if shares.empty:
        return None
    chosen = shares[
        (shares["zone_set"] == "abz") & (shares["season"] == "annual")
        & shares["variable"].isin(list(FLUX_NAMES))
    ]  # fmt: skip
    labels = [FLUX_NAMES[name] for name in chosen["variable"].unique()]
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 1.6 + 0.42 * len(labels), sharey=True)
    _draw_shares(left, chosen, labels, "share")
    left.set_title(f"p < {results.alpha:g}, {model_set} set")
    held = chosen.assign(expected=np.nan, expected_measured=np.nan)
    _draw_shares(right, held, labels, "share_fdr")
    right.set_title("false discoveries held")
    right.set_xlim(left.get_xlim())
    legend_below(figure, left, 4)
    return figure


def environment_figure(results: Results, model_set: str) -> Figure | None:
    """Land with falling and rising environment and seasonal NEE, season by season."""
    shares = _of_set(results, "trend_shares", model_set)
    if shares.empty:
        return None
    whole = shares[(shares["zone_set"] == "abz") & ~shares["variable"].isin(["gpp", "reco"])]
    whole = whole[whole["variable"] != "nee_fire"]
    seasons = [name for name in SEASON_WORDS if (whole["season"] == name).any()]
    counts = [max(1, whole.loc[whole["season"] == s, "variable"].nunique()) for s in seasons]
    height = 1.2 + 0.24 * sum(counts) + 0.55 * len(seasons)
    figure, panels = axes_grid(
        len(seasons), 1, PAGE_INCHES, height, sharex=True, height_ratios=counts
    )
    for axes, season in zip(panels, seasons, strict=True):
        of_season = whole[whole["season"] == season]
        labels = [variable_words(name) for name in of_season["variable"].unique()]
        _draw_shares(axes, of_season, labels, "share")
        words = SEASON_WORDS[season]
        axes.set_title(f"{words[0].upper()}{words[1:]}, {model_set} set")
    for axes in panels[:-1]:
        axes.set_xlabel("")
    legend_below(figure, panels[0], 4)
    return figure


def monthly_change_figure(results: Results, model_set: str) -> Figure | None:
    """Second half of the years less the first, month by month, in each biome.

    Bars are the SD over the members, the band one standard error from the spread between years.
    """
    table = _of_set(results, "monthly_change", model_set)
    if table.empty:
        return None
    figure, panels = axes_grid(len(FLUXES), 2, PAGE_INCHES, 7.6, sharex=True, sharey="row")
    for row, flux in enumerate(FLUXES):
        for column, biome in enumerate(BIOMES.values()):
            axes = panels[2 * row + column]
            part = table[(table["flux"] == flux) & (table["zone"] == biome)].sort_values("month")
            _draw_change(axes, part, COLOURS[flux])
            axes.set_title(f"{FLUX_NAMES[flux]}, {biome}, {model_set} set")
        panels[2 * row].set_ylabel(WORDS["monthly"])
    legend_below(figure, panels[0], 3)
    return figure


def _draw_change(axes: Axes, part: pd.DataFrame, colour: str) -> None:
    """One flux of one biome."""
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
    if part.empty:
        return
    month, change = part["month"].to_numpy(), part["difference"].to_numpy(float)
    error = part["years_se"].to_numpy(float)
    axes.fill_between(
        month, change - error, change + error, color=colour, alpha=0.16, linewidth=0,
        label="± standard error between years",
    )  # fmt: skip
    row = part.iloc[0]
    label = f"{row.late_first}–{row.late_last} less {row.early_first}–{row.early_last}"
    spread = part["member_sd"].to_numpy(float)
    axes.errorbar(
        month, change, yerr=spread if np.isfinite(spread).all() else None, color=colour,
        linewidth=1.3, marker="o", markersize=2.5, capsize=2, elinewidth=0.8,
        label=f"{label}, ± SD over the members" if np.isfinite(spread).all() else label,
    )  # fmt: skip
    axes.set_xticks(list(MONTHS), [calendar.month_abbr[m][0] for m in MONTHS])


def site_trends_figure(results: Results) -> Figure | None:
    """Slopes at sites with long records, with their 95 % bounds; hollow points have p ≥ alpha."""
    table = results.tables.get("site_trends")
    if table is None or table.empty:
        return None
    fluxes = [flux for flux in FLUXES if (table["flux"] == flux).any()]
    sites = list(dict.fromkeys(table["site"]))
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 1.5 + 0.24 * len(sites), sharey=True)
    for axes, flux in zip(panels, fluxes, strict=True):
        axes.axvline(0, color=COLOURS["quiet"], linewidth=0.8)
        for row in records(table[table["flux"] == flux]):
            place, sure = sites.index(row.site), row.p_value < results.alpha
            axes.plot([row.lower, row.upper], [place, place], color=COLOURS[flux], linewidth=1.2)
            axes.plot(
                row.slope, place, "o", markersize=5, color=COLOURS[flux],
                markerfacecolor=COLOURS[flux] if sure else "white",
            )  # fmt: skip
        axes.set_title(FLUX_NAMES[flux])
        axes.set_xlabel(WORDS["trend"])
        axes.set_yticks(range(len(sites)), sites)
    panels[0].invert_yaxis()
    return figure
