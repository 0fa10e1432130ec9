import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from abz.errors import InputError
from abz.modelling.distances import EARTH_RADIUS_KM, arc, great_circle, unit_vectors

SPHERE = Geod(a=EARTH_RADIUS_KM, b=EARTH_RADIUS_KM)
lons, lats = st.floats(-180, 180), st.floats(-90, 90)


@given(lons, lats, lons, lats)
def test_great_circle_is_the_geodesic_of_a_sphere(lon, lat, other_lon, other_lat):
    expected = SPHERE.inv(lon, lat, other_lon, other_lat)[2]
    found = great_circle([lon], [lat], [other_lon], [other_lat])
    np.testing.assert_allclose(found, [[expected]], rtol=1e-7, atol=1e-6)


def test_the_sphere_is_within_half_a_percent_of_the_ellipsoid():
    rng = np.random.default_rng(1)
    a, b = rng.uniform([-180, 45], [180, 85], (2, 50, 2))
    expected = Geod(ellps="WGS84").inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2] / 1000
    np.testing.assert_allclose(np.diag(great_circle(*a.T, *b.T)), expected, rtol=0.006)


def test_a_metre_apart_is_a_metre():
    north = np.degrees(1e-3 / EARTH_RADIUS_KM)
    assert great_circle([20.0], [70.0], [20.0], [70.0 + north]) == pytest.approx(1e-3, rel=1e-6)


@given(lons, lats, st.integers(-3, 3))
def test_whole_turns_change_nothing(lon, lat, turns):
    turned = unit_vectors([lon + 360 * turns], [lat])
    np.testing.assert_allclose(turned, unit_vectors([lon], [lat]), atol=1e-12)


def test_a_chord_longer_than_the_sphere_by_rounding_is_half_a_turn():
    assert arc(np.array(2 + 1e-12)) == pytest.approx(np.pi * EARTH_RADIUS_KM)


@pytest.mark.parametrize(
    ("lon", "lat", "message"),
    [
        ([np.nan, 0.0], [60.0, 60.0], "1 of 2 without"),
        ([0.0], [91.0], "latitude is out of range"),
        ([0.0, 1.0], [60.0], "do not fit together"),
    ],
)
def test_impossible_places_are_refused(lon, lat, message):
    with pytest.raises(InputError, match=message):
        unit_vectors(lon, lat)
