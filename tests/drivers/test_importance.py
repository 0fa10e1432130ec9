import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance as by_scikit_learn
from sklearn.metrics import root_mean_squared_error

from abz.drivers import (
    ShuffledErrors,
    permutation_importance,
    shuffled_errors,
    shuffles_table,
    sites_table,
)
from abz.errors import InputError
from abz.modelling import fit_forest
from abz.modelling.forest import pack_trees


def test_ranks_the_predictors_by_their_weight(fitted):
    found = permutation_importance(*fitted, shuffles=5)
    median = found.groupby("predictor")["rmse_increase"].median()
    assert median.idxmax() == "lst"
    assert median.idxmin() == "month"
    assert found.groupby("predictor").size().tolist() == [5] * 4


def test_a_predictor_without_effect_has_none():
    X = np.random.default_rng(0).normal(size=(150, 2))
    X[:, 1] = 1
    forest = fit_forest(X, X[:, 0], ["lst", "soc"], trees=20, mtry=2)
    found = permutation_importance(forest, X, X[:, 0], shuffles=3).set_index("predictor")
    assert (found.loc["soc", "rmse_increase"] == 0).all()


def test_mean_increase_is_that_of_a_naive_shuffle(fitted):
    forest, X, y = fitted
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


def test_is_that_of_scikit_learn(fitted):
    _, X, y = fitted
    names = ["srad", "lst", "ndvi", "vpd"]
    model = RandomForestRegressor(8, max_features=2, random_state=0).fit(X, y)
    forest = pack_trees([tree.tree_ for tree in model.estimators_], names, {})
    reference = by_scikit_learn(
        model, X, y, n_repeats=80, random_state=0, scoring="neg_root_mean_squared_error"
    )
    found = permutation_importance(forest, X, y, shuffles=80).groupby("predictor")
    mean = found["rmse_increase"].mean()[names]
    error = reference["importances_std"] * np.sqrt(2 / 80)
    assert (np.abs(mean - reference["importances_mean"]) < 5 * error).all()


@given(seed=st.integers(0, 99), workers=st.integers(1, 4))
def test_neither_the_order_of_rows_and_predictors_nor_the_workers_matter(
    fitted, other_order, seed, workers
):
    forest, X, y = fitted
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(y)), rng.permutation(4)
    moves = {"lst": ["lst"], "both": ["ndvi", "month"]}
    one = shuffled_errors(forest, X, y, moves, shuffles=2)
    two = shuffled_errors(
        other_order(forest, columns), X[rows][:, columns], y[rows], moves,
        shuffles=2, workers=workers,
    )  # fmt: skip
    assert shuffles_table(one).equals(shuffles_table(two))
    assert np.array_equal(one.before[rows], two.before)
    assert np.array_equal(one.after[:, rows], two.after)
    sites = np.repeat(list("abcde"), 30)
    assert sites_table(one, sites).equals(sites_table(two, sites[rows]))


def test_a_group_keeps_its_combinations(fitted):
    forest, X, y = fitted
    moves = {"all": forest.predictors}
    found = shuffled_errors(forest, X, y, moves, shuffles=4)
    answers = np.sort(forest.predict(X))
    assert found.by_shuffle.shape == (1, 4)
    # whole rows change places: what is predicted stays, for whom does not
    naive = [np.mean((np.random.default_rng(k).permutation(answers) - y) ** 2) for k in range(200)]
    assert np.quantile(naive, 0.001) < found.by_shuffle.mean() < np.quantile(naive, 0.999)


def test_copies_hide_each_other_and_together_cannot():
    rng = np.random.default_rng(3)
    x, other = rng.normal(size=(2, 300))
    y = 5 * x + other
    twice = np.column_stack([x, x, other])
    forest = fit_forest(twice, y, ["lst", "soil_temperature", "ndvi"], trees=40, mtry=1)
    moves = {"lst": ["lst"], "soil_temperature": ["soil_temperature"],
             "both": ["lst", "soil_temperature"]}  # fmt: skip
    errors = shuffled_errors(forest, twice, y, moves, shuffles=20)
    rise = shuffles_table(errors).groupby("predictor")["rmse_increase"].mean()
    once = fit_forest(twice[:, 1:], y, ["soil_temperature", "ndvi"], trees=40, mtry=1)
    alone = permutation_importance(once, twice[:, 1:], y, shuffles=20)
    true = alone.groupby("predictor")["rmse_increase"].mean()["soil_temperature"]
    assert max(rise["lst"], rise["soil_temperature"]) < 0.7 * rise["both"]
    assert rise["both"] == pytest.approx(true, rel=0.25)


def test_intervals_are_those_of_drawn_sites(fitted):
    rng = np.random.default_rng(0)
    sites = rng.choice(list("abcdef"), 40)
    before = rng.uniform(1, 2, 40)
    after = before + rng.uniform(0, 3, 40)
    before[3] = np.nan
    after[3] = np.nan
    found = sites_table(ShuffledErrors(("lst",), before, after[None], np.ones((1, 1))), sites)

    def rise(drawn):
        rows = np.concatenate([np.flatnonzero(sites == site) for site in drawn])
        return np.sqrt(np.nanmean(after[rows])) - np.sqrt(np.nanmean(before[rows]))

    assert found["rmse_increase"][0] == pytest.approx(rise(list("abcdef")))
    naive = [rise(rng.choice(list("abcdef"), 6)) for _ in range(2000)]
    low, high = np.quantile(naive, [0.025, 0.975])
    assert found["lower"][0] == pytest.approx(low, abs=0.03)
    assert found["upper"][0] == pytest.approx(high, abs=0.03)


def test_rows_stay_as_they_were(fitted):
    forest, X, y = fitted
    before = X.copy()
    permutation_importance(forest, X, y, shuffles=1)
    assert np.array_equal(before, X)


def test_needs_a_shuffle(fitted):
    with pytest.raises(InputError, match="shuffles"):
        permutation_importance(*fitted, shuffles=0)


@pytest.mark.parametrize("moves", [{"heat": []}, {"heat": ["soc"]}])
def test_groups_name_predictors_of_the_forest(fitted, moves):
    with pytest.raises(InputError, match="heat"):
        shuffled_errors(*fitted, moves)
