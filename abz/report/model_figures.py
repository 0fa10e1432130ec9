"""What the forests can do and what they listen to: skill, importance, response curves, truth."""

from __future__ import annotations

import calendar
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import number_text, unit_text
from abz.vocabulary import FLUXES, PREDICTORS, VEGETATION

__all__ = [
    "climatology_figure",
    "importance_figure",
    "response_figure",
    "skill_figure",
    "truth_figure",
]

_HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5}

_ACROSS = 3
"""Response curves in a row."""


def _density(axes: Axes, across: np.ndarray, upward: np.ndarray) -> None:
    """Counts of pairs in 50 × 50 bins, logarithmic, with the 1:1 line."""
    both = np.concatenate([across, upward])
    low, high = np.quantile(both, [0.001, 0.999]) if both.size else (0.0, 1.0)
    pad = 0.05 * (high - low) or 1.0
    edges = np.linspace(low - pad, high + pad, 51)
    axes.hist2d(
        np.clip(across, edges[0], edges[-1]), np.clip(upward, edges[0], edges[-1]),
        bins=[edges, edges], cmin=1, norm=LogNorm(), cmap="viridis", rasterized=True,
    )  # fmt: skip
    axes.plot(edges[[0, -1]], edges[[0, -1]], color=COLOURS["nee_fire"], linewidth=1.0)
    axes.set(aspect="equal", xlim=edges[[0, -1]], ylim=edges[[0, -1]])


def skill_figure(results: Results, model_set: str) -> Figure | None:
    """Held-out predictions against observations, with their scores."""
    fluxes = [flux for flux in FLUXES if (model_set, flux) in results.held_out]
    if not fluxes:
        return None
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.1)
    for axes, flux in zip(panels, fluxes, strict=True):
        pairs = results.held_out[model_set, flux]
        _density(axes, pairs["observed"].to_numpy(), pairs["predicted"].to_numpy())
        scores = results.scores.get((model_set, flux), {})
        words = [
            f"{label} {number_text(float(scores[name]), places)}"
            for name, label, places in (
                ("r2", "R²", 2), ("rmse", "RMSE", 1), ("mae", "MAE", 1), ("mbe", "MBE", 1),
            )
            if name in scores
        ]  # fmt: skip
        axes.text(
            0.04,
            0.96,
            "\n".join(words),
            transform=axes.transAxes,
            va="top",
            fontsize=7.5,
            bbox=_HALO,
        )
        axes.set(title=f"{FLUX_NAMES[flux]}, {model_set} set")
        axes.set_xlabel(f"observed, {WORDS['monthly']}", fontsize=8)
    panels[0].set_ylabel(f"predicted, {WORDS['monthly']}", fontsize=8)
    return figure


def importance_figure(results: Results, model_set: str) -> Figure | None:
    """Rise of RMSE when a predictor is shuffled, every shuffle counted, ordered by the median."""
    table = results.tables.get("importance")
    if table is None or model_set not in set(table["model_set"]):
        return None
    figure, panels = axes_grid(len(FLUXES), 1, PAGE_INCHES, 3.9 * len(FLUXES))
    for axes, flux in zip(panels, FLUXES, strict=True):
        rows = table[(table["model_set"] == model_set) & (table["flux"] == flux)]
        groups = {
            name: group["rmse_increase"].to_numpy() for name, group in rows.groupby("predictor")
        }
        order = sorted(groups, key=lambda name: float(np.median(groups[name])))
        axes.boxplot(
            [groups[name] for name in order], orientation="horizontal", widths=0.6,
            tick_labels=[PREDICTORS[str(name)].long_name for name in order], patch_artist=True,
            boxprops={"facecolor": COLOURS[flux], "alpha": 0.45, "linewidth": 0.6},
            medianprops={"color": COLOURS["ink"]}, flierprops={"markersize": 2},
            whiskerprops={"linewidth": 0.6}, capprops={"linewidth": 0.6},
        )  # fmt: skip
        axes.set_title(f"{FLUX_NAMES[flux]}, {model_set} set")
        axes.set_xlabel(f"rise of RMSE, {WORDS['monthly']}")
        axes.set_xlim(left=0)
    return figure


