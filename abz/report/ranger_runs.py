"""Runs of the comparison with R: chosen from a record, and summed up over their seeds.

A run of the record is one forest's held-out predictions: which flux, columns, design, engine,
encoding, mtry, trees and seed, and its scores.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd

from abz.report.typography import quantity_text
from abz.vocabulary import FLUXES

__all__ = ["GIVEN", "choose", "fluxes_of", "left_out", "plus", "summarise"]

GIVEN = "mean order"
"""The encoding of this package, to which the others are compared."""


def choose(runs: pd.DataFrame, **values: str | int) -> pd.DataFrame:
    """The runs that have these values.

    Examples
    --------
    >>> choose(pd.DataFrame({"flux": ["nee", "gpp"], "seed": [1, 2]}), flux="gpp")["seed"].item()
    2
    """
    kept = runs
    for name, value in values.items():
        kept = kept[kept[name] == value]
    return kept


def fluxes_of(runs: pd.DataFrame) -> list[str]:
    """Fluxes that have runs, in their order.

    Examples
    --------
    >>> fluxes_of(pd.DataFrame({"flux": ["reco", "nee", "reco"]}))
    ['nee', 'reco']
    """
    return [flux for flux in FLUXES if flux in set(runs["flux"])]


def left_out(runs: pd.DataFrame, flux: str, engine: str = "abz", without: str = "") -> pd.DataFrame:
    """Runs with the oracle's columns that leave each site out.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs of a record.
    flux, engine : str
        Of the runs.
    without : str, optional
        The site that neither trained nor tested them.
    """
    return choose(runs, columns="oracle", design="sites", flux=flux, engine=engine, without=without)


def summarise(runs: pd.DataFrame, score: str) -> tuple[float, float]:
    """Mean of a score over the seeds and its standard deviation between them.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs that differ in their seed only; `parts` holds the RMSE of equal parts of the trees.
    score : str
        A column.

    Returns
    -------
    tuple of float
        The deviation is NaN for a single seed, unless `score` is the RMSE: then it is that of the
        parts divided by the root of their number.

    Notes
    -----
    The mean over T trees has 1/P of the Monte Carlo variance of the mean over T/P trees, and the
    RMSE follows it linearly as long as the noise is small.

    Examples
    --------
    >>> runs = pd.DataFrame({"rmse": [3.0], "parts": [[2.0, 4.0]]})
    >>> summarise(runs, "rmse")
    (3.0, 1.0)
    """
    values = runs[score].to_numpy(np.float64)
    mean = float(values.mean())
    if values.size > 1:
        return mean, float(values.std(ddof=1))
    parts = runs["parts"].iloc[0]
    known = score == "rmse" and len(parts) > 1
    return mean, float(np.std(parts, ddof=1)) / sqrt(len(parts)) if known else float("nan")


def plus(value: float, spread: float, places: int) -> str:
    r"""A number ± its spread, both with so many decimals; the number alone without a spread.

    Examples
    --------
    >>> plus(31.05, 0.21, 2).replace("\xa0", " "), plus(31.05, float("nan"), 1)
    ('31.05 ± 0.21', '31.1')
    """
    return quantity_text(value, "1", spread, places)
