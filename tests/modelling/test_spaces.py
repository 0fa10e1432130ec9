import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.distances import great_circle
from abz.modelling.spaces import Space, feature_space, geographic_space


def names(count):
    return np.array([f"s{i:03d}" for i in range(count)])


def test_a_site_on_the_date_line_lies_there():
    space = geographic_space(["a", "a", "b"], [179.9, -179.9, 170.0], [70.0] * 3, [180.0], [70.0])
    assert space.prediction[0] == pytest.approx(0, abs=0.01)


def test_predictors_are_scaled_and_weighted():
    rng = np.random.default_rng(2)
    rows, cells = rng.normal(size=(30, 3)), rng.normal(size=(200, 3))
    weight = np.array([2.0, 0.5, -1.0])
    space = feature_space(names(30), rows, cells, importance=weight)
    scaled = (rows / rows.std(axis=0) * [2.0, 0.5, 0.0])[:, None]
    others = (cells / rows.std(axis=0) * [2.0, 0.5, 0.0])[:, None]
    between = np.sqrt(((scaled - scaled.swapaxes(0, 1)) ** 2).sum(axis=-1))
    to_map = np.sqrt(((others - scaled.swapaxes(0, 1)) ** 2).sum(axis=-1)).min(axis=1)
    np.testing.assert_allclose(space.between, between, atol=1e-12)
    np.testing.assert_allclose(space.prediction, to_map, atol=1e-12)


@given(st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_units_of_predictors_do_not_matter(factor, offset):
    rng = np.random.default_rng(3)
    rows, cells = rng.normal(size=(20, 2)), rng.normal(size=(50, 2))
    found = feature_space(names(20), rows, cells)
    again = feature_space(names(20), rows * factor + offset, cells * factor + offset)
    np.testing.assert_allclose(again.prediction, found.prediction, rtol=1e-6, atol=1e-7)


def test_spaces_without_values_are_refused():
    rows = np.array([[1.0, 2.0], [1.0, 3.0]])
    with pytest.raises(InputError, match="1 rows lack a value"):
        feature_space(["a", "b"], np.array([[1.0], [np.nan]]), np.ones((1, 1)))
    with pytest.raises(InputError, match="cells cannot be placed"):
        feature_space(["a", "b"], rows, np.empty((0, 2)))
    with pytest.raises(InputError, match="tells sites apart"):
        feature_space(["a", "b"], rows, rows, importance=np.array([1.0, 0.0]))
    with pytest.raises(InputError, match="at least two sites"):
        feature_space(["a", "a"], rows, rows)


@pytest.mark.parametrize("kind", ["ground", "predictors"])
def test_the_map_lies_as_far_as_the_nearest_site_that_is_kept(kind):
    rng = np.random.default_rng(5)
    points, cells = rng.uniform([0, 55], [60, 75], (12, 2)), rng.uniform([0, 55], [60, 75], (99, 2))
    if kind == "ground":
        space = geographic_space(names(12), *points.T, *cells.T)
        far = great_circle(*cells.T, *points.T)
    else:
        space = feature_space(names(12), points, cells)
        scale = points.std(axis=0)
        far = np.linalg.norm((cells[:, None] - points) / scale, axis=-1)
    kept = np.arange(12) % 3 > 0
    fewer = space.of_sites(kept)
    assert fewer.sites.tolist() == space.sites[kept].tolist()
    np.testing.assert_allclose(fewer.prediction, far[:, kept].min(axis=1), atol=1e-6)
    np.testing.assert_allclose(fewer.between, space.between[np.ix_(kept, kept)], atol=1e-9)
    assert (fewer.prediction >= space.prediction).all()
    assert (fewer.prediction > space.prediction).any()


def test_straight_distances_have_the_unit_of_the_points():
    space = Space(names(2), np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[3.0, 0.0]]))
    assert space.between.tolist() == [[0, 5], [5, 0]]
    assert space.prediction.tolist() == [3]
