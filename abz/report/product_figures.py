"""Figures of the run beside products of others: maps, series, and a Taylor diagram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abz.grid import Grid, polar_grid
from abz.report.cartography import draw_field, round_limit
from abz.report.product_tables import product_name
from abz.report.results import Results, records
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid, legend_below
from abz.vocabulary import REGIONS

__all__ = [
    "maps_figure",
    "regions_figure",
    "series_figure",
    "taylor_figure",
    "trend_maps_figure",
    "winter_figure",
]

CELL_M = 5e4
"""Cells of the polar map on which maps of degrees are drawn."""
MARKS = ("o", "s", "^", "D", "v", "P")
HUES = ("#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#882255")
_PANELS = (("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"))
_WINTER_LINES = (
    ("soil_flux", "winter soil flux", HUES[0], "-"),
    ("soil_nee", "winter soil flux − GPP of the run", HUES[0], "--"),
    ("reco", "Reco of the run", COLOURS["ink"], "-"),
    ("nee", "NEE of the run", COLOURS["ink"], "--"),
)


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
    return _series(results, _PANELS, 1)


def regions_figure(results: Results) -> Figure | None:
    """The same in the regions of the study."""
    return _series(results, tuple(("region", name) for name in REGIONS.values()), 2)


def _series(results: Results, zones: Sequence[tuple[str, str]], rows: int) -> Figure | None:
    """Annual NEE of the products and of the run, a panel for each zone that has any."""
    table = results.tables.get("product_years")
    if table is None or table.empty:
        return None
    held = set(zip(table["zone_set"], table["zone"], strict=True))
    shown = [zone for zone in zones if zone in held]
    if not shown:
        return None
    columns = -(-len(shown) // rows)
    figure, panels = axes_grid(rows, columns, PAGE_INCHES, 0.4 + 3.0 * rows, sharex=True)
    for axes, zone in zip(panels, shown, strict=False):
        _draw_series(axes, results, table, zone)
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    for axes in panels[::columns]:
        axes.set_ylabel(WORDS["annual"])
    legend_below(figure, panels[0], 3)
    return figure


def _draw_series(axes: Axes, results: Results, table: pd.DataFrame, zone: tuple[str, str]) -> None:
    """Annual NEE of each product with the SD of its members, and of the run."""
    rows = table[(table["flux"] == "nee") & _of_zone(table, zone)]
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
    annual = results.tables.get("annual")
    if annual is not None:
        ours = (annual["member"] == 0) & (annual["flux"] == "nee") & _of_zone(annual, zone)
        line = annual[ours & (annual["model_set"] == results.sets[0])].sort_values("year")
        axes.plot(line["year"], line["g_m2"], color=COLOURS["ink"], label=product_name("run"))
    axes.axhline(0, color=COLOURS["quiet"], linewidth=0.8)
    axes.set_title(f"NEE, {zone[1]}")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _of_zone(table: pd.DataFrame, zone: tuple[str, str]) -> pd.Series:
    """Which rows are of a zone."""
    return (table["zone_set"] == zone[0]) & (table["zone"] == zone[1])


def winter_figure(results: Results) -> Figure | None:
    """October to April of each year: the soil flux, what it leaves without GPP, and the run."""
    table = results.tables.get("product_winter_years")
    if table is None or table.empty:
        return None
    seasons = table["season"].unique().tolist()
    figure, panels = axes_grid(1, len(seasons), PAGE_INCHES, 3.4, sharey=True)
    for axes, season in zip(panels, seasons, strict=True):
        whole = table[(table["season"] == season) & (table["zone_set"] == "abz")]
        rows = whole.sort_values("year")
        for flux, label, colour, line in _WINTER_LINES:
            axes.plot(rows["year"], rows[f"{flux}_g_m2"], line, color=colour, label=label,
                      linewidth=1.3, marker="o", markersize=2.4)  # fmt: skip
        axes.set_title(season)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    panels[0].set_ylabel("g C m$^{-2}$ per winter")
    legend_below(figure, panels[0], 2)
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
