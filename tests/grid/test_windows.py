"""Windows of a map: the weights of the whole, to the last bit; no more is read than needed."""

from __future__ import annotations

import dask.array
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import GridError
from abz.grid import (
    SourceBlocks,
    area_mean,
    bilinear_weights,
    lonlat_grid,
    overlap,
    polar_grid,
    sinusoidal_grid,
    values_at,
    window_areas,
    window_bilinear,
)
from abz.grid import windows as module

sources = st.one_of(
    st.builds(polar_grid, st.sampled_from([2.5e5, 3.3e5, 7e5])),
    st.builds(lonlat_grid, st.sampled_from([2.5, 5.0]), st.just((-180.0, 40.0, 180.0, 90.0))),
    st.builds(lonlat_grid, st.just(3.0), st.just((0.0, 45.0, 360.0, 90.0))),
    st.builds(sinusoidal_grid, st.sampled_from([8, 12]), st.just((0, 36)), st.just((1, 5))),
)
targets = st.builds(polar_grid, st.sampled_from([3e5, 8e5]))


@st.composite
def cases(draw):
    """Source, target, and a window of the target."""
    source, target = draw(sources), draw(targets)
    window = []
    for size in target.shape:
        start = draw(st.integers(0, size - 1))
        window.append(slice(start, draw(st.integers(start + 1, size))))
    return source, target, tuple(window)


def dense(weights):
    """All weights of a window (window cells, source cells)."""
    full = np.zeros((weights.matrix.shape[0], np.prod(weights.source.shape)))
    full[:, weights.cells] = weights.matrix.toarray()
    return full


def rows_of(target, window):
    """Flat cells of the target that a window holds."""
    return np.arange(np.prod(target.shape)).reshape(target.shape)[window].ravel()


@given(cases(), st.integers(1, 3))
@settings(max_examples=60)
def test_a_window_has_the_weights_of_the_whole_to_the_last_bit(case, samples):
    source, target, window = case
    every = (slice(0, target.shape[0]), slice(0, target.shape[1]))
    for make in (
        lambda part: window_areas(source, target, part, samples),
        lambda part: window_bilinear(source, target, part),
    ):
        whole, part = make(every), make(window)
        np.testing.assert_array_equal(dense(part), dense(whole)[rows_of(target, window)])
        assert (np.diff(part.cells) > 0).all()


@given(cases())
def test_the_whole_is_the_overlap_of_the_grids(case):
    source, target, window = case
    for part, whole in (
        (window_areas(source, target, window, 4), overlap(source, target, 4)),
        (window_bilinear(source, target, window), bilinear_weights(source, target)),
    ):
        expected = whole.matrix.toarray()[rows_of(target, window)]
        np.testing.assert_allclose(dense(part), expected, rtol=1e-9, atol=1e-12)


@given(cases(), st.integers(0, 9))
def test_no_block_that_reaches_into_the_window_is_left_out(case, seed):
    source, target, window = case
    if source.crs == target.crs:
        return
    small = SourceBlocks.of(source, target)
    every = SourceBlocks(source, target, small.size, None)
    near, all_of_them = (
        window_areas(source, target, window, 2, blocks) for blocks in (small, every)
    )
    np.testing.assert_array_equal(near.cells, all_of_them.cells)


@pytest.mark.parametrize("window", [(slice(0, 4), slice(30, 34)), (slice(12, 16), slice(14, 18))])
def test_small_blocks_at_the_date_line_and_the_pole_are_found(monkeypatch, window):
    monkeypatch.setattr(module, "LEAST_BLOCK_CELLS", 4)
    target = polar_grid(3e5)
    for source in (sinusoidal_grid(24), lonlat_grid(1.0, (-180.0, 40.0, 180.0, 90.0))):
        blocks = SourceBlocks.of(source, target)
        every = SourceBlocks(source, target, blocks.size, None)
        assert len(list(blocks.near(window))) < 0.2 * len(list(every.near(window)))
        found = [window_areas(source, target, window, 2, which) for which in (blocks, every)]
        np.testing.assert_array_equal(dense(found[0]), dense(found[1]))


def test_means_are_those_of_the_valid_cells():
    source, target = lonlat_grid(2.5), polar_grid(4e5)
    rng = np.random.default_rng(1)
    values = rng.normal(size=(3, *source.shape)).astype(np.float32)
    values[rng.random(values.shape) < 0.4] = np.nan
    da = xr.DataArray(values, dims=("time", "y", "x"), coords=source.coords())
    window = (slice(3, 12), slice(5, 20))
    weights = window_areas(source, target, window, 4)
    found = weights.means(values_at(da, weights.cells))
    expected = area_mean(da, overlap(source, target, 4)).values[:, window[0], window[1]]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    with pytest.raises(GridError, match="values_at"):
        weights.means(values)


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 11), st.data(), st.sampled_from([2, 3]))
def test_lazy_and_loaded_maps_give_the_same_values(chunk, ny, nx, data, dims):
    shape = (5, ny, nx)[-dims:]
    da = xr.DataArray(
        np.arange(float(np.prod(shape))).reshape(shape), dims=("time", "y", "x")[-dims:]
    )
    cells = np.array(
        sorted(data.draw(st.sets(st.integers(0, ny * nx - 1), max_size=20))), dtype=np.int64
    )
    lazy = da.chunk(dict.fromkeys(da.dims, chunk))
    expected = da.values.reshape(*shape[:-2], -1)[..., cells]
    for source in (da, lazy):
        np.testing.assert_array_equal(values_at(source, cells), expected)


def test_only_the_chunks_that_hold_cells_are_read():
    read = []

    def block(block_info=None):
        read.append(block_info[None]["chunk-location"])
        return np.zeros((1, 10, 10))

    lazy = dask.array.map_blocks(block, chunks=((1, 1), (10,) * 4, (10,) * 4), dtype=float)
    da = xr.DataArray(lazy, dims=("time", "y", "x"))
    read.clear()
    values_at(da, np.array([0, 15 * 40 + 25]))
    assert sorted(read) == [(0, 0, 0), (0, 1, 2), (1, 0, 0), (1, 1, 2)]
