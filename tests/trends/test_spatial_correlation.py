"""Correlation in space: r as it is, p with the places that count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from abz.errors import InputError
from abz.trends import effective_size, spatial_correlation
from abz.trends.spatial_correlation import _p


def places(n, seed):
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-180, 180, n), rng.uniform(50, 80, n)
    return rng, lon, lat


def smooth(rng, lon, lat, reach, fields=2):
    """Gaussian fields with correlation exp(−distance / reach)."""
    p, q = np.radians(lat), np.radians(lon)
    points = np.stack([np.cos(p) * np.cos(q), np.cos(p) * np.sin(q), np.sin(p)])
    distance = 6371 * np.arccos(np.clip(points.T @ points, -1, 1))
    root = np.linalg.cholesky(np.exp(-distance / reach) + 1e-9 * np.eye(lon.size))
    return [root @ rng.normal(size=lon.size) for _ in range(fields)]


def test_r_and_the_naive_p_are_those_of_scipy():
    rng, lon, lat = places(60, 1)
    x, y = rng.normal(size=(2, 60))
    x[3] = np.nan
    found = spatial_correlation(x, y, lon, lat)
    known = pearsonr(np.delete(x, 3), np.delete(y, 3))
    assert found.r == pytest.approx(known.statistic)
    assert found.p_naive == pytest.approx(known.pvalue)
    assert found.n == 59


def plain_size(x, y, lon, lat):
    """Dutilleul's effective number, pair by pair."""
    n = x.size
    p, q = np.radians(lat), np.radians(lon)
    cosine = [[np.sin(p[i]) * np.sin(p[j]) + np.cos(p[i]) * np.cos(p[j]) * np.cos(q[i] - q[j])
               for j in range(n)] for i in range(n)]  # fmt: skip
    distance = np.arccos(np.clip(cosine, -1, 1))
    group = np.minimum((distance / distance.max() * 13).astype(int), 12)
    np.fill_diagonal(group, -1)
    centre, sigma = np.eye(n) - 1 / n, []
    for values in (x - x.mean(), y - y.mean()):
        matrix = np.empty((n, n))
        for k in np.unique(group):
            matrix[group == k] = np.outer(values, values)[group == k].mean()
        sigma.append(centre @ matrix)
    traces = np.trace(sigma[0]) * np.trace(sigma[1])
    return np.clip(1 + traces / np.trace(sigma[0] @ sigma[1]), 1, n)


@pytest.mark.parametrize("seed", range(4))
def test_the_effective_number_by_a_naive_version(seed):
    rng, lon, lat = places(40, seed)
    x, y = smooth(rng, lon, lat, 3000.0)
    assert effective_size(x, y, lon, lat) == pytest.approx(plain_size(x, y, lon, lat), rel=1e-6)


def test_two_places_seen_often_prove_nothing():
    """Two clusters of cells that agree perfectly: two independent places."""
    rng = np.random.default_rng(3)
    side = np.repeat([0.0, 1.0], 20)
    lon, lat = 180 * side + rng.normal(0, 0.1, 40), rng.normal(60, 0.1, 40)
    found = spatial_correlation(side + rng.normal(0, 0.01, 40), side, lon, lat)
    assert found.r > 0.99
    assert found.n_effective == pytest.approx(2, abs=0.01)
    assert found.p_value > 0.9
    assert found.p_naive < 1e-9
    assert _p(found.r, 2.0) == _p(found.r, 1.5) == 1.0


def test_independent_places_all_count():
    sizes = []
    for seed in range(10):
        rng, lon, lat = places(150, seed)
        sizes.append(effective_size(*rng.normal(size=(2, 150)), lon, lat))
    assert np.median(sizes) > 120


def test_smooth_fields_have_few_places_and_the_test_keeps_its_size():
    hits, naive, sizes = 0, 0, []
    for seed in range(80):
        rng, lon, lat = places(80, seed)
        found = spatial_correlation(*smooth(rng, lon, lat, 2000.0), lon, lat)
        hits, naive = hits + (found.p_value < 0.05), naive + (found.p_naive < 0.05)
        sizes.append(found.n_effective)
    assert np.median(sizes) < 40
    assert naive > 16
    assert hits < 12


@settings(max_examples=20)
@given(st.integers(0, 500), st.floats(0.1, 9), st.floats(-50, 50))
def test_neither_units_nor_order_nor_sign_matter(seed, factor, shift):
    rng, lon, lat = places(40, seed)
    x, y = smooth(rng, lon, lat, 1000.0)
    plain = spatial_correlation(x, y, lon, lat)
    order = rng.permutation(40)
    moved = spatial_correlation(factor * x[order] + shift, -y[order], lon[order], lat[order])
    assert moved.r == pytest.approx(-plain.r)
    assert moved.n_effective == pytest.approx(plain.n_effective, rel=1e-6)
    swapped = spatial_correlation(y, x, lon, lat)
    assert swapped.n_effective == pytest.approx(plain.n_effective)


def test_a_sample_of_many_places_serves_for_the_effective_number():
    rng, lon, lat = places(300, 4)
    x, y = smooth(rng, lon, lat, 3000.0)
    whole, thinned = (spatial_correlation(x, y, lon, lat, most) for most in (300, 100))
    assert whole.r == thinned.r
    assert thinned.n_effective == pytest.approx(whole.n_effective, rel=0.6)


def test_places_without_a_place_and_infinite_values_do_not_count():
    rng, lon, lat = places(31, 5)
    x, y = rng.normal(size=(2, 31))
    known = spatial_correlation(x[2:], y[2:], lon[2:], lat[2:])
    lon[0], x[1] = np.nan, np.inf
    assert spatial_correlation(x, y, lon, lat) == known


def test_maps_are_taken_as_they_are():
    rng, lon, lat = places(30, 6)
    x, y = rng.normal(size=(2, 30))
    maps = [values.reshape(5, 6) for values in (x, y, lon, lat)]
    assert spatial_correlation(*maps) == spatial_correlation(x, y, lon, lat)


def test_constants_and_too_few_places_have_no_correlation():
    rng, lon, lat = places(10, 2)
    assert np.isnan(spatial_correlation(np.ones(10), rng.normal(size=10), lon, lat).r)
    assert np.isnan(spatial_correlation(lon[:3], lat[:3], lon[:3], lat[:3]).p_value)
    with pytest.raises(InputError, match="number of places"):
        effective_size(lon[:3], lat[:3], lon[:3], lat[:3])


def test_a_field_with_latitude_itself_counts_few_places():
    rng, lon, lat = places(200, 9)
    found = spatial_correlation(lat, lat + rng.normal(0, 4, 200), lon, lat)
    assert found.n_effective < 60
    assert found.p_value > found.p_naive
