"""Sets of rows end where single rows end, to the byte."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.modelling import row_sets
from abz.modelling.row_sets import Trees, depth_of, likeness_order, sum_trees

EDGES = np.float32([-np.inf, -1e-45, 0.0, 1e-45, 1.0, 3.4e38, np.inf])
"""Values at which comparisons go wrong first."""


def grow(rng, columns, splits, values):
    """One random tree, depth first: lists of feature, threshold and right child, and its depth."""
    if splits == 0:
        return [-1], [0.0], [0], 0
    below = int(rng.integers(splits))
    left = grow(rng, columns, below, values)
    right = grow(rng, columns, splits - 1 - below, values)
    after = 1 + len(left[0])
    return (
        [int(rng.integers(columns)), *left[0], *right[0]],
        [rng.choice(values), *left[1], *right[1]],
        [after, *(n + 1 for n in left[2]), *(n + after for n in right[2])],
        1 + max(left[3], right[3]),
    )


def forest(rng, trees, columns, splits, values):
    """A random forest; trees count from the first of the forest."""
    grown = [grow(rng, columns, int(rng.integers(splits + 1)), values) for _ in range(trees)]
    root = np.cumsum([0, *(len(tree[0]) for tree in grown)])
    feature = np.concatenate([tree[0] for tree in grown]).astype(np.int16)
    right = np.concatenate([np.array(t[2]) + r for t, r in zip(grown, root[:-1], strict=True)])
    return Trees(
        feature,
        np.concatenate([tree[1] for tree in grown]).astype(np.float32),
        np.where(feature < 0, np.cumsum(feature < 0) - 1, right).astype(np.int32),
        rng.normal(size=(feature < 0).sum()),
        root,
        max(tree[3] for tree in grown),
    )


def naive(rows, trees):
    """Each row down each tree."""
    sums = np.zeros(len(rows))
    for number, row in enumerate(rows):
        for root in trees.root[:-1]:
            node = root
            while trees.feature[node] >= 0:
                down = row[trees.feature[node]] <= trees.threshold[node]
                node = node + 1 if down else trees.child[node]
            sums[number] += trees.leaf[trees.child[node]]
    return sums


cases = st.tuples(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 63, 64, 65, 200]),
    st.integers(1, 4),
    st.integers(1, 5),
    st.sampled_from([0, 1, 7, 60]),
    st.booleans(),
)


def make(case):
    seed, n, columns, trees, splits, edges = case
    rng = np.random.default_rng(seed)
    values = EDGES if edges else rng.normal(size=12).astype(np.float32)
    rows = rng.choice(values, size=(n, columns)).astype(np.float32)
    return rows, forest(rng, trees, columns, splits, values)


@given(cases, st.sampled_from([64, 100, 8192]), st.integers(1, 3))
def test_sums_are_those_of_single_rows(case, tile, workers):
    rows, trees = make(case)
    sums = np.zeros(len(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_sets, "TILE_ROWS", tile)
        sum_trees(rows, trees, sums, workers=workers)
    assert sums.tobytes() == naive(rows, trees).tobytes()


def naive_turns(row, trees):
    """The row's turns in the first splits of the first trees, as a text of 0 and 1."""
    text = ""
    for root in trees.root[:-1][: row_sets.ORDER_TREES]:
        node, turns = root, ""
        while trees.feature[node] >= 0 and len(turns) < row_sets.ORDER_DEPTH:
            down = row[trees.feature[node]] <= trees.threshold[node]
            node, turns = (node + 1, turns + "0") if down else (trees.child[node], turns + "1")
        text += turns.ljust(row_sets.ORDER_DEPTH, "0")
    return text


@given(cases)
def test_order_is_that_of_the_turns(case):
    rows, trees = make(case)
    turns = [naive_turns(row, trees) for row in rows]
    expected = sorted(range(len(rows)), key=turns.__getitem__)
    assert likeness_order(rows, trees).tolist() == expected


@given(cases)
def test_sums_follow_the_rows_in_any_order(case):
    rows, trees = make(case)
    order = likeness_order(rows, trees)
    plain, sorted_sums = np.zeros(len(rows)), np.zeros(len(rows))
    sum_trees(rows, trees, plain)
    sum_trees(rows[order], trees, sorted_sums)
    assert plain[order].tobytes() == sorted_sums.tobytes()


@given(cases)
def test_sums_are_added_to_what_is_there(case):
    rows, trees = make(case)
    start = np.random.default_rng(case[0]).normal(size=len(rows))
    sums, expected = start.copy(), start.copy()
    sum_trees(rows, trees, sums)
    for first, end in pairwise(trees.root):
        one = replace(trees, root=np.array([first, end]))
        expected += naive(rows, one)
    assert sums.tobytes() == expected.tobytes()


@given(cases)
def test_depth_is_that_of_the_longest_way(case):
    _, trees = make(case)
    assert depth_of(trees.feature, trees.child) == trees.depth


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_tree_as_deep_as_it_has_rows(seed):
    depth = 700
    feature = np.append(np.tile(np.int16([0, -1]), depth), np.int16(-1))
    node = np.arange(2 * depth + 1, dtype=np.int32)
    value = np.random.default_rng(seed).normal(size=depth + 1)
    child = np.where(feature < 0, node // 2, node + 2).astype(np.int32)
    chain = Trees(feature, np.float32(node // 2), child, value, np.array([0, node.size]), depth)
    rows = np.random.default_rng(seed).integers(depth + 9, size=(150, 1)).astype(np.float32)
    sums = np.zeros(150)
    sum_trees(rows, chain, sums)
    leaves = np.minimum(rows[:, 0], depth).astype(int)
    assert sums.tobytes() == value[leaves].tobytes()


def test_no_rows_no_sums():
    sums = np.zeros(0)
    sum_trees(np.empty((0, 2), np.float32), make((1, 1, 2, 2, 1, False))[1], sums)
    assert sums.size == 0
