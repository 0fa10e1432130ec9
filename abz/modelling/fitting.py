"""Fitting forests: scikit-learn grows the trees, `FluxForest` holds them.

All engines end in the same value, so they are stored, mapped and explained alike:

* `random_forest`: bootstrap of rows, mtry predictors tried at each node; the study's engine.
* `extra_trees`: the same rows in each tree, cut at random thresholds (Geurts et al. 2006).
* `quantile_forest`: a random forest that keeps one training response of each leaf and answers
  with a quantile over the trees, as the authors' 8-km code does (Meinshausen 2006).
* `gradient_boosting`: shallow trees fitted to residuals one after the other; a cross-check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

from abz.errors import InputError
from abz.modelling.categories import (
    Unseen,
    categorical,
    encode_levels,
    order_levels,
    pooled_levels,
)
from abz.modelling.forest import FluxForest, canonical_order, pack_trees
from abz.modelling.seeds import derive_seed
from abz.validation import check_choice, check_range

__all__ = ["ENGINES", "Engine", "fit_forest", "grow_trees"]

Engine = Literal["random_forest", "extra_trees", "quantile_forest", "gradient_boosting"]
ENGINES: tuple[str, ...] = get_args(Engine)

BOOSTING_DEPTH = 6
BOOSTING_RATE = 0.05
BOOSTING_SHARE = 0.5
"""Depth, learning rate and share of the rows of each boosted tree."""

Draw = Callable[[np.random.Generator, int], np.ndarray]
"""From a tree's generator and the number of rows to those that the tree is grown on."""


def _bootstrap(rng: np.random.Generator, rows: int) -> np.ndarray:
    """As many rows as there are, drawn with replacement."""
    return np.sort(rng.integers(rows, size=rows))


