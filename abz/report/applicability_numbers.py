"""Numbers of what the maps rest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.report.applicability_tables import MAIN_ZONE_SETS, unanswered_levels, yearly_shares
from abz.report.number import FLUX_NAMES, Origin, Pairs
from abz.report.results import Results, records, zone_key
from abz.report.typography import quantity_text
from abz.units import BUDGET
from abz.vocabulary import FLUXES

__all__ = ["applicability_numbers", "share_beyond_range"]


def applicability_numbers(results: Results) -> Pairs:
    """Land and fluxes outside, levels without towers, clusters, growth of the error."""
    yield from _outside(results)
    yield from _beyond_range(results)
    yield from _levels(results)
    yield from _clusters(results)
    yield from _error(results)


def share_beyond_range(mess: xr.DataArray, area: xr.DataArray) -> float:
    """Share of the land on which some predictor lies outside the range of the towers, %.

    Parameters
    ----------
    mess : xarray.DataArray (y, x)
        Multivariate environmental similarity, below 0 outside the range.
    area : xarray.DataArray (y, x)
        Land area, m2.

    Returns
    -------
    float
        0 to 100, of the land whose similarity is known; NaN where none is.

    Examples
    --------
    >>> mess = xr.DataArray([[-3.0, 5.0, np.nan]], dims=("y", "x"))
    >>> share_beyond_range(mess, xr.DataArray([[1.0, 3.0, 9.0]], dims=("y", "x")))
    25.0
    """
    score, weight = mess.values, np.nan_to_num(area.values)
    known = float(weight[~np.isnan(score)].sum())
    return 100 * float(weight[score < 0].sum()) / known if known else float("nan")


def _outside(results: Results) -> Pairs:
    """Land outside the area of applicability, and what comes from it."""
    shares = yearly_shares(results)
    for row in records(shares[shares["zone_set"].isin(MAIN_ZONE_SETS)]):
        source = (f"applicability/shares_{row.model_set}.parquet",)
        origin = Origin(results.synthetic, "abz.applicability.shares_outside", source)
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_outside"
        words = f"{FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
        label = f"land outside the area of applicability, mean of the months: {words}"
        yield f"{key}_share", origin.number(100 * row.share_outside, "%", label, decimals=1)
        label = f"mean annual flux from outside the area of applicability: {words}"
        yield f"{key}_budget", origin.number(row.outside_tg, BUDGET, label)
        if row.flux != "nee":
            share = 100 * row.outside_tg / row.total_tg if row.total_tg else float("nan")
            label = f"part of the flux from outside the area of applicability: {words}"
            yield f"{key}_budget_share", origin.number(share, "%", label, decimals=1)


def _beyond_range(results: Results) -> Pairs:
    """Land with a predictor outside the range of the towers."""
    for model_set, maps in results.applicability.items():
        if model_set in results.zones:
            source = (f"applicability/{model_set}.zarr", f"zones/{model_set}.zarr")
            origin = Origin(
                results.synthetic, "abz.report.applicability_numbers.share_beyond_range", source
            )
            share = share_beyond_range(maps["mess"], results.zones[model_set]["area"])
            label = f"land with a predictor outside the range of the towers, {model_set} set"
            yield f"{model_set}_beyond_range_share", origin.number(share, "%", label, decimals=1)


def _levels(results: Results) -> Pairs:
    """Land on a level that no training row holds, by what becomes of it."""
    if "applicability_levels" not in results.tables:
        return
    whole = results.tables["applicability_levels"].query("zone_set == 'abz'")
    missing = unanswered_levels(results).query("zone_set == 'abz'")
    for model_set in whole["model_set"].unique():
        source = (f"applicability/levels_{model_set}.parquet",)
        origin = Origin(results.synthetic, "abz.applicability.levels_by_zone", source)
        for flux in FLUXES:
            of_flux = (missing["model_set"] == model_set) & (missing["flux"] == flux)
            for state, words in (
                ("pooled", "land on a vegetation type that one of its kin stands in for"),
                ("unsupported", "land on a vegetation type that has no answer"),
            ):
                rows = missing[of_flux & (missing["support"] == state)]
                label = f"{words}: {FLUX_NAMES[flux]}, {model_set} set"
                key = f"{model_set}_{flux}_{state}"
                share = 100 * float(rows["zone_share"].sum())
                yield f"{key}_share", origin.number(share, "%", label, decimals=1)
                cells = int(rows["cells"].sum())
                yield f"{key}_cells", origin.number(cells, "1", f"cells: {label}")


def _clusters(results: Results) -> Pairs:
    """Clusters, and those without towers."""
    table = results.tables.get("applicability_clusters", pd.DataFrame(columns=["model_set"]))
    for model_set, group in table.groupby("model_set", sort=False):
        origin = Origin(
            results.synthetic, "abz.applicability.cluster_table",
            (f"applicability/clusters_{model_set}.parquet",),
        )  # fmt: skip
        real = group[group["cluster"] >= 0]
        bare = real[real["sites"] == 0]
        words, key = f"{model_set} set", f"{model_set}_clusters"
        yield key, origin.number(len(real), "1", f"clusters of like environments, {words}")
        label = f"clusters without a tower, {words}"
        yield f"{key}_without_towers", origin.number(len(bare), "1", label)
        area = float(bare["area_m2"].sum()) * 1e-12
        label = f"land in clusters without a tower, {words}"
        yield f"{key}_without_towers_area", origin.number(area, "1e6 km2", label, decimals=2)
        label = f"which clusters have no tower, {words}"
        yield f"{key}_without_towers_words", origin.number(_named(bare, area), "1", label)


def _named(clusters: pd.DataFrame, area: float) -> str:
    """Clusters without towers, as the end of a sentence."""
    numbers = [str(number + 1) for number in clusters["cluster"]]
    if not numbers:
        return "each has a tower"
    named = (
        f"cluster {numbers[0]} has" if len(numbers) == 1 else f"clusters {', '.join(numbers)} have"
    )
    return f"{named} no tower, on {quantity_text(area, '1e6 km2', decimals=2)}"


def _error(results: Results) -> Pairs:
    """Thresholds, and how much the error grows with dissimilarity."""
    table = results.tables.get("applicability_error", pd.DataFrame(columns=["model_set", "flux"]))
    for (model_set, flux), bins in table.groupby(["model_set", "flux"], sort=False):
        source = (f"applicability/error_{model_set}.parquet",)
        ordered = bins.sort_values("dissimilarity")
        words = f"{FLUX_NAMES[str(flux)]}, {model_set} set"
        key = f"{model_set}_{flux}_applicability"
        origin = Origin(results.synthetic, "abz.applicability.fit_applicability", source)
        label = f"dissimilarity at which the area of applicability ends: {words}"
        threshold = origin.number(ordered["threshold"].iloc[0], "1", label, decimals=2)
        yield f"{key}_threshold", threshold
        origin = Origin(results.synthetic, "abz.applicability.error_model", source)
        growth = ordered["rmse_fitted"].iloc[-1] / ordered["rmse_fitted"].iloc[0]
        label = f"RMSE of the most over that of the least dissimilar site-months: {words}"
        yield f"{key}_error_growth", origin.number(growth, "1", label, decimals=2)
