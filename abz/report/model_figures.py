"""What the forests can do: skill, the truth that they recovered, budgets of a climatology."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import number_text
from abz.vocabulary import FLUXES

__all__ = [
    "climatology_figure",
    "skill_figure",
    "truth_figure",
]

_HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5}


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
