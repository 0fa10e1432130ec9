"""What windows take and what lies outside are together the cells of the source."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.grid import area_outside, lonlat_grid, overlap, polar_grid, sinusoidal_grid, window_areas
from abz.grid import seams as module

SOURCES = (
    sinusoidal_grid(6),
    sinusoidal_grid(8, (10, 20), (0, 4)),
    lonlat_grid(5.0),
    lonlat_grid(4.0, (0.0, 40.0, 360.0, 88.0)),
    polar_grid(7e5),
)
TARGETS = (polar_grid(4e5), polar_grid(6e5, (0.0, -3e6, 3.7e6, 2e6)), lonlat_grid(7.5))


@given(st.sampled_from(SOURCES), st.sampled_from(TARGETS), st.integers(1, 3))
def test_inside_and_outside_are_the_whole(source, target, samples):
    rows, columns = (slice(0, size) for size in target.shape)
    weights = window_areas(source, target, (rows, columns), samples, whole=True)
    inside = np.zeros(source.shape)
    inside.flat[weights.cells] = np.asarray(weights.matrix.sum(axis=0)).ravel()
    cells = np.arange(inside.size)
    outside = area_outside(source, target, cells, samples).reshape(source.shape)
    assert (outside >= 0).all()
    area = np.broadcast_to(source.row_area[:, None], source.shape)
    np.testing.assert_allclose(inside + outside, area, rtol=1e-10)


@given(st.sampled_from(SOURCES), st.sampled_from(TARGETS), st.data())
def test_windows_take_what_the_whole_grid_takes(source, target, data):
    shared = overlap(source, target, whole=True).matrix.toarray()
    window = []
    for size in target.shape:
        start = data.draw(st.integers(0, size - 1))
        window.append(slice(start, data.draw(st.integers(start + 1, size))))
    weights = window_areas(source, target, tuple(window), whole=True)
    full = np.zeros((weights.matrix.shape[0], shared.shape[1]))
    full[:, weights.cells] = weights.matrix.toarray()
    here = np.arange(np.prod(target.shape)).reshape(target.shape)[tuple(window)].ravel()
    np.testing.assert_allclose(full, shared[here], rtol=1e-12, atol=1e-3)


def test_a_cell_at_the_seam_is_taken_whole():
    source, target = sinusoidal_grid(6), polar_grid(4e5)
    everything = tuple(slice(0, size) for size in target.shape)
    parts, whole = (window_areas(source, target, everything, whole=w) for w in (False, True))
    gained = np.asarray(whole.matrix.sum(axis=0) - parts.matrix.sum(axis=0)).ravel()
    assert gained.max() > 0.2 * source.row_area[0] and gained.min() > -1.0


@pytest.mark.parametrize("source", SOURCES)
def test_few_cells_at_once_change_nothing(source, monkeypatch):
    cells = np.arange(0, np.prod(source.shape), 7)
    at_once = area_outside(source, TARGETS[0], cells)
    monkeypatch.setattr(module, "PARTS_AT_ONCE", 50)
    np.testing.assert_array_equal(area_outside(source, TARGETS[0], cells), at_once)
