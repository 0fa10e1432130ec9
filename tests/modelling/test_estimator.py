"""The forest as a regressor of scikit-learn: its own checks, and the tools that people use."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from abz.errors import CategoryError, InputError
from abz.modelling import FluxForestRegressor, fit_forest, load_forest, save_forest
from abz.modelling.estimator import RowsError
from abz.modelling.fitting import ENGINES

SITES = np.repeat(["a", "b", "c", "d"], 30)


def table(seed=0, types=(21, 33, 70)):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "month": rng.integers(1, 13, SITES.size),
            "vegetation": rng.choice(types, SITES.size),
            "lst": rng.normal(280, 9, SITES.size),
            "ndvi": rng.uniform(0, 1, SITES.size),
        }
    )
    flux = 40 * rows["ndvi"] * rows["month"].isin([6, 7, 8]) + 0.1 * rows["vegetation"]
    return rows, flux.to_numpy() + rng.normal(size=SITES.size)


@parametrize_with_checks(
    [FluxForestRegressor(engine=e, trees=60 if "boost" in e else 10) for e in ENGINES]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_the_forest_of_fit_forest(engine):
    rows, flux = table()
    options = {"engine": engine, "trees": 12, "mtry": 3, "node_size": 4}
    options["quantile"] = 0.3 if engine == "quantile_forest" else 0.5
    model = FluxForestRegressor(**options, random_state=7).fit(rows, flux)
    forest = fit_forest(rows.to_numpy(), flux, list(rows), **options, seed=7)
    assert np.array_equal(model.predict(rows), forest.predict(rows.to_numpy()))
    assert model.forest_.levels.keys() == {"month", "vegetation"}
    assert model.feature_names_in_.tolist() == list(rows)


def test_categories_are_named_numbered_or_declared():
    rows, flux = table()
    rows = rows[["month", "vegetation", "ndvi", "lst"]]
    options = {"trees": 8, "mtry": 2}
    declared = FluxForestRegressor(**options).fit(rows, flux)
    named = FluxForestRegressor(**options, categories=["month", "vegetation"]).fit(rows, flux)
    numbered = FluxForestRegressor(**options, categories=[0, -3]).fit(rows.to_numpy(), flux)
    none = FluxForestRegressor(**options, categories=[]).fit(rows, flux)
    assert np.array_equal(declared.predict(rows), named.predict(rows))
    assert np.array_equal(declared.predict(rows), numbered.predict(rows.to_numpy()))
    assert list(numbered.forest_.levels) == ["x0", "x1"]
    assert not none.forest_.levels


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["season"], "month, vegetation, lst, ndvi"),
        (["Month"], "did you mean 'month'"),
        ([4], r"-4 <= a category's column <= 3"),
        ("month", r"give \['month'\]"),
        (["month", 0, "vegetation"], "month more than once"),
        (["lst"], "lst holds values that are no codes"),
    ],
)
def test_a_wrong_category_is_named(wrong, message):
    with pytest.raises(InputError, match=message):
        FluxForestRegressor(trees=1, categories=wrong).fit(*table())


@pytest.mark.parametrize(
    ("strange", "message"),
    [
        ({"lst": np.nan}, "lst"),
        ({"ndvi": np.inf}, "ndvi"),
        ({"vegetation": "tundra"}, "vegetation"),
    ],
)
def test_columns_that_hold_no_numbers_are_named(strange, message):
    rows, flux = table()
    model = FluxForestRegressor(trees=1).fit(rows, flux)
    for call in (lambda bad: model.fit(bad, flux), model.predict):
        with pytest.raises(RowsError, match=rf"got:    {message}\n"):
            call(rows.assign(**strange))
    with pytest.raises(InputError, match=r"got:    1\n"):
        model.fit(np.where(np.arange(4) == 1, np.nan, rows.to_numpy()), flux)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"random_state": -1}, {"trees": "50"}])
def test_parameters_are_checked_by_name(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))} is a whole number"):
        FluxForestRegressor(**{"trees": 1, **wrong}).fit(*table())


def test_kin_may_be_declared():
    rows, flux = table()
    rows["soil"] = rows.pop("vegetation")
    kin = {"soil": {80: (31, 70), 90: (31,)}}
    options = {"trees": 3, "unseen": "pool", "categories": ["month", "soil"]}
    model = clone(FluxForestRegressor(**options, kin=kin)).fit(rows, flux)
    pooled, known = (model.predict(rows.assign(soil=code)) for code in (80, 70))
    assert np.array_equal(pooled, known)
    assert np.isnan(model.predict(rows.assign(soil=90))).all()
    with pytest.raises(InputError, match="none for soil"):
        FluxForestRegressor(**options).fit(rows, flux)


def test_mtry_is_a_third_of_the_predictors_unless_it_is_given():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 7)), rng.normal(size=80)
    third = FluxForestRegressor(trees=5).fit(X, y)
    two = FluxForestRegressor(trees=5, mtry=2).fit(X, y)
    assert np.array_equal(third.predict(X), two.predict(X))
    assert np.isfinite(FluxForestRegressor(trees=2).fit(X[:, :2], y).predict(X[:, :2])).all()


def test_the_order_of_the_columns_is_checked():
    rows, flux = table()
    model = FluxForestRegressor(trees=2).fit(rows, flux)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(rows[["lst", "ndvi", "month", "vegetation"]])


@pytest.mark.parametrize("unseen", ["missing", "pool", "error"])
def test_unseen_levels_follow_the_policy(unseen):
    rows, flux = table()
    model = FluxForestRegressor(trees=5, unseen=unseen).fit(rows, flux)
    strange = rows.assign(vegetation=80)
    if unseen == "error":
        with pytest.raises(CategoryError, match="80"):
            model.predict(strange)
    else:
        assert np.isnan(model.predict(strange)).all() == (unseen == "missing")


def test_a_clone_has_the_parameters_and_no_forest():
    model = FluxForestRegressor(trees=3, mtry=2, categories=("month",)).fit(*table())
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(table()[0])


def test_mtry_is_chosen_by_leaving_sites_out():
    rows, flux = table()
    search = GridSearchCV(
        FluxForestRegressor(trees=10),
        {"mtry": [1, 4], "node_size": [5, 60]},
        cv=LeaveOneGroupOut(),
        scoring="neg_root_mean_squared_error",
    ).fit(rows, flux, groups=SITES)
    assert search.n_splits_ == 4
    assert search.best_params_ == {"mtry": 4, "node_size": 5}
    assert search.best_estimator_.forest_.trees == 10


def test_it_ends_a_pipeline_of_tables():
    rows, flux = table()
    warm = FunctionTransformer(lambda x: x.assign(warm=x["lst"].clip(lower=273)))
    model = make_pipeline(warm, FluxForestRegressor(trees=6, mtry=5))
    held_out = cross_val_predict(model, rows, flux, groups=SITES, cv=LeaveOneGroupOut())
    assert np.corrcoef(held_out, flux)[0, 1] > 0.8
    fitted = model.fit(rows, flux)[-1]
    assert fitted.feature_names_in_.tolist() == [*rows, "warm"]
    assert set(fitted.forest_.levels) == {"month", "vegetation"}


def test_it_ends_a_pipeline_of_arrays():
    rows, flux = table()
    model = make_pipeline(StandardScaler(), FluxForestRegressor(trees=6, mtry=4))
    assert model.fit(rows, flux).score(rows, flux) > 0.6


def test_it_takes_a_transformed_target():
    rows, flux = table()
    plain = FluxForestRegressor(trees=6, mtry=4)
    model = TransformedTargetRegressor(plain, func=np.arcsinh, inverse_func=np.sinh)
    assert model.fit(rows, flux).score(rows, flux) > 0.6
    assert model.predict(rows).max() < flux.max()


def test_generators_give_another_forest_at_each_fit():
    rows, flux = table()
    model = FluxForestRegressor(trees=3, random_state=np.random.RandomState(0))
    first, second = (model.fit(rows, flux).predict(rows) for _ in range(2))
    assert not np.array_equal(first, second)
    model.set_params(random_state=5, workers=2)
    assert np.array_equal(model.fit(rows, flux).predict(rows), model.fit(rows, flux).predict(rows))


def test_its_forest_is_stored_without_pickles(tmp_path):
    rows, flux = table()
    model = FluxForestRegressor(trees=3).fit(rows, flux)
    path = save_forest(model.forest_, tmp_path / "forest.npz", {"flux": "nee"})
    assert np.array_equal(load_forest(path).predict(rows.to_numpy()), model.predict(rows))


def test_the_documentation_shows_how_to_fit_and_store_it(tmp_path, monkeypatch, repository):
    monkeypatch.chdir(tmp_path)
    page = (repository / "docs" / "methods" / "forests.md").read_text("utf-8")
    shown = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1), shown)
    assert np.array_equal(shown["again"], shown["median"])
    assert (shown["upper"] >= shown["median"]).all() and (
        shown["upper"] > shown["flux"]
    ).mean() > 0.9
