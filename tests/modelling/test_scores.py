import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from abz.modelling.scores import scores, site_rmse

PAIRS = st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=2)


@given(PAIRS)
def test_scores_agree_with_scikit_learn_and_numpy(pairs):
    o, p = np.array(pairs).T
    assume(o.std() > 1e-3 and p.std() > 1e-3)
    found = scores(o, p)
    assert found.r2 == pytest.approx(np.corrcoef(o, p)[0, 1] ** 2, abs=1e-9)
    assert found.r2_sse == pytest.approx(r2_score(o, p))
    assert found.rmse == pytest.approx(root_mean_squared_error(o, p))
    assert found.mae == pytest.approx(mean_absolute_error(o, p))
    assert found.mbe == pytest.approx((p - o).mean())


def test_bias_is_above_zero_where_the_prediction_is_too_high():
    assert scores(np.array([-5.0, -3.0]), np.array([-4.0, -2.0])).mbe == 1


def test_unpredicted_rows_are_counted_and_left_out():
    found = scores(np.array([1.0, 2.0, 9.0]), np.array([1.0, 2.0, np.nan]))
    assert (found.n, found.unpredicted, found.rmse) == (2, 1, 0)


def test_undefined_scores_are_nan():
    assert np.isnan(scores(np.ones(3), np.arange(3.0)).r2)
    assert np.isnan(scores(np.ones(1), np.full(1, np.nan)).rmse)


def test_a_site_counts_once_however_many_months_it_has():
    observed = np.zeros(5)
    predicted = np.array([1.0, 1, 1, 1, 5])
    per_site = site_rmse(observed, predicted, np.array(["a"] * 4 + ["b"]))
    assert per_site.mean() == 3
