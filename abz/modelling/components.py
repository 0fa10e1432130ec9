"""Skill of between-site means, seasonal cycles, interannual anomalies and trends.

A model may know which site takes up more, and when in the year, and still know nothing of why one
year differs from the next. Pooled scores hide that; here each part is scored by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Literal

import numpy as np
import pandas as pd

from abz.modelling.held_out import check_held_out
from abz.modelling.scores import scores
from abz.validation import check_choice, check_columns, check_range

__all__ = ["components", "decompose", "site_slopes"]

SIDES = ("observed", "predicted")
PARTS = ("site_mean", "seasonal", "anomaly")


def components(
    held_out: pd.DataFrame,
    *,
    detrend: bool = False,
    slope: Literal["ols", "theil_sen"] = "ols",
    min_years: int = 3,
    min_trend_years: int = 5,
) -> pd.DataFrame:
    """Scores of each part of the flux.

    Parameters
    ----------
    held_out : pandas.DataFrame
        `site`, `year`, `month`, `observed`, `predicted`, g C m-2 month-1. Rows without a
        prediction are left out of both sides.
    detrend : bool, optional
        Whether anomalies are scored without each side's own trend, at sites that have one.
    slope : {"ols", "theil_sen"}, optional
        How a trend is estimated; see `site_slopes`.
    min_years : int, optional
        Years of a calendar month at a site from which its anomalies count.
    min_trend_years : int, optional
        Years of a site, among the rows whose anomalies count, from which it has a trend.

    Returns
    -------
    pandas.DataFrame
        A row each for `total`, `site_mean`, `seasonal`, `anomaly` and `trend`: `component`, `n`,
        `sites`, `unpredicted` (rows left out), `r2` (squared correlation), `r2_sse` (1 − SSE/SST),
        `rmse`, `mae`, `mbe`, in g C m-2 month-1, for the trend in g C m-2 month-1 yr-1;
        `observed_share`, `error_share`. The same for any order of the rows.

    Raises
    ------
    InputError
        If a column is missing, an observation is not known, or an option is unknown.

    Notes
    -----
    With o the rows of site s, calendar month m and year t, and the same for predictions [1]_:

    * site mean: M_s = mean of all rows of s; a pair per site;
    * seasonal cycle: C_sm = mean of the rows of s and m − M_s; a pair per site and calendar month,
      of sites with at least two calendar months;
    * anomaly: A_smt = o_smt − M_s − C_sm; a pair per row whose s, m has `min_years` years;
    * trend: slope of a site's anomalies; a pair per site.

    So o = M + C + A in every row. Over rows the three are orthogonal, hence
    Σ (o − ō)² = Σ (M − ō)² + Σ C² + Σ A², and the same with errors p − o in place of o − ō:
    `observed_share` and `error_share` are the parts of these sums, and add up to 1. They count all
    rows and hold the trend within the anomaly.

    The means of a site that was measured in summer only are means of summer, on both sides. The
    bias of the anomalies is 0 by their definition.

    References
    ----------
    .. [1] Tramontana et al. (2016), Biogeosciences 13, 4291.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "site": ["a"] * 6 + ["b"] * 2,
    ...         "year": [2001, 2002, 2003] * 2 + [2001, 2001],
    ...         "month": [1] * 3 + [7] * 3 + [1, 7],
    ...         "observed": [1.0, 2.0, 3.0, -9.0, -8.0, -7.0, 3.0, -1.0],
    ...     }
    ... )
    >>> found = components(rows.assign(predicted=rows["observed"] + 1))
    >>> found[["component", "n", "sites", "rmse", "error_share"]]
       component  n  sites  rmse  error_share
    0      total  8      2   1.0          1.0
    1  site_mean  2      2   1.0          1.0
    2   seasonal  4      2   0.0          0.0
    3    anomaly  6      1   0.0          0.0
    4      trend  0      0   NaN          NaN
    """
    check_held_out(held_out, ["year", "month", "predicted"])
    check_range(min_years, "min_years", minimum=1)
    check_range(min_trend_years, "min_trend_years", minimum=2)
    keys = ["site", "year", "month", *SIDES]
    rows = held_out[keys].dropna(subset="predicted").sort_values(keys, ignore_index=True)
    split = {side: decompose(rows[side], rows["site"], rows["month"]) for side in SIDES}
    lasting = rows.groupby(["site", "month"])["year"].transform("nunique") >= min_years
    slopes = {
        side: site_slopes(rows[lasting], side, method=slope, min_years=min_trend_years)
        for side in SIDES
    }
    pairs = _pairs(rows, split)
    pairs["anomaly"] = _anomalies(rows[lasting], split, slopes if detrend else None)
    pairs["trend"] = pd.DataFrame(slopes).rename_axis("site").reset_index()
    shares = {side: _shares(values) for side, values in _sides(rows, split).items()}
    return pd.DataFrame(
        {
            "component": part,
            "n": len(table),
            "sites": table["site"].nunique(),
            **asdict(scores(*(table[side].to_numpy(np.float64) for side in SIDES))),
            "unpredicted": len(held_out) - len(rows),
            **{f"{side}_share": share.get(part, np.nan) for side, share in shares.items()},
        }
        for part, table in pairs.items()
    )


def decompose(values: pd.Series, sites: pd.Series, months: pd.Series) -> pd.DataFrame:
    """A flux as the sum of site mean, seasonal cycle and anomaly.

    Parameters
    ----------
    values : pandas.Series (n,)
        Flux, g C m-2 month-1, without NaN.
    sites, months : pandas.Series (n,)
        Site and calendar month of each row; with the index of `values`.

    Returns
    -------
    pandas.DataFrame (n,)
        `site_mean`, `seasonal`, `anomaly`, as defined in `components`; together `values`.

    Examples
    --------
    >>> flux = pd.Series([1.0, 3.0, -8.0])
    >>> decompose(flux, pd.Series(["a"] * 3), pd.Series([1, 1, 7])).round(1).values.tolist()
    [[-1.3, 3.3, -1.0], [-1.3, 3.3, 1.0], [-1.3, -6.7, 0.0]]
    """
    site_mean = values.groupby(sites).transform("mean")
    month_mean = values.groupby([sites, months]).transform("mean")
    return pd.DataFrame(
        {
            "site_mean": site_mean,
            "seasonal": month_mean - site_mean,
            "anomaly": values - month_mean,
        }
    )


def site_slopes(
    rows: pd.DataFrame,
    column: str,
    *,
    method: Literal["ols", "theil_sen"] = "ols",
    min_years: int = 5,
) -> pd.Series:
    """Trend of each site, free of the seasonal cycle.

    Parameters
    ----------
    rows : pandas.DataFrame
        `site`, `year`, `month` and the flux; months and years may be missing.
    column : str
        The flux, without NaN.
    method : {"ols", "theil_sen"}, optional
        The estimator.
    min_years : int, optional
        Sites with fewer years are left out.

    Returns
    -------
    pandas.Series (site,)
        Slope, units of the flux per year, in order of the sites' names.

    Raises
    ------
    InputError
        If a column is missing or the method is unknown.

    Notes
    -----
    `ols` is least squares with one slope a site and an intercept a calendar month: with departures
    from the means of the calendar month, Σ (t − t_m)(o − o_m) / Σ (t − t_m)². `theil_sen` is the
    median of (o_j − o_i) / (t_j − t_i) over all pairs of years within the same calendar month [1]_.
    Neither mistakes a change in the months that were measured for a trend, as a slope of annual
    means would.

    References
    ----------
    .. [1] Hirsch, Slack & Smith (1982), Water Resources Research 18, 107 (seasonal Kendall slope).

    Examples
    --------
    >>> rows = pd.DataFrame({"site": "a", "year": range(2001, 2006), "month": 7})
    >>> site_slopes(rows.assign(nee=-2.0 * rows["year"]), "nee").to_dict()
    {'a': -2.0}
    """
    check_columns(rows, ["site", "year", "month", column], "rows")
    estimate = SLOPES[check_choice(method, SLOPES, "method")]
    years = rows.groupby("site")["year"].transform("nunique")
    table = rows.loc[years >= min_years, ["site", "year", "month", column]]
    return estimate(table.rename(columns={column: "value"})).dropna().rename(column)


def _least_squares(rows: pd.DataFrame) -> pd.Series:
    """Slope of each site with an intercept for each calendar month."""
    cells = rows.groupby(["site", "month"])
    year = rows["year"] - cells["year"].transform("mean")
    value = rows["value"] - cells["value"].transform("mean")
    products = pd.DataFrame({"xy": year * value, "xx": year * year})
    sums = products.groupby(rows["site"]).sum()
    return sums["xy"] / sums["xx"].where(sums["xx"] > 0)


def _seasonal_median(rows: pd.DataFrame) -> pd.Series:
    """Median slope of the pairs of years within the calendar months of each site."""
    pairs = rows.merge(rows, on=["site", "month"], suffixes=("", "_later"))
    pairs = pairs[pairs["year"] < pairs["year_later"]]
    slopes = (pairs["value_later"] - pairs["value"]) / (pairs["year_later"] - pairs["year"])
    return slopes.groupby(pairs["site"]).median()


SLOPES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "ols": _least_squares,
    "theil_sen": _seasonal_median,
}


def _pairs(rows: pd.DataFrame, split: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Pairs to score of the rows, the sites' means and the seasonal cycles."""
    keys = rows[["site", "month"]]
    means = keys.assign(**{side: split[side]["site_mean"] for side in SIDES})
    cycles = keys.assign(**{side: split[side]["seasonal"] for side in SIDES})
    several = keys.groupby("site")["month"].transform("nunique") > 1
    return {
        "total": rows,
        "site_mean": means.drop_duplicates("site"),
        "seasonal": cycles[several].drop_duplicates(["site", "month"]),
    }


def _anomalies(
    rows: pd.DataFrame, split: dict[str, pd.DataFrame], slopes: dict[str, pd.Series] | None
) -> pd.DataFrame:
    """Anomalies of both sides, without their trends if slopes are given."""
    anomaly = {side: split[side].loc[rows.index, "anomaly"] for side in SIDES}
    pairs = rows[["site"]].assign(**anomaly)
    if slopes is not None:
        elapsed = rows["year"] - rows.groupby(["site", "month"])["year"].transform("mean")
        for side in SIDES:
            pairs[side] -= rows["site"].map(slopes[side]).fillna(0) * elapsed
    return pairs


def _sides(rows: pd.DataFrame, split: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Parts whose squares add up: those of the observed departures from the mean, and errors."""
    observed = split["observed"].assign(
        site_mean=split["observed"]["site_mean"] - rows["observed"].mean()
    )
    return {"observed": observed, "error": split["predicted"] - split["observed"]}


def _shares(parts: pd.DataFrame) -> dict[str, float]:
    """Part of the sum of squares that lies in each component."""
    squares = (parts[list(PARTS)] ** 2).sum()
    total = float(squares.sum())
    if total == 0:
        return {}
    return {"total": 1.0, **{part: float(squares[part]) / total for part in PARTS}}
