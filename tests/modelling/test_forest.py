import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor

from abz.errors import InputError
from abz.modelling.fitting import fit_forest
from abz.modelling.forest import FluxForest, floor_float32, pack_trees

NAMES = ["month", "srad", "vegetation", "lst", "ndvi"]


def training_rows(n=200, seed=0):
    """Rows with both categories, coarse values (many ties) and a response of all predictors."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-8, 8, (n, 5)).astype(np.float32) / 4
    X[:, 0] = rng.integers(1, 13, n)
    X[:, 2] = rng.choice([21, 30, 70], n)
    y = 3 * X[:, 1] - X[:, 3] * X[:, 4] + np.sin(X[:, 0]) + (X[:, 2] == 30) + rng.normal(size=n)
    return X, y


def sklearn_mean(model, rows):
    """Mean over the trees, asked of scikit-learn's own arrays, which take infinities."""
    return np.mean([tree.tree_.predict(rows)[:, 0] for tree in model.estimators_], axis=0)


def packed(model, names):
    """scikit-learn's forest as ours."""
    return pack_trees([tree.tree_ for tree in model.estimators_], names, {})


@pytest.mark.parametrize(("trees", "mtry"), [(1, 1), (7, 2), (20, 5)])
def test_equals_scikit_learn(trees, mtry):
    X, y = training_rows()
    model = RandomForestRegressor(trees, max_features=mtry, random_state=3).fit(X, y)
    rows, _ = training_rows(seed=1)
    assert np.abs(packed(model, NAMES).predict(rows) - model.predict(rows)).max() < 1e-9


def test_equals_scikit_learn_at_thresholds_and_infinities():
    X, y = training_rows()
    continuous = ["srad", "lst", "ndvi"]
    X = X[:, [1, 3, 4]]
    model = RandomForestRegressor(10, max_features=2, random_state=3).fit(X, y)
    forest = packed(model, continuous)
    exact = np.unique(np.concatenate([t.tree_.threshold for t in model.estimators_]))
    near = exact.astype(np.float32)
    above, below = (np.nextafter(near, np.float32(side)) for side in (9, -9))
    extremes = np.float32([np.inf, -np.inf, 0, -0.0, 3e38])
    values = np.concatenate([near, above, below, extremes])
    rows = np.random.default_rng(0).choice(values, (500, 3)).astype(np.float32)
    assert np.abs(forest.predict(rows) - sklearn_mean(model, rows)).max() < 1e-9


def test_constant_predictors_and_response():
    X = np.ones((30, 2), np.float32)
    forest = fit_forest(X, np.full(30, 4.5), ["lst", "ndvi"], trees=3, mtry=2)
    assert forest.predict(X).tolist() == [4.5] * 30


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(random):
    X, y = training_rows(60)
    order = list(range(60))
    random.shuffle(order)
    first = fit_forest(X, y, NAMES, trees=3, mtry=2, seed=1)
    second = fit_forest(X[order], y[order], NAMES, trees=3, mtry=2, seed=1)
    assert first.levels == second.levels
    for name in ("feature", "threshold", "child", "leaf", "root"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_workers_do_not_matter(workers):
    X, y = training_rows(700)
    one = fit_forest(X, y, NAMES, trees=5, mtry=2)
    many = fit_forest(X, y, NAMES, trees=5, mtry=2, workers=workers)
    assert np.array_equal(one.predict(X), many.predict(X, workers=workers))


@given(st.integers(1, 600))
def test_rows_are_predicted_one_by_one(cut):
    X, y = training_rows(600)
    forest = fit_forest(X, y, NAMES, trees=2, mtry=2)
    parts = np.concatenate([forest.predict(X[:cut]), forest.predict(X[cut:])])
    assert np.array_equal(parts, forest.predict(X))


def fits_of_rescaled_rows(rescale):
    """Rows and forest as they are, and with one predictor rescaled."""
    X, y = training_rows()
    X = X[:, [1, 3, 4]]
    moved = X.copy()
    moved[:, 1] = rescale(X[:, 1].astype(float))
    names = ["srad", "lst", "ndvi"]
    return [(rows, fit_forest(rows, y, names, trees=6, mtry=2, seed=9)) for rows in (X, moved)]


@pytest.mark.parametrize("rescale", [lambda x: 2 * x + 7, lambda x: x**3 + x, np.exp])
def test_a_strictly_monotone_rescaling_changes_no_split(rescale):
    (_, plain), (_, scaled) = fits_of_rescaled_rows(rescale)
    for name in ("feature", "child", "leaf", "root"):
        assert np.array_equal(getattr(plain, name), getattr(scaled, name)), name


def test_an_exact_linear_rescaling_changes_no_prediction():
    (rows, plain), (moved, scaled) = fits_of_rescaled_rows(lambda x: 2 * x + 7)
    assert np.array_equal(plain.predict(rows), scaled.predict(moved))


def test_missing_values_and_unseen_levels_are_not_predicted():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=3, mtry=2)
    rows = X[:4].copy()
    rows[0, 3] = np.nan
    rows[1, 2] = 160
    assert np.isnan(forest.predict(rows)).tolist() == [True, True, False, False]


