"""Where the forests may be trusted: maps of their area of applicability, towers, error."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from abz.grid import Grid
from abz.report.cartography import draw_classes, draw_field, polar_view
from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.report.typography import number_text
from abz.vocabulary import FLUXES, MONTHS, PREDICTORS

__all__ = [
    "area_map",
    "clusters_map",
    "density_map",
    "error_figure",
    "level_support_map",
    "mess_map",
]

BLOCK_CELLS = 512


class Steps(NamedTuple):
    """Colours of a map in steps, from the lowest to the highest, and the edges between them."""

    colours: tuple[str, ...]
    edges: tuple[float, ...]
    extend: Literal["neither", "min", "max", "both"]


_WARM = ("#FBE0A0", "#F7BC62", "#EE8F3E", "#D9602B", "#B3361F", "#7F1D1D")
_COOL = ("#2C6E7F", "#66A3A6", "#A3CBC2", "#DCEBDD")
_MONTHS = Steps(
    (*(_WARM[5 - month // 2] for month in range(12)), "#C9DDD7"),
    tuple(month - 0.5 for month in range(14)),
    "neither",
)
_DISTANCE = Steps((*_COOL, *_WARM[:5]), (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3), "max")
_ROWS = Steps(
    (_WARM[3], _WARM[0], "#DCEBDD", "#B5D6BF", "#84BDA9", "#539E99", "#2F7F8C", "#1F4E79"),
    (0, 1, 3, 10, 30, 100, 300, 1000),
    "max",
)
_MESS_EDGES = (-200, -80, -20, 0, 5, 40)
"""Classes of similarity that the authors' 8-km code maps."""
_MESS_COLOURS = ("#67001F", "#B2182B", "#EF8A62", "#FDDBC7", "#D1E5F0", "#67A9CF", "#2166AC")
_MANY = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999933",
    "#882255", "#44AA99", "#332288", "#AA4466",
)  # fmt: skip
_WITHIN, _OTHERS = 0, 1
_NAMED = 8
"""Predictors that have a colour of their own where they lie outside the range of the towers."""

LEVEL_STATES = MappingProxyType(
    {0: "type with towers", 1: "a type of its kin stands in", 2: "no answer, no flux"}
)
_STATE_COLOURS = ("#C9D3DC", "#E69F00", "#9B1C31")


def _over_months(
    maps: xr.Dataset, name: str, flux: str, reduce: Callable[[np.ndarray], np.ndarray]
) -> xr.DataArray:
    """A map (y, x) of what becomes of the months (month, y, x) of one flux, block by block."""
    grid = Grid.of(maps)
    found = np.full(grid.shape, np.nan, np.float32)
    layer = maps[name].sel(flux=flux)
    for rows, columns in grid.blocks(BLOCK_CELLS):
        found[rows, columns] = reduce(layer.isel(y=rows, x=columns).values)
    return xr.DataArray(found, dims=("y", "x"), coords=grid.coords())


def _months_inside(block: np.ndarray) -> np.ndarray:
    """Months inside the area of applicability; NaN where none is known."""
    return np.where((block >= 0).any(axis=0), (block == 1).sum(axis=0), np.nan)


def _mean_known(block: np.ndarray) -> np.ndarray:
    """Mean of the values that are known, which are never below zero."""
    known = np.nan_to_num(block, nan=-1.0) >= 0
    count = known.sum(axis=0)
    total = np.where(known, block, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _domain(results: Results, model_set: str) -> xr.DataArray | None:
    zones = results.zones.get(model_set)
    return None if zones is None else zones["domain"]


def _draw_steps(
    axes: Axes, layer: xr.DataArray, domain: xr.DataArray | None, words: tuple[str, str],
    steps: Steps, *, ticks: Sequence[float] | None = None,
) -> None:  # fmt: skip
    """A map in steps; `words` are its title and the label of its colour bar."""
    norm = BoundaryNorm(steps.edges, len(steps.colours), extend=steps.extend)
    colours = ListedColormap(steps.colours)
    image = draw_field(axes, layer, domain, *words, cmap=colours, norm=norm)
    if image.colorbar is not None:
        shown = steps.edges if ticks is None else ticks
        image.colorbar.set_ticks(shown, labels=[f"{tick:g}" for tick in shown])
        image.colorbar.minorticks_off()


def area_map(results: Results, model_set: str) -> Figure | None:
    """Months of the year inside the area of applicability, and the land outside by month."""
    maps, domain = results.applicability[model_set], _domain(results, model_set)
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 7.8)
    for axes, flux in zip(panels, FLUXES, strict=False):
        months = _over_months(maps, "inside", flux, _months_inside)
        words = (f"{FLUX_NAMES[flux]}, {model_set} set", "months inside")
        _draw_steps(axes, months, domain, words, _MONTHS, ticks=(0, 3, 6, 9, 12))
    _draw_months_outside(panels[-1], results, model_set)
    return figure


