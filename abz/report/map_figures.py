"""The maps of the site: fluxes and their trends, uncertainty, fire, zones, sites, truth."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from abz.grid import Grid
from abz.report.cartography import draw_classes, draw_field, prepare_axes, stipple
from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.style import COLOURS, PAGE_INCHES, WORDS, axes_grid
from abz.report.time_means import annual_maps, burned_over_time, mean_over_time, monthly_spread
from abz.trends import OVERLAY, overlay_classes
from abz.vocabulary import ZONE_SETS

__all__ = [
    "fire_map", "flux_maps", "nee_fire_map", "nee_map", "overlay_map", "sites_map", "trend_map",
    "truth_maps", "uncertainty_map", "zones_map",
]  # fmt: skip

_OVERLAY_COLOURS = (
    "#00441B",
    "#41AB5D",
    "#C7E9C0",
    "#FDD0A2",
    "#FD8D3C",
    "#A63603",
    "#B39DDB",
    "#D9D9D9",
)


def _domain(results: Results, model_set: str) -> xr.DataArray | None:
    zones = results.zones.get(model_set)
    return None if zones is None else zones["domain"]


def _layer(results: Results, model_set: str, flux: str, name: str) -> xr.DataArray:
    maps = annual_maps(results, model_set)
    return maps[name].sel(flux=flux).assign_coords(spatial_ref=maps["spatial_ref"])


def _dots(results: Results) -> str:
    """What the dots of a trend map are, and how many of them chance makes."""
    alpha = results.alpha
    return f"dots: p < {alpha:g}, by chance on {100 * alpha:g} % of the land"


def nee_map(results: Results, model_set: str) -> Figure:
    """Mean annual NEE of a model set."""
    figure, (axes,) = axes_grid(1, 1, 6.2, 6.0)
    draw_field(
        axes, _layer(results, model_set, "nee", "mean"), _domain(results, model_set),
        f"Mean annual NEE, {model_set} set", f"NEE, {WORDS['annual']} (uptake < 0 < release)",
    )  # fmt: skip
    return figure


def flux_maps(results: Results, model_set: str) -> Figure:
    """Mean annual GPP and Reco of a model set, on one scale."""
    figure, panels = axes_grid(1, 2, PAGE_INCHES, 4.4)
    for axes, flux in zip(panels, ("gpp", "reco"), strict=True):
        draw_field(
            axes, _layer(results, model_set, flux, "mean"), _domain(results, model_set),
            f"{FLUX_NAMES[flux]}, {model_set} set", f"{FLUX_NAMES[flux]}, {WORDS['annual']}",
            cmap="YlGn" if flux == "gpp" else "YlOrBr", symmetric=False,
        )  # fmt: skip
    return figure


def trend_map(results: Results, model_set: str) -> Figure:
    """Trend of annual NEE; dots where it is significant."""
    figure, (axes,) = axes_grid(1, 1, 6.2, 6.0)
    slope = _layer(results, model_set, "nee", "slope")
    draw_field(
        axes, slope, _domain(results, model_set), f"Trend of annual NEE, {model_set} set",
        f"{WORDS['trend']}; {_dots(results)}",
    )  # fmt: skip
    stipple(axes, _layer(results, model_set, "nee", "p_value") < results.alpha)
    return figure


def nee_fire_map(results: Results, model_set: str) -> Figure | None:
    """Mean annual NEE plus fire emission, and its trend."""
    if "nee_fire" not in results.trends[model_set]["flux"].values:
        return None
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 4.4)
    domain = _domain(results, model_set)
    mean = _layer(results, model_set, "nee_fire", "mean")
    draw_field(left, mean, domain, f"NEE + fire, {model_set} set", WORDS["annual"])
    slope = _layer(results, model_set, "nee_fire", "slope")
    draw_field(
        right,
        slope,
        domain,
        f"Its trend, {model_set} set",
        f"{WORDS['trend']}; {_dots(results)}",
    )
    stipple(right, _layer(results, model_set, "nee_fire", "p_value") < results.alpha)
    return figure


def uncertainty_map(results: Results, model_set: str) -> Figure | None:
    """SD of monthly NEE over the bootstrap members, averaged over all months."""
    spread = monthly_spread(results, model_set)
    if spread is None:
        return None
    figure, (axes,) = axes_grid(1, 1, 6.2, 6.0)
    draw_field(
        axes, spread, _domain(results, model_set), f"Uncertainty of monthly NEE, {model_set} set",
        f"SD over the members, mean of all months, {WORDS['monthly']}",
        cmap="viridis", symmetric=False,
    )  # fmt: skip
    return figure


def fire_map(results: Results) -> Figure | None:
    """Mean annual fire emission, and the share of the cell that burned over all years."""
    if results.fire is None:
        return None
    figure, (left, right) = axes_grid(1, 2, PAGE_INCHES, 4.4)
    fire, domain = results.fire, _domain(results, "fine")
    emission = 12 * mean_over_time(fire["emission"], fire["spatial_ref"])
    burned = 100 * burned_over_time(fire["burned_fraction"], fire["spatial_ref"])
    if domain is not None:
        emission, burned = emission.where(domain > 0), burned.where(domain > 0)
    draw_field(
        left, emission, domain, "Mean annual fire emission", WORDS["annual"], cmap="YlOrRd",
        symmetric=False,
    )  # fmt: skip
    draw_field(
        right, burned.clip(max=100), domain, "Burned over all years", "% of the cell",
        cmap="YlOrRd", symmetric=False,
    )  # fmt: skip
    return figure


def overlay_map(results: Results, model_set: str) -> Figure | None:
    """How the trends of NEE, GPP and Reco combine, significant or not."""
    if not {"nee", "gpp", "reco"} <= set(results.trends[model_set]["flux"].values):
        return None
    slopes = [_layer(results, model_set, flux, "slope") for flux in ("nee", "gpp", "reco")]
    codes = overlay_classes(*(slope.values for slope in slopes))
    layer = slopes[0].copy(data=codes.astype(int))
    figure, (axes,) = axes_grid(1, 1, 6.2, 6.1)
    title = f"Signs of the trends, significant or not, {model_set} set"
    draw_classes(axes, layer, OVERLAY, title, _OVERLAY_COLOURS, domain=_domain(results, model_set))
    return figure


def zones_map(results: Results, model_set: str) -> Figure:
    """Biomes, permafrost extent, regions and vegetation types, as far as the set knows them."""
    zones = results.zones[model_set]
    known = [(name, classes) for name, classes in ZONE_SETS.items() if (zones[name] >= 0).any()]
    rows = -(-len(known) // 2)
    figure, panels = axes_grid(rows, 2, PAGE_INCHES, 4.5 * rows)
    for axes, (name, classes) in zip(panels, known, strict=False):
        draw_classes(axes, zones[name], classes, f"{name.capitalize()}, {model_set} set")
    for axes in panels[len(known) :]:
        axes.set_visible(False)
    return figure


def sites_map(results: Results, model_set: str) -> Figure | None:
    """Where the sites stand; the area of a dot grows with its months, its colour is the biome."""
    table = results.tables.get("site_months")
    if table is None:
        return None
    zones = results.zones[model_set]
    grid = Grid.of(zones)
    figure, (axes,) = axes_grid(1, 1, 6.2, 5.6)
    prepare_axes(axes, grid, zones["domain"], colour="#E6E9EC")
    places = table.groupby("site", sort=True).agg(
        latitude=("latitude", "first"), longitude=("longitude", "first"),
        biome=("biome", "first"), months=("month", "size"),
    )  # fmt: skip
    for biome, group in places.groupby("biome", sort=True):
        x, y = grid.from_lonlat(group["longitude"].to_numpy(), group["latitude"].to_numpy())
        axes.scatter(
            x, y, s=6 + 0.6 * group["months"], label=str(biome).lower(), linewidths=0.5,
            color=COLOURS.get(str(biome).lower(), COLOURS["quiet"]), edgecolors="white", zorder=7,
        )  # fmt: skip
    axes.set_title(f"{len(places)} sites; the area of a dot grows with its months")
    axes.legend(loc="lower right")
    return figure


def truth_maps(results: Results, model_set: str) -> Figure | None:
    """Mean annual NEE: the known truth, what the forests made of it, and the difference."""
    truth = results.truth.get(model_set)
    if truth is None or "nee_mean" not in truth or model_set not in results.trends:
        return None
    figure, panels = axes_grid(2, 2, PAGE_INCHES, 8.4)
    panels.pop().set_visible(False)
    known = truth["nee_mean"]
    made = _layer(results, model_set, "nee", "mean")
    error = (made - known).assign_coords(made.coords)
    limit = float(np.nanquantile(np.abs(known.values), 0.98)) or 1.0
    for axes, layer, title in zip(
        panels,
        (known, made, error),
        ("Truth", f"Forests, {model_set} set", "Forests − truth"),
        strict=True,
    ):
        draw_field(
            axes, layer.assign_coords(spatial_ref=made["spatial_ref"]), _domain(results, model_set),
            title, f"mean annual NEE, {WORDS['annual']}", limit=limit,
            cmap="PuOr_r" if layer is error else "BrBG_r",
        )  # fmt: skip
    return figure
