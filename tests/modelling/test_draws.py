"""What each tree is grown on: draws, the nodes that may split, a seed of its own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.modelling import fit_forest, out_of_site

SCALES = ["srad", "ndvi", "lst"]


def site_rows(seed, sites=6, months=5):
    """Rows of sites whose flux follows two predictors."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(sites * months, 3)).astype(np.float32)
    site = np.repeat(np.arange(sites), months)
    return X, 10 * X[:, 0] + 3 * X[:, 2] + rng.normal(size=site.size), site


@pytest.mark.parametrize("engine", ["random_forest", "quantile_forest", "extra_trees"])
def test_a_node_is_split_only_if_it_has_more_draws_than_the_node_size(engine):
    X, y, site = site_rows(0, sites=5, months=6)
    names, options = SCALES, {"trees": 4, "mtry": 3}
    leaf, split = (
        fit_forest(X, y, names, engine=engine, node_size=size, **options) for size in (30, 29)
    )
    assert np.diff(leaf.root).tolist() == [1] * 4
    assert np.diff(split.root).tolist() == [3] * 4
    leaf, split = (out_of_site(X, y, names, site, node_size=size, **options) for size in (30, 29))
    spread = [pd.Series(found).groupby(site).std().max() for found in (leaf, split)]
    assert spread[0] < 1e-12 and spread[1] > 1


def test_trees_that_may_not_split_have_the_means_of_bootstrap_samples():
    """As many rows as there are, with replacement; extremely random trees take every row once."""
    X, y, _ = site_rows(0, sites=6, months=10)
    names, options = SCALES, {"trees": 600, "mtry": 1, "node_size": 60}
    means = fit_forest(X, y, names, **options).leaf
    assert means.std() == pytest.approx(y.std() / np.sqrt(y.size), rel=0.1)
    assert means.mean() == pytest.approx(y.mean(), abs=0.2)
    assert np.allclose(fit_forest(X, y, names, engine="extra_trees", **options).leaf, y.mean())


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_each_tree_has_a_seed_of_its_own_that_nothing_else_moves(seed, count):
    X, y, site = site_rows(0, sites=6, months=5)
    names, options = SCALES, {"mtry": 1, "seed": seed}
    whole = fit_forest(X, y, names, trees=6, **options).each_tree()
    part = fit_forest(X, y, names, trees=count, workers=2, **options).each_tree()
    other = fit_forest(X, y, names, trees=count, mtry=1, seed=seed + 1).each_tree()
    assert len({tree.threshold.tobytes() for tree in (*whole, *other)}) == 6 + count
    for one, two in zip(whole, part, strict=False):
        assert np.array_equal(one.threshold, two.threshold)
        assert np.array_equal(one.leaf, two.leaf)
    fast = [out_of_site(X, y, names, site, trees=t, **options) for t in (1, 40)]
    assert np.isnan(fast[0]).any() and not np.isnan(fast[1]).any()
