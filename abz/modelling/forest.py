"""Forests as flat arrays, evaluated by a compiled loop.

A `FluxForest` holds nothing but arrays, names and the order of category levels, so it can be
stored without pickles and evaluated without scikit-learn. Tables and maps go through the same
`encode`, so a code means the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from abz.compiled import kernel
from abz.errors import CategoryError, InputError
from abz.modelling.categories import Unseen, encode_levels

__all__ = ["FluxForest", "canonical_order", "floor_float32", "pack_trees"]

Index = np.unsignedinteger
"""Unsigned, so that no compiled access has to ask whether it counts from the end."""

ROWS_OF_QUANTILES = 4096
"""Rows whose trees are held at once to take a quantile."""
ROWS_AT_ONCE = 256
"""Rows that pass a tree together: they and the tree stay in the fastest cache."""


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

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows with category codes replaced by their place in the order of levels.

        Parameters
        ----------
        rows : numpy.ndarray (n, p)
            Predictors in the order of `predictors`; categories as codes.

        Returns
        -------
        numpy.ndarray (n, p)
            float32; NaN where a value is missing or a level was never seen in training.
        """
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
                remedy='fit with unseen="pool" or "missing", or mask these rows',
            )
        return places

    def predict(self, rows: np.ndarray, *, workers: int = 1) -> np.ndarray:
        """Flux of each row.

        Parameters
        ----------
        rows : numpy.ndarray (n, p)
            Predictors in the order of `predictors`, canonical units; categories as codes.
        workers : int, optional
            Threads; the result does not depend on them.

        Returns
        -------
        numpy.ndarray (n,)
            Mean over the trees, float64; NaN where any predictor is missing or a category holds a
            level that was never seen in training.
        """
        return self.predict_encoded(self.encode(rows), workers=workers)

    def predict_encoded(self, encoded: np.ndarray, *, workers: int = 1) -> np.ndarray:
        """As `predict`, for rows that have passed `encode`."""
        missing = np.isnan(encoded).any(axis=1)
        if self.quantile is None:
            answer = self._sums(encoded, workers) / self.trees
        else:
            answer = self._quantiles(encoded, self.quantile)
        answer[missing] = np.nan
        return answer

    def _quantiles(self, encoded: np.ndarray, quantile: float) -> np.ndarray:
        """Quantile over the trees, in blocks of rows."""
        answer = np.empty(len(encoded))
        trees = self.each_tree()
        for start in range(0, len(encoded), ROWS_OF_QUANTILES):
            part = slice(start, start + ROWS_OF_QUANTILES)
            values = np.stack([tree._sums(encoded[part], 1) for tree in trees])
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

    def _sums(self, encoded: np.ndarray, workers: int) -> np.ndarray:
        """Sum over the trees of each row."""
        sums = np.zeros(len(encoded))
        nodes = _unfold(self)
        edges = np.linspace(0, len(encoded), workers + 1).astype(int)
        parts = [slice(a, b) for a, b in pairwise(edges) if b > a]
        if len(parts) <= 1:
            _add_trees(encoded, nodes, sums)
        else:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda part: _add_trees(encoded[part], nodes, sums[part]), parts))
        return sums


def _unfold(forest: FluxForest) -> tuple[np.ndarray, ...]:
    """Nodes for the compiled loop: a leaf leads to itself, and every node has a value.

    Returns `feature`, `threshold`, `children` (right, left, right, left, …), `value`, `root`.
    """
    inner = forest.feature >= 0
    node = np.arange(inner.size, dtype=np.int32)
    children = np.empty((inner.size, 2), np.uint32)
    children[:, 0] = np.where(inner, forest.child, node)
    children[:, 1] = node + inner
    value = np.zeros(inner.size)
    value[~inner] = forest.leaf[forest.child[~inner]]
    feature = np.where(inner, forest.feature, 0).astype(np.uint32)
    return feature, forest.threshold, children.ravel(), value, forest.root.astype(np.uint64)


@kernel
def _add_trees(rows: np.ndarray, nodes: tuple[np.ndarray, ...], sums: np.ndarray) -> None:
    """Add each tree's value to the sum of each row, always in the order of the trees.

    Eight rows go down together, and a table lookup in place of a branch picks the child: the
    processor neither waits for one row's memory nor guesses the way of any.
    """
    value, root = nodes[3:]
    cells, width = rows.ravel(), np.uint64(rows.shape[1])
    for start in range(0, rows.shape[0], ROWS_AT_ONCE):
        stop = min(start + ROWS_AT_ONCE, rows.shape[0])
        eights = start + (stop - start) // 8 * 8
        for tree in range(root.size - 1):
            first = root[tree]
            for row in range(start, eights, 8):
                _add_eight(rows, row, first, nodes, sums)
            for row in range(eights, stop):
                sums[row] += value[_leaf_of(cells, np.uint64(row) * width, first, nodes)]


@kernel
def _child(cells: np.ndarray, row: Index, node: Index, nodes: tuple[np.ndarray, ...]) -> Index:
    """Where the row that begins at cell `row` goes from a node."""
    feature, threshold, children = nodes[:3]
    left = np.uint64(cells[row + feature[node]] <= threshold[node])
    return np.uint64(children[node + node + left])


@kernel
def _leaf_of(cells: np.ndarray, row: Index, node: Index, nodes: tuple[np.ndarray, ...]) -> Index:
    """The leaf in which a row ends."""
    while True:
        child = _child(cells, row, node, nodes)
        if child == node:
            return node
        node = child


@kernel
def _add_eight(
    rows: np.ndarray, row: int, first: Index, nodes: tuple[np.ndarray, ...], sums: np.ndarray
) -> None:
    """Add one tree's value to the sums of eight rows."""
    value, cells, width = nodes[3], rows.ravel(), np.uint64(rows.shape[1])
    r0 = np.uint64(row) * width
    r1 = r0 + width
    r2 = r1 + width
    r3 = r2 + width
    r4 = r3 + width
    r5 = r4 + width
    r6 = r5 + width
    r7 = r6 + width
    a = b = c = d = e = f = g = h = first
    while True:
        a1, b1 = _child(cells, r0, a, nodes), _child(cells, r1, b, nodes)
        c1, d1 = _child(cells, r2, c, nodes), _child(cells, r3, d, nodes)
        e1, f1 = _child(cells, r4, e, nodes), _child(cells, r5, f, nodes)
        g1, h1 = _child(cells, r6, g, nodes), _child(cells, r7, h, nodes)
        moved = (a ^ a1) | (b ^ b1) | (c ^ c1) | (d ^ d1) | (e ^ e1) | (f ^ f1) | (g ^ g1)
        if (moved | (h ^ h1)) == 0:
            break
        a, b, c, d, e, f, g, h = a1, b1, c1, d1, e1, f1, g1, h1
    sums[row] += value[a]
    sums[row + 1] += value[b]
    sums[row + 2] += value[c]
    sums[row + 3] += value[d]
    sums[row + 4] += value[e]
    sums[row + 5] += value[f]
    sums[row + 6] += value[g]
    sums[row + 7] += value[h]


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
