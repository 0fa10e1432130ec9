"""Scores of predictions against observations."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from abz.validation import check_same_shape

__all__ = ["Scores", "scores", "site_rmse", "site_scores"]

ROUNDING = 1e-12
"""A sum of squares below this part of what it was computed from is zero but for rounding."""


@dataclass(frozen=True)
class Scores:
    """How well predictions fit observations.

    Parameters
    ----------
    n : int
        Pairs that count.
    unpredicted : int
        Rows without a prediction; they count nowhere else.
    r2 : float
        Squared Pearson correlation.
    r2_sse : float
        1 − SSE/SST.
    rmse, mae : float
        Root mean square and mean absolute error, in the units of the flux.
    mbe : float
        Mean of prediction − observation; above zero where the prediction is too high.
    """

    n: int
    unpredicted: int
    r2: float
    r2_sse: float
    rmse: float
    mae: float
    mbe: float


def scores(observed: np.ndarray, predicted: np.ndarray) -> Scores:
    """Scores of pooled predictions.

    Parameters
    ----------
    observed, predicted : numpy.ndarray (n,)
        The same units; NaN in `predicted` marks a row that could not be predicted.

    Returns
    -------
    Scores
        NaN where a score is undefined: no pair, or a side that is constant but for rounding for the
        two R2.

    Notes
    -----
    R2 = cor(o, p)²; RMSE = √(mean (p − o)²); MAE = mean |p − o|; MBE = mean (p − o).

    Examples
    --------
    >>> found = scores(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
    >>> round(found.r2, 9), found.r2_sse, found.rmse, found.mbe
    (1.0, -0.5, 1.0, 1.0)
    """
    check_same_shape(observed, predicted, "observed and predicted")
    known = ~np.isnan(predicted)
    o, p = np.asarray(observed, float)[known], np.asarray(predicted, float)[known]
    n, unpredicted = int(known.sum()), int((~known).sum())
    if n == 0:
        nan = float("nan")
        return Scores(0, unpredicted, nan, nan, nan, nan, nan)
    error = p - o
    total = _spread(o)
    spread = total * _spread(p)
    joint = float(((o - o.mean()) * (p - p.mean())).sum())
    return Scores(
        n=n,
        unpredicted=unpredicted,
        r2=joint**2 / spread,
        r2_sse=1 - float((error**2).sum()) / total,
        rmse=float(np.sqrt((error**2).mean())),
        mae=float(np.abs(error).mean()),
        mbe=float(error.mean()),
    )


def _spread(values: np.ndarray) -> float:
    """Sum of squared departures from the mean; NaN where nothing but rounding is left."""
    spread = float(((values - values.mean()) ** 2).sum())
    return spread if spread > ROUNDING * float((values**2).sum()) else float("nan")


def site_rmse(observed: np.ndarray, predicted: np.ndarray, sites: np.ndarray) -> pd.Series:
    """RMSE of each site, in order of the sites' names; the tuning averages them unweighted.

    Parameters
    ----------
    observed, predicted : numpy.ndarray (n,)
        The same units; rows without a prediction are left out.
    sites : numpy.ndarray (n,)
        Site of each row.

    Returns
    -------
    pandas.Series (site)
        Sites without any prediction are absent.

    Examples
    --------
    >>> site_rmse(np.zeros(3), np.array([3.0, -3.0, 1.0]), np.array(["a", "a", "b"])).tolist()
    [3.0, 1.0]
    """
    squared = pd.Series((np.asarray(predicted) - np.asarray(observed)) ** 2)
    return squared.groupby(np.asarray(sites)).mean().dropna() ** 0.5


def site_scores(observed: np.ndarray, predicted: np.ndarray, sites: np.ndarray) -> pd.DataFrame:
    """Scores of every site by itself.

    Parameters
    ----------
    observed, predicted : numpy.ndarray (n,)
        The same units; NaN in `predicted` marks a row that could not be predicted.
    sites : numpy.ndarray (n,)
        Site of each row.

    Returns
    -------
    pandas.DataFrame
        A row per site, in order of name: `site`, the fields of `Scores`, and `observed_mean`,
        `predicted_mean` over the rows that are predicted.

    Examples
    --------
    >>> found = site_scores(np.zeros(3), np.array([3.0, -3.0, 1.0]), np.array(["a", "a", "b"]))
    >>> found[["site", "rmse", "mbe", "predicted_mean"]].values.tolist()
    [['a', 3.0, 0.0, 0.0], ['b', 1.0, 1.0, 1.0]]
    """
    check_same_shape(observed, predicted, "observed and predicted")
    table = pd.DataFrame({"observed": observed, "predicted": predicted})
    rows = []
    for site, group in table.groupby(np.asarray(sites, dtype=str), sort=True):
        known = group.dropna(subset="predicted").sort_values(["observed", "predicted"])
        found = scores(known["observed"].to_numpy(), known["predicted"].to_numpy())
        means = {f"{name}_mean": known[name].mean() for name in table}
        unpredicted = {"unpredicted": len(group) - len(known)}
        rows.append({"site": site, **asdict(found), **unpredicted, **means})
    return pd.DataFrame(rows)
