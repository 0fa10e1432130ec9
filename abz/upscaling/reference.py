"""The same forests behind scikit-learn: a second engine, and a check of the first.

Slower than the compiled one, of the same values, and written by others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cached_property

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import NODE_DTYPE, Tree

from abz.modelling.forest import FluxForest
from abz.modelling.row_sets import depth_of

__all__ = ["ReferenceForest", "as_scikit_learn"]


def as_scikit_learn(forest: FluxForest) -> RandomForestRegressor:
    """A forest as scikit-learn's own object.

    Parameters
    ----------
    forest : FluxForest
        Of any engine; a quantile forest becomes the mean over its trees.

    Returns
    -------
    sklearn.ensemble.RandomForestRegressor
        Its `predict` takes rows from `forest.encode` without NaN. Impurities and numbers of rows
        are not stored, so that nothing but the predictions means anything.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> forest = fit_forest(X, X[:, 0], ["lst"], trees=3, mtry=1)
    >>> rows = forest.encode(X)
    >>> bool(np.allclose(as_scikit_learn(forest).predict(rows), forest.predict(X), rtol=1e-14))
    True
    """
    p = len(forest.predictors)
    regressor = RandomForestRegressor(n_estimators=forest.trees)
    regressor.estimators_ = [_estimator(tree, p) for tree in forest.each_tree()]
    regressor.n_features_in_, regressor.n_outputs_ = p, 1
    return regressor


def _estimator(tree: FluxForest, p: int) -> DecisionTreeRegressor:
    """One tree, whose nodes keep their numbers."""
    inner, size = tree.feature >= 0, tree.feature.size
    nodes = np.zeros(size, NODE_DTYPE)
    nodes["left_child"] = np.where(inner, np.arange(size) + 1, -1)
    nodes["right_child"] = np.where(inner, tree.child, -1)
    nodes["feature"] = np.where(inner, tree.feature, -2)
    nodes["threshold"] = np.where(inner, tree.threshold, -2.0)
    values = np.zeros((size, 1, 1))
    values[~inner, 0, 0] = tree.leaf[tree.child[~inner]]
    built = Tree(p, np.ones(1, np.intp), 1)
    depth = depth_of(tree.feature, tree.child)
    state = {"max_depth": depth, "node_count": size, "nodes": nodes, "values": values}
    built.__setstate__(state)
    estimator = DecisionTreeRegressor()
    estimator.tree_, estimator.n_features_in_, estimator.n_outputs_ = built, p, 1
    return estimator


class ReferenceForest(FluxForest):
    """A forest whose trees scikit-learn evaluates.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> forest = fit_forest(X, X[:, 0], ["lst"], trees=3, mtry=1)
    >>> bool((ReferenceForest.of(forest).predict(X) == forest.predict(X)).all())
    True
    """

    @classmethod
    def of(cls, forest: FluxForest) -> ReferenceForest:
        """The same arrays, evaluated the other way."""
        return cls(**{field.name: getattr(forest, field.name) for field in fields(forest)})

    @cached_property
    def _scikit_learn(self) -> list[Tree]:
        """The trees."""
        return [estimator.tree_ for estimator in as_scikit_learn(self).estimators_]

    def predict_encoded(
        self, encoded: np.ndarray, *, workers: int = 1, alike: bool = False
    ) -> np.ndarray:
        """As `FluxForest.predict_encoded`; `alike` changes nothing."""
        answer = np.full(len(encoded), np.nan)
        whole = np.flatnonzero(~np.isnan(encoded).any(axis=1))
        rows = np.ascontiguousarray(encoded[whole], np.float32)
        parts = [part for part in np.array_split(rows, workers) if len(part)]
        with ThreadPoolExecutor(workers) as pool:
            answers = list(pool.map(self._answer, parts))
        answer[whole] = np.concatenate([np.empty(0), *answers])
        return answer

    def _answer(self, rows: np.ndarray) -> np.ndarray:
        """Mean or quantile over the trees, summed tree by tree."""
        if self.quantile is not None:
            each = np.stack([tree.predict(rows)[:, 0] for tree in self._scikit_learn])
            return np.asarray(np.quantile(each, self.quantile, axis=0))
        sums = np.zeros(len(rows))
        for tree in self._scikit_learn:
            sums += tree.predict(rows)[:, 0]
        return sums / self.trees
