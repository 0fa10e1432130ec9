"""Tables beside the trend maps: shares against chance, overlays, correlation with latitude."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.storage import read_table, read_zarr, write_table
from abz.cli.trend_layers import Sample
from abz.config import Config, Trends
from abz.grid import Grid
from abz.seeds import derive_seed
from abz.trends import (
    empirical_size,
    field_significance,
    greening_overlay,
    overlay_classes,
    overlay_shares,
    q_values,
    residual_noise,
    share_table,
    size_curve,
    spatial_correlation,
    trend_series,
)
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST_REGION

__all__ = ["TREND_TABLES", "write_trend_tables", "zone_masks"]

TREND_TABLES = ("shares", "field", "overlay", "greening", "latitude", "environment")
"""Tables of trends/ of each model set."""
PERMUTATIONS = 200


def zone_masks(zones: xr.Dataset) -> dict[tuple[str, str], np.ndarray]:
    """Cells (y, x) of the whole zone, of its biomes and of the permafrost region."""
    inside = zones["domain"].values > 0
    masks = {("abz", "ABZ"): inside}
    masks |= {
        ("biome", name): inside & (zones["biome"].values == code) for code, name in BIOMES.items()
    }
    permafrost = np.isin(zones["permafrost"].values, PERMAFROST_REGION)
    return masks | {("permafrost_region", "permafrost"): inside & permafrost}


def write_trend_tables(
    config: Config, layout: Layout, model_set: str, sample: Sample
) -> list[Path]:
    """Write trends/SET_*.parquet of a model set whose maps are written."""
    maps, seasons = (read_zarr(path(model_set)) for path in (layout.trends, layout.season_trends))
    settings = config.trends
    layers = dict(_tested(maps, seasons))
    tables = {
        "shares": _shares(layers, sample, settings),
        "field": _field(sample, settings, derive_seed(config.seed, model_set, "field")),
        "overlay": _overlay(maps, sample.area),
        "greening": _greening(layers, sample.area, settings.alpha),
        "latitude": _latitude(layout, maps, sample.zones),
        "environment": _environment(seasons, sample, settings),
    }
    return [
        write_table(table.assign(model_set=model_set), layout.trend_table(model_set, name))
        for name, table in tables.items()
    ]


def _tested(maps: xr.Dataset, seasons: xr.Dataset) -> Iterator[tuple[tuple[str, str], xr.Dataset]]:
    """Slope and p of every layer, by variable and season."""
    for flux in map(str, maps["flux"].values):
        yield (flux, "annual"), maps[["slope", "p_value"]].sel(flux=flux)
    for variable, season, layer in zip(
        seasons["variable"].values, seasons["season"].values, seasons["layer"].values, strict=True
    ):
        yield (str(variable), str(season)), seasons[["slope", "p_value"]].sel(layer=layer)


def _shares(
    layers: Mapping[tuple[str, str], xr.Dataset], sample: Sample, settings: Trends
) -> pd.DataFrame:
    """Rising and falling shares of each layer, with what chance alone would make."""
    parts = []
    for name, layer in layers.items():
        years = sample.years[name]
        rho, size = _measured_size(sample, name, settings)
        table = share_table(
            layer["slope"].values, layer["p_value"].values, sample.area, sample.zones,
            alpha=settings.alpha, size=size,
        )  # fmt: skip
        about = {"variable": name[0], "season": name[1], "method": settings.method}
        ends = {"first_year": int(years[0]), "last_year": int(years[-1])} if years.size else {}
        parts.append(table.assign(**about, **ends, rho=rho, size=size, alpha=settings.alpha))
    return pd.concat(parts, ignore_index=True)


def _measured_size(sample: Sample, name: tuple[str, str], settings: Trends) -> tuple[float, float]:
    """Mean autocorrelation of the sampled cells without its bias, and the size of the test there.

    Cells are weighted by area. One cell knows its autocorrelation badly and the size bends with
    it, so the size is taken at the mean and not averaged over the cells.
    """
    series, area = sample.series(name)
    if series.shape[0] == 0 or series.shape[1] < 4:
        return np.nan, np.nan
    seen, _ = residual_noise(series, sample.years[name])
    known = np.isfinite(seen)
    if not known.any():
        return np.nan, np.nan
    count = round(float(np.average(np.isfinite(series[known]).sum(axis=1), weights=area[known])))
    if count < 4:
        return np.nan, np.nan
    curve = size_curve(
        count, settings.method, preserve_range=settings.preserve_range, alpha=settings.alpha
    )
    mean = np.average(seen[known], weights=area[known])
    return float(np.interp(mean, curve.seen, curve.rho)), float(empirical_size(curve, mean))


def _field(sample: Sample, settings: Trends, seed: int) -> pd.DataFrame:
    """The significant share of each annual flux against maps with shuffled years."""
    parts = []
    for flux in (*FLUXES, "nee_fire"):
        name = (flux, "annual")
        if name in sample.years and sample.years[name].size:
            table = field_significance(
                [sample.series(name)], sample.years[name], method=settings.method,
                preserve_range=settings.preserve_range, alpha=settings.alpha,
                permutations=PERMUTATIONS, seed=seed,
            )  # fmt: skip
            parts.append(table.assign(variable=flux, season="annual", step=sample.step))
    return pd.concat(parts, ignore_index=True)


def _overlay(maps: xr.Dataset, area: np.ndarray) -> pd.DataFrame:
    """Share of the land in each class of the overlay of the three fluxes."""
    slopes = [maps["slope"].sel(flux=flux).values for flux in ("nee", "gpp", "reco")]
    return overlay_shares(overlay_classes(*slopes), area)


def _greening(
    layers: Mapping[tuple[str, str], xr.Dataset], area: np.ndarray, alpha: float
) -> pd.DataFrame:
    """Greening land with a falling NEE, of the year and of summer."""
    columns = ["nee_season", "nee_trend", "greening", "falling", "both", "conditional",
               "independent", "expected"]  # fmt: skip
    if ("ndvi", "JJA") not in layers:
        return pd.DataFrame(columns=columns)
    ndvi = layers["ndvi", "JJA"]
    pair = (ndvi["slope"].values, ndvi["p_value"].values)
    parts = []
    for season in ("annual", "JJA"):
        nee = layers["nee", season]
        found = greening_overlay(pair, (nee["slope"].values, nee["p_value"].values), area, alpha)
        parts.append(found.assign(nee_season=season))
    return pd.concat(parts, ignore_index=True)[columns]


def _latitude(
    layout: Layout, maps: xr.Dataset, zones: Mapping[tuple[str, str], np.ndarray]
) -> pd.DataFrame:
    """Correlation of mean annual NEE with latitude, over cells and over sites."""
    lon, lat = Grid.of(maps).lonlat()
    mean = maps["mean"].sel(flux="nee").values
    rows = []
    for (zone_set, zone), cells in zones.items():
        found = spatial_correlation(lat[cells], mean[cells], lon[cells], lat[cells])
        rows.append({"places": "cells", "zone_set": zone_set, "zone": zone, **vars(found)})
    annual = layout.sites / "annual.parquet"
    if annual.is_file():
        places = ["site", "latitude", "longitude"]
        sites = read_table(annual).groupby(places)["nee"].mean().dropna().reset_index()
        latitude = sites["latitude"].to_numpy()
        found = spatial_correlation(
            latitude, sites["nee"].to_numpy(), sites["longitude"].to_numpy(), latitude
        )
        rows.append({"places": "sites", "zone_set": "abz", "zone": "ABZ", **vars(found)})
    return pd.DataFrame(rows)


def _environment(seasons: xr.Dataset, sample: Sample, settings: Trends) -> pd.DataFrame:
    """Trends of the zonal means of each layer of the seasons; q over the layers of a zone."""
    units = dict(zip(seasons["layer"].values, seasons["units"].values, strict=True))
    keys = pd.DataFrame(list(sample.zones), columns=["zone_set", "zone"])
    parts = []
    for name, years in sample.years.items():
        layer = "_".join(name)
        if layer in units and years.size:
            found = trend_series(
                sample.zone_means(name), years, settings.method,
                preserve_range=settings.preserve_range,
            )  # fmt: skip
            parts.append(
                keys.assign(
                    variable=name[0], season=name[1], units=str(units[layer]), n=found.n_valid,
                    first_year=int(years[0]), last_year=int(years[-1]), slope=found.slope,
                    lower=found.lower, upper=found.upper, p_value=found.p_value,
                )
            )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    p = table["p_value"].to_numpy(np.float64)
    q = np.full(p.shape, np.nan)
    for _, rows in table.groupby(["zone_set", "zone"]).indices.items():
        q[rows] = q_values(p[rows])
    return table.assign(q_value=q)
