import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.applicability.error import error_model
from abz.errors import InputError


@given(st.integers(0, 99), st.integers(3, 200), st.integers(1, 25))
def test_error_never_falls_with_dissimilarity(seed, n, bins):
    rng = np.random.default_rng(seed)
    di, residual = rng.gamma(2, size=n).round(1), rng.normal(size=n)
    model = error_model(di, residual, bins=bins)
    assert (np.diff(model.predict(np.linspace(-1, 20, 99))) >= -1e-12).all()
    assert model.rows.sum() == n
    assert np.average(model.fitted**2, weights=model.rows) == pytest.approx((residual**2).mean())


def test_recovers_a_planted_growth():
    rng = np.random.default_rng(0)
    di = rng.uniform(0, 1, 40_000)
    model = error_model(di, rng.normal(size=di.size) * (5 + 20 * di))
    assert np.allclose(model.predict(np.array([0.1, 0.5, 0.9])), [7, 15, 23], rtol=0.05)
    assert model.widening(np.array([0.05]))[0] < 1 < model.widening(np.array([0.95]))[0]


def test_rows_of_one_dissimilarity_stay_together():
    di, residual = np.repeat([0.0, 1.0], 50), np.repeat([1.0, 2.0], 50)
    model = error_model(di, residual, bins=10)
    assert model.rows.tolist() == [50, 50]
    assert model.fitted.tolist() == [1.0, 2.0]


def test_the_order_of_rows_changes_no_bit():
    rng = np.random.default_rng(1)
    di, residual = rng.uniform(size=300).round(1), rng.normal(size=300)
    order = rng.permutation(300)
    one, two = error_model(di, residual), error_model(di[order], residual[order])
    assert np.array_equal(one.fitted, two.fitted)
    assert one.pooled == two.pooled


def test_rows_without_a_prediction_are_counted():
    model = error_model(np.array([0.1, 0.2, 0.3]), np.array([1.0, np.nan, 2.0]))
    assert (model.unpredicted, int(model.rows.sum())) == (1, 2)
    assert np.isnan(model.predict(np.array([np.nan]))[0])


def test_refuses_a_perfect_or_empty_set():
    with pytest.raises(InputError, match="error"):
        error_model(np.ones(3), np.zeros(3))
