"""What a test can say of a series: size and detectable slope at its own noise."""

import numpy as np
import pytest
from scipy import stats

from abz.errors import InputError
from abz.trends import (
    SizeCurve,
    ar1_series,
    detectable_slope,
    empirical_size,
    residual_noise,
    size_curve,
    trend_limits,
    trend_series,
)
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


def test_residual_noise_by_a_naive_version():
    """Neighbours are years that follow each other, whatever stands between the columns."""
    years = np.array([2001, 2002, 2003, 2005, 2006, 2007, 2008, 2012, 2013, 2014])
    table = ar1_series(8, 10, 0.5, 4) + 0.3 * years
    seen, sd = residual_noise(table, years)
    first = np.isin(years + 1, years)
    for series, r, spread in zip(table, seen, sd, strict=True):
        residual = series - stats.theilslopes(series, years).slope * years
        residual -= residual.mean()
        products = residual[first] * residual[np.flatnonzero(first) + 1]
        assert r == pytest.approx(products.sum() / (products.size + 1) / np.mean(residual**2))
        assert spread == pytest.approx(np.sqrt((residual**2).sum() / (years.size - 2)))


def test_years_left_out_are_years_missing():
    noise = ar1_series(20, 20, 0.4, 11)
    noise[:, [3, 4, 11]] = np.nan
    kept = np.isfinite(noise[0])
    whole = trend_limits(noise, YEARS, "none", n_series=100)
    np.testing.assert_array_equal(
        trend_limits(noise[:, kept], YEARS[kept], "none", n_series=100), whole
    )
    with pytest.raises(InputError, match="years"):
        trend_limits(noise, YEARS[::-1], "none")


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_bias_of_the_autocorrelation_is_removed(rho):
    found = trend_limits(ar1_series(400, 20, rho, 12), YEARS, "none", n_series=1000)
    assert found["autocorrelation"].mean() < rho - 0.08
    assert found["rho"].mean() == pytest.approx(rho, abs=0.04)


@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_the_detectable_slope_is_found_as_often_as_it_says(rho):
    curve = size_curve(20, "none", n_series=2000)
    noise, place = 30 * ar1_series(1000, 20, rho, 13), np.flatnonzero(curve.rho == rho)[0]
    slope = detectable_slope(curve, curve.seen[place], 30 * curve.seen_sd[place])
    p, slopes = (
        getattr(trend_series(noise + slope * YEARS, YEARS, "none"), name)
        for name in ("p_value", "slope")
    )
    assert np.mean((p < 0.05) & (slopes > 0)) == pytest.approx(0.8, abs=0.04)


def test_the_detectable_slope_is_one_of_the_noise_not_of_its_residuals():
    curve = SizeCurve(*np.array([[0.0, 0.5], [-0.1, 0.3], [0.5, 0.5], [0.05, 0.2], [0.1, 0.2]]))
    assert detectable_slope(curve, np.array([0.3]), np.array([30.0])) == pytest.approx([12.0])


def test_level_power_and_range_of_the_test_count():
    noise = ar1_series(1, 20, 0.3, 14)

    def row(**options):
        return trend_limits(noise, YEARS, "yue_pilon", n_series=400, **options).iloc[0]

    plain = row()
    assert row(alpha=0.2)["size"] > plain["size"] + 0.05
    assert row(alpha=0.2)["detectable"] < plain["detectable"]
    assert row(power=0.5)["detectable"] < 0.8 * plain["detectable"]
    assert row(power=0.5)["size"] == plain["size"]
    assert row(preserve_range=True)["size"] != plain["size"]
    assert row(seed=2)["size"] != plain["size"]


def test_residuals_do_not_know_the_trend():
    noise = ar1_series(5, 20, 0.4, 8)
    for plain, steep in zip(
        residual_noise(noise, YEARS), residual_noise(noise + 3.0 * YEARS, YEARS), strict=True
    ):
        np.testing.assert_allclose(plain, steep, rtol=1e-6)