def _all_rows(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Every row once."""
    return np.arange(rows)


GROWN: dict[str, tuple[type, Draw]] = {
    "random_forest": (DecisionTreeRegressor, _bootstrap),
    "quantile_forest": (DecisionTreeRegressor, _bootstrap),
    "extra_trees": (ExtraTreeRegressor, _all_rows),
}
"""Engine to the class of its trees and the rows of each."""


def fit_forest(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    *,
    engine: Engine = "random_forest",
    trees: int = 500,
    mtry: int = 9,
    node_size: int = 5,
    quantile: float = 0.5,
    unseen: Unseen = "missing",
    categories: Iterable[str] | None = None,
    seed: int = 0,
    workers: int = 1,
) -> FluxForest:
    """Fit a forest of one flux.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors, rounded to float32; categories as codes; nothing missing.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    engine : {"random_forest", "extra_trees", "quantile_forest", "gradient_boosting"}, optional
        How the trees are grown.
    trees : int, optional
        Number of trees.
    mtry : int, optional
        Predictors tried at a node, at most p. A category counts as one.
    node_size : int, optional
        A node with no more rows than this becomes a leaf. As in R, a row that the bootstrap drew
        twice counts twice. A leaf may hold one row.
    quantile : float, optional
        What a quantile forest answers with, 0 to 1.
    unseen : {"missing", "pool", "error"}, optional
        What becomes of a level that no training row holds, see `FluxForest`.
    categories : iterable of str, optional
        Predictors that are unordered codes; those that the vocabulary declares by default.
    seed : int, optional
        Each tree's seed follows from it and the tree's number.
    workers : int, optional
        Threads; the forest does not depend on them.

    Returns
    -------
    FluxForest
        The same for any order of the rows.

    Raises
    ------
    InputError
        If values are missing or infinite, shapes do not fit or a parameter is out of range.

    References
    ----------
    .. [1] Breiman (2001), Random forests, Machine Learning 45, 5-32.
    .. [2] Geurts, Ernst & Wehenkel (2006), Extremely randomized trees, Machine Learning 63, 3-42.
    .. [3] Meinshausen (2006), Quantile regression forests, JMLR 7, 983-999.
    .. [4] Friedman (2002), Stochastic gradient boosting, CSDA 38, 367-378.

    Examples
    --------
    >>> X = np.linspace(260, 300, 41)[:, None]
    >>> forest = fit_forest(X, 280 - X[:, 0], ["lst"], trees=25, mtry=1)
    >>> forest.trees, (forest.predict(np.array([[265.0], [295.0]])) > 0).tolist()
    (25, [True, False])
    """
    rows, response = np.array(X, np.float32), np.asarray(y, np.float64)
    _check_training(rows, response, predictors)
    check_choice(engine, ENGINES, "engine")
    check_choice(unseen, get_args(Unseen), "unseen")
    check_range(trees, "trees", minimum=1)
    check_range(mtry, "mtry", minimum=1, maximum=rows.shape[1])
    check_range(node_size, "node_size", minimum=1)
    check_range(quantile, "quantile", minimum=0, maximum=1)
    order = canonical_order(rows, response)
    rows, response = rows[order], response[order]
    names = categorical(predictors) if categories is None else tuple(categories)
    levels = _encode_in_place(rows, response, predictors, names)
    growth = {"max_features": mtry, "min_samples_split": node_size + 1}
    if engine == "gradient_boosting":
        model = _boosted(rows, response, trees, growth, seed)
        forest = pack_trees([tree.tree_ for (tree,) in model.estimators_], predictors, levels)
        start = float(model.init_.constant_.item())
        forest = replace(forest, leaf=start + BOOSTING_RATE * trees * forest.leaf)
    else:
        kind, draw = GROWN[engine]
        grown = grow_trees(
            rows, response, trees=trees, growth=growth, seed=seed, workers=workers, kind=kind,
            draw=draw,
        )  # fmt: skip
        forest = pack_trees([tree for tree, _ in grown], predictors, levels)
        if engine == "quantile_forest":
            kept = [
                _one_response(rows, response, tree, drawn, derive_seed(seed, "leaf", number))
                for number, (tree, drawn) in enumerate(grown)
            ]
            forest = replace(forest, leaf=np.concatenate(kept), quantile=quantile)
    return replace(forest, unseen=unseen, pooled=pooled_levels(levels, unseen))


def grow_trees(
    rows: np.ndarray,
    response: np.ndarray,
    *,
    draw: Draw,
    trees: int,
    growth: Mapping[str, int],
    seed: int,
    workers: int = 1,
    kind: type = DecisionTreeRegressor,
) -> list[tuple[Any, np.ndarray]]:
    """Grow trees on drawn rows.

    Parameters
    ----------
    rows : numpy.ndarray (n, p)
        float32, C order, finite; categories as ordered levels.
    response : numpy.ndarray (n,)
        float64.
    draw : callable
        From a generator and n to row numbers, with repeats.
    trees : int
        Number of trees.
    growth : mapping of {str: int}
        `max_features` and `min_samples_split` of scikit-learn's trees.
    seed : int
        Seed of the forest.
    workers : int, optional
        Threads.
    kind : type, optional
        Class of scikit-learn's tree.

    Returns
    -------
    list of (tree, numpy.ndarray)
        scikit-learn's low-level tree, and the numbers of its rows.
    """

    def grow(number: int) -> tuple[Any, np.ndarray]:
        rng = np.random.default_rng(derive_seed(seed, "tree", number))
        drawn = draw(rng, response.size)
        tree = kind(**growth, random_state=int(rng.integers(2**31)))
        tree.fit(rows[drawn], response[drawn], check_input=False)
        return tree.tree_, drawn

    return list(Parallel(n_jobs=workers, prefer="threads")(delayed(grow)(n) for n in range(trees)))


def _encode_in_place(
    rows: np.ndarray, response: np.ndarray, predictors: Sequence[str], names: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Replace the codes of each category by ordered levels; return the orders."""
    levels = {}
    for name in names:
        column = list(predictors).index(name)
        levels[name] = order_levels(rows[:, column], response)
        rows[:, column] = encode_levels(rows[:, column], levels[name])
    return levels


def _one_response(
    rows: np.ndarray,
    response: np.ndarray,
    tree: Any,
    drawn: np.ndarray,
    seed: int,
) -> np.ndarray:
    """One response drawn at random from the rows of each leaf, in the order of the leaves."""
    shuffled = np.random.default_rng(seed).permutation(drawn)
    leaves = tree.apply(rows[shuffled])
    value = np.zeros(tree.node_count)
    value[leaves] = response[shuffled]
    return value[tree.children_left < 0]


def _boosted(
    rows: np.ndarray, response: np.ndarray, trees: int, growth: Mapping[str, int], seed: int
) -> GradientBoostingRegressor:
    """Boosted trees; their sum is a mean of trees whose leaves are scaled by their number."""
    return GradientBoostingRegressor(
        n_estimators=trees,
        learning_rate=BOOSTING_RATE,
        subsample=max(BOOSTING_SHARE, 1 / response.size),
        max_depth=BOOSTING_DEPTH,
        random_state=seed,
        **growth,
    ).fit(rows, response)


def _check_training(rows: np.ndarray, response: np.ndarray, predictors: Sequence[str]) -> None:
    """Refuse shapes that do not fit and values that are not finite."""
    if rows.shape != (response.size, len(predictors)) or response.size == 0:
        raise InputError(
            "training rows, response and predictors do not fit together",
            rule="X is (n, p), y is (n,), predictors has p names, n >= 1",
            value=f"X {rows.shape}, y {response.shape}, {len(predictors)} names",
        )
    finite = np.isfinite(rows).all(axis=0)
    if not (finite.all() and np.isfinite(response).all()):
        lacking = [name for name, whole in zip(predictors, finite, strict=True) if not whole]
        raise InputError(
            "training values are missing or infinite",
            rule="all predictors and the response are finite",
            value=", ".join(lacking) or "the response",
            remedy="take complete cases first: abz.modelling.complete_cases",
        )
