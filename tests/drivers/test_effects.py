import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor

from abz.drivers import accumulated_effects, response_curves
from abz.drivers.effects import bin_edges
from abz.modelling import fit_forest
from abz.modelling.forest import pack_trees


def naive_effect(predict, X, column, edges):
    """Accumulated local effect of a numeric column, row by row."""
    steps, counts = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for row in X:
        inside = max(1, next(k for k, edge in enumerate(edges) if row[column] <= edge)) - 1
        low, high = row.copy(), row.copy()
        low[column], high[column] = edges[inside], edges[inside + 1]
        steps[inside] += (predict(high[None]) - predict(low[None])).item()
        counts[inside] += 1
    effect = np.concatenate([[0], np.cumsum(steps / counts)])
    return effect - np.average((effect[1:] + effect[:-1]) / 2, weights=counts)


@pytest.mark.parametrize("ties", [False, True])
def test_is_a_naive_sum_of_local_changes(fitted, ties):
    _, X, y = fitted
    if ties:
        X = X.copy()
        X[:, 1] = np.clip(X[:, 1].round(), -1, 1)
    names = ["srad", "lst", "ndvi", "vpd"]
    forest = fit_forest(X, y, names, trees=8, mtry=2)
    found = accumulated_effects(forest, X, bins=7)
    for column, name in enumerate(names):
        own = found[found["predictor"] == name]
        edges = bin_edges(X[:, column], 7)
        assert own["value"].tolist() == edges.tolist()
        assert np.allclose(own["effect"], naive_effect(forest.predict, X, column, edges))
        assert own["rows"].sum() == len(X)
    if ties:
        assert own["value"].is_unique
        assert len(found[found["predictor"] == "lst"]) == 3


def additive(X, y, names, levels):
    """A forest whose trees look at one column each, and the trees."""
    trees = []
    for column in range(X.shape[1]):
        alone = np.zeros_like(X)
        alone[:, column] = X[:, column]
        trees.append(DecisionTreeRegressor(max_depth=4).fit(alone, y))
    return pack_trees([tree.tree_ for tree in trees], names, levels), trees


def test_an_additive_forest_is_recovered_whatever_the_correlation():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 1)) + 0.02 * rng.normal(size=(200, 2))
    X = np.column_stack([X, rng.integers(1, 13, 200)]).astype(np.float32)
    names = ["lst", "soil_temperature", "month"]
    y = X[:, 0] - X[:, 1] ** 2 + np.cos(X[:, 2])
    months = tuple(int(month) for month in rng.permutation(np.arange(1, 13)))
    place = np.argsort(months)[X[:, 2].astype(int) - 1].astype(np.float32)
    forest, trees = additive(np.column_stack([X[:, :2], place]), y, names, {"month": months})
    found = accumulated_effects(forest, X, bins=15)
    for column, name in enumerate(names):
        own = found[found["predictor"] == name]
        values = own["value"].to_numpy()
        at = np.zeros((len(values), 3), np.float32)
        at[:, column] = np.argsort(months)[values.astype(int) - 1] if name == "month" else values
        level = trees[column].predict(at) / 3
        assert np.allclose(np.diff(own["effect"]), np.diff(level))
        if name == "month":
            assert np.average(own["effect"], weights=own["rows"]) == pytest.approx(0)


@pytest.mark.parametrize("seed", range(3))
def test_slopes_are_found_where_response_curves_extrapolate(seed):
    rng = np.random.default_rng(seed)
    u = rng.uniform(0, 1, 400)
    X = np.column_stack([u + rng.normal(0, 0.03, 400), u + rng.normal(0, 0.03, 400)])
    y = 4 * X[:, 0] + 4 * X[:, 1] ** 2 + rng.normal(0, 0.05, 400)
    forest = fit_forest(X, y, ["lst", "srad"], trees=40, mtry=2, node_size=2, seed=seed)
    effects = accumulated_effects(forest, X, bins=30).rename(columns={"effect": "level"})
    curves = response_curves(forest, X, points=31).rename(columns={"response": "level"})
    for name, truth in (("lst", lambda v: 4 * v), ("srad", lambda v: 4 * v**2)):
        error = []
        for table in (effects, curves):
            own = table[table["predictor"] == name]
            off = own["level"] - truth(own["value"])
            off -= np.average(off, weights=own["rows"])
            error.append(np.sqrt(np.average(off**2, weights=own["rows"])))
        assert error[0] < 0.15
        assert error[0] < 0.7 * error[1]


