"""Forests as flat arrays, evaluated by a compiled loop.

A `FluxForest` holds nothing but arrays, names and the order of category levels, so it can be
stored without pickles and evaluated without scikit-learn. Tables and maps go through the same
`encode`, so a code means the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from abz.errors import CategoryError, InputError
from abz.modelling.categories import Unseen, encode_levels
from abz.modelling.row_sets import Trees, depth_of, likeness_order, sum_trees
from abz.modelling.single_rows import add_trees
from abz.validation import check_columns

__all__ = ["FluxForest", "canonical_order", "floor_float32", "pack_trees"]

Rows = np.ndarray | pd.DataFrame

ROWS_OF_QUANTILES = 4096
"""Rows whose trees are held at once to take a quantile."""
ROWS_FOR_SETS = 512
"""From so many rows on, sets of rows go down together; fewer do not repay the contraction."""


@dataclass(frozen=True, eq=False)
class FluxForest:
    """A forest whose nodes lie tree after tree, each tree depth first.

    Parameters
    ----------
    predictors : tuple of str
        Names of the columns that `predict` expects, in order.
    levels : mapping of {str: tuple of int}
        For each category its codes in ascending order of mean response.
    feature : numpy.ndarray (nodes,)
        int16, column that a node splits; −1 at a leaf.
    threshold : numpy.ndarray (nodes,)
        float32, a row goes left where its value is at most this.
    child : numpy.ndarray (nodes,)
        int32, node of the right child (the left one follows its parent); at a leaf, its place
        in `leaf`.
    leaf : numpy.ndarray (leaves,)
        float64, mean response of the leaf; one of its responses in a quantile forest.
    root : numpy.ndarray (trees + 1,)
        int64, first node of each tree, then the number of nodes.
    quantile : float or None, optional
        None for the mean over the trees, else the quantile (type 7) over them.
    unseen : {"missing", "pool", "error"}, optional
        What becomes of a level that no training row holds and no other stands in for: NaN, or an
        error if it is "error".
    pooled : mapping of {str: mapping of {int: int}}, optional
        For each category the seen level that stands in for an unseen one.

    Raises
    ------
    InputError
        If the arrays do not describe trees.

    Notes
    -----
    F(x) = (1/T) Σ_t f_t(x). A float32 value is at most a float64 threshold exactly where it is at
    most the largest float32 that does not exceed that threshold, so the stored thresholds decide
    as the original ones do.
    """

    predictors: tuple[str, ...]
    levels: Mapping[str, tuple[int, ...]]
    feature: np.ndarray
    threshold: np.ndarray
    child: np.ndarray
    leaf: np.ndarray
    root: np.ndarray
    quantile: float | None = None
    unseen: Unseen = "missing"
    pooled: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse arrays that would lead a row astray or round in a circle."""
        broken = _broken_rule(self)
        if broken:
            raise InputError(
                "the arrays do not describe a forest",
                rule=broken,
                value=f"{self.feature.size} nodes, {self.leaf.size} leaves, {self.trees} trees",
                remedy="make forests with fit_forest or load_forest",
            )

    @property
    def trees(self) -> int:
        """Number of trees."""
        return max(self.root.size - 1, 0)

    def encode(self, rows: Rows) -> np.ndarray:
        """Rows with category codes replaced by their place in the order of levels.

        Parameters
        ----------
        rows : numpy.ndarray (n, p) or pandas.DataFrame
            Predictors in the order of `predictors`, or a table that has them as columns; categories
            as codes.

        Returns
        -------
        numpy.ndarray (n, p)
            float32; NaN where a value is missing or a level was never seen in training.

        Raises
        ------
        InputError
            If the rows have another width, or the table lacks a predictor.
        CategoryError
            If `unseen` is "error" and a level was never seen in training.
        """
        if isinstance(rows, pd.DataFrame):
            columns = check_columns(rows, self.predictors, "the table of rows")
            rows = columns[list(self.predictors)].to_numpy(np.float32, na_value=np.nan)
        rows = np.asarray(rows)
        if rows.ndim != 2 or rows.shape[1] != len(self.predictors):
            raise InputError(
                "the rows do not fit the forest",
                rule=f"shape is (n, {len(self.predictors)}): {', '.join(self.predictors)}",
                value=rows.shape,
                remedy="select the forest's predictors, in its order",
            )
        encoded: np.ndarray = np.array(rows, np.float32, order="C", copy=bool(self.levels) or None)
        for name in self.levels:
            column = self.predictors.index(name)
            encoded[:, column] = self._encode(name, rows[:, column])
        return encoded

    def _encode(self, name: str, codes: np.ndarray) -> np.ndarray:
        """Place of each code of a category, after other levels have stood in for unseen ones."""
        stand_ins = self.pooled.get(name, {})
        known = np.array(codes, np.float32)
        for code, other in stand_ins.items():
            known[known == code] = other
        places = encode_levels(known, self.levels[name])
        strange = np.isnan(places) & ~np.isnan(known)
        if self.unseen == "error" and strange.any():
            raise CategoryError(
                f"{name} holds levels that no training row holds",
                rule=f"levels are among {sorted(self.levels[name])}",
                value=np.unique(known[strange]).tolist(),
                remedy='mask these rows, or fit with unseen="missing", or "pool" and kin of theirs',
            )
        return places

    def predict(self, rows: Rows, *, workers: int = 1) -> np.ndarray:
        """Flux of each row.

        Parameters
        ----------
        rows : numpy.ndarray (n, p) or pandas.DataFrame
            Predictors in the order of `predictors`, or a table that has them as columns; canonical
            units, categories as codes.
        workers : int, optional
            Threads; the result does not depend on them.

        Returns
        -------
        numpy.ndarray (n,)
            Mean over the trees, float64; NaN where any predictor is missing or a category holds a
            level that was never seen in training.
        """
        return self.predict_encoded(self.encode(rows), workers=workers)

    def predict_encoded(
        self, encoded: np.ndarray, *, workers: int = 1, alike: bool = False
    ) -> np.ndarray:
        """As `predict`, for rows that have passed `encode`.

        Parameters
        ----------
        encoded : numpy.ndarray of float32 (n, p)
            Rows from `encode`.
        workers : int, optional
            Threads; the result does not depend on them.
        alike : bool, optional
            Whether like rows stand together already, as in the order of `order`; it changes the
            speed and never the result.

        Returns
        -------
        numpy.ndarray (n,)
            As from `predict`.
        """
        answer = np.full(len(encoded), np.nan)
        whole = np.flatnonzero(~np.isnan(encoded).any(axis=1))
        rows = encoded if whole.size == len(encoded) else encoded[whole]
        if self.quantile is None:
            answer[whole] = self._sums(rows, workers, alike=alike) / self.trees
        else:
            answer[whole] = self._quantiles(rows, self.quantile)
        return answer

    def order(self, encoded: np.ndarray) -> np.ndarray:
        """Order in which rows that the forest treats alike stand together.

        Parameters
        ----------
        encoded : numpy.ndarray of float32 (n, p)
            Rows from `encode`.

        Returns
        -------
        numpy.ndarray of int64 (n,)
            Row numbers.
        """
        return likeness_order(encoded, self._trees)

    @cached_property
    def _trees(self) -> Trees:
        """The same arrays, with the depth."""
        depth = depth_of(self.feature, self.child)
        return Trees(self.feature, self.threshold, self.child, self.leaf, self.root, depth)

    def _quantiles(self, encoded: np.ndarray, quantile: float) -> np.ndarray:
        """Quantile over the trees, in blocks of rows."""
        answer = np.empty(len(encoded))
        trees = self.each_tree()
        for start in range(0, len(encoded), ROWS_OF_QUANTILES):
            part = slice(start, start + ROWS_OF_QUANTILES)
            values = np.stack([tree._sums(encoded[part], alike=True) for tree in trees])
            answer[part] = np.quantile(values, quantile, axis=0)
        return answer

    def each_tree(self) -> list[FluxForest]:
        """Each tree as a forest of its own, which shares this one's arrays."""
        leaves = np.concatenate([[0], np.cumsum(self.feature < 0)])[self.root]
        parts = []
        for (a, b), (first, last) in zip(pairwise(self.root), pairwise(leaves), strict=True):
            inner = self.feature[a:b] >= 0
            child = self.child[a:b] - np.where(inner, a, first).astype(np.int32)
            tree = replace(
                self, feature=self.feature[a:b], threshold=self.threshold[a:b], child=child,
                leaf=self.leaf[first:last], root=np.array([0, b - a], np.int64), quantile=None,
            )  # fmt: skip
            parts.append(tree)
        return parts

    def _sums(self, encoded: np.ndarray, workers: int = 1, *, alike: bool = False) -> np.ndarray:
        """Sum over the trees of each row."""
        sums = np.zeros(len(encoded))
        if len(encoded) < ROWS_FOR_SETS:
            add_trees(encoded, self._trees, sums)
        elif alike:
            sum_trees(encoded, self._trees, sums, workers=workers)
        else:
            order = self.order(encoded)
            sums[order] = self._sums(encoded[order], workers, alike=True)
        return sums


