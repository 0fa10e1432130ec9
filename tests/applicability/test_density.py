import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.applicability.density import largest_square, local_density, training_density


def test_counts_equal_brute_force():
    rng = np.random.default_rng(0)
    training, points = rng.normal(size=(300, 4)), rng.normal(size=(50, 4))
    far = np.linalg.norm(points[:, None] - training, axis=2) / 2.5
    found = local_density(points, training, 2.5, 0.6)
    assert found.tolist() == (far <= 0.6).sum(axis=1).tolist()
    assert found.max() > 3


def test_training_counts_leave_out_the_own_fold():
    rng = np.random.default_rng(1)
    training, folds = rng.normal(size=(120, 3)), rng.integers(0, 7, 120)
    far = np.linalg.norm(training[:, None] - training, axis=2)
    other = folds[:, None] != folds
    naive = ((far <= 1.1) & other).sum(axis=1)
    assert training_density(training, folds, 1.0, 1.1).tolist() == naive.tolist()


@given(st.floats(1e-6, 1e6), st.floats(0, 1e3))
def test_the_square_decides_as_the_dissimilarity_does(mean, threshold):
    square = largest_square(mean, threshold)
    assert np.sqrt(square) / mean <= threshold
    assert np.sqrt(np.nextafter(square, np.inf)) / mean > threshold
