"""A fast look at held-out skill: trees that never saw a site predict it.

Each tree is grown on sites drawn with replacement, so about 37 % of the sites are new to it. The
mean over those trees is a held-out prediction of every row, at the cost of one forest in place of
one forest a site. A tree sees 63 % of the sites where leave-one-site-out sees all but one, so the
skill is a little understated; it serves to choose, and the choice is confirmed by leaving sites
out one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

import numpy as np
from joblib import Parallel, delayed

from abz.modelling.categories import Kin, Unseen, encode_levels, order_levels, pooled_levels
from abz.modelling.fitting import GROWN, Engine, check_growth
from abz.modelling.folds import check_sites
from abz.modelling.training import Training, sort_training
from abz.seeds import derive_seed
from abz.validation import check_choice

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
    engine: Engine = "random_forest",
    trees: int = 500,
    mtry: int = 9,
    node_size: int = 5,
    unseen: Unseen = "missing",
    kin: Kin | None = None,
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
    engine : {"random_forest", "extra_trees", "quantile_forest"}, optional
        Whose trees are grown: extremely random ones on the rows of each drawn site once, others on
        those of a site as often as it was drawn. Those of a quantile forest answer with means here.
    trees, mtry, node_size, kin, categories
        As in `fit_forest`.
    unseen : {"missing", "pool", "error"}, optional
        With "pool", kin stands in for a level that no other site has, as where sites are left out
        one by one. An unseen level is no error here, its rows have no prediction.
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
        met a level that they do not know. The same for any order of the rows and predictors.

    Raises
    ------
    InputError
        As from `fit_forest`, or if a row has no site or there are fewer than two.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 1))
    >>> sites = np.repeat(["a", "b", "c"], 20)
    >>> held_out = out_of_site(X, X[:, 0], ["lst"], sites, trees=30, mtry=1)
    >>> bool(np.corrcoef(held_out, X[:, 0])[0, 1] > 0.9)
    True
    """
    training = sort_training(X, y, predictors, categories)
    check_choice(engine, list(GROWN), "engine of the search")
    check_choice(unseen, get_args(Unseen), "unseen")
    growth = check_growth(
        trees=trees, mtry=mtry, node_size=node_size, seed=seed, workers=workers,
        columns=len(predictors),
    )  # fmt: skip
    names, number = check_sites(sites, len(training.rows))
    number = number[training.rows]
    rows, response = training.X, training.y
    tested = _with_stand_ins(training, number, unseen, kin)
    members = [np.flatnonzero(number == site) for site in range(names.size)]
    kind, _ = GROWN[engine]

    def grow(tree: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(derive_seed(seed, "site tree", tree))
        drawn_sites = rng.integers(names.size, size=names.size)
        if engine == "extra_trees":
            drawn_sites = np.unique(drawn_sites)
        drawn = np.concatenate([members[site] for site in drawn_sites])
        out = np.flatnonzero(~np.isin(number, drawn_sites))
        train, test = rows[drawn], tested[out]
        for name, column in training.categories.items():
            levels = order_levels(train[:, column], response[drawn], name)
            train[:, column] = encode_levels(train[:, column], levels)
            test[:, column] = encode_levels(test[:, column], levels)
        known = ~np.isnan(test).any(axis=1)
        grown = kind(**growth, random_state=int(rng.integers(2**31)))
        grown.fit(train, response[drawn], check_input=False)
        return out[known], grown.tree_.predict(test[known])[:, 0]

    total, count = np.zeros(response.size), np.zeros(response.size)
    jobs = Parallel(n_jobs=workers, prefer="threads", return_as="generator")
    found = jobs(delayed(grow)(tree) for tree in range(trees))
    for out, prediction in watch(found, f"search, mtry {mtry}", trees):
        total[out] += prediction
        count[out] += 1
    held_out = np.empty(response.size)
    held_out[training.rows] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return held_out


def _with_stand_ins(
    training: Training, number: np.ndarray, unseen: Unseen, kin: Kin | None
) -> np.ndarray:
    """The rows, with the levels that only their site has replaced by kin that other sites have."""
    rows = training.X.copy()
    for site in np.unique(number):
        inside = number == site
        for name, column in training.categories.items():
            codes = training.X[:, column]
            levels = {name: np.unique(codes[~inside]).tolist()}
            for code, other in pooled_levels(levels, unseen, kin).get(name, {}).items():
                rows[inside & (codes == code), column] = other
    return rows
