"""Permutation importance: how much worse a forest becomes when predictors are shuffled.

`shuffled_errors` looks at a forest on the rows that it was fitted to, as the study does;
`abz.drivers.held_out` at forests on sites that they have never seen. Both end in `ShuffledErrors`,
which tells the rise of the error shuffle by shuffle, or with an interval from drawn sites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abz.drivers.moved import predict_moved
from abz.errors import InputError
from abz.modelling import FluxForest, derive_seed, site_bootstrap
from abz.modelling.forest import canonical_order
from abz.validation import check_choice, check_range, check_same_shape

__all__ = [
    "Moves",
    "ShuffledErrors",
    "check_moves",
    "mean_of_rows",
    "permutation_importance",
    "shuffled_errors",
    "shuffles_table",
    "sites_table",
    "stable_order",
]

Moves = Mapping[str, Sequence[str]]
"""Name to the predictors that are shuffled together under it."""


@dataclass(frozen=True, eq=False)
class ShuffledErrors:
    """Squared errors of rows, before and after predictors were shuffled.

    Parameters
    ----------
    names : tuple of str (k,)
        What was shuffled: predictors, or groups of them.
    before : numpy.ndarray (n,)
        (g C m-2 month-1)², row by row; NaN where a row cannot be predicted.
    after : numpy.ndarray (k, n)
        The same after shuffling, mean over the shuffles.
    by_shuffle : numpy.ndarray (k, s)
        The same after each shuffle, mean over the rows.
    """

    names: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    by_shuffle: np.ndarray


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
    forest, X, y, shuffles, seed, workers
        As in `shuffled_errors`.

    Returns
    -------
    pandas.DataFrame
        As from `shuffles_table`, for each predictor of the forest.

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
    errors = shuffled_errors(forest, X, y, shuffles=shuffles, seed=seed, workers=workers)
    return shuffles_table(errors)


def shuffled_errors(
    forest: FluxForest,
    X: np.ndarray,
    y: np.ndarray,
    moves: Moves | None = None,
    *,
    shuffles: int = 100,
    seed: int = 0,
    workers: int = 1,
) -> ShuffledErrors:
    """Squared errors of a forest on the rows it was fitted to, before and after shuffling.

    Parameters
    ----------
    forest : FluxForest
        The central forest.
    X : numpy.ndarray (n, p)
        Its training rows, categories as codes.
    y : numpy.ndarray (n,)
        Their flux, g C m-2 month-1.
    moves : mapping of {str: sequence of str}, optional
        Name to the predictors that are shuffled together, rows keeping their combinations; each
        predictor alone by default.
    shuffles : int, optional
        Shuffles of each move.
    seed : int, optional
        The seed of a move follows from it and the move's name.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    ShuffledErrors
        Rows as they came; the same values for any order of the rows and of the predictors.

    Raises
    ------
    InputError
        If a move names no predictor or one that the forest lacks.
    """
    check_range(shuffles, "shuffles", minimum=1)
    chosen = check_moves(moves, forest.predictors)
    order = stable_order(X, y, forest.predictors)
    rows, response = forest.encode(np.asarray(X)[order]), np.asarray(y)[order]

    numbers = np.repeat(np.arange(len(rows))[None], shuffles, axis=0)
    before = (forest.predict_encoded(rows, workers=workers) - response) ** 2
    after, by_shuffle = [], []
    for name, members in chosen.items():
        rng = np.random.default_rng(derive_seed(seed, "importance", name))
        columns = [forest.predictors.index(member) for member in members]
        donors = rng.permuted(numbers, axis=1).T
        moved = predict_moved(forest, rows, rows[:, columns][donors], columns, workers=workers)
        errors = (moved - response[:, None]) ** 2
        after.append(errors.mean(axis=1))
        by_shuffle.append(mean_of_rows(errors))
    back = np.argsort(order)
    return ShuffledErrors(
        tuple(chosen), before[back], np.stack(after)[:, back], np.stack(by_shuffle)
    )


def shuffles_table(errors: ShuffledErrors) -> pd.DataFrame:
    """Rise of the RMSE, shuffle by shuffle.

    Returns
    -------
    pandas.DataFrame
        `predictor` (or the group's name), `shuffle` (1, 2, …), `rmse_increase` (g C m-2 month-1).

    Examples
    --------
    >>> errors = ShuffledErrors(("lst",), np.zeros(2), np.ones((1, 2)), np.array([[1.0, 4.0]]))
    >>> shuffles_table(errors)["rmse_increase"].tolist()
    [1.0, 2.0]
    """
    rises = np.sqrt(errors.by_shuffle) - np.sqrt(mean_of_rows(errors.before[:, None]))
    count = rises.shape[1]
    return pd.DataFrame(
        {
            "predictor": np.repeat(errors.names, count),
            "shuffle": np.tile(np.arange(1, count + 1), len(errors.names)),
            "rmse_increase": rises.ravel(),
        }
    )


def sites_table(
    errors: ShuffledErrors,
    sites: np.ndarray,
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Rise of the RMSE, all shuffles together, with an interval from drawn sites.

    Parameters
    ----------
    errors : ShuffledErrors
        Of n rows.
    sites : numpy.ndarray (n,)
        Site of each row.
    draws : int, optional
        Draws of sites with replacement, the same for all that was shuffled.
    confidence : float, optional
        Level of the interval.
    seed : int, optional
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        `predictor` (or the group's name), `rmse_increase`, `lower`, `upper` (g C m-2 month-1). The
        same for any order of the rows.

    Notes
    -----
    I = √(Σ_s e'_s / Σ_s n_s) − √(Σ_s e_s / Σ_s n_s), with n_s the rows of a site and e_s, e'_s
    their squared errors before and after. Months of a site are alike, so sites are drawn, not rows.
    The interval holds what the choice of sites does to the measure of one forest; that another
    forest would have been grown on other sites is not in it.

    Examples
    --------
    >>> errors = ShuffledErrors(("lst",), np.ones(4), np.full((1, 4), 9.0), np.full((1, 3), 9.0))
    >>> sites_table(errors, np.array(["a", "a", "b", "b"])).values.tolist()
    [['lst', 2.0, 2.0, 2.0]]
    """
    check_same_shape(errors.before, sites, "errors and sites")
    known = ~np.isnan(errors.before)
    names, number = np.unique(np.asarray(sites)[known], return_inverse=True)
    terms = [known.astype(float), errors.before, *errors.after]
    sums = np.stack([_sums_by(number, term[known], names.size) for term in terms], axis=1)

    def rises(totals: np.ndarray) -> np.ndarray:
        squares: np.ndarray = totals[:, 1:] / totals[:, :1]
        return np.sqrt(squares[:, 1:]) - np.sqrt(squares[:, :1])

    lower, upper = site_bootstrap(sums, rises, draws=draws, confidence=confidence, seed=seed)
    found = rises(sums.sum(axis=0)[None])[0]
    columns = {"predictor": errors.names, "rmse_increase": found, "lower": lower, "upper": upper}
    return pd.DataFrame(columns)


def check_moves(moves: Moves | None, predictors: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The moves, or each predictor alone where there are none.

    Raises
    ------
    InputError
        If a move names no predictor, or one that is not among the predictors.

    Examples
    --------
    >>> check_moves(None, ["lst", "ndvi"])
    {'lst': ('lst',), 'ndvi': ('ndvi',)}
    """
    chosen = {name: (name,) for name in predictors} if moves is None else moves
    for name, members in chosen.items():
        if not members:
            raise InputError(
                f"{name} moves nothing", rule="a group has a predictor or more", value=list(members)
            )
        for member in members:
            check_choice(member, predictors, f"predictor of the group {name}")
    return {name: tuple(members) for name, members in chosen.items()}


def stable_order(
    X: np.ndarray, y: np.ndarray, predictors: Sequence[str], *further: np.ndarray
) -> np.ndarray:
    """Order of the rows that depends neither on theirs nor on that of the predictors.

    Parameters
    ----------
    X, y : numpy.ndarray (n, p), (n,)
        Predictors and flux.
    predictors : sequence of str
        Names of the columns.
    *further : numpy.ndarray (n,)
        What tells rows apart that are equal otherwise.

    Examples
    --------
    >>> stable_order(np.array([[1, 9], [2, 3]]), np.zeros(2), ["b", "a"]).tolist()
    [1, 0]
    """
    by_name = np.asarray(X, np.float32)[:, np.argsort(predictors)]
    return canonical_order(np.column_stack([by_name, *further]), y)


def mean_of_rows(squares: np.ndarray) -> np.ndarray:
    """Mean (s,) of the rows (n, s) that are known, added in an order that is the values' own.

    Examples
    --------
    >>> mean_of_rows(np.array([[1.0], [np.nan], [2.0]])).tolist()
    [1.5]
    """
    known = ~np.isnan(squares[:, 0])
    mean: np.ndarray = np.sort(squares[known].T, axis=1).mean(axis=1)
    return mean


def _sums_by(number: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sums of the values of each number, added in an order that is theirs."""
    order = np.lexsort((values, number))
    return np.bincount(number[order], values[order], count)
