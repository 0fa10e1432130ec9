"""Weights of the predictors, from the importance that shuffling gave them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.validation import check_columns

__all__ = ["importance_weights", "rank_weights"]


def importance_weights(
    importance: pd.DataFrame, predictors: Sequence[str], *, model_set: str, flux: str
) -> np.ndarray:
    """Mean increase of the RMSE when each predictor is shuffled; below zero counts as zero.

    Parameters
    ----------
    importance : pandas.DataFrame
        `model_set`, `flux`, `predictor`, `rmse_increase`; a row per shuffle.
    predictors : sequence of str (p,)
        Columns of the forest.
    model_set, flux : str
        Which forest.

    Returns
    -------
    numpy.ndarray (p,)
        g C m-2 month-1.

    Raises
    ------
    InputError
        If the table lacks a predictor of this forest.

    Examples
    --------
    >>> table = pd.DataFrame({"model_set": "fine", "flux": "nee", "predictor": ["lst", "soc"],
    ...                       "rmse_increase": [3.0, -0.1]})
    >>> importance_weights(table, ["soc", "lst"], model_set="fine", flux="nee").tolist()
    [0.0, 3.0]
    """
    columns = ["model_set", "flux", "predictor", "rmse_increase"]
    check_columns(importance, columns, "importance")
    chosen = importance[(importance["model_set"] == model_set) & (importance["flux"] == flux)]
    means = chosen.groupby("predictor")["rmse_increase"].mean().reindex(list(predictors))
    if means.isna().any():
        raise InputError(
            f"the importance of {model_set} {flux} is not whole",
            rule="the table has every predictor of the forest",
            value=f"missing {', '.join(means.index[means.isna()])}",
            remedy="compute the importance again: `abz drivers`",
        )
    return np.maximum(means.to_numpy(np.float64), 0.0)


def rank_weights(
    importance: pd.DataFrame, predictors: Sequence[str], *, model_set: str
) -> np.ndarray:
    """Mean over the fluxes of each predictor's rank, as a share of the number of predictors.

    Ranks make fluxes of different size count equally.

    Parameters
    ----------
    importance, model_set
        As in `importance_weights`.
    predictors : sequence of str (p,)
        Predictors that are ranked against each other.

    Returns
    -------
    numpy.ndarray (p,)
        In (0, 1]: 1 for the most important predictor of every flux. Fluxes whose forest lacks a
        predictor do not rank it.

    Examples
    --------
    >>> table = pd.DataFrame({"model_set": "fine", "flux": "nee", "predictor": ["lst", "soc"],
    ...                       "rmse_increase": [3.0, -0.1]})
    >>> rank_weights(table, ["soc", "lst"], model_set="fine").tolist()
    [0.5, 1.0]
    """
    chosen = importance[importance["model_set"] == model_set]
    means = chosen.groupby(["predictor", "flux"])["rmse_increase"].mean().unstack("flux")
    ranks = means.reindex(list(predictors)).rank(pct=True).mean(axis=1)
    if ranks.isna().any():
        raise InputError(
            f"the importance of {model_set} is not whole",
            rule="some flux ranks every predictor",
            value=f"missing {', '.join(ranks.index[ranks.isna()])}",
            remedy="compute the importance again: `abz drivers`",
        )
    return ranks.to_numpy(np.float64)
