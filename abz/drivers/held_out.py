"""Permutation importance on sites that the trees have never seen.

On its own training rows a forest also leans on what it has memorised of its sites. What it can use
elsewhere shows where it has not been: the sites are dealt into folds, a forest is grown without
each fold, and predictors are shuffled among the rows of that fold only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from abz.drivers.importance import Moves, ShuffledErrors, check_moves, mean_of_rows, stable_order
from abz.drivers.moved import predict_moved
from abz.modelling import derive_seed, fit_forest, leave_one_group_out
from abz.validation import check_range, check_same_shape

__all__ = ["donors_of_other_sites", "held_out_errors"]


def held_out_errors(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    moves: Moves | None = None,
    *,
    folds: int = 10,
    shuffles: int = 100,
    seed: int = 0,
    workers: int = 1,
    **options: Any,
) -> ShuffledErrors:
    """Squared errors at left-out sites, before and after shuffling among left-out rows.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    sites : numpy.ndarray (n,)
        Site of each row, or the group of co-located sites it belongs to.
    moves : mapping of {str: sequence of str}, optional
        As in `shuffled_errors`.
    folds : int, optional
        Parts into which the sites are dealt, at most half as many as there are sites, so that each
        has two sites or more.
    shuffles : int, optional
        Values that each row is given in turn.
    seed : int, optional
        The seeds of the folds, their forests and the moves follow from it.
    workers : int, optional
        Threads; the result does not depend on them.
    **options
        Of `fit_forest`: `trees`, `mtry`, `engine`, … Levels that a fold's forest has not seen are
        missing to it.

    Returns
    -------
    ShuffledErrors
        Rows as they came; the same values for any order of the rows. NaN for rows that hold a level
        their fold's forest does not know.

    Raises
    ------
    InputError
        If there are fewer than two folds, or more than half as many as sites.

    Notes
    -----
    A row is given the values of rows of *other* sites of its fold. The values are then as new to
    the trees as its own, and for a predictor that has nothing to do with the flux or with other
    predictors, the expected rise is zero. The trees of the forests have seen (folds − 1)/folds of
    the sites.

    References
    ----------
    .. [1] Fisher, Rudin & Dominici (2019), All models are wrong, but many are useful, JMLR 20, 177.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> sites = np.repeat(list("abcdefgh"), 10)
    >>> names = ["lst", "ndvi"]
    >>> found = held_out_errors(X, 9 * X[:, 0], names, sites, folds=4, trees=10, mtry=2)
    >>> bool(found.after[0].mean() > 2 * found.before.mean())
    True
    """
    check_range(shuffles, "shuffles", minimum=1)
    check_same_shape(y, sites, "fluxes and sites")
    chosen = check_moves(moves, predictors)
    names, number = np.unique(np.asarray(sites), return_inverse=True)
    check_range(folds, "folds", minimum=2, maximum=names.size // 2)
    order = stable_order(X, y, predictors, number)
    rows, response, site = np.asarray(X, np.float32)[order], np.asarray(y)[order], number[order]
    dealt = np.random.default_rng(derive_seed(seed, "folds")).permutation(names.size) % folds

    def errors_of(fold: int, train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, ...]:
        forest = fit_forest(
            rows[train], response[train], predictors, unseen="missing",
            seed=derive_seed(seed, "held-out forest", fold), **options,
        )  # fmt: skip
        encoded = forest.encode(rows[test])
        known = np.flatnonzero(~np.isnan(encoded).any(axis=1))
        kept, truth = encoded[known], response[test][known]
        squares = [((forest.predict_encoded(kept) - truth) ** 2)[:, None]]
        for name, members in chosen.items():
            rng = np.random.default_rng(derive_seed(seed, "held-out importance", name, fold))
            donors = donors_of_other_sites(site[test][known], shuffles, rng)
            columns = [list(predictors).index(member) for member in members]
            moved = predict_moved(forest, kept, kept[:, columns][donors], columns)
            squares.append((moved - truth[:, None]) ** 2)
        return test[known], *squares

    designed = enumerate(leave_one_group_out(dealt[site], site))
    jobs = Parallel(n_jobs=workers, prefer="threads")
    found = jobs(delayed(errors_of)(fold, *split) for fold, split in designed)
    tested = np.concatenate([rows_of_fold for rows_of_fold, *_ in found])
    squares = [
        np.concatenate(parts) for parts in zip(*(of_fold for _, *of_fold in found), strict=True)
    ]
    every = np.full((1 + len(chosen), len(rows)), np.nan)
    every[:, order[tested]] = [part.mean(axis=1) for part in squares]
    by_shuffle = np.stack([mean_of_rows(part) for part in squares[1:]])
    return ShuffledErrors(tuple(chosen), every[0], every[1:], by_shuffle)


def donors_of_other_sites(site: np.ndarray, shuffles: int, rng: np.random.Generator) -> np.ndarray:
    """For each row and shuffle a row of another site, all of them equally likely.

    Parameters
    ----------
    site : numpy.ndarray (n,)
        Site of each row; a row whose site is the only one is its own donor.
    shuffles : int
        Number of columns.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    numpy.ndarray of int64 (n, shuffles)
        Row numbers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> donors_of_other_sites(np.array(["a", "b", "a"]), 4, rng)[[0, 2]].tolist()
    [[1, 1, 1, 1], [1, 1, 1, 1]]
    """
    _, number, rows = np.unique(site, return_inverse=True, return_counts=True)
    if rows.size < 2:
        return np.repeat(np.arange(len(site))[:, None], shuffles, axis=1)
    by_site = np.argsort(number, kind="stable")
    own = rows[number][:, None]
    first = (np.cumsum(rows) - rows)[number][:, None]
    drawn = rng.integers(len(site) - own, size=(len(site), shuffles))
    donors: np.ndarray = by_site[np.where(drawn < first, drawn, drawn + own)]
    return donors
