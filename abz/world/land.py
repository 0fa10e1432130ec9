"""Where the synthetic Arctic has land: the real coastlines of the GLOBE land mask.

The mask lies in the package `global_land_mask`; only its northern rows are unpacked, a strip at a
time, because the whole of it takes a gigabyte and several seconds.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from abz.errors import MissingDataError

__all__ = ["is_land"]

SOUTH = 44.0
"""Latitude down to which the mask is read, degrees."""
STRIDE = 3
"""Every third point of the mask, 1/40 degree apart, is kept."""


def _mask_file() -> Path:
    """The compressed mask inside the installed package."""
    spec = find_spec("global_land_mask")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise MissingDataError(
            "the land mask is not installed",
            rule="the package global-land-mask is importable",
            value=None,
            remedy="install abz with its dependencies",
        )
    return Path(folders[0]) / "globe_combined_mask_compressed.npz"


@lru_cache(maxsize=1)
def _northern_land() -> np.ndarray:
    """Land (rows, columns) from 90° N to `SOUTH`, from 180° W to 180° E, read only."""
    with zipfile.ZipFile(_mask_file()) as archive, archive.open("mask.npy") as stream:
        np.lib.format.read_magic(stream)
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        rows = round((90.0 - SOUTH) * shape[0] / 180.0)
        kept = []
        for row in range(rows):
            line = stream.read(shape[1] * dtype.itemsize)
            if row % STRIDE == 0:
                kept.append(np.frombuffer(line, dtype=dtype)[::STRIDE] == 0)
    land = np.array(kept)
    land.flags.writeable = False
    return land


def is_land(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Whether points lie on land; most lakes count as land.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees.

    Returns
    -------
    numpy.ndarray (n,) bool
        False for NaN, and south of 44° N, where no product of the study looks.

    Examples
    --------
    >>> is_land(np.array([25.7, 0.0]), np.array([62.2, 85.0])).tolist()
    [True, False]
    """
    land = _northern_land()
    east, north = np.asarray(lon, float), np.asarray(lat, float)
    known = np.isfinite(east) & np.isfinite(north) & (north >= SOUTH) & (north <= 90.0)
    rows = np.where(known, 90.0 - north, 0.0) * land.shape[0] / (90.0 - SOUTH)
    columns = np.where(known, (east + 180.0) % 360.0, 0.0) * land.shape[1] / 360.0
    inside = land[
        np.minimum(rows.astype(int), land.shape[0] - 1),
        np.minimum(columns.astype(int), land.shape[1] - 1),
    ]
    return inside & known
