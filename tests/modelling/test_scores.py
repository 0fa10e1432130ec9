import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from abz.modelling.scores import scores, site_rmse, site_scores

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


def test_scores_of_sites_are_the_scores_of_their_rows():
    rng = np.random.default_rng(0)
    sites, o = rng.choice(list("cab"), 60), rng.normal(size=60)
    p = np.where(rng.random(60) < 0.2, np.nan, o + rng.normal(size=60))
    p[sites == "c"] = np.nan
    found = site_scores(o, p, sites).set_index("site")
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["rmse"].dropna().to_dict() == pytest.approx(site_rmse(o, p, sites).to_dict())
    for site in "ab":
        expected = scores(o[sites == site], p[sites == site])
        assert found.loc[site, "r2"] == pytest.approx(expected.r2)
        assert found.loc[site, "unpredicted"] == expected.unpredicted > 0
        known = (sites == site) & ~np.isnan(p)
        assert found.loc[site, "predicted_mean"] == pytest.approx(p[known].mean())
        assert found.loc[site, "observed_mean"] == pytest.approx(o[known].mean())
    assert found.loc["c", "n"] == 0


@given(st.floats(-1e9, 1e9), st.integers(2, 20))
def test_a_side_that_is_constant_but_for_rounding_has_no_r2(value, n):
    varied = np.arange(n, dtype=float)
    constant = np.full(n, value) * (1 + 2e-16 * (varied % 2))
    assert np.isnan(scores(constant, varied).r2) and np.isnan(scores(constant, varied).r2_sse)
    assert np.isnan(scores(varied, constant).r2)