def test_no_rows_no_predictions():
    X, y = training_rows()
    assert fit_forest(X, y, NAMES, trees=2, mtry=2).predict(X[:0]).shape == (0,)


@given(st.lists(st.floats(-1e30, 1e30), min_size=1))
def test_floored_thresholds_decide_as_the_originals(thresholds):
    exact = np.array(thresholds)
    floored = floor_float32(exact)
    assert (floored.astype(float) <= exact).all()
    assert (np.nextafter(floored, np.float32(np.inf)).astype(float) > exact).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X[:, :4], y), "do not fit together"),
        (lambda X, y: (X, y[:-1]), "do not fit together"),
        (lambda X, y: (np.where(np.isin(X, X[0, 3]), np.nan, X), y), "missing or infinite"),
        (lambda X, y: (X, np.where(y == y[0], np.inf, y)), "the response"),
    ],
)
def test_bad_training_rows_are_refused(change, message):
    X, y = change(*training_rows())
    with pytest.raises(InputError, match=message):
        fit_forest(X, y, NAMES, trees=1, mtry=1)


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("child", 0, 0, "children come after"),
        ("child", 0, 10**6, "children come after"),
        ("feature", 0, 5, "among the predictors"),
        ("root", 1, 0, "trees are not empty"),
        ("child", -1, -1, "leaves have a value"),
    ],
)
def test_arrays_that_lead_astray_are_refused(name, place, value, message):
    X, y = training_rows()
    good = fit_forest(X, y, NAMES, trees=2, mtry=2)
    arrays = {k: getattr(good, k).copy() for k in ("feature", "threshold", "child", "leaf", "root")}
    arrays[name][place] = value
    with pytest.raises(InputError, match=message):
        FluxForest(good.predictors, good.levels, **arrays)


def test_rows_of_another_width_are_refused():
    X, y = training_rows()
    with pytest.raises(InputError, match="do not fit the forest"):
        fit_forest(X, y, NAMES, trees=1, mtry=1).predict(X[:, :3])


def test_a_table_is_predicted_by_the_names_of_its_columns():
    X, y = training_rows()
    forest = fit_forest(X, y, NAMES, trees=3, mtry=2)
    table = pd.DataFrame(X, columns=NAMES)
    table["more"] = "word"
    assert np.array_equal(forest.predict(table[table.columns[::-1]]), forest.predict(X))
    assert np.array_equal(forest.predict(X.tolist()), forest.predict(X))
    table[NAMES[3]] = pd.array([pd.NA] * len(table), dtype="Float64")
    assert np.isnan(forest.predict(table)).all()
    with pytest.raises(InputError, match=f"missing {NAMES[0]}"):
        forest.predict(table.drop(columns=NAMES[0]))
