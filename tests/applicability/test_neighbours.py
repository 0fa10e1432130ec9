import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from abz.applicability.neighbours import mean_pair_distance, nearest_and_count
from abz.errors import InputError


def some_rows(seed, n, p=5):
    return np.random.default_rng(seed).normal(size=(n, p))


@given(st.integers(0, 99), st.integers(1, 600), st.integers(1, 60), st.floats(0.1, 4))
def test_equals_a_search_tree(seed, n, m, radius):
    reference, points = some_rows(seed, n), some_rows(seed + 1, m)
    squared, count = nearest_and_count(points, reference, radius**2)
    tree = cKDTree(reference)
    assert np.allclose(np.sqrt(squared), tree.query(points)[0], rtol=1e-12)
    assert count.tolist() == tree.query_ball_point(points, radius, return_length=True).tolist()


@given(st.integers(0, 99), st.integers(1, 400), st.floats(0, 3))
def test_equals_the_loop_over_all_pairs_to_the_last_bit(seed, n, limit):
    """Rows in clumps, many of them twice and some outside the range of the others."""
    rng = np.random.default_rng(seed)
    clump = rng.normal(size=(5, 6)) * [9, 3, 1, 1, 0.1, 0]
    reference = clump[rng.integers(5, size=n)] + rng.integers(-1, 2, size=(n, 6)) / 4
    points = np.concatenate([reference[:20], clump, rng.normal(size=(9, 6)) * 5])
    squared, count = nearest_and_count(points, reference, limit)
    for row, point in enumerate(points):
        far = np.zeros(n)
        for predictor in range(6):
            far += (reference[:, predictor] - point[predictor]) ** 2
        assert squared[row] == far.min()
        assert count[row] == (far <= limit).sum()


def test_without_reference_rows_nothing_is_near():
    squared, count = nearest_and_count(np.zeros((2, 3)), np.zeros((0, 3)), 1.0)
    assert np.isinf(squared).all()
    assert not count.any()


def test_a_point_never_meets_its_own_group():
    rows, group = some_rows(0, 90), np.arange(90) % 4
    squared, count = nearest_and_count(rows, rows, 4.0, point_group=group, reference_group=group)
    for row in range(90):
        far = ((rows[group != group[row]] - rows[row]) ** 2).sum(axis=1)
        assert squared[row] == pytest.approx(far.min(), rel=1e-14)
        assert count[row] == (far <= 4.0).sum()


def test_workers_blocks_and_order_change_no_bit():
    reference, points = some_rows(1, 700), some_rows(2, 301)
    squared, count = nearest_and_count(points, reference, 3.0)
    shuffled = np.random.default_rng(3).permutation(700)
    halves = [nearest_and_count(part, reference, 3.0) for part in np.array_split(points, 3)]
    again = nearest_and_count(points, reference[shuffled], 3.0, workers=4)
    assert np.array_equal(again[0], squared)
    assert np.array_equal(again[1], count)
    assert np.array_equal(np.concatenate([half[0] for half in halves]), squared)


def test_a_missing_value_has_no_neighbours():
    squared, count = nearest_and_count(np.array([[np.nan, 0.0]]), np.zeros((3, 2)), 9.0)
    assert np.isnan(squared[0])
    assert count[0] == 0


def test_mean_distance_equals_scipy_for_any_workers():
    rows = some_rows(4, 203)
    assert mean_pair_distance(rows) == pytest.approx(pdist(rows).mean(), rel=1e-13)
    assert mean_pair_distance(rows, workers=3) == mean_pair_distance(rows)


def test_one_row_makes_no_pair():
    with pytest.raises(InputError, match="pair"):
        mean_pair_distance(np.zeros((1, 2)))
