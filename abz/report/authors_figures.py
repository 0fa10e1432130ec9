"""Figures of a run on real data beside the authors' own results: series, earth models, ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.trend_words import variable_words
from abz.report.typography import number_text, p_text
from abz.vocabulary import FLUXES

__all__ = ["ranks_figure", "series_figure"]

_AREAS = (("ABZ", COLOURS["ink"]), ("boreal", COLOURS["boreal"]), ("tundra", COLOURS["tundra"]))
_MODELS = (("nee", "NEE (Rh − NPP)", COLOURS["nee"]), ("minus_nbp", "−NBP", COLOURS["nee_fire"]))
_SIDES = {
    "theirs": ("s", "none", COLOURS["ink"], "authors' final forest"),
    "ours": ("o", "full", COLOURS["nee"], "forest on the public tables"),
}
FIRST_YEAR = 1990
"""Of the panel of the earth system models, so that both panels have one axis."""


def series_figure(results: Results) -> Figure | None:
    """NEE of the authors' 8-km model, and of CMIP6 over the permafrost region."""
    series, models = (results.tables.get(f"authors_{name}") for name in ("series", "model_series"))
    if series is None or models is None:
        return None
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 4.0)
    _draw_areas(left, series, results.tables["authors_trends"])
    _draw_models(right, models, results.tables.get("authors_region"))
    for axes in (left, right):
        axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.legend(loc="lower left", fontsize=7.5)
    left.set_ylabel(WORDS["budget"])
    return figure


def _draw_areas(axes: Axes, series: pd.DataFrame, trends: pd.DataFrame) -> None:
    """Annual NEE of the whole zone and its biomes, and their Zhang trends in words."""
    words = []
    for area, colour in _AREAS:
        nee = series[(series["flux"] == "nee") & (series["area"] == area)].set_index("year")["tg"]
        axes.plot(
            nee.index, nee.to_numpy(), color=colour, linewidth=1.4, marker="o", markersize=2.2,
            label=area,
        )  # fmt: skip
        found = trends[
            (trends["flux"] == "nee") & (trends["area"] == area) & (trends["method"] == "zhang")
        ]
        slopes = [
            f"from {row.first_year} {number_text(row.slope, 1)} ({p_text(row.p_value)})"
            for row in records(found)
        ]
        words.append(f"{area}: {', '.join(slopes)}")
    words.append("Zhang slopes, Tg C yr$^{-1}$ per yr")
    axes.set_title("NEE, authors' 8-km model")
    axes.set_xlabel("\n".join(words), loc="left", fontsize=7)


def _draw_models(axes: Axes, models: pd.DataFrame, region: pd.DataFrame | None) -> None:
    """Mean and SD over the models, and the published budget with its SD."""
    table = models[models["year"].between(FIRST_YEAR, 2016)]
    for name, label, colour in _MODELS:
        years = table.groupby("year")[name]
        mean, spread = years.mean(), years.std()
        axes.plot(mean.index, mean.to_numpy(), color=colour, linewidth=1.4, label=label)
        axes.fill_between(
            mean.index, mean - spread, mean + spread, color=colour, alpha=0.16, linewidth=0
        )
    if region is not None and "nee" in set(region["flux"]):
        row = region[region["flux"] == "nee"].iloc[0]
        axes.errorbar(
            [2010.5], [row["published"]], yerr=[row["published_sd"]], xerr=[9.5],
            color=COLOURS["ink"], marker="s", markersize=4, capsize=3, linestyle="none",
            label="published NEE, 2001–2020",
        )  # fmt: skip
    axes.set_title("Permafrost region, CMIP6")
    words = "lines and bands: mean and SD over the models,\nfrom 2015 on under SSP3-7.0"
    axes.set_xlabel(words, loc="left", fontsize=7)


def ranks_figure(results: Results) -> Figure | None:
    """Importance of each predictor in the forest on the tables and in the authors' final forest."""
    table = results.tables.get("authors_ranks")
    if table is None:
        return None
    chosen = table[(table["forest"] == "the tables") & (table["variant"] == "final, figure")]
    order = chosen.groupby("predictor")["rank_theirs"].mean().sort_values(ascending=False).index
    figure, panels = axes_grid(1, len(FLUXES), PAGE_INCHES, 4.8, sharey=True)
    place = np.arange(len(order))
    for axes, flux in zip(panels, FLUXES, strict=True):
        rows = chosen[chosen["flux"] == flux].set_index("predictor").reindex(order)
        axes.hlines(place, rows["ours"], rows["theirs"], color=COLOURS["quiet"], linewidth=0.8)
        for side, (marker, fill, colour, label) in _SIDES.items():
            axes.plot(
                rows[side], place, marker, color=colour, markersize=5, fillstyle=fill, label=label
            )
        axes.set_yticks(place, [variable_words(name) for name in order], fontsize=7.5)
        axes.set_xlim(left=0)
        axes.set_title(FLUX_NAMES[flux])
        axes.set_xlabel(f"rise of the RMSE,\n{WORDS['monthly']}")
    legend_below(figure, panels[0], 2)
    return figure
