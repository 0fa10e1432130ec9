"""Trends of the annual budgets of zones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.trends import member_spread, trend_series
from abz.validation import check_columns

__all__ = ["zonal_trends"]

KEYS = ["model_set", "flux", "zone_set", "zone"]
COLUMNS = [
    *KEYS, "first_year", "last_year", "n", "method", "slope", "lower", "upper", "p_value",
    "slope_mean", "slope_sd", "below_zero", "spread_over_noise",
]  # fmt: skip


def zonal_trends(
    annual: pd.DataFrame, method: str = "zhang", preserve_range: bool = False
) -> pd.DataFrame:
    """Trend of each zone's annual budget.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`, of any model sets.
    method : str, optional
        One of `abz.trends.METHODS`.
    preserve_range : bool, optional
        As in `abz.trends.trend_series`.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, first_year, last_year, n (years with a value), method,
        and of the central member slope, lower, upper (Tg C yr-1 per yr) and p_value; slope_mean
        and slope_sd are mean and SD (n − 1) of the slopes of the members, NaN where there are too
        few, and need not lie about the central slope; below_zero is the share of members with a
        slope below zero, and spread_over_noise the ratio of slope_sd to the error of one member's
        slope, as in `abz.trends.trend_members`.

    Raises
    ------
    InputError
        If a column is missing or the method is unknown.

    Examples
    --------
    >>> annual = pd.DataFrame({
    ...     "model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "member": 0,
    ...     "year": range(2001, 2021), "tg": range(-280, -560, -14),
    ... })
    >>> zonal_trends(annual)[["n", "slope"]].round(6).values.tolist()
    [[20.0, -14.0]]
    """
    check_columns(annual, [*KEYS, "year", "member", "tg"], "annual budgets")
    parts = [
        _of_one_period(rows, method, preserve_range)
        for _, rows in annual.groupby(["model_set", "flux"], sort=False)
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _of_one_period(rows: pd.DataFrame, method: str, preserve_range: bool) -> pd.DataFrame:
    """Trends of the zones of one flux of one set, whose series have the same years."""
    series = rows.set_index([*KEYS, "member", "year"])["tg"].unstack("year").sort_index(axis=1)
    years = series.columns.to_numpy()
    found = trend_series(series.to_numpy(), years, method, preserve_range=preserve_range)
    table = series.index.to_frame(index=False).assign(
        first_year=int(years[0]), last_year=int(years[-1]), method=method, n=found.n_valid,
        slope=found.slope, lower=found.lower, upper=found.upper, p_value=found.p_value,
    )  # fmt: skip
    return table[table["member"] == 0].join(_over_members(table), on=KEYS)


def _over_members(table: pd.DataFrame) -> pd.DataFrame:
    """What the slopes of the members say together; a row a zone that has some."""
    drawn = table[table["member"] > 0]
    slope, lower, upper = (
        drawn.pivot(index=KEYS, columns="member", values=name)
        for name in ("slope", "lower", "upper")
    )
    bounds = (wide.to_numpy(np.float64) for wide in (slope, lower, upper))
    _, mean, spread, below, _, ratio = member_spread(*bounds)
    found = {
        "slope_mean": mean,
        "slope_sd": spread,
        "below_zero": below,
        "spread_over_noise": ratio,
    }
    return pd.DataFrame(found, index=slope.index)
