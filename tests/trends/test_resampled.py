"""Block bootstrap: the exact permutation test, the blocks, and what must not matter."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abz.errors import InputError
from abz.trends import trend_series
from abz.trends.resampled import _shuffle, block_draws, block_length_of


def red_noise(seed, n=20, rho=0.6):
    x = np.random.default_rng(seed).normal(size=n)
    for t in range(1, n):
        x[t] += rho * x[t - 1]
    return x


def p_of(series, **options):
    values = np.asarray(series, float)[None]
    return trend_series(values, np.arange(values.size), "block_bootstrap", **options).p_value[0]


@given(st.lists(st.integers(-5, 5), min_size=6, max_size=6, unique=True))
def test_single_years_are_the_permutation_test_of_kendall(numbers):
    exact = stats.kendalltau(range(6), numbers, method="exact").pvalue
    found = p_of(numbers, block_length=1, draws=4000)
    assert found == pytest.approx(exact, abs=4 * 0.5 / np.sqrt(4000) + 1 / 4000)


def test_ties_and_gaps_take_part_in_the_permutations():
    series = np.array([1.0, np.nan, 2.0, 2.0, 3.0, 1.0, 4.0])
    orders = np.array(list(itertools.permutations(series)))
    i, j = np.triu_indices(series.size, 1)
    scores = np.nansum(np.sign(orders[:, j] - orders[:, i]), axis=1)
    exact = np.mean(np.abs(scores) >= abs(scores[0]))
    assert p_of(series, block_length=1, draws=4000) == pytest.approx(exact, abs=0.03)


@given(st.integers(4, 40), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_blocks_are_shuffled_whole(n, length, seed):
    length = min(length, n // 2)
    years, out = np.arange(n, dtype=np.float32), np.empty(n, np.float32)
    _shuffle(years, length, block_draws(1, n, seed)[:, 0], out)
    np.testing.assert_array_equal(np.sort(out), years)
    broken = np.count_nonzero((np.diff(out) - 1) % n)
    assert broken <= -(-n // length) - 1


@given(st.floats(-0.9, 0.99), st.integers(4, 100))
def test_block_length_follows_wilks(r, n):
    rho = min(r + (1 + 4 * r) / n, 1.0)
    length = block_length_of(r, n)
    assert 1 <= length <= n // 2
    if rho <= 0:
        assert length == 1
    elif length < n // 2:
        power = 2 / 3 * (1 - (1 - rho) / (1 + rho))
        short, long = length - 0.5, length + 0.5
        assert length == 1 or short <= (n - short + 1) ** power
        assert long >= (n - long + 1) ** power


def test_no_autocorrelation_has_single_years():
    assert block_length_of(np.nan, 20) == 1


def test_the_seed_decides_and_the_place_does_not():
    table = np.stack([red_noise(k) for k in range(12)])
    years = np.arange(20)
    whole = trend_series(table, years, "block_bootstrap", seed=1, draws=199)
    other = trend_series(table, years, "block_bootstrap", seed=2, draws=199)
    assert np.any(whole.p_value != other.p_value)
    parts = [
        trend_series(table[k : k + 5][::-1], years, "block_bootstrap", seed=1, draws=199).p_value
        for k in (0, 5, 10)
    ]
    joined = np.concatenate([part[::-1] for part in parts])
    np.testing.assert_array_equal(joined, whole.p_value)


def test_years_missing_at_the_ends_do_not_matter():
    series = red_noise(3)
    wide = np.concatenate([[np.nan], series, [np.nan, np.nan]])
    assert p_of(wide, draws=199) == p_of(series, draws=199)


def test_longer_blocks_forgive_autocorrelation():
    table = np.stack([red_noise(k, rho=0.6) for k in range(200)])
    rejected = [
        np.mean(
            trend_series(
                table, np.arange(20), "block_bootstrap", draws=199, block_length=length
            ).p_value <= 0.05
        )
        for length in (1, None)
    ]  # fmt: skip
    assert rejected[1] < 0.75 * rejected[0]


@pytest.mark.parametrize("options", [{"block_length": 11}, {"block_length": 0}, {"draws": 0}])
def test_wrong_options_are_an_error(options):
    with pytest.raises(InputError, match=next(iter(options))):
        p_of(red_noise(1), **options)
