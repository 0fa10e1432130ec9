from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.site_quantiles import SiteScores, Tails, sites_needed, widened

rows = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(-9, 9)), min_size=1, max_size=40)
levels = st.sampled_from([0.1, 0.25, 0.5, 2 / 3, 0.75, 0.8, 0.9])


def naive_quantile(scores, sites, level):
    names = sorted(set(sites))
    for value in sorted(set(scores)):
        below = [
            np.mean([v <= value for v, s in zip(scores, sites, strict=True) if s == n])
            for n in names
        ]
        if sum(below) / (len(names) + 1) >= level - 1e-12:
            return value
    return np.inf


def columns(table):
    sites, scores = zip(*table, strict=True)
    return np.array(scores, float), np.array(sites)


@given(rows, levels)
def test_equals_the_definition(table, level):
    scores, sites = columns(table)
    assert SiteScores(scores, sites).quantile(level) == naive_quantile(scores, sites, level)


@given(rows, levels, st.sampled_from("abcz"))
def test_leaving_a_site_out_equals_never_having_had_it(table, level, left):
    scores, sites = columns(table)
    kept = sites != left
    expected = SiteScores(scores[kept], sites[kept])
    found = SiteScores(scores, sites)
    assert found.count(without=left) == expected.count()
    assert found.quantile(level, without=left) == expected.quantile(level)


@given(rows, levels, st.randoms())
def test_order_of_rows_does_not_matter(table, level, random):
    shuffled = random.sample(table, len(table))
    assert SiteScores(*columns(table)).quantile(level) == SiteScores(*columns(shuffled)).quantile(
        level
    )


@given(rows, levels)
def test_repeating_the_rows_of_a_site_changes_nothing(table, level):
    scores, sites = columns(table)
    again = sites == sites[0]
    more = SiteScores(np.append(scores, scores[again]), np.append(sites, sites[again]))
    assert more.quantile(level) == SiteScores(scores, sites).quantile(level)


def test_one_row_a_site_is_split_conformal():
    scores = np.random.default_rng(0).normal(size=199)
    found = SiteScores(scores, np.arange(199)).quantile(0.9)
    assert found == np.sort(scores)[int(np.ceil(0.9 * 200)) - 1]


@given(st.integers(1, 99), st.integers(0, 150))
def test_the_place_of_the_quantile_is_exact_in_whole_percent(percent, count):
    """ceil(level · (S + 1)) of S sites in fractions, where floats may fall on either side."""
    place = -(-Fraction(percent, 100) * (count + 1) // 1)
    scores = SiteScores(np.arange(1.0, count + 1), np.arange(count))
    assert scores.quantile(percent / 100) == (place if place <= count else np.inf)


@given(st.integers(1, 99))
def test_sites_needed_are_exact_in_whole_percent(percent):
    level, count = Fraction(percent, 100), 1
    while Fraction(count, count + 1) < level:
        count += 1
    assert sites_needed(percent / 100) == count


@pytest.mark.parametrize("level", [0.5, 0.75, 0.8, 0.9, 0.95, 0.975])
def test_sites_needed_is_where_the_quantile_becomes_finite(level):
    needed = sites_needed(level)
    values = np.arange(needed, dtype=float)
    assert SiteScores(values, np.arange(needed)).quantile(level) == needed - 1
    assert SiteScores(values[1:], np.arange(1, needed)).quantile(level) == np.inf


def test_no_sites_reach_nothing():
    assert SiteScores(np.empty(0), np.empty(0, str)).quantile(0.5) == np.inf


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_are_finite(bad):
    with pytest.raises(InputError, match="out of range"):
        SiteScores(np.array([0.0, bad]), np.array(["a", "b"]))


@pytest.mark.parametrize("level", [0.0, 1.0, np.nan])
def test_levels_are_inside_zero_and_one(level):
    with pytest.raises(InputError, match="level"):
        SiteScores(np.array([0.0]), np.array(["a"])).quantile(level)


def test_tails_of_mirrored_residuals_are_mirrored():
    rng = np.random.default_rng(1)
    residuals, sites = rng.gamma(1, size=300), np.repeat(np.arange(60), 5)
    low, high = Tails(residuals, sites, "asymmetric").offsets(0.8)
    assert Tails(-residuals, sites, "asymmetric").offsets(0.8) == (-high, -low)
    low, high = Tails(residuals, sites, "symmetric").offsets(0.8)
    assert low == -high
    assert Tails(-residuals, sites, "symmetric").offsets(0.8) == (low, high)


@given(st.floats(-50, 50), st.floats(0, 9), st.booleans())
def test_offsets_never_shrink_and_grow_by_their_size(offset, factor, upper):
    grown = float(widened(np.array(offset), np.array(factor), upper=upper))
    step = (max(factor, 1) - 1) * abs(offset)
    assert grown == pytest.approx(offset + step if upper else offset - step, abs=1e-9)


def test_infinite_offsets_stay_infinite():
    ends = [widened(np.array([sign * np.inf]), np.array([1.0]), upper=sign > 0) for sign in (-1, 1)]
    assert [float(end[0]) for end in ends] == [-np.inf, np.inf]
