import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.applicability.area import threshold_of
from abz.applicability.error import error_model, left_out_widening
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


def of_sites(seed=0, sites=30, rows=12):
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), rows)
    at = (rng.gamma(1, size=sites)[site] + rng.gamma(1, size=site.size)).round(2)
    return at, rng.normal(size=site.size) * (1 + at), np.char.add("s", site.astype(str))


def test_a_site_is_judged_by_the_others_only():
    at, residual, sites = of_sites()
    outside, widening = left_out_widening(at, residual, sites)
    own = sites == "s7"
    limit, model = threshold_of(at[~own]), error_model(at[~own], residual[~own])
    assert outside[own].tolist() == (at[own] > limit).tolist()
    expected = np.where(at[own] > limit, np.maximum(1, model.widening(at[own])), 1)
    assert widening[own].tolist() == expected.tolist()
    assert outside.any()
    assert (widening[~outside] == 1).all()


def test_the_error_of_a_site_does_not_widen_its_own_intervals():
    at, residual, sites = of_sites(1)
    far = sites == sites[np.argmax(at)]
    plain = left_out_widening(at, residual, sites)[1]
    wrong = left_out_widening(at, np.where(far, 1000.0, residual), sites)[1]
    assert (wrong[far] == plain[far]).all()
    assert not np.array_equal(wrong[~far], plain[~far])


@given(st.integers(0, 20))
def test_the_order_of_rows_does_not_change_what_others_say(seed):
    at, residual, sites = of_sites(seed, 8, 5)
    order = np.random.default_rng(seed).permutation(at.size)
    found = left_out_widening(at, residual, sites)
    again = left_out_widening(at[order], residual[order], sites[order])
    for one, two in zip(found, again, strict=True):
        assert np.array_equal(one[order], two)
