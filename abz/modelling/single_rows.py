"""Sums over the trees for few rows: each row goes down each tree on its own."""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.modelling.row_sets import Trees

__all__ = ["add_trees"]

Index = np.unsignedinteger
"""Unsigned, so that no compiled access has to ask whether it counts from the end."""

ROWS_AT_ONCE = 256
"""Rows that pass a tree together: they and the tree stay in the fastest cache."""


def add_trees(rows: np.ndarray, trees: Trees, sums: np.ndarray) -> None:
    """Add the values of all trees to the sum of each row.

    Parameters
    ----------
    rows : numpy.ndarray of float32 (n, p)
        Not NaN.
    trees : Trees
        Trees of these p columns.
    sums : numpy.ndarray of float64 (n,)
        Changed in place, to the same bytes as by `abz.modelling.row_sets.sum_trees`.

    Examples
    --------
    >>> stump = Trees(np.int16([0, -1, -1]), np.float32([0, 0, 0]), np.int32([2, 0, 1]),
    ...               np.array([1.0, 2.0]), np.array([0, 3]), depth=1)
    >>> sums = np.zeros(3)
    >>> add_trees(np.float32([[1], [0], [-2]]), stump, sums)
    >>> sums.tolist()
    [2.0, 1.0, 1.0]
    """
    _add_all(rows, _unfold(trees), sums)


def _unfold(trees: Trees) -> tuple[np.ndarray, ...]:
    """Nodes for the compiled loop: a leaf leads to itself, and every node has a value.

    Returns `feature`, `threshold`, `children` (right, left, right, left, …), `value`, `root`.
    """
    inner = trees.feature >= 0
    node = np.arange(inner.size, dtype=np.int32)
    children = np.empty((inner.size, 2), np.uint32)
    children[:, 0] = np.where(inner, trees.child, node)
    children[:, 1] = node + inner
    value = np.zeros(inner.size)
    value[~inner] = trees.leaf[trees.child[~inner]]
    feature = np.where(inner, trees.feature, 0).astype(np.uint32)
    return feature, trees.threshold, children.ravel(), value, trees.root.astype(np.uint64)


@kernel
def _add_all(rows: np.ndarray, nodes: tuple[np.ndarray, ...], sums: np.ndarray) -> None:
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
