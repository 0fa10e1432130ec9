"""The mixed model of the bias: planted slopes come back, none are found where there are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import t

from abz.errors import InputError
from abz.fire import MODELS, NO_MODEL, BiasFit, bias_fits, bias_rows, fit_bias, kept_fits

FULL, INDEPENDENT, INTERCEPT, PLAIN = MODELS


def records(seed, *, sites=12, years=8, mean=(0.0, 0.0), own=(6.0, 0.8), noise=4.0):
    """Bias, years since fire and site of records of `years` years each."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 19 - years, sites)
    age = (start[:, None] + np.arange(years)).ravel().astype(float)
    site = np.repeat([f"s{number:02d}" for number in range(sites)], years)
    level, slope = (np.repeat(rng.normal(0, sd, sites), years) for sd in own)
    bias = mean[0] + level + (mean[1] + slope) * age + rng.normal(0, noise, age.size)
    return bias, age, site


def size(fit):
    """Distance of the coefficients from others, in standard errors."""
    return lambda truth: np.abs(fit.coefficients - truth) / np.sqrt(np.diag(fit.covariance))


@pytest.mark.parametrize("seed", range(4))
def test_planted_slopes_and_intercepts_come_back(seed):
    fit = fit_bias(*records(seed, mean=(25.0, -3.0)))
    assert fit.model in (FULL, INDEPENDENT)
    assert (size(fit)(np.array([25.0, -3.0])) < 3).all()
    assert fit.is_significant(0.05)
    assert (fit.sites, fit.rows) == (12, 96)
    assert (fit.reason == "") == (fit.model == FULL)


def test_estimates_scatter_as_they_say():
    fits = [fit_bias(*records(seed, sites=8, years=5, mean=(25.0, -3.0))) for seed in range(20)]
    errors = np.array([size(fit)(np.array([25.0, -3.0])) for fit in fits])
    assert 0.7 < np.sqrt((errors**2).mean()) < 1.4


def test_no_bias_gives_no_correction():
    fits = [fit_bias(*records(seed, sites=6, years=4)) for seed in range(20)]
    kept = [bool(kept_fits([fit], 0.05)) for fit in fits]
    assert np.mean(kept) <= 0.05


@pytest.mark.parametrize("mean", [(25.0, 0.0), (0.0, 0.0)])
def test_a_level_without_a_slope_is_not_kept(mean):
    fit = fit_bias(*records(3, mean=mean, own=(2.0, 0.3)))
    assert kept_fits([fit], 0.05) == {}
    assert (fit.p_values[0] < 0.05) == (mean[0] > 0)


@pytest.mark.parametrize("sites", [3, 5, 12])
def test_it_is_the_sites_that_count_in_the_test(sites):
    fit = fit_bias(*records(2, sites=sites, mean=(3.0, -0.5)))
    p = 2 * t.sf(size(fit)(np.zeros(2)), sites - 1)
    np.testing.assert_allclose(fit.p_values, p, rtol=1e-6)


def naive(bias, age, site, model):
    """Coefficients by a direct search of the restricted likelihood, and the smallest effect."""
    step = (age - age.mean()) / age.std()
    design = np.column_stack([np.ones(age.size), step])
    groups = [np.flatnonzero(site == name) for name in np.unique(site)]

    def root(v):
        if model == FULL:
            return np.array([[v[0], 0.0], [v[1], v[2]]])
        return np.diag([v[0], v[2]]) if model == INDEPENDENT else np.array([[v[0], 0], [0, 0]])

    def solve(values):
        effects = [design[g] @ root(values) for g in groups]
        weights = [np.linalg.inv(np.eye(len(z)) + z @ z.T) for z in effects]
        parts = [(design[g], bias[g], w) for g, w in zip(groups, weights, strict=True)]
        left = sum(x.T @ w @ x for x, _, w in parts)
        beta = np.linalg.solve(left, sum(x.T @ w @ y for x, y, w in parts))
        rest = sum((y - x @ beta) @ w @ (y - x @ beta) for x, y, w in parts)
        logs = np.linalg.slogdet(left)[1] - sum(np.linalg.slogdet(w)[1] for w in weights)
        return (len(bias) - 2) * np.log(rest) + logs, beta

    starts = [1.0, 0.0, 1.0], [0.3, -0.3, 0.3], [2.0, 1.0, 0.2]
    found = min((minimize(lambda v: solve(v)[0], s) for s in starts), key=lambda r: r.fun)
    _, (level, slope) = solve(found.x)
    size = np.linalg.svd(root(found.x), compute_uv=False)[: 1 if model == INTERCEPT else 2]
    return np.array([level - slope * age.mean() / age.std(), slope / age.std()]), size.min()


@pytest.mark.parametrize("seed", range(8))
def test_each_model_equals_a_direct_search(seed):
    """And is passed over only where the direct search ends at the edge."""
    rows = records(seed, sites=8, years=5, mean=(10.0, -1.0), own=(5.0, 0.5 * (seed % 2)))
    fit = fit_bias(*rows)
    for model in MODELS[:3]:
        beta, smallest = naive(*rows, model)
        if model == fit.model:
            np.testing.assert_allclose(fit.coefficients, beta, rtol=5e-3, atol=5e-3)
            break
        assert smallest < 0.02
        assert f"{model}: " in fit.reason


