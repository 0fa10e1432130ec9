"""Reconciliation: closed, idempotent, unbiased, of least squares, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from abz.budgets import CLOSURE, closing_gain, reconcile, reconciled_covariance
from abz.errors import InputError

seeds = st.integers(0, 2**32 - 1)


def drawn(seed, rank=3):
    """A covariance of some rank, and values."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, rank)) * rng.uniform(1, 200, (3, 1))
    return root @ root.T, rng.normal([-500.0, 9900.0, 9500.0], 300.0, (5, 3))


@given(seed=seeds)
def test_it_closes_and_again_changes_nothing(seed):
    covariance, values = drawn(seed)
    gain = closing_gain(covariance, CLOSURE)
    once = reconcile(values, gain, CLOSURE)
    np.testing.assert_allclose(once @ CLOSURE.T, 0, atol=1e-8)
    np.testing.assert_allclose(reconcile(once, gain, CLOSURE), once, rtol=1e-12, atol=1e-9)


@given(seed=seeds)
def test_without_a_gap_nothing_changes(seed):
    covariance, values = drawn(seed)
    closed = np.rint(values)
    closed[:, 0] = closed[:, 2] - closed[:, 1]
    found = reconcile(closed, closing_gain(covariance, CLOSURE), CLOSURE)
    np.testing.assert_array_equal(found, closed)


@given(seed=seeds, order=st.permutations([0, 1, 2]))
def test_the_order_of_fluxes_does_not_matter(seed, order):
    covariance, values = drawn(seed)
    found = reconcile(values, closing_gain(covariance, CLOSURE), CLOSURE)
    constraint = CLOSURE[:, order]
    gain = closing_gain(covariance[np.ix_(order, order)], constraint)
    np.testing.assert_allclose(reconcile(values[:, order], gain, constraint), found[:, order])


@given(seed=seeds)
def test_linear_so_that_parts_add_up(seed):
    covariance, values = drawn(seed)
    gain = closing_gain(covariance, CLOSURE)
    whole = reconcile(values.sum(axis=0), gain, CLOSURE)
    np.testing.assert_allclose(reconcile(values, gain, CLOSURE).sum(axis=0), whole, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_of_all_that_close_it_is_the_nearest(seed):
    covariance, values = drawn(seed)
    weight = np.linalg.inv(covariance)

    def closed(free):
        return np.array([free[1] - free[0], *free])

    def misfit(free):
        left = values[0] - closed(free)
        return left @ weight @ left

    best = minimize(misfit, values[0, 1:], method="BFGS", options={"gtol": 1e-10})
    found = reconcile(values[0], closing_gain(covariance, CLOSURE), CLOSURE)
    np.testing.assert_allclose(found, closed(best.x), rtol=1e-5, atol=1e-3)


def test_unbiased_and_as_sure_as_it_says():
    rng = np.random.default_rng(2)
    covariance, _ = drawn(7)
    truth = np.array([-400.0, 9900.0, 9500.0])
    gain = closing_gain(covariance, CLOSURE)
    estimates = rng.multivariate_normal(truth, covariance, 40_000)
    found = reconcile(estimates, gain, CLOSURE)
    sd = np.sqrt(np.diag(covariance))
    assert (np.abs(found.mean(axis=0) - truth) < 4 * sd / 200).all()
    adjusted = reconciled_covariance(covariance, gain, CLOSURE)
    np.testing.assert_allclose(np.cov(found, rowvar=False), adjusted, rtol=0.05, atol=1e-6)
    assert (np.diag(adjusted) <= np.diag(covariance) * (1 + 1e-12)).all()


@given(seed=seeds, rank=st.sampled_from([1, 2]))
def test_singular_covariances_close_if_they_can(seed, rank):
    covariance, values = drawn(seed, rank)
    gain = closing_gain(covariance, CLOSURE)
    found = reconcile(values, gain, CLOSURE)
    np.testing.assert_allclose(found @ CLOSURE.T, 0, atol=1e-6)
    adjusted = reconciled_covariance(covariance, gain, CLOSURE)
    assert np.linalg.eigvalsh(adjusted).min() > -1e-9 * np.abs(covariance).max()


def test_what_is_certain_stays():
    covariance = np.diag([0.0, 4.0, 12.0])
    found = reconcile(np.array([-10.0, 100.0, 94.0]), closing_gain(covariance, CLOSURE), CLOSURE)
    np.testing.assert_allclose(found, [-10.0, 101.0, 91.0])


@pytest.mark.parametrize(
    "covariance",
    [np.zeros((3, 3)), np.outer([1.0, 0.0, 1.0], [1.0, 0.0, 1.0])],
    ids=["certain", "errors of one kind that cancel"],
)
def test_a_gap_that_no_error_explains_is_refused(covariance):
    gain = closing_gain(covariance, CLOSURE)
    assert (gain == 0).all()
    with pytest.raises(InputError, match="cannot be closed"):
        reconcile(np.array([1.0, 2.0, 2.0]), gain, CLOSURE)
    closed = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(reconcile(closed, gain, CLOSURE), closed)


def test_two_constraints_at_once():
    """Parts of a whole, and closure of one of them."""
    constraint = np.array([[1.0, 1.0, -1.0, 0.0], [1.0, 0.0, 0.0, -1.0]])
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4))
    gain = closing_gain(root @ root.T, constraint)
    np.testing.assert_allclose(constraint @ gain, np.eye(2), atol=1e-9)
    found = reconcile(rng.normal(size=4), gain, constraint)
    np.testing.assert_allclose(constraint @ found, 0, atol=1e-9)
    doubled = np.vstack([CLOSURE, CLOSURE])
    once, twice = (closing_gain(np.eye(3), c) @ c for c in (CLOSURE, doubled))
    np.testing.assert_allclose(once, twice, atol=1e-12)


def test_missing_stays_missing():
    gain = closing_gain(np.eye(3), CLOSURE)
    assert np.isnan(reconcile(np.array([np.nan, 1.0, 2.0]), gain, CLOSURE)).all()


@pytest.mark.parametrize(
    "covariance", [np.eye(2), np.full((3, 3), np.nan), np.triu(np.ones((3, 3)))]
)
def test_what_is_no_covariance_is_refused(covariance):
    with pytest.raises(InputError):
        closing_gain(covariance, CLOSURE)
