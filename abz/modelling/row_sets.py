"""Sums over the trees for many rows at once: sets of like rows go down a tree together.

Neighbours on a map are alike, and so are the rows of any large table once they stand in the order
in which a few trees of the forest tell them apart. Rows are therefore put in that order
(`likeness_order`) and cut into tiles. A tile first takes from the forest what it can reach: a node
whose threshold lies outside the tile's own range is passed over (*contraction*). What is left is
walked once per tree by sets of rows, 64 rows to a machine word: a node splits a set by one wide
comparison a word, and a leaf adds its value to all rows of the set that reach it.

Every row still meets each tree once, in the order of the trees, with the same comparisons in
float32 and the same sums in float64, so the result has the bytes of a plain loop over the trees.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from abz.compiled import kernel
from abz.lanes import LANES, add_where, lowest, not_above

__all__ = ["Trees", "depth_of", "likeness_order", "sum_trees"]

TILE_ROWS = 8192
"""Rows that share a contraction; their predictors stay in the second cache."""
ORDER_TREES, ORDER_DEPTH = 8, 6
"""The trees, and the splits of each from the root, that tell rows apart."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees one after the other, each depth first.

    Parameters
    ----------
    feature : numpy.ndarray of int16 (nodes,)
        Column that a node splits; −1 at a leaf.
    threshold : numpy.ndarray of float32 (nodes,)
        A row goes left where its value is at most this.
    child : numpy.ndarray of int32 (nodes,)
        The right child (the left one follows its parent); at a leaf, its place in `leaf`.
    leaf : numpy.ndarray of float64 (leaves,)
        What a leaf adds to a row.
    root : numpy.ndarray of int64 (trees + 1,)
        First node of each tree, then the number of nodes.
    depth : int
        Splits on the longest way to a leaf, or more.
    """

    feature: np.ndarray
    threshold: np.ndarray
    child: np.ndarray
    leaf: np.ndarray
    root: np.ndarray
    depth: int

    def like(self) -> Trees:
        """Room for trees of the same size."""
        return Trees(
            np.empty_like(self.feature),
            np.empty_like(self.threshold),
            np.empty_like(self.child),
            np.empty_like(self.leaf),
            np.empty_like(self.root),
            self.depth,
        )

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """What the kernels take."""
        return self.feature, self.threshold, self.child, self.leaf, self.root


def likeness_order(rows: np.ndarray, trees: Trees) -> np.ndarray:
    """Order in which rows that a forest treats alike stand together.

    Parameters
    ----------
    rows : numpy.ndarray of float32 (n, p)
        Finite or infinite, not NaN.
    trees : Trees
        A forest of these p columns.

    Returns
    -------
    numpy.ndarray of int64 (n,)
        Row numbers. Rows are sorted by the turns they take in the first splits of the first trees;
        rows with equal turns keep their order.

    Examples
    --------
    >>> stump = Trees(np.int16([0, -1, -1]), np.float32([0, 0, 0]), np.int32([2, 0, 1]),
    ...               np.array([1.0, 2.0]), np.array([0, 3]), depth=1)
    >>> likeness_order(np.float32([[1], [-1], [2], [-2]]), stump).tolist()
    [1, 3, 0, 2]
    """
    turns = np.empty(len(rows), np.int64)
    _turns(rows, trees.arrays, min(ORDER_TREES, trees.root.size - 1), turns)
    return np.argsort(turns, kind="stable")


def sum_trees(rows: np.ndarray, trees: Trees, sums: np.ndarray, *, workers: int = 1) -> None:
    """Add the values of all trees to the sum of each row.

    Parameters
    ----------
    rows : numpy.ndarray of float32 (n, p)
        Finite or infinite, not NaN; fastest where like rows stand together.
    trees : Trees
        A forest of these p columns.
    sums : numpy.ndarray of float64 (n,)
        Changed in place.
    workers : int, optional
        Threads; the sums do not depend on them.

    Examples
    --------
    >>> stump = Trees(np.int16([0, -1, -1]), np.float32([0, 0, 0]), np.int32([2, 0, 1]),
    ...               np.array([1.0, 2.0]), np.array([0, 3]), depth=1)
    >>> sums = np.zeros(3)
    >>> sum_trees(np.float32([[1], [0], [-2]]), stump, sums)
    >>> sums.tolist()
    [2.0, 1.0, 1.0]
    """
    starts = range(0, len(rows), TILE_ROWS)
    crews = [starts[number::workers] for number in range(min(workers, len(starts)))]

    def work(crew: range) -> None:
        room = trees.like()
        for start in crew:
            part = slice(start, start + TILE_ROWS)
            _sum_tile(rows[part], trees, room, sums[part])

    if len(crews) <= 1:
        for crew in crews:
            work(crew)
    else:
        with ThreadPoolExecutor(len(crews)) as pool:
            list(pool.map(work, crews))


def _sum_tile(rows: np.ndarray, trees: Trees, room: Trees, sums: np.ndarray) -> None:
    """`sum_trees` for one tile."""
    n, p = rows.shape
    words = -(-n // LANES)
    columns = np.zeros((p, words * LANES), np.float32)
    columns[:, :n] = rows.T
    pending = np.empty((trees.depth + 2, 3), np.int64)
    _contract(trees.arrays, rows.min(axis=0), rows.max(axis=0), pending, room.arrays)
    behind = 2 * words * (trees.depth + 2)
    sets = pending, np.empty(behind, np.int64), np.empty(behind, np.uint64)
    padded = np.zeros(words * LANES)
    padded[:n] = sums
    _walk(columns, n, room.arrays, sets, padded)
    sums[:] = padded[:n]


@kernel
def _turns(rows: np.ndarray, nodes: tuple[np.ndarray, ...], trees: int, turns: np.ndarray) -> None:
    """One bit a split: 1 where the row goes right."""
    feature, threshold, child, _, root = nodes
    for row in range(rows.shape[0]):
        key = 0
        for tree in range(trees):
            node = root[tree]
            for _ in range(ORDER_DEPTH):
                key <<= 1
                split = feature[node]
                if split >= 0:
                    if rows[row, split] <= threshold[node]:
                        node += 1
                    else:
                        node = np.int64(child[node])
                        key |= 1
        turns[row] = key


@kernel
def depth_of(feature: np.ndarray, child: np.ndarray) -> int:
    """Splits on the longest way to a leaf, of trees as in `Trees`.

    Examples
    --------
    >>> depth_of(np.int16([0, -1, 1, -1, -1]), np.int32([2, 0, 4, 1, 2]))
    2
    """
    levels = np.zeros(feature.size, np.int32)
    deepest = 0
    for node in range(feature.size):
        if feature[node] >= 0:
            below = levels[node] + 1
            levels[node + 1] = below
            levels[child[node]] = below
            deepest = max(deepest, below)
    return deepest


@kernel
def _contract(
    nodes: tuple[np.ndarray, ...],
    low: np.ndarray,
    high: np.ndarray,
    pending: np.ndarray,
    kept: tuple[np.ndarray, ...],
) -> None:
    """Copy the nodes that rows between `low` and `high` can part at, and the leaves they reach."""
    feature, threshold, child, leaf, root = nodes
    kept_feature, kept_threshold, kept_child, kept_leaf, kept_root = kept
    size, leaves = 0, 0
    for tree in range(root.size - 1):
        kept_root[tree] = size
        pending[0, 0], pending[0, 1] = root[tree], -1
        top = 1
        while top > 0:
            top -= 1
            node, parent = pending[top, 0], pending[top, 1]
            split = feature[node]
            while split >= 0:
                if high[split] <= threshold[node]:
                    node += 1
                elif low[split] > threshold[node]:
                    node = np.int64(child[node])
                else:
                    break
                split = feature[node]
            if parent >= 0:
                kept_child[parent] = size
            kept_feature[size] = split
            if split < 0:
                kept_child[size] = leaves
                kept_leaf[leaves] = leaf[child[node]]
                leaves += 1
            else:
                kept_threshold[size] = threshold[node]
                pending[top, 0], pending[top, 1] = child[node], size
                pending[top + 1, 0], pending[top + 1, 1] = node + 1, -1
                top += 2
            size += 1
    kept_root[root.size - 1] = size


@kernel
def _walk(
    columns: np.ndarray,
    n: int,
    nodes: tuple[np.ndarray, ...],
    sets: tuple[np.ndarray, ...],
    sums: np.ndarray,
) -> None:
    """Send the set of all rows down each tree.

    A set is a run of (first row of a word, bits of its rows). The parts of a split set are written
    behind it; the right part waits while the left one, written last, goes on.
    """
    feature, threshold, child, leaf, root = nodes
    pending, place, members = sets
    words, width, cells = columns.shape[1] // LANES, columns.shape[1], columns.ravel()
    for tree in range(root.size - 1):
        for word in range(words):
            place[word], members[word] = word * LANES, ~np.uint64(0)
        if n % LANES:
            members[words - 1] = (np.uint64(1) << np.uint64(n % LANES)) - np.uint64(1)
        pending[0, 0], pending[0, 1], pending[0, 2] = root[tree], 0, words
        top = 1
        while top > 0:
            top -= 1
            node, start, stop = pending[top, 0], pending[top, 1], pending[top, 2]
            split = np.int64(feature[node])
            if split < 0:
                _add(place[start:stop], members[start:stop], leaf[child[node]], sums)
                continue
            middle = stop + stop - start
            away, left = stop, middle
            for entry in range(start, stop):
                first, rows = place[entry], members[entry]
                down = rows & not_above(cells, split * width + first, threshold[node])
                place[away], members[away] = first, rows ^ down
                away += rows != down
                place[left], members[left] = first, down
                left += down != 0
            if away > stop:
                pending[top, 0], pending[top, 1], pending[top, 2] = child[node], stop, away
                top += 1
            if left > middle:
                pending[top, 0], pending[top, 1], pending[top, 2] = node + 1, middle, left
                top += 1


@kernel
def _add(place: np.ndarray, members: np.ndarray, value: float, sums: np.ndarray) -> None:
    """Add a leaf's value to the rows of a set."""
    for entry in range(place.size):
        rows = members[entry]
        if rows & (rows - np.uint64(1)) == 0:
            sums[place[entry] + lowest(rows)] += value
        else:
            add_where(sums, place[entry], rows, value)
