"""A model set beside a coarser one: maps on the coarser grid, and budgets of the common years.

The two sets differ in products, training rows, cells and land. Maps are compared where both have a
value; budgets are those of each set's own zones, added up by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.compare.aggregation import SharedCells, aggregate
from abz.ledger import FLUX_PARTS, Comparison, Period, Place, Row, compare
from abz.trends import annual_sums
from abz.units import ANNUAL_FLUX
from abz.validation import check_columns
from abz.vocabulary import MONTHS

__all__ = [
    "aggregated_years",
    "common_years",
    "pattern_table",
    "resolution_maps",
    "resolution_summary",
    "resolution_years",
]

ZONE = ["flux", "zone_set", "zone"]
SIDES = ("fine", "coarse")


def common_years(first: xr.DataArray, second: xr.DataArray) -> list[int]:
    """Calendar years of which both have all twelve months.

    Parameters
    ----------
    first, second : xarray.DataArray (time)
        Dates in each month.

    Examples
    --------
    >>> def months(start, n):
    ...     dates = xr.date_range(start, periods=n, freq="MS")
    ...     return xr.DataArray(dates, dims="time", coords={"time": dates})
    >>> common_years(months("1999-01-01", 36), months("2000-07-01", 30))
    [2001]
    """
    whole = []
    for time in (first, second):
        year, month = time.dt.year.values, time.dt.month.values
        whole.append(
            {int(y) for y in np.unique(year) if np.unique(month[year == y]).size == len(MONTHS)}
        )
    return sorted(whole[0] & whole[1])


def aggregated_years(
    monthly: xr.DataArray,
    area: np.ndarray,
    shared: SharedCells,
    rows: slice,
    years: Sequence[int],
) -> xr.Dataset:
    """Annual sums of a fine set, as means over the land of coarse cells.

    Parameters
    ----------
    monthly : xarray.DataArray (time, y, x)
        g C m-2 month-1 on the fine rows `shared.reach(rows)`. One year is read at a time.
    area : numpy.ndarray (y, x)
        Land of these fine cells, m2.
    shared : SharedCells
        From the fine to the coarse grid.
    rows : slice
        Coarse rows.
    years : sequence of int
        Whole years.

    Returns
    -------
    xarray.Dataset (year, y, x)
        `mean`, g C m-2 yr-1 of the land whose annual sum is known, NaN where there is none;
        `land`, m2 of that land. `land` · `mean` holds the mass of the fine cells.

    Raises
    ------
    UnitsError
        If the flux is not in g C m-2 month-1.
    """
    year = monthly["time"].dt.year.values
    found = [
        aggregate(
            annual_sums(monthly.isel(time=np.flatnonzero(year == y))).sel(year=y).values,
            area,
            shared,
            rows,
        )
        for y in years
    ]
    mean, land = (np.stack(layers) for layers in zip(*found, strict=True))
    target = shared.target.window(rows, slice(None))
    dims = ("year", "y", "x")
    return xr.Dataset(
        {"mean": (dims, mean, {"units": ANNUAL_FLUX}), "land": (dims, land, {"units": "m2"})},
        coords={"year": list(years), **target.coords()},
    )


def resolution_maps(fine: xr.Dataset, coarse: xr.DataArray, coarse_area: np.ndarray) -> xr.Dataset:
    """Mean annual fluxes of two sets on the coarse grid, over the years in which both know them.

    Parameters
    ----------
    fine : xarray.Dataset (year, y, x)
        From `aggregated_years`.
    coarse : xarray.DataArray (year, y, x)
        Annual sums of the coarse set in the same years, g C m-2 yr-1.
    coarse_area : numpy.ndarray (y, x)
        Land of the coarse cells, m2.

    Returns
    -------
    xarray.Dataset (y, x)
        `fine`, `coarse` and `difference` = fine − coarse, float32, g C m-2 yr-1, NaN where no year
        is known to both; `years`, how many are; `compared`, m2, the land that counts: in each year
        the smaller of the fine land with a value and the coarse land, mean over all years.

    Examples
    --------
    >>> dims, years = ("year", "y", "x"), {"year": [2001, 2002]}
    >>> fine = xr.Dataset({"mean": (dims, [[[-3.0]], [[np.nan]]]),
    ...                    "land": (dims, [[[2e6]], [[0.0]]])}, coords=years)
    >>> coarse = xr.DataArray([[[-5.0]], [[-9.0]]], dims=dims, coords=years)
    >>> maps = resolution_maps(fine, coarse, np.array([[3e6]]))
    >>> maps["difference"].item(), maps["years"].item(), maps["compared"].item()
    (2.0, 1, 1000000.0)
    """
    known = np.isfinite(fine["mean"].values) & np.isfinite(coarse.values) & (coarse_area > 0)
    count = known.sum(axis=0).astype(np.int16)
    sums = [np.where(known, layer.values, 0.0).sum(axis=0) for layer in (fine["mean"], coarse)]
    means = [
        np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0) for total in sums
    ]
    held = np.where(known, np.minimum(fine["land"].values, coarse_area), 0.0).mean(axis=0)
    layers = {"fine": means[0], "coarse": means[1], "difference": means[0] - means[1]}
    words = {
        "fine": "mean annual flux of the fine set on the coarse grid",
        "coarse": "mean annual flux of the coarse set",
        "difference": "fine set − coarse set",
    }
    dims = coarse.dims[1:]
    maps = {
        name: (dims, values.astype(np.float32), {"units": ANNUAL_FLUX, "long_name": words[name]})
        for name, values in layers.items()
    }
    about = {"units": "1", "long_name": "years in which both sets have a value"}
    land = {"units": "m2", "long_name": "land that both sets have a value on, mean of the years"}
    coords = coarse.isel(year=0, drop=True).coords
    return xr.Dataset(
        {**maps, "years": (dims, count, about), "compared": (dims, held, land)}, coords=coords
    )


def pattern_table(maps: xr.Dataset, atom: np.ndarray, membership: xr.DataArray) -> pd.DataFrame:
    """How alike the maps of two sets are in each zone of the coarse set.

    Parameters
    ----------
    maps : xarray.Dataset (flux, y, x)
        `fine`, `coarse`, `compared` as from `resolution_maps`.
    atom : numpy.ndarray of int (y, x)
        Atoms of the coarse set; −1 outside.
    membership : xarray.DataArray (zone_id, atom_id)
        From `abz.budgets.zone_membership` of the coarse set.

    Returns
    -------
    pandas.DataFrame
        flux, zone_set, zone; `cells` compared; `compared_m2`; `map_bias` (fine − coarse) and
        `map_rmsd`, g C m-2 yr-1; `map_r`, correlation of the cells. All weighted with the land
        compared; NaN where there is too little to tell.

    Notes
    -----
    r = Σ w x′y′ / √(Σ w x′² · Σ w y′²), with x′, y′ the departures from the weighted means.
    """
    rows = []
    held = np.concatenate([membership.values == 1, np.zeros((len(membership), 1), bool)], axis=1)
    for flux in maps["flux"].values.tolist():
        layers = maps.sel(flux=flux)
        weight = layers["compared"].values
        known = weight > 0
        parts = [layers[name].values[known].astype(np.float64) for name in SIDES]
        for place, inside in enumerate(held[:, atom[known]]):
            rows.append(
                {
                    "flux": flux,
                    "zone_set": membership["zone_set"].values[place],
                    "zone": membership["zone"].values[place],
                    **_likeness(parts[0][inside], parts[1][inside], weight[known][inside]),
                }
            )
    return pd.DataFrame(rows)


def _likeness(fine: np.ndarray, coarse: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Weighted bias, RMS difference and correlation of some cells (n,)."""
    found = {"cells": fine.size, "compared_m2": float(weight.sum())}
    if not fine.size:
        return {**found, "map_bias": np.nan, "map_rmsd": np.nan, "map_r": np.nan}
    difference = fine - coarse
    x, y = (values - np.average(values, weights=weight) for values in (fine, coarse))
    size = np.sqrt((weight * x**2).sum() * (weight * y**2).sum())
    return {
        **found,
        "map_bias": float(np.average(difference, weights=weight)),
        "map_rmsd": float(np.sqrt(np.average(difference**2, weights=weight))),
        "map_r": float((weight * x * y).sum() / size) if size > 0 and fine.size > 2 else np.nan,
    }