def _draw_months_outside(axes: Axes, results: Results, model_set: str) -> None:
    """Share of the land outside in each month."""
    shares = results.tables.get("applicability_shares", pd.DataFrame(columns=["model_set", "zone"]))
    whole = shares[(shares["model_set"] == model_set) & (shares["zone"] == "ABZ")]
    for flux in FLUXES if len(whole) else ():
        rows = whole[whole["flux"] == flux].sort_values("month")
        axes.plot(
            rows["month"], 100 * rows["share_outside"], "o-", color=COLOURS[flux], markersize=3.5,
            label=FLUX_NAMES[flux],
        )  # fmt: skip
    axes.set_xticks(MONTHS, [calendar.month_abbr[month][0] for month in MONTHS])
    axes.set(title="Outside, by month", ylabel="% of the land")
    axes.set_ylim(bottom=0)
    axes.set_box_aspect(0.8)
    axes.legend(loc="best")


def density_map(results: Results, model_set: str) -> Figure:
    """Dissimilarity for NEE, and how many training rows are near enough to speak for a cell."""
    maps, domain = results.applicability[model_set], _domain(results, model_set)
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 4.4)
    far = _over_months(maps, "dissimilarity", "nee", _mean_known)
    threshold = float(maps["threshold"].sel(flux="nee"))
    words = (f"Dissimilarity, {model_set} set", "mean of the months / threshold")
    _draw_steps(left, far / threshold, domain, words, _DISTANCE)
    rows = _over_months(maps, "density", "nee", _mean_known)
    words = (f"Local density, {model_set} set", "training rows within the threshold, mean")
    _draw_steps(right, rows, domain, words, _ROWS)
    return figure


def mess_map(results: Results, model_set: str) -> Figure:
    """Similarity to the range of the towers, and the predictor that lies farthest outside it."""
    maps, domain = results.applicability[model_set], _domain(results, model_set)
    score, limiting = maps["mess"].load(), maps["most_dissimilar"].load()
    names = str(limiting.attrs["flag_meanings"]).split()
    coords = Grid.of(maps).coords()
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 4.4)
    step = np.where(np.isnan(score), -1, np.digitize(score, _MESS_EDGES))
    layer = xr.DataArray(step, dims=("y", "x"), coords=coords)
    title = f"Similarity (MESS), {model_set} set"
    draw_classes(left, layer, _mess_words(), title, _MESS_COLOURS, domain=domain)
    outside = (score.values < 0) & (limiting.values >= 0)
    code = np.where(np.isnan(score), -1, np.where(outside, _OTHERS, _WITHIN))
    counts = np.bincount(limiting.values[outside], minlength=len(names))
    largest = [place for place in np.argsort(-counts, kind="stable")[:_NAMED] if counts[place]]
    classes = {}
    for number, place in enumerate(largest, start=_OTHERS + 1):
        code[outside & (limiting.values == place)] = number
        classes[number] = PREDICTORS[names[place]].long_name
    colours = (*_MANY[: len(classes)], "#3F444B", "#DDE2E7")
    classes |= {_OTHERS: "another", _WITHIN: "within the range of the towers"}
    layer = xr.DataArray(code, dims=("y", "x"), coords=coords)
    draw_classes(right, layer, classes, "Farthest outside the range", colours, domain=domain)
    for axes in (left, right):
        axes.set_anchor("N")
    return figure


def _mess_words() -> dict[int, str]:
    """Names of the steps of similarity."""
    edges = [number_text(float(edge), 0) for edge in _MESS_EDGES]
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return dict(enumerate([f"below {edges[0]}", *between, f"above {edges[-1]}"]))


