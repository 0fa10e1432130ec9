"""Components of uncertainty: apart, named, counted once, additive over zones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import COMPONENTS, TOTAL, budget_errors, uncertainty_table
from abz.errors import InputError

ZONES = [("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra")]
YEARS = (2001, 2002, 2003)
COUNTED = ("sampling", "transfer", "fire")


def annual(seed=0, members=6, years=YEARS):
    """Budgets of two biomes and of their sum."""
    rng = np.random.default_rng(seed)
    rows = []
    for member in range(members):
        for year in years:
            boreal, tundra = rng.normal([-600, 50], [100, 50])
            values = [boreal + tundra, boreal, tundra]
            rows += [(*z, year, member, tg) for z, tg in zip(ZONES, values, strict=True)]
    return pd.DataFrame(rows, columns=["zone_set", "zone", "year", "member", "tg"])


def component(seed, years=YEARS):
    """A covariance of two biomes and their sum, for the mean and each year."""
    rng = np.random.default_rng(seed)
    up = np.array([[1, 1], [1, 0], [0, 1]])
    roots = rng.normal(size=(1 + len(years), 2, 2)) * 100
    return np.array([up @ root @ root.T @ up.T for root in roots])


def errors(counted=COUNTED, seed=0):
    others = {"transfer": component(seed + 1), "fire": component(seed + 2)}
    return budget_errors(annual(seed), others, counted)


def mean_row(table, zone):
    return table[(table["period"] == "mean") & (table["zone"] == zone)].iloc[0]


def test_central_values_are_those_of_member_zero():
    rows = annual()
    table = uncertainty_table(errors())
    own = rows[(rows["member"] == 0) & (rows["zone"] == "tundra")].set_index("year")["tg"]
    assert mean_row(table, "tundra")["budget"] == pytest.approx(own.mean())
    year = table[(table["year"] == 2002) & (table["zone"] == "tundra")].iloc[0]
    assert year["budget"] == own[2002]
    assert year["period"] == "year"
    assert len(table) == 3 * 4


def test_sampling_and_interannual_by_hand():
    rows = annual()
    row = mean_row(uncertainty_table(errors()), "boreal")
    own = rows[rows["zone"] == "boreal"]
    means = own[own["member"] > 0].groupby("member")["tg"].mean()
    assert row["sampling_sd"] == pytest.approx(means.std())
    assert row["interannual_sd"] == pytest.approx(own[own["member"] == 0]["tg"].std())
    year = uncertainty_table(errors()).query("zone == 'boreal' and year == 2003").iloc[0]
    of_year = own[(own["member"] > 0) & (own["year"] == 2003)]["tg"]
    assert year["sampling_sd"] == pytest.approx(of_year.std())
    assert np.isnan(year["interannual_sd"])


@given(seed=st.integers(0, 10_000), counted=st.permutations(COUNTED), count=st.integers(1, 3))
def test_a_total_is_the_sum_of_what_it_holds(seed, counted, count):
    found = errors(counted[:count], seed)
    table = uncertainty_table(found)
    for row in table.itertuples():
        held = row.holds.split(" + ")
        assert set(held) == set(counted[:count])
        squares = sum(getattr(row, f"{name}_sd") ** 2 for name in held)
        assert row.total_sd**2 == pytest.approx(squares, rel=1e-9)


def test_what_is_switched_off_still_stands_apart():
    row = mean_row(uncertainty_table(errors(("transfer",))), "ABZ")
    assert row["holds"] == "transfer"
    assert row["total_sd"] == row["transfer_sd"]
    assert row["sampling_sd"] > 0
    nothing = mean_row(uncertainty_table(errors(())), "ABZ")
    assert nothing["holds"] == ""
    assert np.isnan(nothing["total_sd"])


def test_what_is_not_known_is_not_held():
    row = mean_row(uncertainty_table(budget_errors(annual(), {}, COUNTED)), "ABZ")
    assert row["holds"] == "sampling"
    assert np.isnan(row["transfer_sd"])
    assert row["total_sd"] == row["sampling_sd"]
    alone = budget_errors(annual(members=1), {"fire": component(3)}, COUNTED)
    assert mean_row(uncertainty_table(alone), "ABZ")["holds"] == "fire"


def test_years_have_no_spread_between_years():
    table = uncertainty_table(errors(("sampling", "interannual")))
    assert mean_row(table, "ABZ")["holds"] == "sampling + interannual"
    assert set(table[table["period"] == "year"]["holds"]) == {"sampling"}


@given(seed=st.integers(0, 10_000))
def test_the_parts_of_a_union_give_its_variance(seed):
    found = errors(seed=seed)
    for period in range(4):
        for name in (*COMPONENTS, TOTAL):
            covariance = found.of(name, period)
            if np.isfinite(covariance).all():
                parts = covariance[1:, 1:].sum()
                np.testing.assert_allclose(parts, covariance[0, 0], rtol=1e-9, atol=1e-7)
                assert np.linalg.eigvalsh(covariance).min() > -1e-9 * np.abs(covariance).max()


def test_signs_flip_budgets_and_leave_spreads():
    flipped = annual().assign(tg=lambda t: -t["tg"])
    one = uncertainty_table(budget_errors(annual(), {}, ["sampling"]))
    other = uncertainty_table(budget_errors(flipped, {}, ["sampling"]))
    np.testing.assert_array_equal(one["budget"], -other["budget"])
    np.testing.assert_allclose(one["sampling_sd"], other["sampling_sd"])


def test_covariances_of_all_components_and_periods():
    table = errors().covariances()
    assert set(table["component"]) == {*COMPONENTS, TOTAL}
    assert set(table["zone_set"]) == {"biome"}
    mean = table[table["period"] == "mean"]
    assert mean["year"].isna().all()
    assert set(table[table["period"] == "year"]["component"]) == {*COUNTED, TOTAL}
    pair = mean[(mean["component"] == TOTAL) & (mean["zone"] == "boreal")]
    value = pair.set_index("other")["covariance"]["tundra"]
    assert value == pytest.approx(errors().total(0)[1, 2])
    nothing = budget_errors(annual(members=1, years=(2001,)), {}, ["sampling"]).covariances()
    assert nothing.empty


def test_a_zone_without_a_budget_has_no_uncertainty():
    rows = annual()
    rows.loc[rows["zone"] == "tundra", "tg"] = np.nan
    table = uncertainty_table(budget_errors(rows, {"transfer": component(1)}, COUNTED))
    assert np.isnan(mean_row(table, "tundra")["total_sd"])
    assert mean_row(table, "boreal")["transfer_sd"] > 0


def test_years_without_a_budget_are_left_out_of_the_mean():
    rows = annual()
    rows.loc[(rows["zone"] == "tundra") & (rows["year"] == 2001), "tg"] = np.nan
    row = mean_row(uncertainty_table(budget_errors(rows, {}, COUNTED)), "tundra")
    kept = rows[(rows["zone"] == "tundra") & (rows["year"] > 2001)]
    means = kept.groupby("member")["tg"].mean()
    assert row["budget"] == pytest.approx(means[0])
    assert row["sampling_sd"] == pytest.approx(means[1:].std())


@pytest.mark.parametrize(
    ("others", "counted", "words"),
    [
        ({}, ["sampling", "sampling"], "not distinct"),
        ({}, ["bootstrap"], "component of uncertainty"),
        ({"weather": component(0)}, ["sampling"], "component of uncertainty"),
        ({"fire": component(0)[:2]}, ["fire"], "fire and budgets"),
    ],
)
def test_what_is_no_component_is_refused(others, counted, words):
    with pytest.raises(InputError, match=words):
        budget_errors(annual(), others, counted)
