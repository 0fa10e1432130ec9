import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence

from abz.drivers.response import (
    curve_values,
    nearest_value,
    pair_responses,
    response_curves,
    share_nearest,
)
from abz.errors import InputError
from abz.modelling import fit_forest
from abz.modelling.forest import pack_trees


def training_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3)).astype(np.float32)
    X[:, 0] = rng.choice([21, 30, 70], 120)
    return X, 4 * X[:, 1] + 6 * (X[:, 0] == 30)


@pytest.fixture(scope="module")
def curves():
    X, y = training_rows()
    forest = fit_forest(X, y, ["vegetation", "lst", "ndvi"], trees=15, mtry=2)
    return response_curves(forest, X, points=9)


def test_equals_scikit_learn():
    X, y = training_rows()
    X = X[:, 1:]
    model = RandomForestRegressor(15, max_features=2, random_state=0).fit(X, y)
    forest = pack_trees([tree.tree_ for tree in model.estimators_], ["lst", "ndvi"], {})
    found = response_curves(forest, X, points=9)
    for column, name in enumerate(forest.predictors):
        curve = found[found["predictor"] == name]
        grid = curve["value"].to_numpy()
        reference = partial_dependence(
            model, X, [column], custom_values={column: grid}, method="brute"
        )
        assert np.allclose(curve["response"], reference["average"][0])


def test_numeric_predictors_run_from_smallest_to_largest(curves):
    X, _ = training_rows()
    lst = curves[curves["predictor"] == "lst"]["value"]
    assert len(lst) == 9
    assert (lst.iloc[0], lst.iloc[-1]) == (X[:, 1].min(), X[:, 1].max())


def test_a_category_takes_each_level(curves):
    vegetation = curves[curves["predictor"] == "vegetation"].set_index("value")
    assert vegetation.index.tolist() == [21, 30, 70]
    assert vegetation["response"].idxmax() == 30


def test_densities_are_shares(curves):
    assert np.allclose(curves.groupby("predictor")["density"].sum(), 1)
    assert (curves.groupby("predictor")["rows"].sum() == 120).all()
    assert np.allclose(curves["density"] * 120, curves["rows"])


@given(seed=st.integers(0, 99), workers=st.integers(1, 4))
def test_neither_the_order_of_rows_and_predictors_nor_the_workers_matter(
    fitted, other_order, seed, workers
):
    forest, X, _ = fitted
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(X)), rng.permutation(4)
    other = other_order(forest, columns)
    one = response_curves(forest, X, points=7).set_index("predictor")
    two = response_curves(other, X[rows][:, columns], points=7, workers=workers)
    assert one.equals(two.set_index("predictor").loc[one.index.unique()])
    pair = ("lst", "month")
    one = pair_responses(forest, X, pair, points=4)
    assert one.equals(pair_responses(other, X[rows][:, columns], pair, points=4, workers=workers))


def test_a_pair_equals_scikit_learn_where_rows_are():
    X, y = training_rows()
    X = X[:, 1:]
    model = RandomForestRegressor(10, max_features=2, random_state=0).fit(X, y)
    forest = pack_trees([tree.tree_ for tree in model.estimators_], ["lst", "vpd"], {})
    found = pair_responses(forest, X, ("vpd", "lst"), points=6)
    axes = [np.unique(found[name]) for name in ("first_value", "second_value")]
    reference = partial_dependence(
        model, X, [1, 0], custom_values={1: axes[0], 0: axes[1]}, method="brute"
    )
    held = (found["rows"] > 0).to_numpy()
    assert np.allclose(found["response"][held], reference["average"][0].ravel()[held])
    assert found["response"][~held].isna().all()
    assert 0 < held.sum() < len(held)


def test_rows_of_a_pair_are_counted_where_they_are(fitted):
    forest, X, _ = fitted
    found = pair_responses(forest, X, ("vegetation", "lst"), points=5)
    assert len(found) == 3 * 5
    assert found["rows"].sum() == len(X)
    lst = np.unique(found["second_value"])
    near = np.abs(X[:, 1][:, None] - lst).argmin(axis=1)
    for code in (21, 30, 70):
        own = found[found["first_value"] == code]
        naive = np.bincount(near[X[:, 0] == code], minlength=5)
        assert own["rows"].tolist() == naive.tolist()


def test_a_pair_is_of_predictors_of_the_forest(fitted):
    forest, X, _ = fitted
    with pytest.raises(InputError, match="pair"):
        pair_responses(forest, X, ("lst", "soc"))


@given(st.lists(st.floats(-10, 10), min_size=1), st.integers(2, 20))
def test_shares_equal_a_naive_search(column, points):
    values = curve_values(np.array(column), points)
    found = share_nearest(np.array(column), values)
    distance = np.abs(np.array(column)[:, None] - values)
    for share, lower, upper in zip(
        found,
        np.bincount(distance.argmin(axis=1), minlength=values.size),
        np.bincount(values.size - 1 - distance[:, ::-1].argmin(axis=1), minlength=values.size),
        strict=True,
    ):
        rows = share * len(column)
        assert min(lower, upper) - 1e-9 <= rows <= len(column)
    assert found.sum() == pytest.approx(1)


def test_a_constant_predictor_has_one_point():
    assert curve_values(np.ones(4), 51).tolist() == [1]
    assert share_nearest(np.ones(4), np.array([1.0])).tolist() == [1]
    assert nearest_value(np.ones(4), np.array([1.0])).tolist() == [0] * 4
