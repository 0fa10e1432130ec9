"""What a test can say of a series: size and detectable slope at its own noise."""

import numpy as np
import pytest

from abz.trends import ar1_series, empirical_size, residual_noise, size_curve, trend_limits
from abz.trends.size_power import STEEPEST

YEARS = np.arange(2001, 2021)


def test_short_noise_shows_less_autocorrelation_than_it_has():
    curve = size_curve(20, "zhang", n_series=400)
    assert (np.diff(curve.seen) > 0).all()
    assert (curve.seen < curve.rho)[2:].all()
    assert empirical_size(curve, curve.seen) == pytest.approx(curve.size)
    assert empirical_size(curve, np.array([-1.0, 1.0])) == pytest.approx(curve.size[[0, -1]])
    assert (curve.detectable < STEEPEST).all()


def test_limits_follow_the_units_of_the_series_and_gaps_shorten_it():
    noise = ar1_series(3, 20, 0.4, 7)
    noise[1, 4] = np.nan
    noise[2] = np.nan
    one, ten = (trend_limits(k * noise, YEARS, "none", n_series=200) for k in (1, 10))
    assert one["n"].tolist() == [20, 19, 0]
    np.testing.assert_allclose(ten["detectable"], 10 * one["detectable"])
    np.testing.assert_allclose(ten["size"], one["size"])
    assert one.loc[2, ["rho", "size", "detectable"]].isna().all()


def test_residuals_do_not_know_the_trend():
    noise = ar1_series(5, 20, 0.4, 8)
    for plain, steep in zip(
        residual_noise(noise, YEARS), residual_noise(noise + 3.0 * YEARS, YEARS), strict=True
    ):
        np.testing.assert_allclose(plain, steep, rtol=1e-6)
