"""Engines, node size, levels that no training row holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from abz.errors import CategoryError, InputError
from abz.modelling.fitting import (
    BOOSTING_DEPTH,
    BOOSTING_RATE,
    BOOSTING_SHARE,
    ENGINES,
    fit_forest,
    grow_trees,
)

NAMES = ["srad", "vegetation", "ndvi"]


def training_rows(n=150, seed=0, codes=(21, 33, 70)):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)).astype(np.float32)
    X[:, 1] = rng.choice(codes, n)
    return X, 2 * X[:, 0] + 0.1 * X[:, 1] + rng.normal(size=n)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_learns_and_repeats_itself(engine):
    X, y = training_rows()
    options = {"engine": engine, "trees": 40, "mtry": 2, "seed": 4}
    forest = fit_forest(X, y, NAMES, **options)
    assert np.corrcoef(forest.predict(X), y)[0, 1] > 0.85
    again = fit_forest(X[::-1], y[::-1], NAMES, workers=2, **options)
    assert np.array_equal(forest.predict(X), again.predict(X))


@pytest.mark.parametrize("node_size", [1, 5, 20])
def test_a_node_of_no_more_draws_than_the_node_size_is_a_leaf(node_size):
    X, y = training_rows()
    rng = np.random.default_rng(1)
    growth = {"max_features": 3, "min_samples_split": node_size + 1}
    ((tree, drawn),) = grow_trees(
        X, y, draw=lambda _, n: rng.integers(n, size=n), trees=1, growth=growth, seed=0
    )
    inner = tree.children_left >= 0
    assert tree.n_node_samples[0] == drawn.size
    assert tree.n_node_samples[inner].min() > node_size
    leaf = tree.apply(X[drawn])
    for node in np.unique(leaf):
        rows = drawn[leaf == node]
        one_row = np.unique(rows).size == 1
        assert rows.size <= node_size or one_row


def test_a_tree_on_drawn_rows_is_scikit_learns():
    X, y = training_rows()
    X = X[:, [0]]
    growth = {"max_features": 1, "min_samples_split": 6}
    ((tree, drawn),) = grow_trees(
        X, y, draw=lambda rng, n: rng.integers(n, size=n), trees=1, growth=growth, seed=7
    )
    model = DecisionTreeRegressor(min_samples_split=6).fit(X[drawn], y[drawn])
    assert np.allclose(tree.predict(X)[:, 0], model.predict(X))


def test_boosting_equals_scikit_learn():
    X, y = training_rows()
    X = X[:, [0, 2]]
    forest = fit_forest(X, y, ["srad", "ndvi"], engine="gradient_boosting", trees=30, mtry=2)
    order = np.lexsort((y, X[:, 1], X[:, 0]))
    model = GradientBoostingRegressor(
        n_estimators=30, learning_rate=BOOSTING_RATE, subsample=BOOSTING_SHARE,
        max_depth=BOOSTING_DEPTH, max_features=2, min_samples_split=6, random_state=0,
    ).fit(X[order], y[order])  # fmt: skip
    assert np.abs(forest.predict(X) - model.predict(X)).max() < 1e-9


def test_quantiles_are_ordered_and_made_of_training_responses():
    X, y = training_rows()
    low, median, high = (
        fit_forest(X, y, NAMES, engine="quantile_forest", quantile=q, trees=25, mtry=2).predict(X)
        for q in (0.1, 0.5, 0.9)
    )
    assert (low <= median).all() and (median <= high).all() and (low < high).any()
    assert np.isin(median, y).mean() > 0.99


def test_the_quantile_of_a_forest_is_numpys_over_its_trees():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, engine="quantile_forest", quantile=0.3, trees=9, mtry=2)
    trees = np.stack([tree.predict(X) for tree in forest.each_tree()])
    assert np.allclose(forest.predict(X), np.quantile(trees, 0.3, axis=0), rtol=0, atol=1e-12)


def test_the_trees_of_a_forest_have_its_mean():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=7, mtry=2)
    trees = np.stack([tree.predict(X) for tree in forest.each_tree()])
    assert np.allclose(forest.predict(X), trees.mean(axis=0))


def with_type(X, code):
    moved = X.copy()
    moved[:, 1] = code
    return moved


def test_an_unseen_level_is_missing():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=3, mtry=2, unseen="missing")
    assert np.isnan(forest.predict(with_type(X, 80))).all()


def test_an_unseen_level_is_pooled_with_its_nearest_seen_kin():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=3, mtry=2, unseen="pool")
    assert forest.pooled["vegetation"][80] == 70
    assert np.array_equal(forest.predict(with_type(X, 80)), forest.predict(with_type(X, 70)))
    assert np.array_equal(forest.predict(with_type(X, 31)), forest.predict(with_type(X, 21)))


def test_an_unseen_level_is_an_error_that_names_it():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=3, mtry=2, unseen="error")
    assert np.isfinite(forest.predict(X)).all()
    with pytest.raises(CategoryError, match=r"80"):
        forest.predict(with_type(X, 80))


@given(st.permutations(range(3)))
def test_predictors_in_another_order_give_the_same_trees(order):
    X, y = training_rows(40)
    one = fit_forest(X, y, NAMES, trees=3, mtry=2, seed=1)
    two = fit_forest(X[:, order], y, [NAMES[i] for i in order], trees=3, mtry=2, seed=1)
    for name in ("threshold", "child", "leaf", "root"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    inner = one.feature >= 0
    assert (np.array(order)[two.feature[inner]] == one.feature[inner]).all()


def test_a_leaf_of_a_quantile_forest_answers_with_any_of_its_training_rows():
    """All of them are drawn alike, also those that the bootstrap did not draw for the tree."""
    y = np.arange(8.0)
    stumps = fit_forest(
        np.zeros((8, 1)), y, ["lst"], engine="quantile_forest", trees=4000, mtry=1, seed=3
    )
    shares = np.bincount(stumps.leaf.astype(int), minlength=8) / 4000
    assert np.abs(shares - 1 / 8).max() < 5 * np.sqrt(1 / 8 * 7 / 8 / 4000)
    X, y = training_rows(60)
    options = {"engine": "quantile_forest", "trees": 30, "mtry": 2, "node_size": 1}
    forest = fit_forest(X, y, NAMES, **options)
    grown = fit_forest(X, y, NAMES, **{**options, "engine": "random_forest"})
    assert np.array_equal(forest.threshold, grown.threshold)
    assert 0.1 < (forest.leaf != grown.leaf).mean() < 0.6


@pytest.mark.parametrize(
    "wrong",
    [{"mtry": 4}, {"mtry": 0}, {"mtry": 1.0}, {"mtry": "sqrt"}, {"trees": 0}, {"trees": True},
     {"trees": 10.5}, {"trees": "50"}, {"node_size": 0}, {"node_size": 5.0}, {"workers": 0},
     {"seed": -1}, {"quantile": 1.5}, {"quantile": 0.9}, {"engine": "forest"},
     {"unseen": "guess"}],
    ids=str,
)  # fmt: skip
def test_wrong_parameters_are_named(wrong):
    X, y = training_rows(20)
    with pytest.raises(InputError, match=next(iter(wrong))):
        fit_forest(X, y, NAMES, **{"trees": 2, "mtry": 2, **wrong})
