"""Training rows are checked in one place, and sorted by what they hold and not by how they came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling import fit_forest, held_out_predictions, nested, out_of_site, tune
from abz.modelling.training import canonical_columns, check_training, sort_training
from abz.vocabulary import MODEL_SETS, predictor_names

NAMES = ["slope", "lst", "month"]


@given(st.permutations(range(3)), st.permutations(range(6)))
def test_rows_and_columns_are_sorted_whatever_their_order(columns, rows):
    X = np.arange(18.0).reshape(6, 3) % 7
    one = sort_training(X, X[:, 0], NAMES)
    two = sort_training(X[rows][:, columns], X[rows, 0], [NAMES[i] for i in columns])
    assert one.predictors == two.predictors == ("month", "lst", "slope")
    assert one.categories == two.categories == {"month": 0}
    assert np.array_equal(one.X, two.X) and np.array_equal(one.y, two.y)
    assert np.array_equal(one.X, X[one.rows][:, one.columns].astype(np.float32))


@pytest.mark.parametrize("model_set", ["fine", "coarse"])
def test_predictors_of_the_study_stay_in_its_order(model_set):
    assert model_set in MODEL_SETS
    names = predictor_names(model_set)
    assert canonical_columns(names).tolist() == list(range(len(names)))


def test_other_names_follow_by_alphabet():
    names = ["x10", "co2", "x2", "srad"]
    assert [names[i] for i in canonical_columns(names)] == ["srad", "co2", "x10", "x2"]


def test_the_table_itself_is_left_as_it_is():
    X = np.array([[7.0, 2], [6, 1]], np.float32)
    before = X.copy()
    fit_forest(X, [0.0, 1.0], ["month", "lst"], trees=1, mtry=1)
    assert np.array_equal(X, before)


WRONG = [
    ({"X": np.ones(8)}, "do not fit together"),
    ({"X": np.ones((8, 3))}, "do not fit together"),
    ({"y": np.ones(7)}, "do not fit together"),
    ({"y": np.ones((8, 1))}, "do not fit together"),
    ({"X": np.ones((0, 2)), "y": np.ones(0)}, "nothing to train on"),
    ({"predictors": ["lst", "lst"]}, "lst more than once"),
    ({"X": np.array([[1, 2], [np.nan, 2]] * 4)}, "got:    lst"),
    ({"y": np.full(8, np.inf)}, "the response"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_every_way_to_train_refuses_the_same_rows(wrong, message):
    rows = {"X": np.ones((8, 2)), "y": np.arange(8.0), "predictors": ["lst", "ndvi"]} | wrong
    sites = np.array(list("aabbccdd"))[: len(rows["y"])]
    for train in (check_training, fit_forest):
        with pytest.raises(InputError, match=message):
            train(**rows)
    for validate in (tune, held_out_predictions, out_of_site, nested):
        with pytest.raises(InputError, match=message):
            validate(**rows, sites=sites)


@pytest.mark.parametrize(
    "sites", [np.array(list("aabbccd")), np.array(["a", None] * 4, object), np.full(8, "a")]
)
def test_every_way_to_leave_sites_out_refuses_the_same_sites(sites):
    X, y = np.arange(72.0).reshape(8, 9), np.arange(8.0)
    for validate in (tune, held_out_predictions, out_of_site, nested):
        with pytest.raises(InputError, match=r"rows have no site|at least two sites"):
            validate(X, y, list("abcdefghi"), sites)


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        (["season"], "category is one of month, ndvi"),
        (["Month"], "did you mean 'month'"),
        ("month", r"give \['month'\]"),
        (["month", "month"], "month more than once"),
        (["ndvi"], r"ndvi holds values that are no codes\n.*\n  got:    [01]\.5"),
    ],
)
def test_wrong_categories_are_named(categories, message):
    X, y = np.array([[1, 0.5], [2, 1.5], [3, 2]]), np.arange(3.0)
    with pytest.raises(InputError, match=message):
        fit_forest(X, y, ["month", "ndvi"], categories=categories, trees=1, mtry=1)
    with pytest.raises(InputError, match=message):
        out_of_site(X, y, ["month", "ndvi"], np.arange(3), categories=categories, trees=50, mtry=1)
