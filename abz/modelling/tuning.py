"""Choosing mtry: leave one site out, average the sites' errors, take the smallest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from abz.modelling.folds import leave_one_site_out
from abz.modelling.forest import fit_forest
from abz.modelling.scores import scores, site_rmse
from abz.modelling.seeds import derive_seed

__all__ = ["Tuning", "tune"]


@dataclass(frozen=True, eq=False)
class Tuning:
    """What the tuning found.

    Parameters
    ----------
    mtry : int
        The one with the smallest mean of the sites' RMSE; the smaller one of equals.
    table : pandas.DataFrame
        A row per mtry: `mtry`, `mean_site_rmse`, and the pooled scores.
    held_out : numpy.ndarray (n,)
        Prediction of each row by the forest that never saw its site, with the chosen mtry.
    """

    mtry: int
    table: pd.DataFrame
    held_out: np.ndarray


def tune(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    grid: Sequence[int] = (2, 9, 17),
    trees: int = 500,
    min_samples_split: int = 6,
    seed: int = 0,
    workers: int = 1,
) -> Tuning:
    """Choose mtry by leave-one-site-out cross-validation.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes, ordered anew from the training rows of each fold.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    sites : numpy.ndarray (n,)
        Site of each row.
    grid : sequence of int, optional
        Values to try; those above p count as p.
    trees, min_samples_split
        As in `fit_forest`.
    seed : int, optional
        A fold's seed follows from it, the mtry and the name of the site.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    Tuning

    Notes
    -----
    mtry* = argmin_m (1/S) Σ_s RMSE_s(m): a site with one month counts as much as one with 200.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 2))
    >>> sites = np.repeat(["a", "b", "c"], 20)
    >>> found = tune(X, X[:, 0], ["lst", "ndvi"], sites, grid=(1, 2), trees=5)
    >>> found.mtry, found.held_out.shape
    (2, (60,))
    """
    rows, names = np.asarray(X, np.float32), np.asarray(sites)
    folds = list(leave_one_site_out(names))
    values = sorted({min(m, rows.shape[1]) for m in grid})

    def predict_site(mtry: int, train: np.ndarray, test: np.ndarray) -> np.ndarray:
        forest = fit_forest(
            rows[train],
            y[train],
            predictors,
            trees=trees,
            mtry=mtry,
            min_samples_split=min_samples_split,
            seed=derive_seed(seed, "fold", mtry, str(names[test[0]])),
        )
        return forest.predict(rows[test])

    jobs = [(mtry, train, test) for mtry in values for train, test in folds]
    found = Parallel(n_jobs=workers, prefer="threads")(delayed(predict_site)(*job) for job in jobs)
    held_out = {mtry: np.empty(len(rows)) for mtry in values}
    for (mtry, _, test), prediction in zip(jobs, found, strict=True):
        held_out[mtry][test] = prediction
    table = pd.DataFrame(
        {
            "mtry": mtry,
            "mean_site_rmse": site_rmse(y, held_out[mtry], names).mean(),
            **asdict(scores(y, held_out[mtry])),
        }
        for mtry in values
    )
    best = values[int(table["mean_site_rmse"].argmin())]
    return Tuning(best, table, held_out[best])
