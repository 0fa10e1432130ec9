"""Grids from centres, and the joining of months."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError, InputError
from abz.readers.months import grid_of_centres, join_months

CELLS_PER_DEGREE = [1, 2, 4, 5, 10, 12, 24, 48]


@given(
    per_degree=st.sampled_from(CELLS_PER_DEGREE),
    west=st.integers(-180, 150),
    north=st.integers(50, 90),
    centred=st.booleans(),
    kind=st.sampled_from(["f4", "f8"]),
)
def test_centres_give_exact_edges(per_degree, west, north, centred, kind):
    step = 1 / per_degree
    shift = 0.0 if centred else step / 2
    lon = (west + shift + step * np.arange(20)).astype(kind)
    lat = (north - shift - step * np.arange(10)).astype(kind)
    grid = grid_of_centres(lon, lat)
    np.testing.assert_allclose(grid.transform.a, step, rtol=1e-12)
    np.testing.assert_allclose(grid.bounds[0], west + shift - step / 2, atol=1e-10)
    np.testing.assert_allclose(grid.bounds[3], north - shift + step / 2, atol=1e-10)
    assert grid.shape == (10, 20)


@pytest.mark.parametrize("centres", [[0.0, 1.0, 3.0], [0.0], [5.0, 5.0]])
def test_uneven_centres_are_refused(centres):
    with pytest.raises(GridError, match="longitude"):
        grid_of_centres(np.array(centres), np.array([60.0, 59.0]))


def month(text, x=(0.0, 1.0)):
    return xr.Dataset(
        {"a": (("time", "x"), [[1.0, 2.0]])},
        {"time": np.array([text], "datetime64[ns]"), "x": list(x)},
    )


def test_months_come_in_order():
    joined = join_months([month("2003-01-01"), month("2001-01-01"), month("2002-01-01")])
    assert joined["time"].dt.year.values.tolist() == [2001, 2002, 2003]


def test_a_month_twice_is_refused():
    with pytest.raises(InputError, match="2001-01"):
        join_months([month("2001-01-01"), month("2001-01-01")])


def test_different_grids_are_refused():
    with pytest.raises(GridError, match="different grids"):
        join_months([month("2001-01-01"), month("2002-01-01", x=(0.0, 2.0))])


def test_nothing_to_join_is_refused():
    with pytest.raises(InputError, match="no files"):
        join_months([])