def clusters_map(results: Results, model_set: str) -> Figure:
    """Clusters of like environments, and the towers; a symbol grows with its months."""
    maps, domain = results.applicability[model_set], _domain(results, model_set)
    layer = maps["cluster"].load()
    towers = _rows(results, "applicability_clusters", model_set).set_index("cluster")["sites"]
    names = {
        int(number): f"{number + 1}: {_count(int(towers.get(number, 0)))}"
        for number in np.unique(layer.values[layer.values >= 0])
    }
    figure, (axes,) = axes_grid(1, 1, 6.2, 6.3)
    title = f"Clusters of like environments, {model_set} set"
    draw_classes(axes, layer, names, title, _MANY, domain=domain)
    sites = _rows(results, "applicability_sites", model_set)
    if {"latitude", "longitude"} <= set(sites) and len(sites):
        x, y = Grid.of(polar_view(layer)).from_lonlat(
            sites["longitude"].to_numpy(), sites["latitude"].to_numpy()
        )
        axes.scatter(
            x, y, s=14 + 0.6 * sites["site_months"], marker="^", color="white", zorder=7,
            edgecolors="#111111", linewidths=0.8,
        )  # fmt: skip
        tower = Line2D([], [], marker="^", linestyle="", color="white", markeredgecolor="#111111")
        first = axes.get_legend()
        axes.legend([tower], ["tower"], loc="upper right")
        if first is not None:
            axes.add_artist(first)
    return figure


def _count(towers: int) -> str:
    """Towers in words."""
    return {0: "no tower", 1: "1 tower"}.get(towers, f"{towers} towers")


def error_figure(results: Results, model_set: str) -> Figure | None:
    """Held-out error against dissimilarity: bins of site-months, and the monotone fit."""
    table = _rows(results, "applicability_error", model_set)
    fluxes = [flux for flux in FLUXES if flux in set(table.get("flux", []))]
    if not fluxes:
        return None
    figure, panels = axes_grid(1, len(fluxes), PAGE_INCHES, 3.2)
    for axes, flux in zip(panels, fluxes, strict=True):
        bins = table[table["flux"] == flux].sort_values("dissimilarity")
        first = bins.iloc[0]
        axes.plot(
            bins["dissimilarity"], bins["rmse"], "o", color=COLOURS[flux], markersize=4, alpha=0.55,
            label="bin of site-months",
        )  # fmt: skip
        axes.plot(
            bins["dissimilarity"], bins["rmse_fitted"], color=COLOURS["ink"], linewidth=1.6,
            label="monotone fit",
        )  # fmt: skip
        axes.axhline(
            first["pooled_rmse"], color=COLOURS["quiet"], linewidth=0.9, linestyle=(0, (4, 3)),
            label="RMSE of all",
        )  # fmt: skip
        axes.axvline(
            first["threshold"], color=COLOURS["nee_fire"], linewidth=1.1, label="threshold"
        )
        axes.set(title=f"{FLUX_NAMES[flux]}, {model_set} set")
        axes.set_xlabel("dissimilarity", fontsize=8)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel(f"RMSE, {WORDS['monthly']}", fontsize=8)
    legend_below(figure, panels[0], 4)
    return figure


def level_support_map(results: Results, model_set: str) -> Figure | None:
    """Where a vegetation type without towers is answered by its kin, or not at all."""
    maps = results.flux.get(model_set)
    if maps is None or "nee_level_support" not in maps:
        return None
    alike: list[tuple[list[str], xr.DataArray]] = []
    for flux in FLUXES:
        layer = maps[f"{flux}_level_support"].load()
        same = [names for names, other in alike if np.array_equal(other.values, layer.values)]
        if same:
            same[0].append(FLUX_NAMES[flux])
        else:
            alike.append(([FLUX_NAMES[flux]], layer))
    if all((layer.values <= 0).all() for _, layer in alike):
        return None
    width = 6.2 if len(alike) == 1 else PAGE_INCHES
    figure, panels = axes_grid(1, len(alike), width, 6.0 if len(alike) == 1 else 4.2)
    for axes, (names, layer) in zip(panels, alike, strict=True):
        title = f"{', '.join(names)}: what stands behind them, {model_set} set"
        domain = _domain(results, model_set)
        draw_classes(axes, layer, LEVEL_STATES, title, _STATE_COLOURS, domain=domain)
    return figure


def _rows(results: Results, table: str, model_set: str) -> pd.DataFrame:
    """Rows of a table that belong to a model set; empty if the run has no such table."""
    found = results.tables.get(table)
    if found is None:
        return pd.DataFrame()
    return found[found["model_set"] == model_set].dropna(axis=1, how="all")
