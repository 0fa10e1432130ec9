import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, spearmanr

from abz.drivers import associations, group_predictors, moves_of
from abz.errors import InputError

NAMES = ["month", "lst", "ndvi", "vegetation", "soc", "vpd"]


def make_rows(seed=0, n=120):
    rng = np.random.default_rng(seed)
    month = np.arange(n) % 12 + 1
    season = -np.cos(month / 6 * np.pi)
    lst = season + rng.normal(0, 0.1, n)
    ndvi = lst**3 + rng.normal(0, 0.05, n)
    vegetation = rng.choice([21, 30, 70], n)
    soc = (vegetation == 30) + rng.normal(0, 0.2, n)
    return np.column_stack([month, lst, ndvi, vegetation, soc, rng.normal(size=n)])


def test_two_numbers_are_compared_by_rank():
    X = make_rows().astype(np.float32)
    found = associations(X, NAMES)
    for first, second in (("lst", "ndvi"), ("soc", "vpd")):
        i, j = NAMES.index(first), NAMES.index(second)
        assert found.loc[first, second] == pytest.approx(abs(spearmanr(X[:, i], X[:, j])[0]))


def test_a_class_and_a_number_by_the_variance_between_classes():
    X = make_rows()
    rank = X[:, 1].argsort().argsort() + 1.0
    between = sum(
        (X[:, 0] == month).sum() * (rank[X[:, 0] == month].mean() - rank.mean()) ** 2
        for month in range(1, 13)
    )
    naive = np.sqrt(between / ((rank - rank.mean()) ** 2).sum())
    found = associations(X, NAMES)
    assert found.loc["month", "lst"] == found.loc["lst", "month"] == pytest.approx(naive)


def test_two_classes_by_their_table():
    X = make_rows()
    X[:40, 3] = np.where(X[:40, 0] > 6, 21, 30)
    counts = np.array(
        [[((X[:, 0] == m) & (X[:, 3] == v)).sum() for v in (21, 30, 70)] for m in range(1, 13)]
    )
    naive = np.sqrt(chi2_contingency(counts, correction=False)[0] / len(X) / 2)
    assert associations(X, NAMES).loc["month", "vegetation"] == pytest.approx(naive)


@given(st.integers(0, 99), st.floats(0, 1))
def test_every_two_of_a_group_are_alike_and_nobody_is_in_two(seed, threshold):
    X = make_rows(seed, 60)
    groups = group_predictors(X, NAMES, threshold=threshold)
    alike = associations(X, NAMES)
    assert sorted(groups["predictor"]) == sorted(NAMES)
    for name, members in moves_of(groups).items():
        assert name == " + ".join(members)
        assert alike.loc[list(members), list(members)].to_numpy().min() >= threshold - 1e-9


@given(st.integers(0, 99))
def test_neither_the_order_of_rows_nor_of_predictors_matters(seed):
    X = make_rows()
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(X)), rng.permutation(len(NAMES))
    one = group_predictors(X, NAMES)
    two = group_predictors(X[rows][:, columns], [NAMES[k] for k in columns])
    assert one.equals(two)


def test_seasons_and_soils_are_found():
    groups = moves_of(group_predictors(make_rows(), NAMES, threshold=0.7))
    assert list(groups) == ["month + ndvi + lst", "vpd", "vegetation + soc"]


def test_the_partner_is_the_one_that_tells_most():
    groups = group_predictors(make_rows(), NAMES).set_index("predictor")
    assert groups.loc["soc", "partner"] == "vegetation"
    assert groups.loc["ndvi", "partner"] == "lst"
    alike = associations(make_rows(), NAMES)
    assert groups.loc["ndvi", "association"] == alike.loc["ndvi", "lst"]


def test_declared_groups_take_the_place_of_clusters():
    declared = {"season": ["month", "vpd", "air_temperature"]}
    groups = moves_of(group_predictors(make_rows(), NAMES, declared=declared))
    assert groups["season"] == ("month", "vpd")
    assert groups["lst"] == ("lst",)
    assert len(groups) == 5


def test_a_predictor_is_declared_once():
    with pytest.raises(InputError, match="two groups"):
        group_predictors(make_rows(), NAMES, declared={"a": ["lst"], "b": ["lst"]})


def test_a_constant_tells_nothing():
    X = make_rows()
    X[:, 4] = 3
    X[:, 3] = 21
    found = associations(X, NAMES)
    assert (found.loc["soc"].drop("soc") == 0).all()
    assert (found.loc["vegetation"].drop("vegetation") == 0).all()


def test_one_predictor_stands_alone():
    groups = group_predictors(make_rows()[:, 1:2], ["lst"])
    assert groups["group"].tolist() == ["lst"]
    assert groups["association"].isna().all()
