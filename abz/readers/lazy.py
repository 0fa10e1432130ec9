"""Maps that are read where and when they are asked for, so that their size sets no limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dask.array
import numpy as np
from dask.utils import SerializableLock

__all__ = ["Read", "lazy_map"]

ONE_AT_A_TIME = SerializableLock("abz.readers")
"""All lazy maps share it: the libraries that read files do not bear several threads."""
Read = Callable[[slice, slice, slice], np.ndarray]
"""Values (steps, rows, columns) of a part of a map."""


@dataclass(frozen=True, eq=False)
class _Source:
    """What Dask takes for an array: its size, and how a part of it is read."""

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    read: Read
    ndim: int = 3

    def __getitem__(self, key: tuple[slice, ...]) -> np.ndarray:
        parts = [slice(*part.indices(size)) for part, size in zip(key, self.shape, strict=True)]
        return self.read(parts[0], parts[1], parts[2])


def lazy_map(
    read: Read,
    dtype: np.dtype[Any] | type,
    chunks: tuple[Sequence[int], Sequence[int], Sequence[int]],
) -> dask.array.Array:
    """A Dask array (step, y, x) that reads the chunks of which something is taken.

    Parameters
    ----------
    read : callable
        Of slices of steps, rows and columns, each with a start and a stop; it gives their values.
    dtype : numpy.dtype
        Type of what it gives.
    chunks : tuple of sequence of int = (steps, rows, columns)
        Sizes of what is best read together.

    Returns
    -------
    dask.array.Array
        One part is read at a time, of all lazy maps together.

    Examples
    --------
    >>> def read(steps, rows, columns):
    ...     print("rows", rows.start, "to", rows.stop)
    ...     return np.ones((steps.stop - steps.start, rows.stop - rows.start,
    ...                     columns.stop - columns.start))
    >>> lazy_map(read, float, ([1], [4, 4], [6]))[:, 5:7].sum().compute()
    rows 4 to 8
    np.float64(12.0)
    """
    rows, columns = sum(chunks[1]), sum(chunks[2])
    source = _Source((sum(chunks[0]), rows, columns), np.dtype(dtype), read)
    return dask.array.from_array(
        source,
        tuple(map(tuple, chunks)),
        name=False,
        asarray=False,
        fancy=False,
        lock=ONE_AT_A_TIME,
        meta=np.empty((0, 0, 0), dtype),
    )
