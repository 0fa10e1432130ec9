"""The environment of a place: its climatological year, its annual means, and those of the sites."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.harmonise import predictor_block
from abz.validation import check_columns
from abz.vocabulary import MONTHS

__all__ = ["annual_means", "climatological_year", "site_annual_means"]


def climatological_year(
    cube: xr.Dataset, rows: slice, columns: slice, predictors: Sequence[str]
) -> np.ndarray:
    """Mean of each predictor over the years, for each calendar month of a window.

    Parameters
    ----------
    cube : xarray.Dataset
        Predictor cube, as `predictor_block` takes it.
    rows, columns : slice
        Window of the grid.
    predictors : sequence of str (p,)
        Names; a category or static map stays as it is.

    Returns
    -------
    numpy.ndarray of float32 (12, ny, nx, p)
        Mean over the years that hold a value, read one year at a time; NaN where none does.

    Examples
    --------
    >>> months = pd.date_range("2001-01-01", "2002-12-01", freq="MS")
    >>> lst = np.repeat([270.0, 272.0], 12).reshape(24, 1, 1)
    >>> cube = xr.Dataset({"lst": (("time", "y", "x"), lst)}, coords={"time": months})
    >>> year = climatological_year(cube, slice(0, 1), slice(0, 1), ["month", "lst"])
    >>> year[:3, 0, 0].tolist()
    [[1.0, 271.0], [2.0, 271.0], [3.0, 271.0]]
    """
    months = cube["time"].values.astype("datetime64[M]").astype(np.int64)
    total = count = None
    for year in np.unique(months // 12):
        steps = np.flatnonzero(months // 12 == year)
        window = slice(int(steps[0]), int(steps[-1]) + 1)
        block = predictor_block(cube, window, rows, columns, predictors)
        if total is None or count is None:
            total = np.zeros((len(MONTHS), *block.shape[1:]))
            count = np.zeros(total.shape, np.int32)
        known = ~np.isnan(block)
        month = months[steps] % 12
        total[month] += np.where(known, block, 0.0)
        count[month] += known
    if total is None or count is None:
        return np.full((len(MONTHS), 0, 0, len(predictors)), np.nan, np.float32)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def annual_means(year: np.ndarray) -> np.ndarray:
    """Mean over the twelve months; a place that lacks a month has none.

    Parameters
    ----------
    year : numpy.ndarray (12, ..., p)
        Climatological year.

    Returns
    -------
    numpy.ndarray of float32 (..., p)

    Examples
    --------
    >>> annual_means(np.arange(12.0)[:, None]).tolist()
    [5.5]
    """
    return np.asarray(np.mean(year, axis=0, dtype=np.float64).astype(np.float32))


def site_annual_means(table: pd.DataFrame, predictors: Sequence[str]) -> pd.DataFrame:
    """Annual means of the predictors at the sites, from their own site-months.

    Parameters
    ----------
    table : pandas.DataFrame
        Training table: `site`, `month` and the predictors.
    predictors : sequence of str
        Columns to average.

    Returns
    -------
    pandas.DataFrame (site)
        float32, mean of the means of the calendar months; NaN where a site lacks a predictor in
        some calendar month, because part of a year does not stand for the year.

    Examples
    --------
    >>> table = pd.DataFrame({"site": "a", "month": range(1, 13), "lst": range(12)})
    >>> site_annual_means(table, ["lst"]).loc["a", "lst"].item()
    5.5
    """
    check_columns(table, ["site", "month", *predictors], "training table")
    ordered = table.sort_values(["site", "month", *predictors])
    monthly = ordered.groupby(["site", "month"])[list(predictors)].mean()
    sites = np.unique(table["site"].to_numpy(str))
    whole = pd.MultiIndex.from_product([sites, MONTHS], names=["site", "month"])
    values = monthly.reindex(whole).to_numpy(np.float64).reshape(len(sites), len(MONTHS), -1)
    return pd.DataFrame(
        annual_means(values.transpose(1, 0, 2)), index=pd.Index(sites, name="site"),
        columns=list(predictors),
    )  # fmt: skip
