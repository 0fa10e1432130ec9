"""Figures of the run beside products of others: maps, series, and a Taylor diagram."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.grid import Grid, polar_grid
from abz.report.cartography import draw_field, round_limit
from abz.report.product_tables import product_name
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below

__all__ = ["maps_figure", "series_figure", "taylor_figure", "trend_maps_figure"]

CELL_M = 5e4
"""Cells of the polar map on which maps of degrees are drawn."""
MARKS = ("o", "s", "^", "D", "v", "P")
HUES = ("#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#882255")
_PANELS = (("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"))


def _on_polar(layer: xr.DataArray) -> xr.DataArray:
    """A map of degrees (y, x) on a polar grid, each cell from the one that holds its centre."""
    target = polar_grid(CELL_M)
    lon, lat = target.lonlat()
    row, column = Grid.of(layer).index(np.nan_to_num(lon), np.nan_to_num(lat, nan=-90.0))
    values = np.where(row >= 0, layer.values[row, column], np.nan)
    return xr.DataArray(values, target.coords(), ("y", "x"), attrs=layer.attrs)


def _side_by_side(results: Results, layer: str, label: str, title: str) -> Figure | None:
    """A row a product: its map, and that of the run in the same years."""
    maps = results.products
    if maps is None:
        return None
    entries = maps["product"].values.tolist()
    figure, panels = axes_grid(len(entries), 2, PAGE_INCHES, 4.1 * len(entries))
    names = [f"run_{layer}", layer]
    limit = max(round_limit(maps[name].values) for name in names)
    for place, entry in enumerate(entries):
        one = maps.sel(product=entry).assign_coords(spatial_ref=maps["spatial_ref"]).load()
        heads = (product_name(entry), "this run, same years")
        for axes, name, head in zip(panels[2 * place :], reversed(names), heads, strict=False):
            draw_field(axes, _on_polar(one[name]), None, f"{title}, {head}", label, limit=limit)
    return figure


def maps_figure(results: Results) -> Figure | None:
    """Mean annual NEE of each product, and of the run in the same years."""
    return _side_by_side(results, "mean", WORDS["annual"], "NEE")


def trend_maps_figure(results: Results) -> Figure | None:
    """Trend of annual NEE of each product, and of the run in the same years."""
    return _side_by_side(results, "slope", WORDS["trend"], "Trend")


def series_figure(results: Results) -> Figure | None:
    """Annual NEE of the products and of the run in the whole zone and the biomes."""
    table, annual = results.tables.get("product_years"), results.tables.get("annual")
    if table is None or table.empty:
        return None
    figure, panels = axes_grid(1, len(_PANELS), PAGE_INCHES, 3.4, sharex=True)
    for axes, (zone_set, zone) in zip(panels, _PANELS, strict=True):
        chosen = (table["flux"] == "nee") & (table["zone_set"] == zone_set)
        rows = table[chosen & (table["zone"] == zone)]
        for number, (entry, group) in enumerate(rows.groupby("product", sort=False)):
            colour, ordered = HUES[number % len(HUES)], group.sort_values("year")
            axes.plot(
                ordered["year"], ordered["g_m2"], color=colour, linewidth=1.2, markersize=2.4,
                marker=MARKS[number % len(MARKS)], label=product_name(str(entry)),
            )  # fmt: skip
            spread = ordered["g_m2_sd"].fillna(0.0)
            axes.fill_between(
                ordered["year"], ordered["g_m2"] - spread, ordered["g_m2"] + spread, color=colour,
                alpha=0.13, linewidth=0,
            )  # fmt: skip
        if annual is not None:
            ours = (annual["member"] == 0) & (annual["flux"] == "nee")
            ours &= (annual["zone_set"] == zone_set) & (annual["zone"] == zone)
            line = annual[ours & (annual["model_set"] == results.sets[0])].sort_values("year")
            axes.plot(line["year"], line["g_m2"], color=COLOURS["ink"], label=product_name("run"))
        axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
        axes.set_title(f"NEE, {zone}")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    panels[0].set_ylabel(WORDS["annual"])
    legend_below(figure, panels[0], 3)
    return figure


def taylor_figure(results: Results) -> Figure | None:
    """Ratio of SDs and correlation with the run of the maps of means and of trends."""
    table = results.tables.get("product_likeness")
    if table is None or table.empty:
        return None
    figure, panels = axes_grid(1, 2, PAGE_INCHES, 3.8)
    known = table.dropna(subset=["sd_ratio", "r_land"])
    top = max(1.5, 1.1 * float(known["sd_ratio"].max()) if len(known) else 1.5)
    for axes, layer, title in zip(panels, ("mean", "slope"), ("Means", "Trends"), strict=True):
        _taylor_axes(axes, top, title)
        for number, row in enumerate(records(known[known["layer"] == layer])):
            angle = np.arccos(np.clip(row.r_land, -1, 1))
            axes.plot(
                row.sd_ratio * np.cos(angle), row.sd_ratio * np.sin(angle), linestyle="",
                marker=MARKS[number % len(MARKS)], color=HUES[number % len(HUES)],
                label=product_name(row.product),
            )  # fmt: skip
    legend_below(figure, panels[0], 3)
    return figure


def _taylor_axes(axes: Axes, top: float, title: str) -> None:
    """The frame of a Taylor diagram: the run at (1, 0), rays of equal correlation."""
    turn = np.linspace(0, np.pi, 181)
    for r in (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9):
        axes.plot([0, top * r], [0, top * np.sqrt(1 - r * r)], color="#E3E6EA", linewidth=0.6)
        axes.annotate(
            f"{r:g}".replace("-", "\N{MINUS SIGN}"), (top * r, top * np.sqrt(1 - r * r)),
            fontsize=7, ha="center", va="bottom", color=COLOURS["quiet"],
        )  # fmt: skip
    for radius in (1.0, top):
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=COLOURS["quiet"], lw=0.7)
    axes.plot([1], [0], marker="*", color=COLOURS["ink"], linestyle="", label=product_name("run"),
              clip_on=False)  # fmt: skip
    axes.set(title=title, xlabel="SD of the product / SD of the run", ylim=(0, 1.1 * top))
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
