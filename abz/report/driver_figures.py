"""What the forests listen to: importance, groups of predictors, curves and local effects, pairs."""

from __future__ import annotations

import calendar
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid
from abz.report.typography import unit_text
from abz.vocabulary import FLUXES, PREDICTORS, VEGETATION

__all__ = [
    "FEW",
    "groups_figure",
    "importance_figure",
    "pairs_figure",
    "predictor_words",
    "response_figure",
]

_ACROSS = 3
"""Curves in a row."""
_RUG = 0.13
"""Height of the densest part of a rug, as a share of the panel."""
_GREY = "#E3E6EA"
FEW = 5
"""A cell of a pair with fewer site-months bears a dot."""
_RISE = f"rise of RMSE, {WORDS['monthly']}"


def predictor_words(name: str) -> str:
    """Name of a predictor without its depth or height, short enough to stand among others.

    Examples
    --------
    >>> predictor_words("soil_temperature")
    'soil temperature'
    """
    words = PREDICTORS[name].long_name if name in PREDICTORS else name
    return words.partition(",")[0]


def _of_set(results: Results, table: str, model_set: str) -> pd.DataFrame:
    """Rows of a table that belong to a model set; none where the run lacks the table."""
    found = results.tables.get(table)
    return pd.DataFrame() if found is None else found[found["model_set"] == model_set]


def importance_figure(results: Results, model_set: str) -> Figure | None:
    """Importance of each predictor on the training rows and at left-out sites, on one scale."""
    shuffled = _of_set(results, "importance", model_set)
    held_out = _of_set(results, "driver_held_out_importance", model_set)
    if shuffled.empty or held_out.empty:
        return None
    names = shuffled["predictor"].nunique()
    height = (0.9 + 0.19 * names) * len(FLUXES)
    figure, panels = axes_grid(len(FLUXES), 2, PAGE_INCHES, height, sharex="row", sharey="row")
    for flux, left, right in zip(FLUXES, panels[::2], panels[1::2], strict=True):
        rows = shuffled[shuffled["flux"] == flux]
        groups = {str(name): rise for name, rise in rows.groupby("predictor")["rmse_increase"]}
        order = sorted(groups, key=lambda name: float(groups[name].median()))
        left.boxplot(
            [groups[name].to_numpy() for name in order], orientation="horizontal", widths=0.6,
            tick_labels=[predictor_words(name) for name in order], patch_artist=True,
            boxprops={"facecolor": COLOURS[flux], "alpha": 0.45, "linewidth": 0.6},
            medianprops={"color": COLOURS["ink"]}, flierprops={"markersize": 2},
            whiskerprops={"linewidth": 0.6}, capprops={"linewidth": 0.6},
        )  # fmt: skip
        own = held_out[held_out["flux"] == flux].set_index("predictor").loc[order]
        _intervals(right, own, np.arange(1, len(order) + 1), COLOURS[flux])
        left.set_title(f"{FLUX_NAMES[flux]}, training rows")
        right.set_title(f"{FLUX_NAMES[flux]}, left-out sites")
    for axes in panels[-2:]:
        axes.set_xlabel(_RISE)
    return figure


def _intervals(axes: Axes, rows: pd.DataFrame, places: np.ndarray, colour: str) -> None:
    """Points with their intervals; hollow where the interval holds zero."""
    axes.axvline(0, color=COLOURS["quiet"], linewidth=0.8)
    axes.hlines(places, rows["lower"], rows["upper"], color=colour, linewidth=1.4)
    doubtful = ((rows["lower"] <= 0) & (rows["upper"] >= 0)).to_numpy()
    for chosen, face in ((doubtful, "white"), (~doubtful, colour)):
        axes.plot(
            rows["rmse_increase"][chosen], places[chosen], "o", markersize=4.5, color=colour,
            markerfacecolor=face, linewidth=1,
        )  # fmt: skip


