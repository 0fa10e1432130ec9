"""Paths of a catalog: relative to the data folder, and never out of it."""

from __future__ import annotations

from pathlib import PurePosixPath

__all__ = ["below"]


def below(path: str) -> str:
    """`path`, if it stays below the folder it is relative to.

    Raises
    ------
    ValueError
        If a part of it is `..`.

    Examples
    --------
    >>> below("merit_cti/s0..0cm.tif")
    'merit_cti/s0..0cm.tif'
    """
    if ".." in PurePosixPath(path).parts:
        raise ValueError("the path leaves the data folder")
    return path