def _broken_rule(forest: FluxForest) -> str:
    """The first rule of a forest's arrays that is broken, or an empty string."""
    feature, root, names = forest.feature, forest.root, forest.predictors
    if root.size < 2 or root[0] != 0 or root[-1] != feature.size or (np.diff(root) < 1).any():
        return "trees are not empty and lie one after the other"
    if not feature.size == forest.threshold.size == forest.child.size:
        return "feature, threshold and child have one length"
    if feature.min() < -1 or feature.max() >= len(names) or not set(forest.levels) <= set(names):
        return "features and categories are among the predictors"
    return _broken_path(forest)


def _broken_path(forest: FluxForest) -> str:
    """As `_broken_rule`, for the ways from the roots to the leaves."""
    child, inner = forest.child, forest.feature >= 0
    end = np.repeat(forest.root[1:], np.diff(forest.root))
    after = np.arange(child.size) + 1
    if (child[inner] <= after[inner]).any() or (child[inner] >= end[inner]).any():
        return "children come after their parent, in the same tree"
    if (child[~inner] < 0).any() or (child[~inner] >= forest.leaf.size).any():
        return "leaves have a value"
    return ""


def floor_float32(values: np.ndarray) -> np.ndarray:
    """The largest float32 that does not exceed each float64.

    Examples
    --------
    >>> float(floor_float32(np.array([0.1]))[0]), float(np.float32(0.1))
    (0.09999999403953552, 0.10000000149011612)
    """
    near = np.asarray(values).astype(np.float32)
    above = near.astype(np.float64) > values
    return np.where(above, np.nextafter(near, np.float32(-np.inf)), near)


