"""What must not matter: the order of rows and predictors, workers, the scale of a predictor."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.applicability import fit_applicability
from abz.drivers import permutation_importance
from abz.modelling import (
    ENGINES,
    bootstrap_members,
    calibrate,
    fit_forest,
    held_out_predictions,
    out_of_site,
    site_folds,
    tune,
)
from abz.modelling.fitting import GROWN

NAMES = ["srad", "vegetation", "slope", "lst"]


def whole_chain(X, y, site, workers, names=("srad", "vegetation", "ndvi", "lst")):
    """Everything that follows from training rows, by row or as a whole."""
    options = {"trees": 6, "mtry": 2, "seed": 7, "workers": workers}
    forest = fit_forest(X, y, names, **options)
    folds = site_folds(site, 4)
    held_out = held_out_predictions(X, y, names, site, folds=folds, **options)
    fast = out_of_site(X, y, names, site, **options)
    importance = permutation_importance(forest, X, y, shuffles=2, workers=workers)
    weight = importance.groupby("predictor")["rmse_increase"].mean()[list(names)].to_numpy()
    area = fit_applicability(forest.encode(X), site, weight, workers=workers)
    table = pd.DataFrame({"site": site, "observed": y, "predicted": held_out})
    intervals = calibrate(table, 0.8, strata=())
    member = next(bootstrap_members(X, y, names, sites=site, **options))
    rows = [held_out, fast, area.dissimilarity, area.density, forest.predict(X, workers=workers)]
    wholes = [forest.threshold, forest.leaf, member.threshold, member.leaf, weight]
    return rows, [*wholes, np.array([area.threshold, *intervals.offsets()])]


@settings(max_examples=12)
@given(st.integers(0, 99), st.permutations(range(72)), st.integers(1, 4))
def test_the_order_of_rows_and_workers_change_no_bit_of_anything(seed, order, workers):
    rng = np.random.default_rng(seed)
    X = rng.integers(-4, 5, (72, 4)).astype(np.float32)
    X[:, 1] = rng.choice([21, 70], 72)
    site = np.repeat([f"s{i}" for i in range(12)], 6)
    y = X[:, 0] + rng.normal(size=72)
    rows, wholes = whole_chain(X, y, site, 1)
    again, same = whole_chain(X[order], y[order], site[order], workers)
    for one, two in zip(rows, again, strict=True):
        assert np.array_equal(one[order], two, equal_nan=True)
    for one, two in zip(wholes, same, strict=True):
        assert np.array_equal(one, two)


@settings(max_examples=10)
@given(st.permutations(range(4)), st.sampled_from(ENGINES))
def test_the_order_of_predictors_changes_no_bit_of_a_prediction(order, engine):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(90, 4)).astype(np.float32)
    X[:, 1] = rng.choice([21, 33, 70], 90)
    y = 4 * X[:, 0] + 0.1 * X[:, 1] + X[:, 3] ** 2 + rng.normal(size=90)
    site, new = np.repeat(np.arange(9), 10).astype(str), X + np.float32([0.1, 0, 0.1, 0.1])
    options = {"engine": engine, "trees": 4, "seed": 1, "categories": ["vegetation"]}

    def predictions(columns):
        """Of a forest, of its members and at held-out sites, whatever the places of the columns."""
        names, rows = [NAMES[i] for i in columns], X[:, columns]
        forest = fit_forest(rows, y, names, mtry=2, **options)
        assert forest.predictors == tuple(names)
        resampled = {"members": 2, "sites": site, "member_predictors": "all"}
        members = bootstrap_members(rows, y, names, mtry=2, **resampled, **options)
        found = [f.predict(new[:, columns]) for f in (forest, *members)]
        tuned = tune(rows, y, names, site, grid=(1, 3), **options)
        found += [tuned.held_out, tuned.table["rmse"].to_numpy()]
        if engine in GROWN:
            found.append(out_of_site(rows, y, names, site, mtry=2, **options))
        return found

    for one, two in zip(predictions(list(range(4))), predictions(order), strict=True):
        assert one.tobytes() == two.tobytes()


@settings(max_examples=10)
@given(st.permutations(range(4)))
def test_the_order_of_predictors_changes_no_dissimilarity(order):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(150, 4)).astype(np.float32)
    weights, folds = np.array([3.0, 1.0, 0.5, 2.0]), np.arange(150) % 9
    areas = [
        fit_applicability(X[:, columns], folds, weights[columns])
        for columns in (np.arange(4), np.array(order))
    ]
    assert np.allclose(areas[0].dissimilarity, areas[1].dissimilarity, rtol=1e-12)
    assert np.array_equal(areas[0].density, areas[1].density)


def rows_of_ranks(column, scale):
    """Rows with sixteen values a predictor, as they are and with those of one column replaced."""
    rng = np.random.default_rng(4)
    X = rng.integers(0, 16, (90, 3)).astype(np.float32)
    moved = X.copy()
    moved[:, column] = np.array(scale, np.float32)[X[:, column].astype(int)]
    return X, moved, X[:, 0] - 0.3 * X[:, 1] * X[:, 2] + rng.normal(size=90)


@settings(max_examples=20)
@given(
    st.integers(0, 2),
    st.lists(st.integers(-9999, 9999), min_size=16, max_size=16, unique=True).map(sorted),
    st.sampled_from(["random_forest", "quantile_forest"]),
)
def test_a_strictly_monotone_rescaling_of_a_predictor_changes_no_split(column, scale, engine):
    """Nor a prediction of rows that a tree has seen; between them a threshold lies half-way.

    A leaf of a quantile forest may hold a row that its tree has not seen.
    """
    X, moved, y = rows_of_ranks(column, scale)
    options = {"engine": engine, "trees": 5, "mtry": 2, "seed": 3}
    one, two = (fit_forest(rows, y, ["srad", "lst", "ndvi"], **options) for rows in (X, moved))
    for name in ("feature", "child", "root", *(["leaf"] if engine == "random_forest" else [])):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


@settings(max_examples=20)
@given(st.integers(0, 2), st.integers(1, 1000), st.integers(-1000, 1000))
def test_other_units_of_a_predictor_change_no_prediction(column, factor, offset):
    X, moved, y = rows_of_ranks(column, factor * np.arange(16) + offset)
    names, site = ["srad", "lst", "ndvi"], np.arange(90) % 7
    found = []
    for rows in (X, moved):
        forest = fit_forest(rows, y, names, trees=5, mtry=2)
        fast = out_of_site(rows, y, names, site, trees=4, mtry=2)
        slow = held_out_predictions(rows, y, names, site, trees=2, mtry=2)
        found.append([forest.predict(rows), fast, slow])
    assert np.array_equal(found[0], found[1], equal_nan=True)