def resolution_years(fine: pd.DataFrame, coarse: pd.DataFrame) -> pd.DataFrame:
    """Annual budgets of two sets beside each other, in the years and zones that both have.

    Parameters
    ----------
    fine, coarse : pandas.DataFrame
        From `abz.budgets.annual_budgets`.

    Returns
    -------
    pandas.DataFrame
        flux, zone_set, zone, year; of each side `fine_tg`, `fine_sd` (over the members), Tg C yr-1,
        `fine_g_m2`, g C m-2 yr-1 of the land with a value, `fine_land_m2`, that land, and likewise
        `coarse_…`; `difference_tg` = fine − coarse.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> row = {"flux": "gpp", "zone_set": "abz", "zone": "ABZ", "year": 2001, "member": 0,
    ...        "g_m2": 450.0, "area_m2": 2e13, "valid_share": 1.0}
    >>> fine, coarse = (pd.DataFrame([{**row, "tg": tg}]) for tg in (9000.0, 8500.0))
    >>> resolution_years(fine, coarse)["difference_tg"].tolist()
    [500.0]
    """
    sides = []
    for name, annual in zip(SIDES, (fine, coarse), strict=True):
        columns = [*ZONE, "year", "member", "tg", "g_m2", "area_m2", "valid_share"]
        known = check_columns(annual, columns, f"annual budgets of the {name} set")
        known = known.dropna(subset=["tg"])
        central = known[known["member"] == 0].set_index([*ZONE, "year"])
        sd = known[known["member"] > 0].groupby([*ZONE, "year"], sort=False)["tg"].std()
        side = {
            f"{name}_tg": central["tg"],
            f"{name}_sd": sd.reindex(central.index),
            f"{name}_g_m2": central["g_m2"],
            f"{name}_land_m2": central["area_m2"] * central["valid_share"],
        }
        sides.append(pd.DataFrame(side))
    table = sides[0].join(sides[1], how="inner").reset_index()
    return table.assign(difference_tg=table["fine_tg"] - table["coarse_tg"])


