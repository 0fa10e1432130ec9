import numpy as np
import pytest
from sklearn.metrics import root_mean_squared_error

from abz.drivers.importance import permutation_importance
from abz.errors import InputError
from abz.modelling import fit_forest

NAMES = ["vegetation", "lst", "ndvi", "soc"]


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4)).astype(np.float32)
    X[:, 0] = rng.choice([21, 30, 70], 150)
    X[:, 3] = 1
    y = 8 * X[:, 1] + 3 * (X[:, 0] == 30) + 0.5 * X[:, 2]
    return fit_forest(X, y, NAMES, trees=20, mtry=3), X, y


def test_ranks_the_predictors_by_their_weight(fit):
    found = permutation_importance(*fit, shuffles=5)
    median = found.groupby("predictor")["rmse_increase"].median()
    assert median.sort_values(ascending=False).index[:2].tolist() == ["lst", "vegetation"]
    assert found.groupby("predictor").size().tolist() == [5] * 4


def test_a_predictor_without_effect_has_none(fit):
    found = permutation_importance(*fit, shuffles=3).set_index("predictor")
    assert (found.loc["soc", "rmse_increase"] == 0).all()


def test_mean_increase_is_that_of_a_naive_shuffle(fit):
    forest, X, y = fit
    rng = np.random.default_rng(9)
    baseline = root_mean_squared_error(y, forest.predict(X))
    naive = []
    for _ in range(200):
        moved = X.copy()
        moved[:, 1] = rng.permutation(X[:, 1])
        naive.append(root_mean_squared_error(y, forest.predict(moved)) - baseline)
    found = permutation_importance(forest, X, y, shuffles=200).set_index("predictor")
    assert found.loc["lst", "rmse_increase"].mean() == pytest.approx(np.mean(naive), rel=0.02)
    assert found.loc["lst", "rmse_increase"].std() == pytest.approx(np.std(naive), rel=0.3)


def test_the_order_of_rows_and_workers_do_not_matter(fit):
    forest, X, y = fit
    order = np.random.default_rng(1).permutation(len(y))
    one = permutation_importance(forest, X, y, shuffles=2)
    two = permutation_importance(forest, X[order], y[order], shuffles=2, workers=3)
    assert one.equals(two)


def test_rows_stay_as_they_were(fit):
    forest, X, y = fit
    before = X.copy()
    permutation_importance(forest, X, y, shuffles=1)
    assert np.array_equal(before, X)


def test_needs_a_shuffle(fit):
    with pytest.raises(InputError, match="shuffles"):
        permutation_importance(*fit, shuffles=0)
