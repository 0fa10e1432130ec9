"""Trends of the authors' series: all areas, two periods, the paper's method and the code's.

The paper names Zhang's prewhitening, the code calls Yue and Pilon's; the slope of the series as
they are stands beside both. Each is the engine of `abz.trends`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.trends import trend_series
from abz.validation import check_columns

__all__ = ["METHODS", "PERIODS", "environment_trends", "series_trends"]

METHODS = ("zhang", "yue_pilon", "none")
"""The paper's method, that of the code, and the series as they are."""

PERIODS = ((1990, 2016), (2001, 2016))
"""All years of the 8-km model, and those that it shares with the 1-km model."""

FIELDS = ("slope", "lower", "upper", "p_value", "autocorrelation", "iterations", "converged")


def series_trends(
    table: pd.DataFrame,
    keys: Sequence[str],
    value: str,
    *,
    periods: Sequence[tuple[int, int]] = PERIODS,
    methods: Sequence[str] = METHODS,
) -> pd.DataFrame:
    """Mean, spread and trend of each series over each period by each method.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a series and year: the keys, `year` and the value.
    keys : sequence of str
        Columns that tell the series apart.
    value : str
        Column of the values, any unit; missing values are left out.
    periods : sequence of tuple of int, optional
        First and last years. Years without a row count as missing.
    methods : sequence of str, optional
        Of `abz.trends.METHODS`.

    Returns
    -------
    pandas.DataFrame
        The keys, first_year, last_year, n (years with a value), mean, sd (between years, n − 1),
        method; slope, lower, upper (unit of the value per year), p_value, autocorrelation,
        iterations, converged, as in `abz.trends.TrendSeries`. Series in the order of their first
        rows, then by period and method.

    Raises
    ------
    InputError
        If a column is missing, or a series has a year twice.

    Examples
    --------
    >>> years = np.arange(2001, 2017)
    >>> table = pd.DataFrame({"area": "ABZ", "year": years, "tg": 3.0 - 2.0 * (years - 2000)})
    >>> found = series_trends(table, ["area"], "tg", periods=[(2001, 2016)], methods=["none"])
    >>> found[["n", "slope", "converged"]].values.tolist()
    [[16, -2.0, True]]
    """
    check_columns(table, [*keys, "year", value], "the series")
    twice = table.duplicated([*keys, "year"])
    if twice.any():
        raise InputError(
            "a series has a year twice",
            rule="the keys tell the series apart",
            value=table.loc[twice, [*keys, "year"]].iloc[0].to_dict(),
            remedy="name more columns as keys",
        )
    names = table[list(keys)].drop_duplicates(ignore_index=True)
    wide = table.pivot(index=list(keys), columns="year", values=value)
    wide = wide.reindex(pd.MultiIndex.from_frame(names) if len(keys) > 1 else names[keys[0]])
    made = []
    for first, last in periods:
        years = np.arange(first, last + 1)
        values = wide.reindex(columns=years).to_numpy(np.float64)
        for method in methods:
            made.append(_fitted(names, values, years, method))
    found = pd.concat(made, ignore_index=True)
    place = np.tile(np.arange(len(names)), len(made))
    return found.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _fitted(
    names: pd.DataFrame, values: np.ndarray, years: np.ndarray, method: str
) -> pd.DataFrame:
    """One period and method."""
    found = trend_series(values, years, method)
    frame = pd.DataFrame(values.T)
    return names.assign(
        first_year=int(years[0]), last_year=int(years[-1]), n=found.n_valid,
        mean=frame.mean().to_numpy(), sd=frame.std().to_numpy(), method=method,
        **{field: getattr(found, field) for field in FIELDS},
    )  # fmt: skip


def environment_trends(
    environment: pd.DataFrame, *, methods: Sequence[str] = METHODS
) -> pd.DataFrame:
    """Trends of the authors' environmental series, each over years that are true.

    Parameters
    ----------
    environment : pandas.DataFrame
        From `read_published_environment_8km`.
    methods : sequence of str, optional
        Of `abz.trends.METHODS`.

    Returns
    -------
    pandas.DataFrame
        As from `series_trends`, with variable, area, units, and `years`: "stored" for series over
        `PERIODS`; "layer" for those whose stored years are wrong and whose layers tell theirs, over
        all of them, without the two that the product lacks; "unknown" for layers in order that
        cannot be dated: first_year and last_year are missing, and a year of the slope is a layer.

    Raises
    ------
    InputError
        If a column is missing.
    """
    keys = ["variable", "area", "units"]
    check_columns(environment, [*keys, "year", "stored_year", "value"], "the environment")
    made = []
    for _, rows in environment.groupby("variable", sort=True):
        if rows["year"].isna().any():
            order = rows.assign(year=rows["stored_year"])
            span = (int(order["year"].min()), int(order["year"].max()))
            found = series_trends(order, keys, "value", periods=[span], methods=methods)
            found[["first_year", "last_year"]] = pd.NA
            found = found.assign(years="unknown")
        else:
            true = rows.astype({"year": int})
            stored = (true["year"] == true["stored_year"]).all()
            span = (int(true["year"].min()), int(true["year"].max()))
            periods = PERIODS if stored else [span]
            found = series_trends(true, keys, "value", periods=periods, methods=methods)
            found = found.assign(years="stored" if stored else "layer")
        made.append(found.astype({"first_year": "Int64", "last_year": "Int64"}))
    return pd.concat(made, ignore_index=True)
