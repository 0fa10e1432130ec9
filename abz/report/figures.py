"""All figures of a run: which there are, what they show, and drawing them to PNG.

A figure of a model set carries the set's name, `nee_map_fine`; the others stand for the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from abz.cli.progress import track
from abz.report import (
    applicability_figures,
    authors_figures,
    catalog_figures,
    comparison_figures,
    driver_figures,
    fire_figures,
    map_figures,
    model_figures,
    product_figures,
    series_figures,
    skill_figures,
    trend_figures,
    uncertainty_figures,
)
from abz.report.results import Results
from abz.report.style import house_style, mark, save_figure

__all__ = ["RUN_FIGURES", "SET_FIGURES", "draw_figures", "figure_plans"]

SET_FIGURES: MappingProxyType[str, tuple[str, Callable[[Results, str], Figure | None]]] = (
    MappingProxyType(
        {
            "nee_map": ("maps", map_figures.nee_map),
            "flux_maps": ("maps", map_figures.flux_maps),
            "trend_map": ("trends", map_figures.trend_map),
            "nee_fire_map": ("trends", map_figures.nee_fire_map),
            "overlay_map": ("trends", map_figures.overlay_map),
            "trend_shares": ("budgets", trend_figures.shares_figure),
            "environment_trends": ("budgets", trend_figures.environment_figure),
            "monthly_change": ("budgets", trend_figures.monthly_change_figure),
            "uncertainty_map": ("flux", map_figures.uncertainty_map),
            "zones_map": ("zones", map_figures.zones_map),
            "sites_map": ("zones", map_figures.sites_map),
            "area_map": ("applicability", applicability_figures.area_map),
            "density_map": ("applicability", applicability_figures.density_map),
            "mess_map": ("applicability", applicability_figures.mess_map),
            "clusters_map": ("applicability", applicability_figures.clusters_map),
            "error_by_distance": ("applicability", applicability_figures.error_figure),
            "level_support_map": ("flux", applicability_figures.level_support_map),
            "gap_map": ("closure", comparison_figures.gap_map),
            "truth_maps": ("truth", map_figures.truth_maps),
            "uncertainty_components": ("budgets", uncertainty_figures.components_figure),
            "transfer_correlogram": ("budgets", uncertainty_figures.correlogram_figure),
            "seasonal": ("budgets", series_figures.seasonal_figure),
            "skill": ("models", model_figures.skill_figure),
            "skill_groups": ("models", skill_figures.groups_figure),
            "designs": ("models", skill_figures.designs_figure),
            "coverage": ("models", skill_figures.coverage_figure),
            "site_skill": ("models", skill_figures.site_figure),
            "importance": ("models", driver_figures.importance_figure),
            "predictor_groups": ("models", driver_figures.groups_figure),
            "response": ("models", driver_figures.response_figure),
            "predictor_pairs": ("models", driver_figures.pairs_figure),
            "truth": ("truth", model_figures.truth_figure),
        }
    )
)
"""Name to (what a set must have, function of the results and the set)."""

RUN_FIGURES: MappingProxyType[str, Callable[[Results], Figure | None]] = MappingProxyType(
    {
        "annual": series_figures.annual_figure,
        "regions": series_figures.regions_figure,
        "fire_regions": series_figures.fire_figure,
        "site_trends": trend_figures.site_trends_figure,
        "fire_map": map_figures.fire_map,
        "postfire_composites": fire_figures.composites_figure,
        "postfire_bias": fire_figures.bias_figure,
        "resolution_maps": comparison_figures.resolution_maps,
        "resolution_series": comparison_figures.resolution_series,
        "product_series": product_figures.series_figure,
        "product_regions": product_figures.regions_figure,
        "product_winter": product_figures.winter_figure,
        "product_maps": product_figures.maps_figure,
        "product_trend_maps": product_figures.trend_maps_figure,
        "product_taylor": product_figures.taylor_figure,
        "climatology": model_figures.climatology_figure,
        "catalog_years": catalog_figures.years_figure,
        "authors_series": authors_figures.series_figure,
        "authors_ranks": authors_figures.ranks_figure,
    }
)
"""Name to function of the results."""

OF_PRODUCTS = ("catalog_years",)
"""Figures of the real products, whatever data the run read."""


def figure_plans(results: Results) -> Iterator[tuple[str, Callable[[], Figure | None]]]:
    """Names of the figures that a run can have, and how each is drawn.

    Examples
    --------
    >>> [name for name, _ in figure_plans(Results(name="empty"))][:3]
    ['annual', 'regions', 'fire_regions']
    """
    for name, draw in RUN_FIGURES.items():
        yield name, lambda draw=draw: draw(results)  # type: ignore[misc]
    for model_set in results.sets:
        held = {
            "maps": model_set in results.trends or model_set in results.flux,
            "trends": model_set in results.trends,
            "flux": model_set in results.flux,
            "zones": model_set in results.zones,
            "truth": model_set in results.truth,
            "applicability": model_set in results.applicability,
            "closure": model_set in results.closure,
            "budgets": True,
            "models": True,
        }
        for name, (need, draw_set) in SET_FIGURES.items():
            if held[need]:
                yield (
                    f"{name}_{model_set}",
                    lambda draw=draw_set, which=model_set: draw(results, which),  # type: ignore[misc]
                )


def draw_figures(results: Results, folder: Path) -> list[Path]:
    """Draw all figures that the run has data for.

    Parameters
    ----------
    results : Results
        What the run holds.
    folder : Path
        Where the PNG files go; it is made if it is not there.

    Returns
    -------
    list of Path
        The files, sorted by name; their bytes depend only on the results and on Matplotlib.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with house_style():
        for name, draw in track(list(figure_plans(results)), "figures"):
            figure = draw()
            if figure is not None:
                if name not in OF_PRODUCTS:
                    figure = mark(figure, results)
                paths.append(save_figure(figure, folder / f"{name}.png"))
    return sorted(paths)
