"""Size and power of the tests on noise that is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import InputError
from abz.trends import (
    METHODS,
    ar1_series,
    calibrated_p,
    rejection_rate,
    size_table,
    slope_of_power,
    trend_series,
)

FAST = [name for name in METHODS if name != "block_bootstrap"]
YEARS = np.arange(2001, 2021)


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.6])
def test_noise_has_the_autocorrelation_and_spread_that_it_claims(rho):
    noise = ar1_series(20_000, 12, rho, 1)
    neighbours = np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]
    assert neighbours == pytest.approx(rho, abs=0.01)
    np.testing.assert_allclose(noise.std(axis=0), 1.0, atol=0.03)


@pytest.mark.parametrize("wrong", [{"alpha": 5.0}, {"power": 1.5}])
def test_levels_and_powers_beyond_one_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        slope_of_power(ar1_series(20, 20, 0.0, 1), "none", **wrong)


def test_noise_beyond_a_unit_root_is_refused():
    with pytest.raises(InputError, match="rho is out of range"):
        ar1_series(2, 20, 1.0, 1)


@pytest.mark.parametrize("method", ["none", "yue_pilon", "zhang", "trend_free_prewhitening"])
def test_size_is_nominal_for_white_noise_but_for_the_continuity_correction(method):
    rate, error = rejection_rate(ar1_series(4000, 20, 0.0, 2), 0.0, method)
    assert 0.035 - 3 * error < rate < 0.05 + 3 * error


@pytest.mark.parametrize("method", ["none", "zhang", "yue_pilon"])
@pytest.mark.parametrize("preserve_range", [False, True])
def test_rates_by_a_naive_version(method, preserve_range):
    """A trend that is found with the wrong sign is an error without a trend, and no power."""
    noise, slope = ar1_series(400, 20, 0.8, 3), 0.01
    options = {"alpha": 0.2, "preserve_range": preserve_range}
    for added, signs in ((0.0, (-1.0, 1.0)), (slope, (1.0,)), (-slope, (-1.0,))):
        found = trend_series(noise + added * YEARS, YEARS, method, preserve_range=preserve_range)
        hits = (found.p_value < 0.2) & np.isin(np.sign(found.slope), signs)
        rate, error = rejection_rate(noise, added, method, **options)
        assert rate == pytest.approx(hits.mean())
        assert error == pytest.approx(hits.std() / 20)
    assert np.isclose(size_table([method], [0.8], n_series=400, alpha=0.2, seed=3)["rate"],
                      rejection_rate(noise, 0.0, method, alpha=0.2)[0])  # fmt: skip


@pytest.mark.parametrize("method", ["none", "yue_pilon"])
def test_a_calibrated_p_counts_the_series_at_least_as_sure(method):
    noise = ar1_series(99, 20, 0.6, 10)
    p = trend_series(noise, YEARS, method, preserve_range=True).p_value
    for value in p[:5]:
        count = 1 + sum(other <= value for other in p)
        assert calibrated_p(value, noise, method, preserve_range=True) == count / 100


def test_known_sizes_at_strong_autocorrelation():
    table = size_table(["zhang", "yue_pilon", "prewhiten"], [0.6], n_series=4000)
    known = {"zhang": 0.17, "yue_pilon": 0.32, "prewhiten": 0.045}
    for row in table.itertuples():
        assert row.rate == pytest.approx(known[row.method], abs=0.015 + 3 * row.error)


def test_all_methods_of_the_registry_have_a_size():
    table = size_table(list(METHODS), [0.0], n_series=40)
    assert table["method"].tolist() == list(METHODS)
    assert table["rate"].between(0, 0.3).all()


@settings(max_examples=10)
@given(st.sampled_from(FAST), st.floats(-0.3, 0.3))
def test_power_does_not_know_the_sign_of_the_trend(method, slope):
    noise = ar1_series(60, 20, 0.2, 5)
    assert rejection_rate(noise, slope, method) == rejection_rate(-noise, -slope, method)


def test_the_slope_of_a_power_has_that_power():
    noise = ar1_series(1000, 20, 0.3, 6)
    slope = slope_of_power(noise, "zhang")
    assert rejection_rate(noise, slope, "zhang")[0] == pytest.approx(0.8, abs=0.02)
    assert np.isnan(slope_of_power(noise[:, :4], "zhang"))
    options = {"alpha": 0.2, "preserve_range": True}
    slope = slope_of_power(noise, "yue_pilon", power=0.5, **options)
    rate, _ = rejection_rate(noise, slope, "yue_pilon", **options)
    assert rate == pytest.approx(0.5, abs=0.02)


def test_a_calibrated_p_is_uniform_where_the_noise_is_right():
    noise = ar1_series(800, 20, 0.6, 9)
    p = trend_series(noise[:120], YEARS, "zhang").p_value
    calibrated = [calibrated_p(value, noise[120:], "zhang") for value in p]
    assert np.mean(np.array(calibrated) < 0.05) == pytest.approx(0.05, abs=0.06)
    assert np.mean(p < 0.05) > 0.1
