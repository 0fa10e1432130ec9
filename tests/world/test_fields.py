"""Random fields are functions of points: no grid, no order, no company changes a value."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.world.fields import bump, plane_waves, sigmoid, stream, unit_vectors


def points(n: int = 500) -> np.ndarray:
    rng = np.random.default_rng(0)
    return unit_vectors(rng.uniform(-180, 180, n), rng.uniform(45, 90, n))


@given(st.integers(1, 400), st.integers(0, 99))
def test_a_point_has_the_same_value_in_any_company(count: int, start: int) -> None:
    field, r = plane_waves(stream(3, "test"), 1500.0), points()
    part = np.ascontiguousarray(r[:, start : start + count])
    assert np.array_equal(field(part), field(r)[start : start + count])


def test_fields_are_standardised() -> None:
    rng = np.random.default_rng(1)
    everywhere = unit_vectors(
        rng.uniform(-180, 180, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    )
    values = plane_waves(stream(5, "test"), 800.0, waves=32)(everywhere)
    assert abs(values.mean()) < 0.1
    assert abs(values.std() - 1.0) < 0.15


def test_streams_differ_by_name_and_seed() -> None:
    draws = {(s, n): stream(s, n).integers(2**60) for s in (1, 2) for n in ("fires", "clouds")}
    assert len(set(draws.values())) == 4


@given(st.floats(-180, 180), st.floats(40, 89))
def test_a_bump_is_highest_at_its_summit(lon: float, lat: float) -> None:
    summit = bump(unit_vectors(np.array([lon]), np.array([lat])), lon, lat, 0.05)
    assert np.isclose(summit, 1.0)
    assert (bump(points(), lon, lat, 0.05) <= 1.0 + 1e-12).all()


def test_sigmoid_equals_its_definition() -> None:
    x = np.linspace(-20, 20, 41)
    assert np.allclose(sigmoid(x), 1 / (1 + np.exp(-x)), atol=1e-15)
