"""A fast look at held-out skill: trees that never saw a site predict it.

Each tree is grown on sites drawn with replacement, so about 37 % of the sites are new to it. The
mean over those trees is a held-out prediction of every row, at the cost of one forest in place of
one forest a site. A tree sees 63 % of the sites where leave-one-site-out sees all but one, so the
skill is a little understated; it serves to choose, and the choice is confirmed by leaving sites
out one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.tree import DecisionTreeRegressor

from abz.errors import InputError
from abz.modelling.categories import categorical, encode_levels, order_levels
from abz.modelling.forest import canonical_order
from abz.modelling.seeds import derive_seed

__all__ = ["Watch", "out_of_site", "unwatched"]

Watch = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""From items, a label and their number to the same items, shown as they pass."""


def unwatched(items: Iterable[Any], label: str, total: int) -> Iterable[Any]:
    """The items, shown to nobody.

    Examples
    --------
    >>> list(unwatched([1, 2], "trees", 2))
    [1, 2]
    """
    return items


def out_of_site(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    trees: int = 500,
    mtry: int = 9,
    node_size: int = 5,
    categories: Iterable[str] | None = None,
    seed: int = 0,
    workers: int = 1,
    watch: Watch = unwatched,
) -> np.ndarray:
    """Predict each row by the trees that were grown without its site.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes, ordered anew from the rows of each tree.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    sites : numpy.ndarray (n,)
        Site of each row, or any group that shall not be split.
    trees, mtry, node_size, categories
        As in `fit_forest`.
    seed : int, optional
        Each tree's seed follows from it and the tree's number.
    workers : int, optional
        Threads; the result does not depend on them.
    watch : callable, optional
        Passes the trees through and shows them, such as `abz.cli.progress.track`.

    Returns
    -------
    numpy.ndarray (n,)
        Mean over the trees that never saw the site; NaN where there is none, or where all of them
        met a level that they do not know. The same for any order of the rows.

    Raises
    ------
    InputError
        If there are fewer than two sites.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 1))
    >>> sites = np.repeat(["a", "b", "c"], 20)
    >>> held_out = out_of_site(X, X[:, 0], ["lst"], sites, trees=30, mtry=1)
    >>> bool(np.corrcoef(held_out, X[:, 0])[0, 1] > 0.9)
    True
    """
    names, number = np.unique(np.asarray(sites), return_inverse=True)
    if names.size < 2:
        raise InputError(
            "sites cannot be left out", rule="there are at least two sites", value=names.tolist()
        )
    order = canonical_order(np.asarray(X, np.float32), y)
    rows, response = np.asarray(X, np.float32)[order], np.asarray(y, np.float64)[order]
    number = number[order]
    members = [np.flatnonzero(number == site) for site in range(names.size)]
    columns = {
        name: list(predictors).index(name)
        for name in (categorical(predictors) if categories is None else categories)
    }

    def grow(tree: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(derive_seed(seed, "site tree", tree))
        drawn_sites = rng.integers(names.size, size=names.size)
        drawn = np.concatenate([members[site] for site in drawn_sites])
        out = np.flatnonzero(~np.isin(number, drawn_sites))
        train, test = rows[drawn], rows[out]
        for column in columns.values():
            levels = order_levels(train[:, column], response[drawn])
            train[:, column] = encode_levels(train[:, column], levels)
            test[:, column] = encode_levels(test[:, column], levels)
        known = ~np.isnan(test).any(axis=1)
        grown = DecisionTreeRegressor(
            max_features=mtry, min_samples_split=node_size + 1,
            random_state=int(rng.integers(2**31)),
        ).fit(train, response[drawn], check_input=False)  # fmt: skip
        return out[known], grown.tree_.predict(test[known])[:, 0]

    total, count = np.zeros(response.size), np.zeros(response.size)
    jobs = Parallel(n_jobs=workers, prefer="threads", return_as="generator")
    found = jobs(delayed(grow)(tree) for tree in range(trees))
    for out, prediction in watch(found, f"search, mtry {mtry}", trees):
        total[out] += prediction
        count[out] += 1
    held_out = np.empty(response.size)
    held_out[order] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return held_out
