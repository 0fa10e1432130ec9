import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist

from abz.applicability.area import fit_applicability, threshold_of
from abz.errors import InputError


@pytest.fixture(scope="module")
def training():
    rng = np.random.default_rng(0)
    folds = np.repeat(np.arange(12), 20)
    X = rng.normal(size=(12, 4))[folds] + rng.normal(size=(240, 4)) / 2
    return X, folds, np.array([3.0, 1.0, 0.5, -1.0])


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(1).normal(size=(150, 4)) * 1.5


def test_equals_brute_force(training, points):
    X, folds, weights = training
    scale = np.maximum(weights, 0) / X.std(axis=0)
    mean = pdist(X * scale).mean()
    own = cdist(X * scale, X * scale) / mean
    own[folds[:, None] == folds] = np.inf
    far = cdist(points * scale, X * scale) / mean
    area = fit_applicability(X, folds, weights)
    found = area.measure(points)
    assert np.allclose(area.dissimilarity, own.min(axis=1))
    assert area.threshold == pytest.approx(threshold_of(own.min(axis=1)))
    assert np.allclose(found.dissimilarity, far.min(axis=1))
    assert found.density.tolist() == (far <= area.threshold).sum(axis=1).tolist()
    assert 0 < found.inside.mean() < 1


def test_inside_is_where_dissimilarity_is_low_and_rows_are_near(training, points):
    area = fit_applicability(*training)
    found = area.measure(points)
    assert np.array_equal(found.inside == 1, found.dissimilarity <= area.threshold)
    assert np.array_equal(found.inside == 1, found.density > 0)
    assert np.array_equal(area.dissimilarity <= area.threshold, area.density > 0)


def test_a_training_row_is_at_home(training):
    X = training[0]
    found = fit_applicability(*training).measure(X)
    assert (found.dissimilarity == 0).all()
    assert (found.inside == 1).all()


def test_an_alien_climate_is_outside_and_a_missing_one_unknown(training):
    X = training[0]
    alien = X[:3].copy()
    alien[0, 0] += 50 * X[:, 0].std()
    alien[1, 1] = np.nan
    found = fit_applicability(*training).measure(alien)
    assert found.inside.tolist() == [0, -1, 1]
    assert found.density[:2].tolist() == [0, -1]
    assert np.isnan(found.dissimilarity).tolist() == [False, True, False]


def test_the_order_of_rows_workers_and_blocks_change_no_bit(training, points):
    X, folds, weights = training
    order = np.random.default_rng(2).permutation(len(X))
    one = fit_applicability(X, folds, weights)
    two = fit_applicability(X[order], folds[order], weights, workers=3)
    assert one.threshold == two.threshold
    assert np.array_equal(one.dissimilarity[order], two.dissimilarity)
    assert np.array_equal(one.density[order], two.density)
    whole = one.measure(points).dissimilarity
    blocks = [two.measure(part, workers=2).dissimilarity for part in np.array_split(points, 7)]
    assert np.array_equal(whole, np.concatenate(blocks))


@given(st.floats(0.01, 100), st.floats(-500, 500), st.floats(0.1, 10))
def test_units_and_the_size_of_weights_do_not_matter(factor, offset, size):
    rng = np.random.default_rng(3)
    X, points, folds = rng.normal(size=(60, 2)), rng.normal(size=(9, 2)), np.arange(60) % 5
    one = fit_applicability(X, folds, np.array([2.0, 1.0])).measure(points)
    moved = fit_applicability(X * factor + offset, folds, size * np.array([2.0, 1.0]))
    assert np.allclose(one.dissimilarity, moved.measure(points * factor + offset).dissimilarity)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40))
def test_the_threshold_is_a_training_value_below_the_whisker(values):
    di = np.array(values)
    frame = pd.Series(di)
    whisker = frame.quantile(0.75) + 1.5 * (frame.quantile(0.75) - frame.quantile(0.25))
    found = threshold_of(di)
    assert found in di
    assert found <= whisker + 1e-12
    assert ((di <= found) | (di > whisker - 1e-9)).all()


def test_rows_and_folds_must_fit(training):
    with pytest.raises(InputError, match="folds"):
        fit_applicability(training[0], training[1][:-1], training[2])
