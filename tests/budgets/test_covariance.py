"""Covariances of members: symmetric, positive, additive; correlations that SDs imply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import (
    correlation_of,
    covariance_table,
    implied_correlation,
    member_array,
    member_covariance,
)
from abz.errors import InputError
from abz.published import published_table1

shapes = st.tuples(st.integers(2, 8), st.integers(1, 3), st.integers(1, 6))


def drawn(seed, shape):
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(shape[-1], shape[-1]))
    return 100 * rng.normal(size=shape) @ mixed


@given(seed=st.integers(0, 2**32 - 1), shape=shapes)
def test_symmetric_positive_and_the_sum_is_the_variance_of_the_union(seed, shape):
    members = drawn(seed, shape)
    covariance = member_covariance(members)
    np.testing.assert_array_equal(covariance, np.swapaxes(covariance, -1, -2))
    assert np.linalg.eigvalsh(covariance).min() > -1e-9 * np.abs(covariance).max()
    union = members.sum(axis=-1).var(axis=0, ddof=1)
    np.testing.assert_allclose(covariance.sum((-1, -2)), union, rtol=1e-9, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1), shape=shapes)
def test_as_numpy_does(seed, shape):
    members = drawn(seed, shape)
    for year in range(shape[1]):
        own = np.atleast_2d(np.cov(members[:, year], rowvar=False))
        np.testing.assert_allclose(member_covariance(members)[year], own, rtol=1e-9, atol=1e-9)


def test_signs_flip_nothing():
    members = drawn(1, (5, 2, 3))
    np.testing.assert_array_equal(member_covariance(members), member_covariance(-members))


def test_one_member_and_missing_zones_have_no_covariance():
    assert np.isnan(member_covariance(np.ones((1, 2, 3)))).all()
    members = drawn(2, (5, 1, 3))
    members[:, 0, 1] = np.nan
    known = np.isfinite(member_covariance(members)[0])
    assert known[np.ix_([0, 2], [0, 2])].all()
    assert not known[1].any()


@given(seed=st.integers(0, 2**32 - 1))
def test_the_implied_correlation_is_that_of_the_parts(seed):
    members = drawn(seed, (6, 2))
    covariance = member_covariance(members)
    sds = np.sqrt([covariance.sum(), covariance[0, 0], covariance[1, 1]])
    assert implied_correlation(*sds) == pytest.approx(correlation_of(covariance)[0, 1], abs=1e-6)


def test_what_the_published_sds_imply_of_tundra_and_boreal():
    sd = published_table1().set_index(["zone", "flux"])["budget_sd"].xs("nee", level="flux")
    found = implied_correlation(sd["ABZ"], sd["boreal"], sd["tundra"])
    assert found == pytest.approx((140**2 - 101**2 - 53**2) / (2 * 101 * 53))
    assert round(found, 2) == 0.62


def test_impossible_sds_are_refused():
    with pytest.raises(InputError, match="SD of a part"):
        implied_correlation(1.0, 0.0, 1.0)
    with pytest.raises(InputError, match="SD of the union"):
        implied_correlation(-1.0, 1.0, 1.0)


def test_a_correlation_of_nothing_is_not_known():
    found = correlation_of(np.array([[0.0, 0.0], [0.0, 4.0]]))
    assert np.isnan(found[0]).all()
    assert found[1, 1] == 1.0


def annual(zones, years=(2001, 2002), members=3):
    rng = np.random.default_rng(0)
    rows = [
        (kind, zone, year, member, rng.normal())
        for kind, zone in zones for member in range(members) for year in years
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["zone_set", "zone", "year", "member", "tg"])


def test_a_table_as_an_array():
    table = annual([("biome", "tundra"), ("abz", "ABZ")])
    budgets, zones, years = member_array(table.sample(frac=1, random_state=1))
    assert budgets.shape == (3, 2, 2)
    assert years.tolist() == [2001, 2002]
    rows = table.set_index(["zone_set", "zone", "year", "member"])["tg"]
    for place, name in enumerate(zones):
        assert budgets[1, 1, place] == rows[(*name, 2002, 1)]


@pytest.mark.parametrize("spoil", [lambda t: t.iloc[1:], lambda t: pd.concat([t, t.iloc[:1]])])
def test_a_table_with_holes_or_doubles_is_refused(spoil):
    with pytest.raises(InputError, match="not a whole table"):
        member_array(spoil(annual([("abz", "ABZ")])))


def test_pairs_stay_inside_their_zone_set():
    zones = pd.MultiIndex.from_tuples(
        [("biome", "a"), ("region", "c"), ("biome", "b"), ("abz", "d"), ("region", "e")],
        names=["zone_set", "zone"],
    )
    covariance = member_covariance(drawn(4, (7, 5)))
    table = covariance_table(zones, covariance[None])
    assert set(table["zone_set"]) == {"biome", "region"}
    assert len(table) == 8
    pair = table.query("zone == 'a' and other == 'b'").iloc[0]
    assert pair["covariance"] == covariance[0, 2]
    both = table.set_index(["zone", "other"])["covariance"]
    assert both["c", "e"] == both["e", "c"]
    both_layers = covariance_table(zones, np.stack([covariance, 2 * covariance]))
    assert both_layers["layer"].tolist() == [0] * 8 + [1] * 8
    np.testing.assert_array_equal(both_layers["covariance"][8:], 2 * table["covariance"])
    biome = table[table["zone_set"] == "biome"]["covariance"].sum()
    assert biome == pytest.approx(covariance[np.ix_([0, 2], [0, 2])].sum())
