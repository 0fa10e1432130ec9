"""Correlation in space: r as it is, p with the places that count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from abz.errors import InputError
from abz.trends import effective_size, spatial_correlation


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
