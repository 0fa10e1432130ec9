"""Bands and pieces by which a large map is read, as its file stores it: no part is read twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from abz.readers.intact import open_netcdf
from abz.validation import check_whole

__all__ = ["multiple_of", "row_bands", "stored_piece", "stored_rows"]

ROWS = 256
"""Rows of a band where the file does not store its values in pieces."""


def stored_piece(path: Path, variable: str) -> tuple[int, int]:
    """Rows and columns of a piece (chunk) in which a NetCDF file stores a variable (..., y, x).

    Parameters
    ----------
    path : Path
        The file.
    variable : str
        Its variable.
    """
    with open_netcdf(path) as file:
        pieces = file.variables[variable].chunking()
    return (ROWS, ROWS) if pieces == "contiguous" else (int(pieces[-2]), int(pieces[-1]))


def multiple_of(piece: int, most: int, size: int) -> int:
    """As many whole pieces as `most` holds, one at least, and no more than `size`.

    Examples
    --------
    >>> multiple_of(100, most=512, size=4000), multiple_of(600, 512, 4000), multiple_of(100, 512, 7)
    (500, 600, 7)
    """
    return min(piece * max(1, most // piece), size)


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
    return stored_piece(path, variable)[0]


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