def resolution_summary(
    fine: pd.DataFrame, coarse: pd.DataFrame, patterns: pd.DataFrame
) -> pd.DataFrame:
    """Mean budgets of two sets over their common years, and how alike years and maps are.

    Parameters
    ----------
    fine, coarse : pandas.DataFrame
        From `abz.budgets.annual_budgets`.
    patterns : pandas.DataFrame
        From `pattern_table`.

    Returns
    -------
    pandas.DataFrame
        flux, zone_set, zone; `first_year`, `last_year`, `n_years`; means over the years as in
        `resolution_years`, with `fine_sd` and `coarse_sd` the SDs of the members' means;
        `bias_tg` = fine − coarse and `bias_sd`, of two independent spreads; `ratio` = fine /
        coarse; `unlike`, in what the ledger finds the definitions to differ; `years_r`,
        correlation between the years, and `years_r_detrended`, that about a straight line each;
        and the columns of `pattern_table`. NaN where there is too little.

    Raises
    ------
    InputError
        If a column is missing.
    """
    years = resolution_years(fine, coarse)
    columns = [name for side in SIDES for name in (f"{side}_tg", f"{side}_g_m2", f"{side}_land_m2")]
    grouped = years.groupby(ZONE, sort=False)
    table = grouped[columns].mean()
    table["first_year"], table["last_year"] = grouped["year"].min(), grouped["year"].max()
    table["n_years"] = grouped["year"].size()
    for side, annual in zip(SIDES, (fine, coarse), strict=True):
        members = annual[annual["member"] > 0].merge(years[[*ZONE, "year"]], how="inner")
        means = members.groupby([*ZONE, "member"], sort=False)["tg"].mean()
        table[f"{side}_sd"] = means.groupby(ZONE, sort=False).std()
    compared = [_compared(row) for row in table.reset_index().itertuples()]
    table["bias_tg"] = [float(pair.difference) for pair in compared]
    table["bias_sd"] = np.hypot(table["fine_sd"], table["coarse_sd"])
    table["ratio"] = [float(pair.ratio) for pair in compared]
    table["unlike"] = [pair.caveat for pair in compared]
    alike = {key: _years_alike(rows) for key, rows in grouped}
    table["years_r"] = [alike[key][0] for key in table.index]
    table["years_r_detrended"] = [alike[key][1] for key in table.index]
    return table.reset_index().merge(patterns, on=ZONE, how="left")


def _compared(row: Any) -> Comparison:
    """Both budgets of a zone and flux through the ledger, which lets their land differ."""
    period = Period(int(row.first_year), int(row.last_year))
    fine, coarse = (
        Row(
            f"{row.flux}, {side} set",
            np.array(getattr(row, f"{side}_tg")),
            FLUX_PARTS[row.flux],
            Place.of(row.zone_set, row.zone, f"land of the {side} set"),
            period,
        )
        for side in SIDES
    )
    return compare(fine, coarse, accept=["mask"])


def _years_alike(rows: pd.DataFrame) -> tuple[float, float]:
    """Correlation of two series of annual budgets, as they are and about a straight line each."""
    year = rows["year"].to_numpy(np.float64)
    pair = rows[["fine_tg", "coarse_tg"]].to_numpy(np.float64)
    if year.size < 4:
        return np.nan, np.nan
    design = np.stack([np.ones_like(year), year - year.mean()], axis=1)
    line = design @ np.linalg.lstsq(design, pair, rcond=None)[0]
    size = np.abs(pair).max(axis=0)
    return _correlation(pair, size), _correlation(pair - line, size)


def _correlation(pair: np.ndarray, size: np.ndarray) -> float:
    """Pearson correlation of two columns; NaN where one is constant but for rounding."""
    departure = pair - pair.mean(axis=0)
    if (np.abs(departure).max(axis=0) <= 1e-12 * size).any():
        return np.nan
    x, y = departure.T
    return float((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))
