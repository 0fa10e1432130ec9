"""What the forests recovered of a world whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.report.results import Results
from abz.trends import trend_series
from abz.units import G_PER_TG
from abz.vocabulary import BIOMES, FLUXES, MONTHS

__all__ = ["map_likeness", "paired_years", "recovery", "zone_areas"]


def map_likeness(truth: xr.DataArray, made: xr.DataArray) -> float:
    """Squared correlation of two maps over the cells that both know.

    Parameters
    ----------
    truth, made : xarray.DataArray (y, x)
        Of one unit; NaN is unknown.

    Returns
    -------
    float
        0 to 1; NaN where a map is constant or both know fewer than three cells.

    Examples
    --------
    >>> layer = xr.DataArray([[1.0, 2.0], [3.0, np.nan]], dims=("y", "x"))
    >>> round(map_likeness(layer, 2 * layer), 6)
    1.0
    """
    both = np.isfinite(truth.values) & np.isfinite(made.values)
    known, found = truth.values[both], made.values[both]
    if known.size < 3 or np.ptp(known) == 0 or np.ptp(found) == 0:
        return float("nan")
    return float(np.corrcoef(known, found)[0, 1] ** 2)


def paired_years(truth: xr.DataArray, made: xr.DataArray, areas: xr.DataArray) -> pd.DataFrame:
    """Annual budgets of the truth and of the forests over the same cells and months.

    Parameters
    ----------
    truth, made : xarray.DataArray (time, y, x)
        Monthly flux, g C m-2 month-1; NaN is unknown.
    areas : xarray.DataArray (zone, y, x)
        Land area of each cell in each zone, m2; 0 outside.

    Returns
    -------
    pandas.DataFrame
        zone, year, `true_budget` and `made_budget` over the cells and months with both values,
        `true_total` over all cells with a truth, Tg C yr-1; the years with twelve common months.

    Notes
    -----
    B = 1e-12 Σ_m Σ_p A_p F_mp.

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", periods=12, freq="MS")
    >>> months = xr.DataArray(np.ones((12, 1, 2)), coords={"time": time}, dims=("time", "y", "x"))
    >>> areas = xr.DataArray([[[1e12, 1e12]]], coords={"zone": ["ABZ"]}, dims=("zone", "y", "x"))
    >>> made = (2 * months).where(xr.DataArray([True, False], dims="x"))
    >>> paired_years(months, made, areas).iloc[0, 2:].tolist()
    [12.0, 24.0, 24.0]
    """
    months = np.intersect1d(truth["time"].values, made["time"].values)
    years = pd.DatetimeIndex(months).year
    weight = areas.values.reshape(areas.sizes["zone"], -1) / G_PER_TG
    parts = []
    for year in years.unique():
        steps = months[years == year]
        if len(steps) == len(MONTHS):
            known = truth.sel(time=steps).values.reshape(len(steps), -1).astype(float)
            found = made.sel(time=steps).values.reshape(len(steps), -1).astype(float)
            both = np.isfinite(known) & np.isfinite(found)
            layers = {
                "true_budget": np.where(both, known, 0.0),
                "made_budget": np.where(both, found, 0.0),
                "true_total": np.nan_to_num(known),
            }
            sums = {name: weight @ layer.sum(axis=0) for name, layer in layers.items()}
            parts.append(pd.DataFrame({"zone": areas["zone"].values, "year": year, **sums}))
    columns = ["zone", "year", "true_budget", "made_budget", "true_total"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def recovery(results: Results) -> pd.DataFrame:
    """True and found budgets and trends of the whole zone and of its biomes.

    Parameters
    ----------
    results : Results
        Of a synthetic run, with its truth, its maps and Table 1.

    Returns
    -------
    pandas.DataFrame
        model_set, zone, flux, first_year, last_year; mean budgets `true_budget`, `made_budget`,
        `true_total` as in `paired_years`; `budget_sd`, SD of the members' budgets, from Table 1;
        `error_sd` = (made − true) / SD; `total_sd`, the SD of all components that are counted, and
        `error_total` = (made − true) / total SD; `true_trend`, `made_trend`, Theil–Sen slopes of
        the annual budgets without prewhitening, Tg C yr-1 per yr. NaN where there is too little to
        tell.
    """
    parts = []
    for model_set, truth in results.truth.items():
        if model_set not in results.flux or model_set not in results.zones:
            continue
        areas = zone_areas(results.zones[model_set])
        for flux in FLUXES:
            if flux in truth:
                years = paired_years(truth[flux], results.flux[model_set][flux], areas)
                parts.append(_means_and_trends(years).assign(model_set=model_set, flux=flux))
    keys = ["model_set", "zone", "flux"]
    if not parts or "table1" not in results.tables:
        return pd.DataFrame(columns=keys)
    spread = results.tables["table1"].query("zone_set in ('abz', 'biome')")
    table = pd.concat(parts, ignore_index=True).merge(spread[[*keys, "budget_sd"]], how="left")
    table = _with_total(results, table)
    error = table["made_budget"] - table["true_budget"]
    return table.assign(
        error_sd=error / table["budget_sd"].where(table["budget_sd"] > 0),
        error_total=error / table["total_sd"].where(table["total_sd"] > 0),
    )


def _with_total(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the total SD of each mean budget; NaN where none is known."""
    keys = ["model_set", "zone", "flux"]
    if "uncertainty" not in results.tables:
        return table.assign(total_sd=np.nan)
    means = results.tables["uncertainty"].query("period == 'mean' and zone_set in ('abz', 'biome')")
    return table.merge(means[[*keys, "total_sd"]], how="left")


def zone_areas(zones: xr.Dataset) -> xr.DataArray:
    """Land area (zone, y, x) of the whole zone and of its biomes."""
    parts = {"ABZ": zones["domain"] > 0}
    parts |= {name: zones["biome"] == code for code, name in BIOMES.items()}
    stack = [zones["area"].where(held, 0.0) for held in parts.values()]
    return xr.concat(stack, pd.Index(list(parts), name="zone"))


def _means_and_trends(years: pd.DataFrame) -> pd.DataFrame:
    """A row a zone: means over the years, and slopes."""
    rows = []
    for zone, group in years.groupby("zone", sort=False):
        means = group[["true_budget", "made_budget", "true_total"]].mean()
        pair = group[["true_budget", "made_budget"]].to_numpy(float).T
        slopes = trend_series(pair, group["year"].to_numpy(), "none").slope
        rows.append(
            {
                "zone": zone, "first_year": group["year"].min(), "last_year": group["year"].max(),
                **means, "true_trend": slopes[0], "made_trend": slopes[1],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
