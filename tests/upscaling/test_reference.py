"""scikit-learn's own trees give what the compiled engine gives."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.modelling import fit_forest
from abz.modelling.fitting import ENGINES
from abz.upscaling import ReferenceForest, as_scikit_learn

NAMES = ("lst", "vegetation", "soc")


def rows_of(rng, n):
    return np.stack([rng.normal(size=n), rng.choice([21, 30, 70], n), rng.normal(size=n)], axis=1)


@pytest.fixture(scope="module", params=ENGINES)
def forest(request):
    rng = np.random.default_rng(1)
    X = rows_of(rng, 200)
    y = X[:, 0] + (X[:, 1] == 30) * X[:, 2] + rng.normal(size=200) / 5
    return fit_forest(X, y, NAMES, engine=request.param, trees=7, mtry=2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(0, 700))
def test_the_same_bits_on_any_rows(forest, seed, workers, n):
    X = rows_of(np.random.default_rng(seed), n)
    X[::7, 0] = np.nan
    X[::11, 1] = 160
    found = ReferenceForest.of(forest).predict(X, workers=workers)
    assert np.array_equal(found, forest.predict(X), equal_nan=True)


def test_rows_on_a_threshold(forest):
    """Values that equal a threshold, and their neighbours in single precision."""
    inner = np.flatnonzero(forest.feature == 0)[:50]
    edges = forest.threshold[inner]
    values = np.concatenate([edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)])
    X = np.stack([values, np.full(values.size, 30.0), np.zeros(values.size)], axis=1)
    assert np.array_equal(ReferenceForest.of(forest).predict(X), forest.predict(X))


def test_the_regressor_is_scikit_learns(forest):
    rows = forest.encode(rows_of(np.random.default_rng(2), 40))
    mean = replace(forest, quantile=None)
    regressor = as_scikit_learn(forest)
    assert np.allclose(regressor.predict(rows), mean.predict_encoded(rows), rtol=0, atol=1e-9)
    assert regressor.apply(rows).shape == (40, forest.trees)
