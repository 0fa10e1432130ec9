import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling import fit_forest
from abz.modelling.monte_carlo import (
    half_forests,
    jackknife_sd_error,
    normal_sd_error,
    tree_noise,
    trees_needed,
)


def test_normal_error_is_the_spread_of_standard_deviations():
    members = np.random.default_rng(0).normal(0, 3, (20, 20_000))
    sd = members.std(axis=0, ddof=1)
    assert normal_sd_error(sd, 20).mean() == pytest.approx(sd.std(), rel=0.03)


def test_jackknife_error_equals_leaving_members_out():
    values = np.random.default_rng(1).gamma(2, size=(7, 3))
    left = np.array([np.delete(values, b, axis=0).std(axis=0, ddof=1) for b in range(7)])
    expected = np.sqrt(6 / 7 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    assert np.allclose(jackknife_sd_error(values), expected)


@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_jackknife_error_is_right_for_many_members(draw):
    rng = np.random.default_rng(2)
    members = getattr(rng, draw)(size=(200, 2000))
    spread = members.std(axis=0, ddof=1).std()
    assert jackknife_sd_error(members).mean() == pytest.approx(spread, rel=0.1)


def test_skewed_members_need_the_jackknife():
    members = np.random.default_rng(3).exponential(size=(200, 2000))
    sd = members.std(axis=0, ddof=1)
    assert normal_sd_error(sd, 200).mean() < 0.6 * sd.std()


def test_errors_need_members():
    with pytest.raises(InputError, match="members"):
        normal_sd_error(np.ones(1), 1)
    with pytest.raises(InputError, match="members"):
        jackknife_sd_error(np.ones((2, 4)))


def ensemble(members, trees, places, *, true_sd, tree_sd, seed=0):
    """Halves of members with known variances."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(0, true_sd, (members, places))
    half_sd = tree_sd / np.sqrt(trees / 2)
    return [centre + rng.normal(0, half_sd, (members, places)) for _ in range(2)]


@pytest.mark.parametrize("tree_sd", [0.0, 5.0, 20.0])
def test_the_noise_of_trees_is_found_and_taken_off(tree_sd):
    first, second = ensemble(20, 50, 40_000, true_sd=3.0, tree_sd=tree_sd)
    found = tree_noise(first, second)
    assert found.noise.mean() == pytest.approx(tree_sd**2 / 50, rel=0.02, abs=1e-20)
    assert found.observed.mean() == pytest.approx(9 + tree_sd**2 / 50, rel=0.02)
    assert (found.observed - found.noise).mean() == pytest.approx(9, rel=0.02)


def test_noise_alone_is_cut_off_and_counted():
    found = tree_noise(*ensemble(20, 50, 1000, true_sd=0.0, tree_sd=5.0))
    assert 300 < found.truncated < 700
    assert (found.corrected == 0).sum() == found.truncated
    assert np.isinf(found.inflation).sum() == found.truncated


def test_inflation_and_trees_needed_agree():
    found = tree_noise(*ensemble(20, 50, 20_000, true_sd=3.0, tree_sd=20.0, seed=4))
    assert np.median(found.inflation) == pytest.approx(np.sqrt(1 + 8 / 9), rel=0.05)
    assert np.median(trees_needed(found, 50, 1.05)) == pytest.approx(
        400 / (9 * (1.05**2 - 1)), rel=0.08
    )
    none = tree_noise(np.ones((3, 1)), np.ones((3, 1)))
    assert none.inflation.tolist() == trees_needed(none, 50).tolist() == [1.0]


@given(st.floats(0.1, 100), st.floats(-1e3, 1e3))
def test_noise_follows_units_and_ignores_shifts(factor, shift):
    first, second = ensemble(6, 10, 4, true_sd=1.0, tree_sd=2.0)
    plain = tree_noise(first, second)
    moved = tree_noise(first * factor + shift, second * factor + shift)
    assert np.allclose(moved.corrected, plain.corrected * factor**2, rtol=1e-6, atol=1e-6)


def test_missing_members_stay_missing():
    first = np.ones((3, 2))
    first[0, 0] = np.nan
    found = tree_noise(first, np.zeros((3, 2)))
    assert np.isnan(found.corrected).tolist() == [True, False]
    assert np.isnan(jackknife_sd_error(first)).tolist() == [True, False]


def test_halves_have_to_fit():
    with pytest.raises(InputError, match="halves"):
        tree_noise(np.ones((3, 2)), np.ones((3, 1)))


def training_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3)).astype(np.float32)
    X[:, 0] = rng.integers(1, 13, 120)
    return X, X[:, 1] + rng.normal(size=120)


def test_halves_of_a_forest_make_the_forest():
    X, y = training_rows()
    forest = fit_forest(X, y, ["month", "lst", "ndvi"], trees=20, mtry=2)
    first, second = (half.predict(X) for half in half_forests(forest))
    assert not np.array_equal(first, second)
    assert np.allclose((first + second) / 2, forest.predict(X), rtol=1e-12)


def test_the_noise_of_real_trees_falls_with_their_number():
    X, y = training_rows()
    few, many = (
        [
            [
                half.predict(X)
                for half in half_forests(
                    fit_forest(X, y, list("abc"), trees=trees, mtry=2, seed=seed)
                )
            ]
            for seed in range(6)
        ]
        for trees in (4, 40)
    )
    noise = [tree_noise(*np.swapaxes(np.array(members), 0, 1)) for members in (few, many)]
    assert noise[0].noise.mean() / noise[1].noise.mean() == pytest.approx(10, rel=0.25)
    for found in noise:  # one data set, seeds differ: all of the spread is noise of the trees
        assert found.observed.mean() == pytest.approx(found.noise.mean(), rel=0.25)


def test_an_odd_forest_has_no_halves():
    X, y = training_rows()
    with pytest.raises(InputError, match="even"):
        half_forests(fit_forest(X, y, list("abc"), trees=3, mtry=2))
