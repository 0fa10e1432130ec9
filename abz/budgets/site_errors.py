"""What forests miss at sites that they never saw, as errors of annual sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from abz.validation import check_columns
from abz.vocabulary import MONTHS

__all__ = ["flux_correlation", "site_errors", "yearly_variance"]

COLUMNS = ["site", "longitude", "latitude", "biome", "error", "years", "yearly_squares"]


def site_errors(held_out: pd.DataFrame, months: Sequence[int] = MONTHS) -> pd.DataFrame:
    """Error of the mean annual sum of each site with a whole year.

    Parameters
    ----------
    held_out : pandas.DataFrame
        site, longitude, latitude (degrees), biome, year, month, `observed` and `predicted`, g C
        m-2 month-1, of forests that never saw the site; rows that lack either are left out.
    months : sequence of int, optional
        Calendar months of the sum.

    Returns
    -------
    pandas.DataFrame
        A row per site that has every month of the sum in some year and a place, in order of their
        names: site, longitude, latitude, biome (lower case), `error`, predicted − observed, g C
        m-2 per sum of months; `years`, its years with all months; `yearly_squares`, Σ of squared
        departures of those years' errors from their mean.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    ε_s = Σ_m ē_sm, with ē_sm the mean over the years of p − o in calendar month m: months count
    alike, whichever years they were measured in, and each site counts once.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": "a", "longitude": 24.3, "latitude": 61.8, "biome": "Boreal",
    ...     "year": 2001, "month": range(1, 13), "observed": 0.0, "predicted": 2.0})
    >>> site_errors(rows)[["biome", "error", "years"]].values.tolist()
    [['boreal', 24.0, 1]]
    """
    needed = ["site", "longitude", "latitude", "biome", "year", "month", "observed", "predicted"]
    check_columns(held_out, needed, "held-out table")
    rows = held_out.dropna(subset=["observed", "predicted", "longitude", "latitude"])
    rows = rows.assign(error=rows["predicted"] - rows["observed"])
    monthly = rows.pivot_table(index=["site", "year"], columns="month", values="error")
    monthly = monthly.reindex(columns=list(months))
    error = monthly.groupby("site").mean().sum(axis=1, skipna=False)
    yearly = monthly.sum(axis=1, skipna=False).dropna().groupby("site")
    spread = yearly.agg(
        years="size", yearly_squares=lambda sums: float(((sums - sums.mean()) ** 2).sum())
    )
    about = rows.groupby("site")[["longitude", "latitude", "biome"]].first()
    about["biome"] = about["biome"].astype(str).str.lower()
    table = about.assign(error=error).dropna(subset=["error"]).join(spread)
    table["years"] = table["years"].fillna(0).astype(np.int64)
    return table.fillna({"yearly_squares": 0.0}).sort_index().reset_index()[COLUMNS]


def yearly_variance(errors: pd.DataFrame) -> float:
    """Variance of the error of a single year about that of its site.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `site_errors`.

    Returns
    -------
    float
        g2 C m-4 yr-2; NaN if no site has two whole years.

    Notes
    -----
    Σ_s Σ_y (ε_sy − ε̄_s)² / Σ_s (n_s − 1).

    Examples
    --------
    >>> yearly_variance(pd.DataFrame({"years": [3, 1], "yearly_squares": [50.0, 0.0]}))
    25.0
    """
    freedom = int((errors["years"] - 1).clip(lower=0).sum())
    return float(errors["yearly_squares"].sum() / freedom) if freedom else float("nan")


def flux_correlation(errors: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Correlation between the errors of fluxes at the sites that have them all.

    Parameters
    ----------
    errors : mapping of {str: pandas.DataFrame}
        From `site_errors`, by flux.

    Returns
    -------
    pandas.DataFrame (flux, flux)
        Symmetric, ones on the diagonal; NaN beside it where fewer than three sites have all
        fluxes, or the errors of one do not vary.

    Examples
    --------
    >>> one = pd.DataFrame({"site": list("abc"), "error": [1.0, 2.0, 4.0]})
    >>> flux_correlation({"gpp": one, "reco": one.assign(error=-one["error"])}).round(6).values
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    series = {flux: table.set_index("site")["error"] for flux, table in errors.items()}
    both = pd.DataFrame(series).dropna()
    found = both.corr(min_periods=3).to_numpy(copy=True)
    np.fill_diagonal(found, 1.0)
    return pd.DataFrame(found, index=list(errors), columns=list(errors))
