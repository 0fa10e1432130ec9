"""Coastal cells take their nearest neighbour, and no cell goes further than the reach."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.harmonise import coast_fill


@given(st.integers(0, 999), st.sampled_from([1.0, 1.5, 3.0]))
def test_equals_a_search_over_all_cells(seed, reach):
    rng = np.random.default_rng(seed)
    has_value, wanted = rng.random((2, 7, 9)) < np.array([0.2, 0.7])[:, None, None]
    fill = coast_fill(has_value, wanted, reach)
    known = np.argwhere(has_value)
    filled = set(fill.into.tolist())
    for flat, (row, column) in enumerate(np.ndindex(7, 9)):
        if not wanted[row, column] or has_value[row, column] or not len(known):
            assert flat not in filled
            continue
        nearest = np.hypot(*(known - (row, column)).T).min()
        assert (flat in filled) == (nearest <= reach)
        if flat in filled:
            origin = fill.origin[fill.into == flat][0]
            there = np.array(np.unravel_index(origin, (7, 9)))
            assert np.hypot(*(there - (row, column))) == nearest
            assert has_value[tuple(there)]


def test_missing_months_of_the_neighbour_stay_missing():
    fill = coast_fill(np.array([[True, False]]), np.array([[True, True]]), 1.5)
    values = np.array([[[280.0, np.nan]], [[np.nan, np.nan]]])
    np.testing.assert_array_equal(fill(values), [[[280.0, 280.0]], [[np.nan, np.nan]]])
    assert np.isnan(values[0, 0, 1])
