import numpy as np
import pytest

from abz.errors import InputError
from abz.modelling.ensemble import bootstrap_members, resample

NAMES = ["month", "lst", "ndvi"]


def training_rows(n=80):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3))
    X[:, 0] = rng.integers(1, 13, n)
    return X, X[:, 1] + rng.normal(size=n)


def test_members_differ_and_leave_categories_out():
    X, y = training_rows()
    members = list(bootstrap_members(X, y, NAMES, members=3, trees=3, mtry=17))
    assert {member.predictors for member in members} == {("lst", "ndvi")}
    predictions = np.array([member.predict(X[:, 1:]) for member in members])
    assert (predictions.std(axis=0) > 0).mean() > 0.9


def test_a_member_depends_on_nothing_but_seed_and_number():
    X, y = training_rows()
    order = np.random.default_rng(1).permutation(len(y))
    three = list(bootstrap_members(X, y, NAMES, members=3, trees=2, mtry=1, seed=4))
    two = list(
        bootstrap_members(X[order], y[order], NAMES, members=2, trees=2, mtry=1, seed=4, workers=2)
    )
    for a, b in zip(three, two, strict=False):
        assert np.array_equal(a.threshold, b.threshold)
        assert np.array_equal(a.leaf, b.leaf)


def test_members_may_use_categories():
    X, y = training_rows()
    member = next(bootstrap_members(X, y, NAMES, trees=2, mtry=2, member_predictors="all"))
    assert member.predictors == tuple(NAMES)


def test_whole_sites_are_drawn():
    sites = np.array(list("aabbbc"))
    drawn = resample(6, np.random.default_rng(3), sites=sites)
    counts = np.bincount(drawn, minlength=6)
    for site in "abc":
        assert len(set(counts[sites == site])) == 1
    times = [counts[sites == site][0] for site in "abc"]
    assert sum(times) == 3


def test_rows_are_drawn_with_replacement():
    drawn = resample(1000, np.random.default_rng(3))
    assert len(set(drawn)) / 1000 == pytest.approx(1 - np.exp(-1), abs=0.03)


def test_members_need_a_predictor():
    with pytest.raises(InputError, match="no predictor"):
        next(bootstrap_members(np.ones((5, 1)), np.ones(5), ["month"]))
