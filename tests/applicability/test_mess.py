import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abz.applicability.mess import similarity, similarity_by_predictor
from abz.errors import InputError

VALUES = st.integers(-20, 20).map(float)


def naive_similarity(reference, p):
    low, high = min(reference), max(reference)
    f = 100 * sum(r < p for r in reference) / len(reference)
    if f == 0:
        return 100 * (p - low) / (high - low)
    if f <= 50:
        return 2 * f
    if f < 100:
        return 2 * (100 - f)
    return 100 * (high - p) / (high - low)


@given(arrays(float, st.integers(2, 30), elements=VALUES), arrays(float, 20, elements=VALUES))
def test_equals_the_formula(reference, values):
    if reference.min() == reference.max():
        return
    naive = [naive_similarity(reference.tolist(), p) for p in values.tolist()]
    assert np.allclose(similarity_by_predictor(reference, values), naive, rtol=1e-12)


@given(
    arrays(float, st.tuples(st.integers(2, 12), st.just(3)), elements=VALUES),
    arrays(float, st.tuples(st.integers(1, 12), st.just(3)), elements=VALUES),
)
def test_is_below_zero_exactly_outside_the_range(reference, rows):
    low, high = reference.min(axis=0), reference.max(axis=0)
    ranged = low < high
    if not ranged.any():
        return
    score, predictor = similarity(reference, rows)
    beyond = ((rows < low) | (rows > high)) & ranged
    assert np.array_equal(score < 0, beyond.any(axis=1))
    assert beyond[np.flatnonzero(score < 0), predictor[score < 0]].all()


def test_a_table_by_hand():
    reference = np.arange(0.0, 10.0)
    values = np.array([-2.0, 0.0, 0.5, 4.5, 6.5, 9.0, 10.0])
    expected = [-200 / 9, 0, 20, 100, 60, 20, -100 / 9]
    assert np.allclose(similarity_by_predictor(reference, values), expected)


@pytest.mark.parametrize(("n", "top"), [(10, 100), (11, 1000 / 11), (2, 100), (3, 200 / 3)])
def test_the_upper_end_keeps_the_share_of_one_value(n, top):
    reference = np.arange(float(n))
    found = similarity_by_predictor(reference, np.linspace(0, n - 1, 20 * n))
    assert found[[0, -1]] == pytest.approx([0, 200 / n])
    assert found.max() == pytest.approx(top)


def test_the_worst_predictor_decides():
    reference = np.column_stack([np.arange(10.0), np.arange(10.0), np.full(10, 4.0)])
    rows = np.array([[4.5, 4.5, 9.0], [4.5, 12.0, 4.0], [-3.0, 12.0, 4.0], [np.nan, 1.0, 4.0]])
    score, predictor = similarity(reference, rows)
    assert predictor.tolist() == [0, 1, 0, -1]
    assert np.allclose(score, [100, -100 / 3, -100 / 3, np.nan], equal_nan=True)


def test_missing_reference_values_are_passed_over():
    reference = np.array([0.0, np.nan, 4.0])
    assert similarity_by_predictor(reference, np.array([8.0])).tolist() == [-100.0]


@pytest.mark.parametrize("reference", [np.ones((3, 1)), np.full((2, 1), np.nan)])
def test_refuses_a_reference_without_range(reference):
    with pytest.raises(InputError, match="range"):
        similarity(reference, np.zeros((1, 1)))
    with pytest.raises(InputError, match="range"):
        similarity_by_predictor(reference[:, 0], np.zeros(1))


def test_refuses_other_columns():
    with pytest.raises(InputError, match="fit"):
        similarity(np.eye(2), np.zeros((1, 3)))