def test_sites_that_are_alike_get_the_simplest_model_and_the_reason_by_name():
    fit = fit_bias(*records(6, own=(0.0, 0.0), mean=(20.0, -2.0)))
    assert fit.model == PLAIN
    assert all(f"{model}: " in fit.reason for model in MODELS[:3])
    plain = np.polyfit(*records(6, own=(0.0, 0.0), mean=(20.0, -2.0))[1::-1], 1)[::-1]
    np.testing.assert_allclose(fit.coefficients, plain)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sites": 2}, "2 of at least 3 burned sites"),
        ({"sites": 3, "years": 2}, "6 of at least 8 site-months"),
        ({"sites": 9, "years": 1}, "all rows are of one number of years since fire"),
        ({"noise": 0.0, "own": (0.0, 0.0)}, "the bias is the same in all rows"),
    ],
)
def test_too_little_gives_no_model_and_says_why(change, reason):
    bias, age, site = records(1, **change)
    if change.get("years") == 1:
        age = np.full(age.size, 5.0)
    fit = fit_bias(bias, age, site)
    assert (fit.model, fit.reason) == (NO_MODEL, reason)
    assert not fit.is_significant(0.999)
    assert not fit.predict(np.arange(19)).any()
    assert not fit.predict_sd(np.arange(19)).any()
    assert not fit.draw(np.random.default_rng(0), 5).any()


def test_no_rows_give_no_model():
    fit = fit_bias(np.array([]), np.array([]), np.array([], str))
    assert fit.reason == "0 of at least 3 burned sites"


@settings(max_examples=5)
@given(st.integers(0, 99), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_names_of_sites_matter(seed, random):
    bias, age, site = records(seed % 5, sites=7, years=5, mean=(15.0, -1.5))
    first = fit_bias(bias, age, site)
    order = list(range(bias.size))
    random.shuffle(order)
    again = fit_bias(bias[order], age[order], site[order])
    np.testing.assert_array_equal(again.coefficients, first.coefficients)
    names = np.unique(site)
    others = dict(zip(names, random.sample([f"x{n}" for n in range(50)], names.size), strict=True))
    renamed = fit_bias(bias, age, np.array([others[name] for name in site]))
    assert renamed.model == first.model
    np.testing.assert_allclose(renamed.coefficients, first.coefficients, rtol=1e-3, atol=1e-4)


def test_the_fit_keeps_the_units():
    bias, age, site = records(2, mean=(25.0, -3.0))
    one, other = fit_bias(bias, age, site), fit_bias(-10 * bias, age, site)
    np.testing.assert_allclose(other.coefficients, -10 * one.coefficients, rtol=1e-4)
    np.testing.assert_allclose(other.covariance, 100 * one.covariance, rtol=1e-2)
    np.testing.assert_allclose(other.p_values, one.p_values, rtol=0.05)


def test_draws_have_the_covariance_of_the_fixed_effects():
    covariance = np.array([[4.0, -0.3], [-0.3, 0.05]])
    fit = BiasFit(7, FULL, "", 9, 60, np.array([10.0, -1.0]), covariance, np.zeros(2))
    drawn = fit.draw(np.random.default_rng(1), 20000)
    np.testing.assert_allclose(drawn.mean(axis=0), fit.coefficients, atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, rtol=0.05)
    ages = np.arange(19)
    spread = (drawn[:, :1] + drawn[:, 1:] * ages).std(axis=0)
    np.testing.assert_allclose(fit.predict_sd(ages), spread, rtol=0.03)


def held_out():
    return pd.DataFrame(
        {"site": ["b", "a", "a", "c"], "year": [2006, 2007, 2005, 2006], "month": 7,
         "disturbance": ["Fire", "Fire", "Fire", None], "disturbance_year": 2004.0,
         "observed": [5.0, 1.0, 2.0, 3.0], "predicted": [-20.0, np.nan, 4.0, 0.0]}
    )  # fmt: skip


def test_a_sink_that_is_too_strong_is_a_positive_bias():
    rows = bias_rows(held_out(), 18)
    assert rows["site"].tolist() == ["a", "b"]
    assert rows["bias"].tolist() == [-2.0, 25.0]
    assert rows["years_since_fire"].tolist() == [1, 2]


def test_every_month_is_fitted_by_itself():
    bias, age, site = records(1, mean=(25.0, -3.0))
    rows = pd.DataFrame({"site": site, "years_since_fire": age, "bias": bias, "month": 6})
    fits = bias_fits(rows)
    assert [fit.month for fit in fits] == list(range(1, 13))
    assert [fit.month for fit in fits if fit.model != NO_MODEL] == [6]
    np.testing.assert_array_equal(fits[5].coefficients, fit_bias(bias, age, site).coefficients)


def test_wrong_input_is_an_error():
    with pytest.raises(InputError, match="predicted"):
        bias_rows(held_out().drop(columns="predicted"), 18)
    with pytest.raises(InputError, match="do not fit together"):
        fit_bias(np.zeros(3), np.zeros(2), np.array(list("abc")))
    with pytest.raises(InputError, match="least_sites"):
        fit_bias(*records(1), least_sites=1)
