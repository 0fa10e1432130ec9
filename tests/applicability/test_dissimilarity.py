import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.applicability.dissimilarity import (
    PredictorSpace,
    dissimilarity,
    training_dissimilarity,
)
from abz.errors import InputError


def test_equals_the_definition_row_by_row():
    rng = np.random.default_rng(0)
    raw, weights = rng.normal(280, 9, size=(40, 3)), np.array([2.0, 0.5, 1.0])
    scaled = weights * (raw - raw.mean(axis=0)) / raw.std(axis=0)
    space = PredictorSpace.of(raw, weights)
    points = rng.normal(280, 30, size=(15, 3))
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(scaled) for b in scaled[:i]]
    moved = weights * (points - raw.mean(axis=0)) / raw.std(axis=0)
    naive = [min(np.linalg.norm(p - row) for row in scaled) / np.mean(pairs) for p in moved]
    found = dissimilarity(space.place(points), space.place(raw), np.mean(pairs))
    assert np.allclose(found, naive, rtol=1e-12)


def test_training_rows_see_other_folds_only():
    rows, folds = np.array([[0.0], [0.1], [5.0], [7.0]]), np.array(["a", "a", "b", "c"])
    assert np.allclose(training_dissimilarity(rows, folds, 2.0), [2.5, 2.45, 1.0, 1.0])


def test_weight_below_zero_and_no_spread_count_as_zero():
    rows = np.array([[0.0, 1.0, 4.0], [2.0, 1.0, 8.0]])
    space = PredictorSpace.of(rows, np.array([1.0, 5.0, -3.0]))
    assert space.stretch.tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(space.place(np.array([[1.0, 1.0, np.nan]]))).any()


def test_a_place_comes_back_as_it_went():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(9, 3))
    space = PredictorSpace.of(rows, np.array([1.0, 0.0, 2.0]))
    back = space.restore(space.place(rows))
    assert np.allclose(back[:, [0, 2]], rows[:, [0, 2]])
    assert np.allclose(back[:, 1], rows[:, 1].mean())


@pytest.mark.parametrize(
    ("rows", "weights", "match"),
    [
        (np.ones((3, 2)), np.ones(2), "apart"),
        (np.eye(2), np.array([0.0, -1.0]), "apart"),
        (np.array([[1.0], [np.nan]]), np.ones(1), "missing"),
        (np.eye(2), np.array([1.0, np.nan]), "missing"),
        (np.eye(2), np.ones(3), "fit"),
    ],
)
def test_refuses_what_has_no_distance(rows, weights, match):
    with pytest.raises(InputError, match=match):
        PredictorSpace.of(rows, weights)


def test_refuses_a_single_fold():
    with pytest.raises(InputError, match="folds"):
        training_dissimilarity(np.eye(2), np.zeros(2), 1.0)


def test_a_row_of_its_own_site_is_no_witness():
    """Twins at one site are far from all others; twins at two sites speak for each other."""
    rows = np.array([[0.0], [0.0], [5.0], [5.0], [9.0]])
    together = training_dissimilarity(rows, np.array([1, 1, 2, 2, 3]), 1.0)
    apart = training_dissimilarity(rows, np.array([1, 2, 1, 2, 3]), 1.0)
    assert together.tolist() == [5, 5, 4, 4, 4]
    assert apart.tolist() == [0, 0, 0, 0, 4]


@given(st.integers(0, 50), st.integers(2, 6))
def test_leaving_out_more_makes_no_row_more_alike(seed, groups):
    rng = np.random.default_rng(seed)
    rows, fine = rng.normal(size=(40, 3)), rng.integers(0, 12, 40)
    coarse = fine % groups
    if np.unique(coarse).size < 2:
        return
    near = training_dissimilarity(rows, fine, 1.0)
    assert (training_dissimilarity(rows, coarse, 1.0) >= near).all()
    assert (near >= dissimilarity(rows, rows, 1.0)).all()
