"""Fitting forests: scikit-learn grows the trees, `FluxForest` holds them.

All engines end in the same value, so they are stored, mapped and explained alike:

* `random_forest`: bootstrap of rows, mtry predictors tried at each node; the study's engine.
* `extra_trees`: the same rows in each tree, cut at random thresholds (Geurts et al. 2006).
* `quantile_forest`: a random forest that keeps one training response of each leaf and answers
  with a quantile over the trees (Meinshausen 2006), as the authors' 8-km code does.
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
from abz.modelling.categories import Kin, Unseen, encode_levels, order_levels, pooled_levels
from abz.modelling.forest import FluxForest, pack_trees
from abz.modelling.training import Training, sort_training
from abz.seeds import derive_seed
from abz.validation import check_choice, check_range, check_whole

__all__ = [
    "ENGINES",
    "GROWN",
    "MEDIAN",
    "Engine",
    "check_growth",
    "check_quantile",
    "fit_forest",
    "grow_trees",
]

Engine = Literal["random_forest", "extra_trees", "quantile_forest", "gradient_boosting"]
ENGINES: tuple[str, ...] = get_args(Engine)

MEDIAN = 0.5

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
    quantile: float = MEDIAN,
    unseen: Unseen = "missing",
    kin: Kin | None = None,
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
        What a quantile forest answers with, 0 to 1; other engines answer with a mean.
    unseen : {"missing", "pool", "error"}, optional
        What becomes of a level that no training row holds, see `FluxForest`.
    kin : mapping of {str: mapping of {int: sequence of int}}, optional
        Levels that stand in for others with `unseen="pool"`, see `pooled_levels`.
    categories : iterable of str, optional
        Predictors that are unordered codes; those that the vocabulary declares by default.
    seed : int, optional
        Each tree's seed follows from it and the tree's number.
    workers : int, optional
        Threads; the forest does not depend on them.

    Returns
    -------
    FluxForest
        The same for any order of the rows; for any order of the predictors, the same predictions.

    Raises
    ------
    InputError
        If values are missing or infinite, shapes do not fit, names are not distinct, a category is
        no predictor or holds no codes, or a parameter is out of range.

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
    training = sort_training(X, y, predictors, categories)
    check_choice(engine, ENGINES, "engine")
    check_choice(unseen, get_args(Unseen), "unseen")
    growth = check_growth(
        trees=trees, mtry=mtry, node_size=node_size, seed=seed, workers=workers,
        columns=len(predictors),
    )  # fmt: skip
    check_quantile(quantile, engine)
    levels = _encode_in_place(training)
    pooled = pooled_levels(levels, unseen, kin)
    rows, response = training.X, training.y
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
                _one_response(rows, response, tree, derive_seed(seed, "leaf", number))
                for number, (tree, _) in enumerate(grown)
            ]
            forest = replace(forest, leaf=np.concatenate(kept), quantile=quantile)
    as_given = np.append(training.columns, -1).astype(np.int16)
    return replace(forest, feature=as_given[forest.feature], unseen=unseen, pooled=pooled)


def check_growth(
    *, trees: int, mtry: int, node_size: int, seed: int, workers: int, columns: int
) -> dict[str, int]:
    """What scikit-learn's trees take, if every parameter is a whole number in its range.

    Raises
    ------
    InputError
        Naming the parameter that is not.

    Examples
    --------
    >>> check_growth(trees=500, mtry=9, node_size=5, seed=0, workers=1, columns=17)
    {'max_features': 9, 'min_samples_split': 6}
    """
    check_whole(trees, "trees", minimum=1)
    check_whole(seed, "seed")
    check_whole(workers, "workers", minimum=1)
    return {
        "max_features": check_whole(mtry, "mtry", minimum=1, maximum=columns),
        "min_samples_split": check_whole(node_size, "node_size", minimum=1) + 1,
    }


def check_quantile(quantile: float, engine: Engine) -> None:
    """Nothing, if the engine would answer with this quantile.

    Raises
    ------
    InputError
        If it is no quantile, or one other than the median for an engine that answers with a mean.

    Examples
    --------
    >>> check_quantile(0.9, "quantile_forest")
    """
    check_range(quantile, "quantile", minimum=0, maximum=1)
    if quantile != MEDIAN and engine != "quantile_forest":
        raise InputError(
            "quantile has no meaning for this engine",
            rule="only a quantile forest answers with a quantile",
            value=f"quantile {quantile} of a {engine}",
            remedy='take engine="quantile_forest", or leave quantile out',
        )


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


def _encode_in_place(training: Training) -> dict[str, tuple[int, ...]]:
    """Replace the codes of each category by ordered levels; return the orders."""
    levels = {}
    for name, column in training.categories.items():
        codes = training.X[:, column]
        levels[name] = order_levels(codes, training.y, name)
        training.X[:, column] = encode_levels(codes, levels[name])
    return levels


def _one_response(rows: np.ndarray, response: np.ndarray, tree: Any, seed: int) -> np.ndarray:
    """One response drawn at random from all training rows of each leaf, in order of the leaves.

    Rows count alike whether or not the tree was grown on them, as in R's quantregForest.
    """
    shuffled = np.random.default_rng(seed).permutation(response.size)
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
        random_state=seed % 2**32,
        **growth,
    ).fit(rows, response)
