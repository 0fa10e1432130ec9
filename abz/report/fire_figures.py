"""Figures of what follows a fire: composites by years since fire, and the bias at burned sites."""

from __future__ import annotations

import calendar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import p_text

__all__ = ["bias_figure", "composites_figure"]

_PANELS = (("nee", "July"), ("gpp", "July"), ("ndvi", "July"), ("nee", "annual"))
_BIAS_MONTHS = (5, 6, 7, 8)
"""The months in which the study finds a bias, and one more."""


def composites_figure(results: Results) -> Figure | None:
    """NEE, GPP and NDVI by years since fire, at burned sites and in burned cells."""
    sites, cells = (results.tables.get(f"postfire_{name}") for name in ("sites", "cells"))
    if sites is None or cells is None or sites.empty:
        return None
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 6.2, sharex=True)
    for axes, (variable, when) in zip(panels, _PANELS, strict=True):
        _draw_sites(axes, _of(sites, variable, when))
        _draw_cells(axes, _of(cells, variable, when))
        axes.set_title(f"{FLUX_NAMES.get(variable, variable.upper())}, {when}")
        axes.set_ylabel("" if variable == "ndvi" else WORDS["monthly" if when == "July" else when])
    for axes in panels[2:]:
        axes.set_xlabel("years since fire")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, panels[0], 2)
    return figure


def _of(table: pd.DataFrame, variable: str, when: str) -> pd.DataFrame:
    """Rows of one variable and time of the year."""
    return table[(table["variable"] == variable) & (table["when"] == when)]


def _draw_sites(axes: Axes, rows: pd.DataFrame) -> None:
    """Means over site-years, with their SD; the area of a dot grows with their number."""
    axes.errorbar(
        rows["years_since_fire"], rows["mean"], yerr=rows["sd"].fillna(0.0), fmt="none",
        ecolor=COLOURS["fire"], elinewidth=0.8, alpha=0.6,
    )  # fmt: skip
    axes.scatter(
        rows["years_since_fire"], rows["mean"], s=14 + 10 * rows["site_years"], zorder=4,
        color=COLOURS["fire"], edgecolors="white", linewidths=0.5, label="burned sites, ± SD",
    )  # fmt: skip


def _draw_cells(axes: Axes, rows: pd.DataFrame) -> None:
    """Means of cells, weighted with burned land, and their SD as a band."""
    age, mean = rows["years_since_fire"].to_numpy(), rows["mean"].to_numpy()
    spread = rows["sd"].to_numpy()
    axes.plot(age, mean, color=COLOURS["fine"], linewidth=1.4, label="burned cells, ± SD")
    axes.fill_between(
        age, mean - spread, mean + spread, color=COLOURS["fine"], alpha=0.16, linewidth=0
    )


def bias_figure(results: Results) -> Figure | None:
    """Bias of held-out NEE by years since fire from May to August, with the fixed effects."""
    rows, fits = (results.tables.get(f"postfire_{name}") for name in ("bias", "fits"))
    curves = results.tables.get("postfire_curves")
    if rows is None or fits is None or curves is None or rows.empty:
        return None
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 6.2, sharex=True, sharey=True)
    for axes, month in zip(panels, _BIAS_MONTHS, strict=True):
        seen, curve, fit = (part[part["month"] == month] for part in (rows, curves, fits))
        axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
        axes.scatter(
            seen["years_since_fire"], seen["bias"], s=12, color=COLOURS["fire"],
            label="observed − predicted",
        )  # fmt: skip
        if not curve.empty:
            _draw_curve(axes, curve)
        axes.set_title(f"{calendar.month_name[month]}: {_in_words(fit)}", fontsize=9)
    for axes in panels[2:]:
        axes.set_xlabel("years since fire")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in panels[::2]:
        axes.set_ylabel(WORDS["monthly"])
    legend_below(figure, panels[0], 2)
    return figure


def _draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """The fixed effects and their standard error."""
    age, bias, spread = (
        curve[name].to_numpy(np.float64) for name in ("years_since_fire", "bias", "bias_sd")
    )
    axes.plot(age, bias, color=COLOURS["ink"], linewidth=1.3, label="fixed effects, ± SE")
    axes.fill_between(
        age, bias - spread, bias + spread, color=COLOURS["ink"], alpha=0.13, linewidth=0
    )


def _in_words(fit: pd.DataFrame) -> str:
    """Whether the month is corrected."""
    if fit.empty or not np.isfinite(fit["slope_p"].iloc[0]):
        return "no model"
    pair = ", ".join(p_text(fit[name].iloc[0]) for name in ("intercept_p", "slope_p"))
    return f"{pair}; {'' if fit['kept'].iloc[0] else 'not '}corrected"
