from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.drivers import predict_moved
from abz.errors import InputError
from abz.modelling import fit_forest


def naive(forest, rows, values, columns):
    """Every copy of every row, predicted by itself."""
    answer = np.empty((len(rows), values.shape[1]))
    for setting in range(values.shape[1]):
        copies = rows.copy()
        copies[:, columns] = values[:, setting] if len(values) > 1 else values[0, setting]
        answer[:, setting] = forest.predict_encoded(copies)
    return answer


@given(
    seed=st.integers(0, 99),
    columns=st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True),
    settings=st.integers(1, 40),
    shared=st.booleans(),
    workers=st.integers(1, 5),
)
def test_is_to_the_last_bit_what_altered_copies_are_told(
    fitted, seed, columns, settings, shared, workers
):
    forest, X, _ = fitted
    rng = np.random.default_rng(seed)
    rows = forest.encode(X)[rng.integers(len(X), size=rng.integers(1, 90))]
    donors = forest.encode(X)[rng.integers(len(X), size=(1 if shared else len(rows), settings))]
    values = donors[:, :, columns]
    found = predict_moved(forest, rows, values, columns, workers=workers)
    assert np.array_equal(found, naive(forest, rows, values, columns))


def test_a_quantile_forest_answers_with_its_quantile(fitted):
    _, X, y = fitted
    names = ["srad", "lst", "ndvi", "vpd"]
    forest = fit_forest(X, y, names, engine="quantile_forest", trees=7, mtry=2)
    rows = forest.encode(X)
    values = np.repeat(rows[:50, 1][None, :, None], len(rows), axis=0)
    found = predict_moved(forest, rows, values, [1])
    assert np.array_equal(found, naive(forest, rows, values, [1]))


@pytest.mark.parametrize("quantile", [None, 0.5])
def test_copies_that_lack_a_value_have_no_answer(fitted, quantile):
    forest, X, _ = fitted
    rows = forest.encode(X[:4])
    rows[0, 2] = np.nan
    rows[1, 1] = np.nan
    values = np.array([[[0.5], [np.nan]]])
    found = predict_moved(replace(forest, quantile=quantile), rows, values, [1])
    assert np.isnan(found[:, 1]).all()
    assert np.isnan(found[:, 0]).tolist() == [True, False, False, False]


def test_no_rows_have_no_answers(fitted):
    forest, X, _ = fitted
    assert predict_moved(forest, forest.encode(X[:0]), np.zeros((1, 3, 1)), [0]).shape == (0, 3)


@pytest.mark.parametrize("shape", [(3, 2, 1), (1, 0, 1), (1, 2, 2), (2, 1)])
def test_settings_have_to_fit(fitted, shape):
    forest, X, _ = fitted
    with pytest.raises(InputError, match="do not fit together"):
        predict_moved(forest, forest.encode(X[:5]), np.zeros(shape), [1])
