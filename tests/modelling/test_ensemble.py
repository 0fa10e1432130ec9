import numpy as np
import pytest

from abz.errors import InputError
from abz.modelling import ensemble
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


def test_sites_are_drawn_within_strata_so_that_no_level_is_lost():
    X, y = training_rows(120)
    sites = np.repeat(np.arange(12), 10).astype(str)
    X[:, 2] = np.repeat([1, 2, 3], [100, 10, 10])  # two levels at one site each
    names = ["month", "lst", "vegetation"]
    options = {"members": 6, "trees": 1, "mtry": 1, "member_predictors": "all", "sites": sites}
    kept = [m.levels["vegetation"] for m in bootstrap_members(
        X, y, names, strata=X[:, 2], **options)]  # fmt: skip
    assert {frozenset(levels) for levels in kept} == {frozenset({1, 2, 3})}
    lost = [m.levels["vegetation"] for m in bootstrap_members(X, y, names, **options)]
    assert min(map(len, lost)) < 3


def test_rows_are_drawn_with_replacement():
    drawn = resample(1000, np.random.default_rng(3))
    assert len(set(drawn)) / 1000 == pytest.approx(1 - np.exp(-1), abs=0.03)


def test_members_need_a_predictor():
    with pytest.raises(InputError, match="no predictor"):
        next(bootstrap_members(np.ones((5, 1)), np.ones(5), ["month"]))


@pytest.fixture
def drawn(monkeypatch):
    """From options to the row numbers and the seed that each member is fitted with."""

    def draw(X, y, **options):
        seen = []

        def fit(rows, response, names, *, seed, **rest):
            seen.append((response.astype(int).tolist(), seed))

        monkeypatch.setattr(ensemble, "fit_forest", fit)
        list(ensemble.bootstrap_members(X, y, NAMES, **options))
        return seen

    return draw


def test_every_member_has_rows_and_a_seed_of_its_own(drawn):
    X, _ = training_rows()
    found = drawn(X, np.arange(80.0), members=6)
    assert len({tuple(sorted(rows)) for rows, _ in found}) == 6
    assert len({seed for _, seed in found}) == 6
    assert all(len(rows) == 80 for rows, _ in found)
    assert found[:3] == drawn(X, np.arange(80.0), members=3)
    assert found[0] != drawn(X, np.arange(80.0), members=1, seed=1)[0]


@pytest.mark.parametrize("strata", [False, True])
def test_members_are_fitted_to_whole_sites_whatever_the_order_of_rows(drawn, strata):
    X, _ = training_rows()
    sites, number = np.repeat(np.arange(16), 5), np.arange(80.0)
    kind = np.repeat([0, 0, 0, 1], 20)
    options = {"members": 5, "sites": sites, "strata": kind if strata else None}
    found = drawn(X, number, **options)
    for rows, _ in found:
        counts = np.bincount(rows, minlength=80).reshape(16, 5)
        assert (counts == counts[:, :1]).all()
        assert counts[:, 0].sum() == 16 and counts.max() > 1
        assert not strata or counts[12:, 0].sum() == 4
    order = np.random.default_rng(2).permutation(80)
    moved = {name: v[order] if isinstance(v, np.ndarray) else v for name, v in options.items()}
    again = drawn(X[order], number[order], **moved)
    assert [sorted(rows) for rows, _ in again] == [sorted(rows) for rows, _ in found]


def test_strata_need_sites():
    X, y = training_rows()
    with pytest.raises(InputError, match="strata have no sites"):
        next(bootstrap_members(X, y, NAMES, strata=X[:, 0]))


def test_wrong_numbers_are_named():
    X, y = training_rows()
    for wrong in ({"members": 0}, {"members": 2.0}, {"mtry": "sqrt"}, {"trees": 0}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))} is a whole number"):
            next(bootstrap_members(X, y, NAMES, **{"members": 1, **wrong}))
    with pytest.raises(InputError, match="fluxes and sites"):
        next(bootstrap_members(X, y, NAMES, sites=np.arange(79)))
