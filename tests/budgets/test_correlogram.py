"""The correlogram gives back the length of planted fields, and says when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from abz.budgets import fit_correlogram
from abz.errors import InputError
from abz.modelling.distances import great_circle


def places(rng, n, spread=180):
    lat = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(50)), np.sin(np.radians(75)), n)))
    return rng.uniform(-spread, spread, n), lat


def field(rng, lon, lat, length, share=1.0):
    """An exponential field of unit variance, with a nugget."""
    distance = great_circle(lon, lat, lon, lat)
    covariance = share * np.exp(-distance / length) + (1 - share) * np.eye(lon.size)
    return np.linalg.cholesky(covariance + 1e-9 * np.eye(lon.size)) @ rng.normal(size=lon.size)


@pytest.mark.parametrize(("length", "share", "spread"), [(400, 1.0, 70), (800, 0.7, 180)])
def test_the_planted_length_and_share_come_back(length, share, spread):
    rng = np.random.default_rng(5)
    found = []
    for _ in range(40):
        lon, lat = places(rng, 140, spread)
        found.append(fit_correlogram(lon, lat, 30 + 5 * field(rng, lon, lat, length, share)))
    assert np.median([one.length_km for one in found]) == pytest.approx(length, rel=0.25)
    assert np.median([one.share for one in found]) == pytest.approx(share, abs=0.15)
    assert np.mean([one.variance for one in found]) == pytest.approx(25, rel=0.2)


def test_independent_values_share_little_beyond_the_nearest_places():
    rng = np.random.default_rng(6)
    reach = []
    for _ in range(40):
        lon, lat = places(rng, 150)
        found = fit_correlogram(lon, lat, rng.normal(size=150))
        reach.append(found.correlation(np.array([1500.0])).item())
    assert np.median(reach) < 0.02


def test_a_given_length_is_kept_and_only_the_share_fitted():
    rng = np.random.default_rng(7)
    lon, lat = places(rng, 80)
    found = fit_correlogram(lon, lat, field(rng, lon, lat, 600), length_km=250.0)
    assert found.length_km == 250.0
    assert 0 < found.share <= 1


def test_no_order_no_unit_and_no_mean_matter():
    rng = np.random.default_rng(8)
    lon, lat = places(rng, 50, 40)
    values = field(rng, lon, lat, 700)
    found = fit_correlogram(lon, lat, values)
    order = rng.permutation(50)
    for other in (
        fit_correlogram(lon[order], lat[order], values[order]),
        fit_correlogram(lon, lat, 1000 - 40 * values),
    ):
        assert other.length_km == pytest.approx(found.length_km)
        assert other.share == pytest.approx(found.share)


def test_bins_are_what_a_naive_loop_finds():
    rng = np.random.default_rng(9)
    lon, lat = places(rng, 30)
    values = field(rng, lon, lat, 900)
    found = fit_correlogram(lon, lat, values)
    z = values - values.mean()
    pairs = []
    for i in range(30):
        for j in range(i):
            d = great_circle(lon[[i]], lat[[i]], lon[[j]], lat[[j]]).item()
            pairs.append((d, z[i] * z[j] / (z @ z / 30)))
    pairs.sort()
    inside = [pair for pair in pairs if pair[0] <= pairs[-1][0] / 2]
    first = np.array(inside[: found.bins["pairs"].iloc[0]])
    common = 1 - (z @ z / 30) / found.variance
    assert found.bins["distance_km"].iloc[0] == pytest.approx(first[:, 0].mean())
    expected = (1 - common) * first[:, 1].mean() + common
    assert found.bins["correlation"].iloc[0] == pytest.approx(expected, abs=1e-6)
    assert found.bins["pairs"].sum() == len(inside)
    assert found.reach_km == pytest.approx(pairs[-1][0] / 2)


def test_a_length_at_the_end_of_what_was_tried_says_so():
    lon = np.linspace(0, 30, 40)
    trend = fit_correlogram(lon, np.full(40, 60.0), lon)
    assert trend.at_limit
    rng = np.random.default_rng(10)
    assert not fit_correlogram(*places(rng, 60), rng.normal(size=60), length_km=10.0).at_limit


def test_neighbours_that_are_unlike_share_nothing():
    """Two towers at each place, of opposite errors: no part of them is common."""
    lon = np.repeat(np.linspace(0, 60, 20), 2)
    found = fit_correlogram(lon, np.full(40, 60.0), np.tile([1.0, -1.0], 20))
    assert found.share == 0
    assert np.isnan(found.length_km)
    assert not found.at_limit
    assert found.correlation(np.array([0.0, 10.0])).tolist() == [0.0, 0.0]
    assert found.nugget_km >= 1.0


@pytest.mark.parametrize(
    ("count", "values"), [(11, np.arange(11.0)), (20, np.ones(20)), (15, np.arange(14.0))]
)
def test_too_little_is_refused(count, values):
    with pytest.raises(InputError):
        fit_correlogram(np.arange(count, dtype=float), np.full(count, 60.0), values)


def test_a_length_below_zero_is_refused():
    with pytest.raises(InputError, match="length"):
        fit_correlogram(np.arange(20.0), np.full(20, 60.0), np.arange(20.0), length_km=0.0)