def test_months_close_the_circle(fitted):
    forest, X, _ = fitted
    found = accumulated_effects(forest, X)
    months = found[found["predictor"] == "month"]
    assert months["value"].tolist() == list(range(1, 13))
    rows = forest.encode(X)
    place = {int(code): k for k, code in enumerate(forest.levels["month"])}

    def change(month, other):
        here = X[:, 3] == month
        there = rows[here].copy()
        there[:, 3] = place[other]
        return (
            forest.predict_encoded(there) - forest.predict_encoded(rows[here])
        ).sum(), here.sum()

    steps, shared = [], []
    for month in range(1, 13):
        after = month % 12 + 1
        forth, back = change(month, after), change(after, month)
        shared.append(forth[1] + back[1])
        steps.append((forth[0] - back[0]) / shared[-1])
    left_over = np.sum(steps) / np.sum(1 / np.array(shared))
    closed = np.array(steps) - left_over / np.array(shared)
    assert abs(np.sum(steps)) > 1e-6
    assert np.allclose(np.diff(months["effect"]), closed[:-1])
    assert months["effect"].iloc[0] - months["effect"].iloc[-1] == pytest.approx(closed[-1])


def test_classes_step_between_neighbours_in_the_order_of_the_forest(fitted):
    forest, X, _ = fitted
    own = accumulated_effects(forest, X)
    own = own[own["predictor"] == "vegetation"].set_index("value")
    assert own.index.tolist() == [21, 30, 70]
    assert own["rows"].tolist() == [(X[:, 0] == code).sum() for code in (21, 30, 70)]
    rows, levels = forest.encode(X), forest.levels["vegetation"]
    for low in range(2):
        pair = rows[(rows[:, 0] == low) | (rows[:, 0] == low + 1)]
        ends = [np.column_stack([np.full(len(pair), low + k), pair[:, 1:]]) for k in (0, 1)]
        step = np.mean(
            forest.predict_encoded(ends[1].astype(np.float32))
            - forest.predict_encoded(ends[0].astype(np.float32))
        )
        difference = own.loc[levels[low + 1], "effect"] - own.loc[levels[low], "effect"]
        assert difference == pytest.approx(step)


@given(seed=st.integers(0, 99), workers=st.integers(1, 4))
def test_neither_the_order_of_rows_and_predictors_nor_the_workers_matter(
    fitted, other_order, seed, workers
):
    forest, X, _ = fitted
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(X)), rng.permutation(4)
    one = accumulated_effects(forest, X, bins=9)
    two = accumulated_effects(
        other_order(forest, columns), X[rows][:, columns], bins=9, workers=workers
    )
    for name in forest.predictors:
        same = [table[table["predictor"] == name].reset_index(drop=True) for table in (one, two)]
        assert same[0].equals(same[1])


def test_a_constant_predictor_and_a_single_class_have_no_effect():
    X = np.ones((20, 3))
    X[:, 0] = np.arange(20)
    forest = fit_forest(X, X[:, 0], ["lst", "soc", "month"], trees=3, mtry=2)
    found = accumulated_effects(forest, X).set_index("predictor")
    for name in ("soc", "month"):
        assert found.loc[name, ["value", "effect", "rows"]].tolist() == [1, 0, 20]


@given(st.lists(st.integers(-5, 5), min_size=1), st.integers(1, 12))
def test_every_bin_holds_a_row(column, bins):
    edges = bin_edges(np.array(column, float), bins)
    assert edges[0] == min(column)
    assert edges[-1] == max(column)
    assert len(edges) <= bins + 1
    assert set(edges) <= set(column)
