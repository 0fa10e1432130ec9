"""Fluxes beside each other: maps of the gap between NEE and Reco − GPP, fine set beside coarse."""

from __future__ import annotations

import calendar

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.report.cartography import draw_field, round_limit
from abz.report.comparison_tables import CLOSURE_NAMES
from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.vocabulary import FLUXES, MONTHS

__all__ = ["gap_map", "resolution_maps", "resolution_series"]

_LINES = (("nee", COLOURS["nee"]), ("reco_gpp", COLOURS["reco"]), ("gap", COLOURS["ink"]))
_PANELS = (("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"))


def _domain(results: Results, model_set: str) -> xr.DataArray | None:
    zones = results.zones.get(model_set)
    return None if zones is None else zones["domain"]


def gap_map(results: Results, model_set: str) -> Figure:
    """NEE modelled directly, Reco − GPP and their gap, and the gap by month."""
    maps = results.closure[model_set].load()
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 8.2)
    limit = max(round_limit(maps[name].values) for name in ("nee", "reco_gpp"))
    titles = {"nee": "NEE", "reco_gpp": "Reco − GPP", "gap": "NEE − (Reco − GPP)"}
    for axes, name in zip(panels, titles, strict=False):
        draw_field(
            axes, maps[name], _domain(results, model_set), f"{titles[name]}, {model_set} set",
            f"mean of the years, {WORDS['annual']}", limit=None if name == "gap" else limit,
            cmap="PuOr_r" if name == "gap" else "BrBG_r",
        )  # fmt: skip
    _draw_months(panels[-1], results, model_set)
    return figure


def _draw_months(axes: Axes, results: Results, model_set: str) -> None:
    """Mean NEE, Reco − GPP and gap of each month; bars are the SD over the members."""
    table = results.tables.get("closure")
    if table is None:
        axes.set_visible(False)
        return
    chosen = (table["model_set"] == model_set) & (table["period"] == "month")
    whole = table[chosen & (table["zone"] == "ABZ")]
    for flux, colour in _LINES:
        rows = whole[whole["flux"] == flux].set_index("month").reindex(MONTHS)
        axes.errorbar(
            MONTHS, rows["g_m2"].to_numpy(float), yerr=rows["g_m2_sd"].to_numpy(float),
            color=colour, linewidth=1.4, capsize=2, elinewidth=0.8, label=CLOSURE_NAMES[flux],
        )  # fmt: skip
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
    axes.set_xticks(MONTHS, [calendar.month_abbr[month][0] for month in MONTHS])
    axes.set(title="By month, ABZ", ylabel=WORDS["monthly"])
    axes.set_box_aspect(0.8)
    axes.legend(loc="lower left")


def resolution_maps(results: Results) -> Figure | None:
    """Mean annual NEE of both sets on the coarse grid, and the differences of NEE and GPP."""
    maps = results.resolutions
    if maps is None:
        return None
    maps = maps.load()
    fine, coarse = _set_names(results)
    layers = {flux: maps.sel(flux=flux).assign_coords(maps.coords) for flux in ("nee", "gpp")}
    nee = layers["nee"]
    limit = max(round_limit(nee[name].values) for name in ("fine", "coarse"))
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 8.2)
    shown = (
        (nee["fine"], f"NEE, {fine} set, averaged", "BrBG_r", limit),
        (nee["coarse"], f"NEE, {coarse} set", "BrBG_r", limit),
        (nee["difference"], f"NEE, {fine} − {coarse}", "PuOr_r", None),
        (layers["gpp"]["difference"], f"GPP, {fine} − {coarse}", "PuOr_r", None),
    )
    domain = _domain(results, coarse)
    for axes, (layer, title, cmap, top) in zip(panels, shown, strict=True):
        draw_field(axes, layer, domain, title, WORDS["annual"], cmap=cmap, limit=top)
    return figure


def resolution_series(results: Results) -> Figure | None:
    """Annual budgets of both sets in their common years: a row a flux, a column a zone."""
    table = results.tables.get("resolution_years")
    if table is None or table.empty:
        return None
    figure, panels = axes_grid(len(FLUXES), len(_PANELS), PAGE_INCHES, 7.2, sharex=True)
    for place, axes in enumerate(panels):
        flux = list(FLUXES)[place // len(_PANELS)]
        zone_set, zone = _PANELS[place % len(_PANELS)]
        chosen = (table["flux"] == flux) & (table["zone_set"] == zone_set)
        _draw_sides(axes, table[chosen & (table["zone"] == zone)], _set_names(results))
        axes.set_title(f"{FLUX_NAMES[flux]}, {zone}")
        if place % len(_PANELS) == 0:
            axes.set_ylabel(WORDS["budget"])
    legend_below(figure, panels[0], 2)
    return figure


def _set_names(results: Results) -> tuple[str, str]:
    """Names of the finer and the coarser of the two sets."""
    table = results.tables.get("resolutions")
    if table is None or table.empty:
        return "fine", "coarse"
    return str(table["fine_set"].iloc[0]), str(table["coarse_set"].iloc[0])


def _draw_sides(axes: Axes, rows: pd.DataFrame, names: tuple[str, str]) -> None:
    """The series of both sets, with the SD of their members as bands."""
    ordered = rows.sort_values("year")
    for side, name, marker in zip(("fine", "coarse"), names, ("o", "s"), strict=True):
        value, spread = ordered[f"{side}_tg"], ordered[f"{side}_sd"]
        axes.plot(
            ordered["year"], value, color=COLOURS[side], linewidth=1.4, marker=marker,
            markersize=2.4, label=f"{name} set",
        )  # fmt: skip
        axes.fill_between(
            ordered["year"], value - spread, value + spread, color=COLOURS[side], alpha=0.16,
            linewidth=0,
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
