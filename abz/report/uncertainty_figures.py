"""Figures of what a ± holds."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import number_text
from abz.vocabulary import FLUXES

__all__ = ["components_figure", "correlogram_figure"]

_PARTS = (
    ("sampling_sd", "fine", "sampling"),
    ("transfer_sd", "coarse", "transfer"),
    ("fire_sd", "fire", "fire"),
    ("total_sd", "ink", "total"),
)
_ZONES = (("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"))


def correlogram_figure(results: Results, model_set: str) -> Figure | None:
    """Correlation of held-out errors of sites by their distance, with the fitted exponential."""
    table, models = results.tables.get("correlogram"), results.tables.get("transfer")
    if table is None or models is None:
        return None
    own = records(models[models["model_set"] == model_set])
    fitted_of = {str(row.flux): row for row in own}
    fluxes = [flux for flux in FLUXES if flux in fitted_of]
    if not fluxes:
        return None
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 2.9)
    for axes, flux in zip(panels, fluxes, strict=True):
        rows = table[(table["model_set"] == model_set) & (table["flux"] == flux)]
        row = fitted_of[flux]
        distance = np.linspace(0, row.reach_km, 200)
        fitted = np.zeros(distance.size)
        if row.share > 0:
            fitted = row.share * np.exp(-distance / row.length_km)
        axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
        axes.plot(
            rows["distance_km"], rows["correlation"], "o", color=COLOURS[flux], markersize=4,
            label="pairs of sites, in bins",
        )  # fmt: skip
        axes.plot(distance, fitted, color=COLOURS["ink"], linewidth=1.2, label="fitted")
        sites = number_text(row.sites, 0)
        axes.set(title=f"{FLUX_NAMES[flux]}, {model_set} set")
        axes.set_xlabel(f"distance, km ({sites} sites)", fontsize=8)
    panels[0].set_ylabel("correlation of errors")
    legend_below(figure, panels[0], 2)
    return figure


def components_figure(results: Results, model_set: str) -> Figure | None:
    """SD of each component and of the total, by flux, for the ABZ and both biomes."""
    table = results.tables.get("uncertainty")
    if table is None:
        return None
    means = table[(table["model_set"] == model_set) & (table["period"] == "mean")]
    fluxes = [flux for flux in FLUX_NAMES if flux in set(means["flux"])]
    if not fluxes:
        return None
    figure, panels = axes_grid(1, len(_ZONES), PAGE_INCHES, 3.2)
    across = np.arange(len(fluxes))
    for axes, (zone_set, zone) in zip(panels, _ZONES, strict=True):
        rows = means[(means["zone_set"] == zone_set) & (means["zone"] == zone)]
        rows = rows.set_index("flux").reindex(fluxes)
        for place, (column, colour, label) in enumerate(_PARTS):
            axes.bar(
                across + 0.2 * (place - 1.5), rows[column].fillna(0.0), 0.2,
                color=COLOURS[colour], label=label,
            )  # fmt: skip
        axes.set_xticks(
            across, [FLUX_NAMES[flux] for flux in fluxes], fontsize=7, rotation=30, ha="right"
        )
        axes.set_title(f"{zone}, {model_set} set")
    panels[0].set_ylabel(f"SD, {WORDS['budget']}")
    legend_below(figure, panels[0], len(_PARTS))
    return figure