def canonical_order(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Order of the rows that does not depend on the order in which they came.

    Examples
    --------
    >>> canonical_order(np.array([[2.0], [1.0]]), np.array([0.0, 5.0])).tolist()
    [1, 0]
    """
    return np.lexsort((y, *X.T[::-1]))


def pack_trees(
    trees: Sequence, predictors: Sequence[str], levels: Mapping[str, tuple[int, ...]]
) -> FluxForest:
    """Flat arrays from scikit-learn's trees.

    Parameters
    ----------
    trees : sequence of sklearn.tree._tree.Tree
        The `tree_` of each estimator.
    predictors : sequence of str
        Names of the columns.
    levels : mapping of {str: tuple of int}
        Order of the levels of each category.

    Returns
    -------
    FluxForest

    Raises
    ------
    InputError
        If the nodes are not numbered depth first.
    """
    root = np.cumsum([0, *(tree.node_count for tree in trees)])
    left = np.concatenate([tree.children_left for tree in trees])
    right = np.concatenate([tree.children_right for tree in trees])
    offset = np.repeat(root[:-1], np.diff(root))
    inner = left >= 0
    if (left[inner] + offset[inner] != np.flatnonzero(inner) + 1).any():
        raise InputError(
            "the trees are not numbered depth first",
            rule="a left child follows its parent",
            value=f"scikit-learn trees of {np.diff(root)} nodes",
            remedy="fit them without max_leaf_nodes",
        )
    feature = np.concatenate([tree.feature for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    value = np.concatenate([tree.value[:, 0, 0] for tree in trees])
    return FluxForest(
        predictors=tuple(predictors),
        levels=dict(levels),
        feature=np.where(inner, feature, -1).astype(np.int16),
        threshold=np.where(inner, floor_float32(threshold), np.float32(0)),
        child=np.where(inner, right + offset, np.cumsum(~inner) - 1).astype(np.int32),
        leaf=value[~inner].astype(np.float64),
        root=root.astype(np.int64),
    )
