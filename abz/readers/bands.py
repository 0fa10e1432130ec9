"""Bands of rows by which a large map is read: as the file stores them, so that no part is twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from netCDF4 import Dataset

from abz.validation import check_whole

__all__ = ["row_bands", "stored_rows"]

ROWS = 256
"""Rows of a band where the file does not store its values in pieces."""


def stored_rows(path: Path, variable: str) -> int:
    """Rows of a piece (chunk) in which a NetCDF file stores a variable (..., y, x).

    A band of fewer rows unpacks each piece several times, a multiple of them each piece once.

    Parameters
    ----------
    path : Path
        The file.
    variable : str
        Its variable.
    """
    with Dataset(path) as file:
        pieces = file.variables[variable].chunking()
    return ROWS if pieces == "contiguous" else int(pieces[-2])


def row_bands(ny: int, height: int) -> Iterator[tuple[int, int]]:
    """First row and stop of each band, from the first row on; the last may have fewer rows.

    Raises
    ------
    InputError
        If the height is no whole number of at least 1.

    Examples
    --------
    >>> list(row_bands(5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    check_whole(height, "height", minimum=1)
    for top in range(0, ny, height):
        yield top, min(top + height, ny)
