"""Figures of skill: groups of rows, fold designs, coverage of intervals, single sites."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.skill_words import DESIGN_WORDS, GROUP_WORDS, of_set
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.vocabulary import FLUXES

__all__ = ["coverage_figure", "designs_figure", "groups_figure", "site_figure"]

FEW_SITES = 5
"""Groups with fewer sites are drawn pale."""


def groups_figure(results: Results, model_set: str) -> Figure | None:
    """RMSE of groups of rows, with intervals from resampled sites."""
    table = of_set(results, "skill", model_set)
    if table is None:
        return None
    table = table[table["model"] == "forest"]
    groups = table.drop_duplicates(["group_kind", "group"])[["group_kind", "group"]]
    labels = [
        group if kind == "all" else f"{group}  ({GROUP_WORDS.get(kind, kind)})"
        for kind, group in groups.itertuples(index=False)
    ]
    keys = list(groups.itertuples(index=False, name=None))
    fluxes = _fluxes(table)
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 0.21 * len(keys) + 0.9, sharey=True)
    for axes, flux in zip(panels, fluxes, strict=True):
        rows = table[table["flux"] == flux].set_index(["group_kind", "group"]).reindex(keys)
        ranges = rows[["rmse", "rmse_low", "rmse_high"]].to_numpy(np.float64)
        _draw_ranges(axes, ranges, flux, pale=(rows["sites"] < FEW_SITES).to_numpy())
        axes.axvline(ranges[0, 0], color=COLOURS["quiet"], linewidth=0.8)
        axes.set(title=FLUX_NAMES[flux], xlabel=f"RMSE, {WORDS['monthly']}")
        axes.set_xlim(left=0)
    _name_rows(panels[0], labels)
    return figure


def designs_figure(results: Results, model_set: str) -> Figure | None:
    """Change of the RMSE under each fold design against leaving one site out."""
    table = of_set(results, "designs", model_set)
    if table is None:
        return None
    table = table[(table["design"] != "leave_one_site_out") & table["rmse_change"].notna()]
    names = list(dict.fromkeys(table["design"]))
    if not names:
        return None
    fluxes = _fluxes(table)
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 0.3 * len(names) + 1.0, sharey=True)
    for axes, flux in zip(panels, fluxes, strict=True):
        rows = table[table["flux"] == flux].set_index("design").reindex(names)
        ends = ["rmse_change", "rmse_change_low", "rmse_change_high"]
        _draw_ranges(axes, rows[ends].to_numpy(np.float64), flux)
        axes.axvline(0, color=COLOURS["quiet"], linewidth=0.8)
        axes.set(title=FLUX_NAMES[flux])
        axes.set_xlabel(f"change of RMSE,\n{WORDS['monthly']}")
    _name_rows(panels[0], [DESIGN_WORDS[name] for name in names])
    return figure


def coverage_figure(results: Results, model_set: str) -> Figure | None:
    """Empirical against nominal coverage: all rows, each stratum, outside the area.

    Infinite intervals cover everything and tell nothing: they are no points, and ∞ stands at their
    level.
    """
    table = of_set(results, "coverage", model_set)
    if table is None:
        return None
    fluxes = _fluxes(table)
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.2)
    for axes, flux in zip(panels, fluxes, strict=True):
        every = table[table["flux"] == flux]
        rows = every[every["reachable"].astype(bool)]
        for _, part in rows[rows["grouping"].str.contains("×")].groupby("stratum", sort=True):
            axes.plot(100 * part["nominal"], 100 * part["coverage"], "o-", markersize=2,
                      linewidth=0.6, color=COLOURS["quiet"], label="biome × season")  # fmt: skip
        for name, colour, width, shift, label in (
            ("outside", "nee_fire", 0.8, 0.8, "outside the area"),
            ("all", flux, 1.6, 0.0, "all site-months"),
        ):
            part = rows[rows["stratum"] == name]
            share = 100 * part[["coverage", "coverage_lower", "coverage_upper"]].to_numpy()
            axes.errorbar(
                100 * part["nominal"] + shift, share[:, 0], _arms(share), fmt="o-", markersize=3,
                linewidth=width, color=COLOURS[colour], label=label,
            )  # fmt: skip
        endless = every[(every["stratum"] == "all") & ~every["reachable"].astype(bool)]
        for level in endless["nominal"]:
            axes.text(100 * level, 100, "∞", ha="center", va="center", color=COLOURS[flux])
        axes.plot([40, 100], [40, 100], color=COLOURS["ink"], linewidth=0.8, linestyle="--")
        axes.set(title=FLUX_NAMES[flux], xlabel="nominal coverage, %", xlim=(45, 100))
        axes.set_ylim(top=103)
    panels[0].set_ylabel("empirical coverage, %")
    _one_legend(figure, panels[0])
    return figure


def site_figure(results: Results, model_set: str) -> Figure | None:
    """Observed and predicted mean of every site; the area of a dot is its number of months."""
    table = of_set(results, "site_skill", model_set)
    if table is None:
        return None
    table = table[(table["model"] == "forest") & (table["n"] > 0)]
    fluxes = _fluxes(table)
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.2)
    for axes, flux in zip(panels, fluxes, strict=True):
        rows = table[table["flux"] == flux]
        biome = (
            rows["biome"].fillna("").str.lower() if "biome" in rows else pd.Series("", rows.index)
        )
        for name in sorted(set(biome), reverse=True):
            part = rows[biome == name]
            axes.scatter(
                part["observed_mean"], part["predicted_mean"], s=4 + 0.4 * part["n"], alpha=0.75,
                color=COLOURS.get(name, COLOURS["quiet"]), linewidths=0,
                label=name or "biome not known",
            )  # fmt: skip
        both = rows[["observed_mean", "predicted_mean"]].to_numpy()
        ends = [both.min(), both.max()]
        axes.plot(ends, ends, color=COLOURS["ink"], linewidth=0.8)
        axes.set(title=FLUX_NAMES[flux])
        axes.set_xlabel(f"observed mean,\n{WORDS['monthly']}")
    panels[0].set_ylabel(f"predicted mean, {WORDS['monthly']}")
    legend_below(figure, panels[0], 3)
    return figure


def _fluxes(table: pd.DataFrame) -> list[str]:
    """Fluxes of a table, in their order."""
    return [flux for flux in FLUXES if flux in set(table["flux"])]


def _draw_ranges(axes: Axes, ranges: np.ndarray, flux: str, pale: np.ndarray | None = None) -> None:
    """Values with their intervals (n, 3), the first at the top."""
    faint = np.zeros(len(ranges), bool) if pale is None else pale
    for place, (row, quiet) in enumerate(zip(ranges, faint, strict=True)):
        axes.errorbar(
            row[0], place, xerr=_arms(row[None]), fmt="o", markersize=3.5, linewidth=1.1,
            color=COLOURS[flux], alpha=0.4 if quiet else 1.0,
        )  # fmt: skip


def _arms(ranges: np.ndarray) -> np.ndarray:
    """Lengths (2, n) from values to the ends of their intervals (n, 3); 0 where there is none."""
    arms = np.stack([ranges[:, 0] - ranges[:, 1], ranges[:, 2] - ranges[:, 0]])
    return np.asarray(np.maximum(np.nan_to_num(arms), 0))


def _name_rows(axes: Axes, labels: Sequence[str]) -> None:
    """Names at the left, from the top down."""
    axes.set_yticks(range(len(labels)), labels, fontsize=7.5)
    axes.set_ylim(len(labels) - 0.5, -0.5)


def _one_legend(figure: Figure, axes: Axes) -> None:
    """A legend under the panels in which each label stands once."""
    handles, labels = axes.get_legend_handles_labels()
    single = dict(zip(labels, handles, strict=True))
    figure.legend(single.values(), single.keys(), loc="outside lower center", ncols=len(single))
