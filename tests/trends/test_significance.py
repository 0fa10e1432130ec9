"""Many tests at once: false discovery rates and shuffled years."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from abz.errors import InputError
from abz.trends import critical_p, expected_share, field_significance, q_values, trend_series
from abz.trends.significance import year_orders

YEARS = np.arange(2001, 2021)
p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=60).map(np.array)


@given(p_lists)
def test_q_equals_statsmodels_and_scipy(p):
    q = q_values(p)
    np.testing.assert_allclose(q, multipletests(p, method="fdr_bh")[1], rtol=1e-12, atol=0)
    np.testing.assert_allclose(q, false_discovery_control(p), rtol=1e-12, atol=0)


@given(p_lists, st.randoms())
def test_q_is_monotone_and_follows_a_permutation_of_cells(p, random):
    q = q_values(p)
    order = np.argsort(p, kind="stable")
    assert (np.diff(q[order]) >= 0).all()
    assert (q >= p).all()
    moved = np.array(random.sample(range(p.size), p.size))
    np.testing.assert_array_equal(q_values(p[moved]), q[moved])


@given(p_lists, st.floats(0.01, 0.3))
def test_the_critical_p_keeps_what_q_keeps(p, alpha):
    np.testing.assert_array_equal(q_values(p) < alpha, p <= critical_p(p, alpha)) if (
        critical_p(p, alpha) > 0
    ) else np.testing.assert_array_equal((q_values(p) < alpha) & (p > 0), False)


def test_what_is_not_tested_or_outside_the_domain_does_not_count():
    p = np.array([[0.01, np.nan], [0.02, 0.9]])
    domain = np.array([[True, True], [True, False]])
    q = q_values(p, domain)
    np.testing.assert_array_equal(np.isnan(q), [[False, True], [False, True]])
    np.testing.assert_allclose(q[:, 0], q_values(p[:, 0]))
    assert np.isnan(q_values(np.array([np.nan]))).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(InputError, match="not probabilities"):
        q_values(np.array([0.5, wrong]))


def test_a_domain_of_numbers_is_refused():
    """It would pick tests by their place."""
    with pytest.raises(InputError, match="no mask"):
        q_values(np.array([0.1, 0.2, 0.3]), np.array([1, 0, 1]))


@pytest.mark.parametrize(
    "wrong", [{"years": YEARS[:-1]}, {"area": np.ones(39)}, {"alpha": 5.0}, {"permutations": 0}]
)
def test_what_does_not_fit_the_field_is_refused(wrong):
    given = {"years": YEARS, "area": np.ones(40)} | wrong
    block = (field(1), given.pop("area"))
    with pytest.raises(InputError):
        field_significance([block], **given)


def test_a_block_without_cells_changes_nothing():
    whole = [(field(1), np.ones(40))]
    empty = (np.empty((0, 20)), np.empty(0))
    options = {"method": "none", "permutations": 9}
    with_empty = field_significance([empty, *whole], YEARS, **options)
    assert with_empty.equals(field_significance(whole, YEARS, **options))


def test_levels_and_directions_are_checked():
    with pytest.raises(InputError, match="alpha"):
        critical_p(np.array([0.1]), 5.0)
    with pytest.raises(InputError, match="'up'"):
        expected_share(0.05, "up")


def test_chance_is_even_between_the_signs():
    assert expected_share(0.1, "falling") + expected_share(0.1, "rising") == pytest.approx(10)
    assert expected_share(0.1, "either") == pytest.approx(10)


def test_orders_depend_on_the_seed_and_on_their_number_alone():
    many = year_orders(20, 9, 3)
    np.testing.assert_array_equal(many[:4], year_orders(20, 4, 3))
    assert (np.sort(many, axis=1) == np.arange(20)).all()
    assert not np.array_equal(many, year_orders(20, 9, 4))


def field(seed, cells=40, rho=0.0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=20)
    return np.sqrt(1 - rho) * rng.normal(size=(cells, 20)) + np.sqrt(rho) * common


@settings(max_examples=15)
@given(st.integers(0, 1000), st.lists(st.integers(1, 39), max_size=4, unique=True))
def test_blocks_and_their_order_change_nothing(seed, cuts):
    series, area = field(seed), np.random.default_rng(seed).uniform(1e8, 2e9, 40)
    series[3, 4] = np.nan
    whole = field_significance([(series, area)], YEARS, method="none", permutations=12, seed=seed)
    parts = list(zip(np.split(series, sorted(cuts)), np.split(area, sorted(cuts)), strict=True))
    pieces = field_significance(parts[::-1], YEARS, method="none", permutations=12, seed=seed)
    assert whole.equals(pieces)


def test_by_a_naive_version():
    """Each shuffled map is tested again; the share is one of area, and p counts ties."""
    series, area = field(3, rho=0.5) + 0.02 * YEARS, np.linspace(1e8, 5e9, 40)
    options = {"method": "yue_pilon", "preserve_range": True}
    found = field_significance(
        [(series, area)], YEARS, alpha=0.2, permutations=19, seed=5, **options
    ).set_index("direction")
    shares = {name: [] for name in found.index}
    for order in [np.arange(20), *year_orders(20, 19, 5)]:
        tested = trend_series(series[:, order], YEARS, **options)
        for name, sign in (("falling", -1), ("rising", 1)):
            hit = (tested.p_value < 0.2) & (np.sign(tested.slope) == sign)
            shares[name].append(100 * area[hit].sum() / area.sum())
    shares["either"] = list(np.add(shares["falling"], shares["rising"]))
    for name, (share, *null) in shares.items():
        row = found.loc[name]
        assert row["share"] == pytest.approx(share)
        assert row["null_mean"] == pytest.approx(np.mean(null))
        assert row[["null_low", "null_high"]].tolist() == pytest.approx(
            np.percentile(null, [2.5, 97.5])
        )
        assert row["p_value"] == (1 + sum(n >= share - 1e-9 for n in null)) / 20
    assert found["p_value"].nunique() > 1


def test_a_share_that_chance_always_reaches_has_a_p_of_one():
    series = field(2)[:1] * [[1.0]]
    found = field_significance([(series, np.ones(1))], YEARS, alpha=1e-9, permutations=9)
    assert (found["share"] == 0).all()
    assert (found["p_value"] == 1).all()


def test_the_sign_of_the_field_swaps_falling_and_rising():
    options = {"method": "none", "permutations": 20}
    up, down = (
        field_significance([(sign * field(2), np.ones(40))], YEARS, **options).set_index(
            "direction"
        )
        for sign in (1, -1)
    )
    swapped = up.rename(index={"falling": "rising", "rising": "falling"})
    assert down.sort_index().equals(swapped.sort_index())


def test_alike_neighbours_widen_what_chance_makes():
    alone, alike = (
        field_significance([(field(5, 200, rho), np.ones(200))], YEARS, method="none")
        for rho in (0.0, 0.9)
    )
    assert alike["null_sd"].iloc[2] > 3 * alone["null_sd"].iloc[2]
    assert alone["null_mean"].iloc[2] == pytest.approx(5, abs=1.5)


def test_a_trend_everywhere_is_more_than_chance():
    series = field(8) - 0.4 * np.arange(20)
    found = field_significance([(series, np.ones(40))], YEARS, permutations=39)
    row = found.set_index("direction").loc["falling"]
    assert row["share"] > 80
    assert row["p_value"] <= 3 / 40


def test_nothing_tested_has_no_share():
    empty = (np.full((2, 20), np.nan), np.ones(2))
    with np.errstate(invalid="ignore"):
        found = field_significance([empty], YEARS, permutations=2)
    assert found["share"].isna().all()
    assert found["p_value"].isna().all()