def response_figure(results: Results, model_set: str) -> Figure | None:
    """Partial dependence of the three fluxes on each predictor, each curve about its mean.

    GPP and Reco are several times NEE, so that curves of values would hide the shape of NEE's.
    Vegetation has the last row for itself, so that its classes can be named in full.
    """
    table = results.tables.get("response")
    if table is None or model_set not in set(table["model_set"]):
        return None
    table = table[table["model_set"] == model_set]
    known = [name for name in PREDICTORS if name in set(table["predictor"])]
    names = [name for name in known if name != "vegetation"]
    wide = ["vegetation"] * ("vegetation" in known)
    rows = -(-len(names) // _ACROSS) + len(wide)
    figure = plt.figure(figsize=(PAGE_INCHES, 2.1 * rows), layout="constrained")
    spans = GridSpec(rows, _ACROSS, figure=figure)
    places = [*(spans[divmod(place, _ACROSS)] for place in range(len(names)))]
    places += [spans[rows - 1, :]] * len(wide)
    for place, name in zip(places, names + wide, strict=True):
        axes = figure.add_subplot(place)
        _draw_response(axes, table[table["predictor"] == name], name)
        if place.colspan.start == 0:
            axes.set_ylabel(WORDS["monthly"], fontsize=8)
    handles = [Line2D([], [], color=COLOURS[flux], label=FLUX_NAMES[flux]) for flux in FLUXES]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _draw_response(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    """Departures of curves, or of points for classes, from their means."""
    predictor = PREDICTORS[name]
    for flux in FLUXES:
        curve = rows[rows["flux"] == flux].sort_values("value")
        across = np.arange(len(curve)) if predictor.is_category else curve["value"].to_numpy()
        axes.plot(
            across, curve["response"] - curve["response"].mean(),
            "o" if predictor.is_category else "-", markersize=3, color=COLOURS[flux], linewidth=1.2,
        )  # fmt: skip
        if name == "vegetation":
            words = [fill(VEGETATION[int(code)], 15) for code in curve["value"]]
            axes.set_xticks(across, words, fontsize=7.5)
        elif name == "month":
            axes.set_xticks(across, [calendar.month_abbr[int(m)][0] for m in curve["value"]])
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.6)
    units = "" if predictor.units == "1" else f" ({unit_text(predictor.units)})"
    axes.set_title(fill(f"{predictor.long_name}{units}", 27), fontsize=8)


def truth_figure(results: Results, model_set: str) -> Figure | None:
    """Mean annual fluxes of every cell: what the forests made against the known truth.

    How alike they are stands in numbers.json, from `map_likeness`.
    """
    truth, maps = results.truth.get(model_set), results.trends.get(model_set)
    if truth is None or maps is None:
        return None
    fluxes = [flux for flux in FLUXES if f"{flux}_mean" in truth]
    if not fluxes:
        return None
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.1)
    for axes, flux in zip(panels, fluxes, strict=True):
        known = truth[f"{flux}_mean"].values.ravel()
        made = maps["mean"].sel(flux=flux).values.ravel()
        both = np.isfinite(known) & np.isfinite(made)
        _density(axes, known[both], made[both])
        axes.set(title=f"{FLUX_NAMES[flux]}, {model_set} set")
        axes.set_xlabel(f"truth, {WORDS['annual']}", fontsize=8)
    panels[0].set_ylabel(f"forests, {WORDS['annual']}", fontsize=8)
    return figure


def climatology_figure(results: Results) -> Figure | None:
    """Budgets of a climatological year beside the published ones."""
    table = results.tables.get("climatology")
    if table is None or table.empty:
        return None
    fluxes = [flux for flux in FLUXES if flux in set(table["flux"])]
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.6)
    for axes, flux in zip(panels, fluxes, strict=True):
        rows = table[table["flux"] == flux]
        across = np.arange(len(rows))
        for shift, name, spread, colour, label in (
            (-0.2, "budget", "budget_sd", "fine", "this run"),
            (0.2, "published", "published_sd", "quiet", "published"),
        ):
            axes.bar(
                across + shift, rows[name], 0.38, yerr=rows[spread], color=COLOURS[colour],
                label=label, capsize=3, error_kw={"linewidth": 0.8},
            )  # fmt: skip
        axes.set_xticks(across, list(rows["zone"]), fontsize=8)
        axes.axhline(0, color=COLOURS["ink"], linewidth=0.7)
        axes.set_title(FLUX_NAMES[flux])
    panels[0].set_ylabel(WORDS["budget"])
    legend_below(figure, panels[0], 2)
    return figure
