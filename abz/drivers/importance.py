"""Permutation importance: how much worse the fit becomes when one predictor is shuffled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.modelling import FluxForest, derive_seed
from abz.modelling.forest import canonical_order
from abz.validation import check_range

__all__ = ["permutation_importance"]


def permutation_importance(
    forest: FluxForest,
    X: np.ndarray,
    y: np.ndarray,
    *,
    shuffles: int = 100,
    seed: int = 0,
    workers: int = 1,
) -> pd.DataFrame:
    """Increase of the RMSE on the training rows when a predictor is shuffled.

    Parameters
    ----------
    forest : FluxForest
        The central forest.
    X : numpy.ndarray (n, p)
        Its training rows, categories as codes.
    y : numpy.ndarray (n,)
        Their flux, g C m-2 month-1.
    shuffles : int, optional
        Shuffles of each predictor.
    seed : int, optional
        A predictor's seed follows from it and the predictor's name.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `shuffle` (1, 2, …), `rmse_increase` (g C m-2 month-1); a row per shuffle. The
        same for any order of the rows.

    Notes
    -----
    I_j = RMSE(y, F(X with column j shuffled)) − RMSE(y, F(X)), on the rows the forest was fitted
    to, so the second term is the small error of the fit. A category is shuffled as one column.

    References
    ----------
    .. [1] Breiman (2001), Random forests, Machine Learning 45, 5-32.
    .. [2] Fisher, Rudin & Dominici (2019), All models are wrong, but many are useful, JMLR 20, 177.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> forest = fit_forest(X, 9 * X[:, 0], ["lst", "ndvi"], trees=10, mtry=2)
    >>> found = permutation_importance(forest, X, 9 * X[:, 0], shuffles=3)
    >>> found.groupby("predictor")["rmse_increase"].median().idxmax()
    'lst'
    """
    check_range(shuffles, "shuffles", minimum=1)
    order = canonical_order(np.asarray(X, np.float32), y)
    rows, response = forest.encode(np.asarray(X)[order]), np.asarray(y)[order]

    fitted = forest.predict_encoded(rows, workers=workers)
    baseline = np.sqrt(np.mean((fitted - response) ** 2))
    found = []
    for column, name in enumerate(forest.predictors):
        rng = np.random.default_rng(derive_seed(seed, "importance", name))
        moved = np.repeat(rows[None], shuffles, axis=0)
        moved[:, :, column] = rng.permuted(moved[:, :, column], axis=1)
        stacked = forest.predict_encoded(moved.reshape(-1, rows.shape[1]), workers=workers)
        rmse = np.sqrt(np.mean((stacked.reshape(shuffles, -1) - response) ** 2, axis=1))
        found += [(name, number, float(v)) for number, v in enumerate(rmse - baseline, 1)]
    return pd.DataFrame(found, columns=["predictor", "shuffle", "rmse_increase"])
