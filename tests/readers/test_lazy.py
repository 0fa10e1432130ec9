"""Lazy maps: every part is the part of the whole, and no more is read than it takes."""

import time
from itertools import pairwise

import dask.array
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.readers.lazy import lazy_map

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def parts_of(draw, size):
    start = draw(st.integers(0, size - 1))
    return slice(start, draw(st.integers(start + 1, size)))


@given(SIZES, SIZES, SIZES, st.data())
def test_parts_are_those_of_the_whole_and_only_their_chunks_are_read(steps, rows, columns, data):
    chunks = (steps, rows, columns)
    shape = tuple(map(sum, chunks))
    whole = np.arange(float(np.prod(shape))).reshape(shape)
    read = []

    def reader(*part):
        read.append(tuple((side.start, side.stop) for side in part))
        return whole[part]

    lazy = lazy_map(reader, np.float64, chunks)
    assert (lazy.shape, lazy.dtype, lazy.chunks) == (shape, np.float64, tuple(map(tuple, chunks)))
    assert read == []
    part = tuple(parts_of(data.draw, size) for size in shape)
    found = lazy[part].compute(scheduler="synchronous")
    np.testing.assert_array_equal(found, whole[part])
    edges = [np.cumsum([0, *sizes]) for sizes in chunks]
    touched = [
        [(low, high) for low, high in pairwise(ends) if low < side.stop and side.start < high]
        for ends, side in zip(edges, part, strict=True)
    ]
    expected = [(a, b, c) for a in touched[0] for b in touched[1] for c in touched[2]]
    assert sorted(read) == expected


def test_one_part_is_read_at_a_time():
    inside = []

    def reader(steps, rows, columns):
        inside.append(1)
        time.sleep(0.001)
        assert sum(inside) == 1
        values = np.zeros((1, 50, 50))
        inside.pop()
        return values

    maps = [lazy_map(reader, float, ([1] * 20, [50], [50])) for _ in range(2)]
    both = dask.array.concatenate(maps)
    assert both.sum().compute(scheduler="threads", num_workers=8) == 0


def test_an_error_of_the_reader_comes_when_its_part_is_read():
    def reader(steps, rows, columns):
        if columns.start:
            raise InputError("a value is wrong", rule="none is", value=1)
        return np.ones((1, 1, 2))

    lazy = lazy_map(reader, float, ([1], [1], [2, 2]))
    assert lazy[..., :2].sum().compute() == 2
    with pytest.raises(InputError, match="a value is wrong"):
        lazy[..., 1:].compute()