def groups_figure(results: Results, model_set: str) -> Figure | None:
    """Importance of groups of predictors that are shuffled together, training and left out."""
    table = _of_set(results, "driver_grouped_importance", model_set)
    members = _of_set(results, "driver_groups", model_set)
    if table.empty or members.empty:
        return None
    heights = [table[table["flux"] == flux]["group"].nunique() for flux in FLUXES]
    figure, panels = plt.subplots(
        len(FLUXES), 1, figsize=(PAGE_INCHES, 0.4 * sum(heights) + 2.2), layout="constrained",
        height_ratios=heights,
    )  # fmt: skip
    for axes, flux in zip(panels, FLUXES, strict=True):
        rows = table[table["flux"] == flux].set_index("group")
        held_out = rows[rows["sample"] == "held_out"]
        order = held_out.sort_values("rmse_increase", kind="stable").index
        words = members[members["flux"] == flux].groupby("group")["predictor"].agg(list)
        places = np.arange(len(order))
        for sample, shift, colour in (
            ("training", 0.17, COLOURS["quiet"]), ("held_out", -0.17, COLOURS[flux])
        ):  # fmt: skip
            _intervals(axes, rows[rows["sample"] == sample].loc[order], places + shift, colour)
        axes.set_yticks(places, [_group_words(name, words[name]) for name in order], fontsize=7)
        axes.set_title(FLUX_NAMES[flux])
    panels[-1].set_xlabel(_RISE)
    handles = [
        Line2D([], [], marker="o", markersize=4.5, color=COLOURS["quiet"], label="training rows"),
        Line2D([], [], marker="o", markersize=4.5, color=COLOURS["ink"],
               label="left-out sites, in the colour of the flux"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _group_words(name: str, members: list[str]) -> str:
    """What a group is called and holds."""
    found = name in PREDICTORS or name == " + ".join(members)
    whole = (predictor_words(member).replace(" ", "\N{NO-BREAK SPACE}") for member in members)
    return fill("" if found else f"{name}:", 50) + fill(", ".join(whole), 50)


def response_figure(results: Results, model_set: str) -> Figure | None:
    """Local effects and response curves of the fluxes on each predictor, over the training rows.

    GPP and Reco are several times NEE, so all curves are departures from their mean over the rows.
    Vegetation has the last row for itself, so that its classes can be named in full.
    """
    curves = _of_set(results, "response", model_set)
    effects = _of_set(results, "driver_effects", model_set)
    if curves.empty or effects.empty:
        return None
    known = [name for name in PREDICTORS if name in set(curves["predictor"])]
    names = [name for name in known if name != "vegetation"]
    wide = ["vegetation"] * ("vegetation" in known)
    rows = -(-len(names) // _ACROSS) + len(wide)
    figure = plt.figure(figsize=(PAGE_INCHES, 2.2 * rows), layout="constrained")
    spans = GridSpec(rows, _ACROSS, figure=figure)
    places = [*(spans[divmod(place, _ACROSS)] for place in range(len(names)))]
    places += [spans[rows - 1, :]] * len(wide)
    for place, name in zip(places, names + wide, strict=True):
        axes = figure.add_subplot(place)
        of_name = curves[curves["predictor"] == name]
        _draw_curves(axes, effects[effects["predictor"] == name], name, "effect")
        _draw_curves(axes, of_name, name, "response")
        _draw_rug(axes, of_name.groupby("value")["rows"].sum(), PREDICTORS[name].is_category)
        _name_axes(axes, name, of_name)
        if place.colspan.start == 0:
            axes.set_ylabel(WORDS["monthly"], fontsize=8)
    figure.legend(handles=_curve_handles(), loc="outside lower center", ncols=6)
    return figure


def _curve_handles() -> list[Line2D | Patch]:
    """What the legend of the curves says."""
    ink = COLOURS["ink"]
    return [
        *(Line2D([], [], color=COLOURS[flux], label=FLUX_NAMES[flux]) for flux in FLUXES),
        Line2D([], [], color=ink, linewidth=1.5, label="local effect"),
        Line2D([], [], color=ink, linewidth=1.0, linestyle=(0, (2, 1.5)), label="response"),
        Patch(facecolor=COLOURS["quiet"], alpha=0.45, label="site-months"),
    ]


def _draw_curves(axes: Axes, rows: pd.DataFrame, name: str, column: str) -> None:
    """Departures of the curves, or of points for classes, from their mean over the rows."""
    local = column == "effect"
    for flux in FLUXES:
        curve = rows[rows["flux"] == flux].sort_values("value")
        if curve.empty:
            continue
        category = PREDICTORS[name].is_category
        across = np.arange(len(curve)) if category else curve["value"].to_numpy()
        axes.plot(
            across, curve[column] - np.average(curve[column], weights=curve["rows"]),
            color=COLOURS[flux], linewidth=1.5 if local else 1.0, marker="o" if category else None,
            markersize=4 if local else 5, markerfacecolor=COLOURS[flux] if local else "none",
            linestyle="none" if name == "vegetation" else "-" if local else (0, (2, 1.5)),
        )  # fmt: skip


def _name_axes(axes: Axes, name: str, rows: pd.DataFrame) -> None:
    """Title with units; names of months and classes below."""
    values = sorted(set(rows["value"]))
    if name == "vegetation":
        words = [fill(VEGETATION[int(code)], 15) for code in values]
        axes.set_xticks(np.arange(len(values)), words, fontsize=7.5)
    elif name == "month":
        letters = [calendar.month_abbr[int(month)][0] for month in values]
        axes.set_xticks(np.arange(len(values)), letters)
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.6, zorder=1)
    axes.set_title(fill(_with_units(name), 27), fontsize=8.5)


def _with_units(name: str) -> str:
    """A predictor and its unit."""
    units = PREDICTORS[name].units
    return predictor_words(name) + ("" if units == "1" else f" ({unit_text(units)})")


def _draw_rug(axes: Axes, counts: pd.Series, category: bool) -> None:
    """How many training rows there are along the axis, below the curves."""
    low, high = axes.get_ylim()
    bottom = low - 1.25 * _RUG * (high - low)
    size = _RUG * (high - bottom) / counts.max()
    shade: dict[str, Any] = {"color": COLOURS["quiet"], "alpha": 0.45, "linewidth": 0}
    if category:
        axes.bar(np.arange(len(counts)), size * counts, 0.7, bottom, **shade)
    else:
        axes.fill_between(counts.index, bottom, bottom + size * counts, step="mid", **shade)
    axes.set_ylim(bottom, high)


def pairs_figure(results: Results, model_set: str) -> Figure | None:
    """Mean predicted flux over two predictors; grey where no site has been."""
    table = _of_set(results, "driver_pairs", model_set)
    if table.empty:
        return None
    pairs = list(table[["first", "second"]].drop_duplicates().itertuples(index=False, name=None))
    figure, panels = axes_grid(len(pairs), len(FLUXES), PAGE_INCHES, 3.0 * len(pairs))
    for place, axes in enumerate(panels):
        (first, second), flux = pairs[place // len(FLUXES)], list(FLUXES)[place % len(FLUXES)]
        own = (table["flux"] == flux) & (table["first"] == first) & (table["second"] == second)
        if not own.any():
            axes.set_axis_off()
            continue
        _draw_pair(axes, table[own], flux)
        axes.set_title(FLUX_NAMES[flux])
        axes.set_xlabel(fill(_with_units(first), 36), fontsize=8)
        if place % len(FLUXES) == 0:
            axes.set_ylabel(fill(_with_units(second), 36), fontsize=8)
    return figure


def _draw_pair(axes: Axes, rows: pd.DataFrame, flux: str) -> None:
    """Cells of one pair and flux, with their colour bar; a dot where few rows are."""
    cells = rows.pivot_table(
        index="second_value", columns="first_value", values="response", dropna=False
    )
    level = np.ma.masked_invalid(cells.to_numpy(float))
    top = float(np.abs(level).max())
    norm = Normalize(-top, top) if flux == "nee" else Normalize(level.min(), level.max())
    axes.set_facecolor(_GREY)
    axes.grid(visible=False)
    image = axes.pcolormesh(
        cells.columns.to_numpy(float), cells.index.to_numpy(float), level, norm=norm,
        cmap={"nee": "BrBG_r", "gpp": "YlGn", "reco": "YlOrBr"}[flux], shading="nearest",
    )  # fmt: skip
    few = rows[(rows["rows"] > 0) & (rows["rows"] < FEW)]
    axes.plot(few["first_value"], few["second_value"], ".", color=COLOURS["quiet"], markersize=2.5)
    bar = axes.figure.colorbar(image, ax=axes, orientation="horizontal", aspect=24, pad=0.02)
    bar.set_label(f"{FLUX_NAMES[flux]}, {WORDS['monthly']}", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
