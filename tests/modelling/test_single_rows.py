"""Rows that go down alone end where sets of rows end, to the byte."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.modelling import fit_forest
from abz.modelling.row_sets import Trees, depth_of, sum_trees
from abz.modelling.single_rows import add_trees


@given(st.integers(0, 2**32 - 1), st.integers(0, 300), st.integers(1, 30))
def test_sums_are_those_of_sets(seed, n, fitted):
    rng = np.random.default_rng(seed)
    X = rng.integers(-4, 5, (fitted, 3)).astype(np.float32)
    forest = fit_forest(X, rng.normal(size=fitted), ["lst", "ndvi", "srad"], trees=4, mtry=2)
    arrays = forest.feature, forest.threshold, forest.child, forest.leaf, forest.root
    trees = Trees(*arrays, depth_of(forest.feature, forest.child))
    rows = rng.choice(np.float32([-np.inf, -4, -0.5, 0, 0.5, 4, np.inf]), (n, 3))
    start = rng.normal(size=n)
    single, together = start.copy(), start.copy()
    add_trees(rows, trees, single)
    sum_trees(rows, trees, together)
    assert single.tobytes() == together.tobytes()
