"""What changes with time: annual budgets with their spread, the seasonal cycle, regions, fire."""

from __future__ import annotations

import calendar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import number_text, p_text
from abz.vocabulary import BIOMES, REGIONS

__all__ = ["annual_figure", "fire_figure", "regions_figure", "seasonal_figure"]

_LINES = (
    ("coarse", "nee", "NEE, coarse", "coarse", "-"),
    ("fine", "nee", "NEE, fine", "fine", "-"),
    ("fine", "nee_fire", "NEE + fire, fine", "nee_fire", "--"),
)


def _series(
    table: pd.DataFrame, model_set: str, flux: str, zone_set: str, zone: str
) -> pd.DataFrame:
    chosen = (
        (table["model_set"] == model_set) & (table["flux"] == flux)
        & (table["zone_set"] == zone_set) & (table["zone"] == zone)
    )  # fmt: skip
    return table[chosen]


def _draw_series(axes: Axes, results: Results, zone_set: str, zone: str) -> None:
    """Central lines, the SD of the members as bands, and the trends in words."""
    words = []
    for model_set, flux, label, colour, line in _LINES:
        series = _series(results.tables["annual"], model_set, flux, zone_set, zone)
        central = series[series["member"] == 0].set_index("year")["tg"].sort_index()
        if central.empty:
            continue
        axes.plot(
            central.index, central.to_numpy(), line, color=COLOURS[colour], label=label,
            linewidth=1.4, marker="o", markersize=2.2,
        )  # fmt: skip
        spread = series[series["member"] > 0].groupby("year")["tg"].std().reindex(central.index)
        if spread.notna().any():
            axes.fill_between(
                central.index, central - spread, central + spread, color=COLOURS[colour],
                alpha=0.16, linewidth=0,
            )  # fmt: skip
        words += _slope_words(results, label, model_set, flux, zone_set, zone)
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    if words:
        axes.set_xlabel("\n".join(words), loc="left", fontsize=7.5)


def _slope_words(results: Results, label: str, *keys: str) -> list[str]:
    """The longest trend of a model set, flux, zone set and zone, in words."""
    table = results.tables.get("trends")
    if table is None:
        return []
    rows = _series(table, *keys).sort_values("n", ascending=False)
    return [
        f"{label}: {number_text(row.slope)} per yr, {p_text(row.p_value)}"
        for row in records(rows.head(1))
    ]


def annual_figure(results: Results) -> Figure | None:
    """Annual budgets of the whole domain and of the permafrost region."""
    if "annual" not in results.tables:
        return None
    figure, panels = axes_grid(1, 2, PAGE_INCHES, 4.0)
    for axes, (zone_set, zone, title) in zip(
        panels,
        (
            ("abz", "ABZ", "Arctic–boreal zone"),
            ("permafrost_region", "permafrost", "Permafrost region"),
        ),
        strict=True,
    ):  # fmt: skip
        _draw_series(axes, results, zone_set, zone)
        axes.set(title=title, ylabel=WORDS["budget"])
    legend_below(figure, panels[0], 3)
    return figure


def regions_figure(results: Results) -> Figure | None:
    """Annual budgets of the regions, boreal on the left, tundra on the right."""
    if "annual" not in results.tables:
        return None
    figure, panels = axes_grid(len(REGIONS), 2, PAGE_INCHES, 2.9 * len(REGIONS))
    zones = [f"{region} {biome}" for region in REGIONS.values() for biome in BIOMES.values()]
    for axes, zone in zip(panels, zones, strict=True):
        _draw_series(axes, results, "region_biome", zone)
        axes.set_title(zone)
    for axes in panels[::2]:
        axes.set_ylabel(WORDS["budget"])
    legend_below(figure, panels[0], 3)
    return figure


def seasonal_figure(results: Results, model_set: str) -> Figure | None:
    """Mean monthly NEE, GPP and Reco of each biome, the first half of the years and the second.

    Bars are the SD over the members, in the second half.
    """
    if "monthly" not in results.tables:
        return None
    table = results.tables["monthly"]
    table = table[table["model_set"] == model_set]
    years = np.sort(table["year"].unique())
    middle = years[len(years) // 2]
    figure, panels = axes_grid(3, 2, PAGE_INCHES, 8.4, sharex=True)
    for row, flux in enumerate(("nee", "gpp", "reco")):
        for column, biome in enumerate(BIOMES.values()):
            axes = panels[2 * row + column]
            series = _series(table, model_set, flux, "biome", biome)
            _draw_cycle(axes, series, years, int(middle))
            axes.set_title(f"{FLUX_NAMES[flux]}, {biome}, {model_set} set")
            if flux == "nee":
                axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
        panels[2 * row].set_ylabel(WORDS["monthly"])
    legend_below(figure, panels[0], 2)
    return figure


def _draw_cycle(axes: Axes, series: pd.DataFrame, years: np.ndarray, middle: int) -> None:
    """Two seasonal cycles, before and from the middle year."""
    months = range(1, 13)
    for late, colour, line in ((False, COLOURS["quiet"], "--"), (True, COLOURS["fine"], "-")):
        half = series[(series["year"] >= middle) == late]
        central = half[half["member"] == 0].groupby("month")["g_m2"].mean().reindex(months)
        first, last = (middle, years[-1]) if late else (years[0], middle - 1)
        members = half[half["member"] > 0].groupby(["member", "month"])["g_m2"].mean()
        spread = members.groupby("month").std().reindex(months) if late and len(members) else None
        axes.errorbar(
            months, central.to_numpy(), yerr=None if spread is None else spread.to_numpy(),
            color=colour, linestyle=line, linewidth=1.4, capsize=2, elinewidth=0.8,
            label=f"{first}–{last}",
        )  # fmt: skip
    axes.set_xticks(list(months), [calendar.month_abbr[month][0] for month in months])


def fire_figure(results: Results) -> Figure | None:
    """Annual fire emission by region."""
    table = results.tables.get("annual")
    if table is None or not (table["flux"] == "fire").any():
        return None
    fire = table[
        (table["flux"] == "fire") & (table["zone_set"] == "region") & (table["member"] == 0)
    ]
    wide = fire.pivot_table(index="year", columns="zone", values="tg", aggfunc="sum")
    figure, (axes,) = axes_grid(1, 1, 7.5, 3.8)
    bottom = np.zeros(len(wide))
    palette = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
    for region, colour in zip(REGIONS.values(), palette, strict=True):
        if region in wide:
            axes.bar(wide.index, wide[region], bottom=bottom, color=colour, label=region, width=0.8)
            bottom += wide[region].fillna(0).to_numpy()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(title="Annual fire emission", ylabel=WORDS["budget"])
    legend_below(figure, axes, 4)
    return figure
