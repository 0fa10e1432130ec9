"""Shared rectangles: exact for any two grids of one projection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.grid import lonlat_grid, overlap, polar_grid
from abz.grid.rectangles import interval_shares, shared_rectangles
from abz.grid.regrid import _shared_areas

edges = st.lists(st.floats(-9.0, 9.0), min_size=2, max_size=7, unique=True).map(
    lambda values: np.sort(np.round(values, 3))
)


def naive_shares(source, target):
    shares = np.zeros((len(target) - 1, len(source) - 1))
    for t in range(len(target) - 1):
        for s in range(len(source) - 1):
            low, high = max(source[s], target[t]), min(source[s + 1], target[t + 1])
            if high > low:
                shares[t, s] = (high - low) / (source[s + 1] - source[s])
    return shares


@given(edges, edges)
def test_shares_equal_the_naive_ones(source, target):
    if (np.diff(source) > 0).all() and (np.diff(target) > 0).all():
        found = interval_shares(source, target).toarray()
        np.testing.assert_allclose(found, naive_shares(source, target), atol=1e-9)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (polar_grid(3.1e5), polar_grid(4.7e5)),
        (lonlat_grid(3.0), lonlat_grid(2.5, (-180.0, 45.0, 180.0, 90.0))),
        (lonlat_grid(3.0, (0.0, 45.0, 360.0, 90.0)), lonlat_grid(2.5)),
    ],
)
def test_the_sampled_areas_tend_to_the_exact_ones(source, target):
    exact = shared_rectangles(source, target)
    parts = 60 if source.is_lonlat else 40
    sampled = _shared_areas(source, slice(0, source.shape[0]), target, parts, whole=False)
    whole = source.cell_area().max()
    assert np.abs((exact - sampled).toarray()).max() < 2.5 / parts * whole
    np.testing.assert_allclose(
        np.asarray(exact.sum(axis=0)), np.asarray(sampled.sum(axis=0)), atol=2.5 / parts * whole
    )


@given(st.sampled_from([2.0e5, 3.3e5, 7e5]), st.sampled_from([1.9e5, 5e5, 8.1e5]))
def test_areas_of_covered_cells_are_given_out_whole(source_cell, target_cell):
    inner = polar_grid(source_cell, (-2e6, -2e6, 2e6, 2e6))
    shared = overlap(inner, polar_grid(target_cell))
    np.testing.assert_allclose(shared.taken, inner.cell_area(), rtol=1e-12)


@pytest.mark.parametrize("west", [-180.0, 0.0, 5.0])
def test_longitudes_go_round_the_globe(west):
    source = lonlat_grid(3.0, (west, 45.0, west + 360.0, 90.0))
    target = lonlat_grid(2.5, (-180.0, 45.0, 180.0, 90.0))
    shared = overlap(source, target)
    np.testing.assert_allclose(shared.taken, source.cell_area(), rtol=1e-10)
    np.testing.assert_allclose(shared.covered, target.cell_area(), rtol=1e-10)


def test_areas_of_a_window_are_those_of_the_whole():
    source, target = polar_grid(3.1e5), polar_grid(4.7e5)
    whole = shared_rectangles(source, target).toarray().reshape(*target.shape, -1)
    part = shared_rectangles(source, target, slice(2, 5), slice(7, 9)).toarray()
    np.testing.assert_array_equal(part, whole[2:5, 7:9].reshape(6, -1))
