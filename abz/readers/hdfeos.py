"""HDF-EOS2 grid files of MODIS: where a file lies, what it holds, how tiles fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from affine import Affine
from pyhdf.error import HDF4Error
from pyhdf.SD import SD, SDC

from abz.errors import GridError, InputError, MissingDataError
from abz.grid.geometry import MODIS_SPHERE_M, SINUSOIDAL_CRS, Grid

__all__ = [
    "Extent",
    "Mosaic",
    "fit_tiles",
    "open_hdf",
    "read_extent",
    "read_field",
    "stated_start",
]

TOLERANCE = 0.01
"""Tiles fit together if their edges meet within this part of a cell."""

_NUMBER = r"(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)"
_METADATA = {
    "columns": re.compile(r"\bXDim=(\d+)"),
    "rows": re.compile(r"\bYDim=(\d+)"),
    "upper left": re.compile(rf"UpperLeftPointMtrs=\({_NUMBER},{_NUMBER}\)"),
    "lower right": re.compile(rf"LowerRightMtrs=\({_NUMBER},{_NUMBER}\)"),
    "sphere": re.compile(rf"Projection=GCTP_SNSOID\s+ProjParams=\({_NUMBER},"),
}

_START = re.compile(r'RANGEBEGINNINGDATE\b.*?VALUE\s*=\s*"(\d{4}-\d{2}-\d{2})', re.DOTALL)


class Extent(NamedTuple):
    """Edges (m, on the sinusoidal projection) and size of one file.

    Examples
    --------
    >>> Extent(0.0, 300.0, 200.0, 0.0, 2, 3).cell
    (100.0, 100.0)
    """

    west: float
    north: float
    east: float
    south: float
    columns: int
    rows: int

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell, m."""
        return (self.east - self.west) / self.columns, (self.north - self.south) / self.rows


class Mosaic(NamedTuple):
    """A grid that holds all tiles, and the window (rows, columns) of each."""

    grid: Grid
    windows: dict[str, tuple[slice, slice]]


@contextmanager
def open_hdf(path: Path) -> Iterator[SD]:
    """The scientific datasets of an HDF4 file.

    Raises
    ------
    InputError
        If the file is not HDF4, or a part of it cannot be read.
    """
    try:
        file = SD(str(path), SDC.READ)
    except HDF4Error as error:
        raise InputError(
            f"{path.name} cannot be opened",
            rule="the file is HDF4",
            value=error,
            remedy="fetch the file again; it may be cut off",
        ) from error
    try:
        yield file
    except HDF4Error as error:
        raise InputError(
            f"{path.name} cannot be read",
            rule="every piece of the file is whole",
            value=error,
            remedy="fetch the file again; it may be cut off or damaged",
        ) from error
    finally:
        file.end()


def read_extent(file: SD, path: Path) -> Extent:
    """The extent that `StructMetadata.0` of an open file declares.

    Raises
    ------
    GridError
        If a part is missing, or the projection is not the MODIS sinusoidal one.
    """
    return parse_extent(str(file.attributes().get("StructMetadata.0", "")), path)


def parse_extent(text: str, path: Path) -> Extent:
    """The extent in the text of `StructMetadata.0`."""
    found = {part: pattern.search(text) for part, pattern in _METADATA.items()}
    absent = [part for part, match in found.items() if match is None]
    if absent:
        raise GridError(
            f"{path.name} does not say where it lies",
            rule="StructMetadata.0 gives size, corners and a GCTP_SNSOID projection",
            value=f"no {', '.join(absent)}",
            remedy="use the HDF-EOS2 file of the archive, not a converted copy",
        )
    numbers = {part: [float(n) for n in match.groups()] for part, match in found.items() if match}
    if abs(numbers["sphere"][0] - MODIS_SPHERE_M) > 1e-3:
        raise GridError(
            f"{path.name} lies on another sphere",
            rule=f"radius {MODIS_SPHERE_M} m",
            value=numbers["sphere"][0],
        )
    (west, north), (east, south) = numbers["upper left"], numbers["lower right"]
    return Extent(west, north, east, south, int(numbers["columns"][0]), int(numbers["rows"][0]))


def stated_start(file: SD) -> date | None:
    """First day of the data by the `CoreMetadata` of an open file; None where it does not say."""
    texts = (str(text) for name, text in file.attributes().items() if "CoreMetadata" in name)
    found = next((match for match in map(_START.search, texts) if match), None)
    return None if found is None else date.fromisoformat(found[1])


def read_field(
    file: SD, field: str, path: Path, part: tuple[slice, slice] | None = None
) -> tuple[np.ndarray, dict[str, Any]]:
    """Stored values (rows, columns) and attributes of one dataset of an open file.

    `part`, rows and columns with a start and a stop each, reads no more than these.

    Raises
    ------
    MissingDataError
        If the file has no such dataset.
    """
    try:
        dataset = file.select(field)
    except HDF4Error as error:
        raise MissingDataError(
            f"{path.name} lacks a dataset",
            rule=f"it holds `{field}`",
            value=f"found {', '.join(file.datasets())}",
            remedy="fetch the whole file: this one is a subset, or of another product",
        ) from error
    if part is None:
        values = dataset.get()
    else:
        starts = [side.start for side in part]
        counts = [side.stop - side.start for side in part]
        values = dataset.get(starts, counts).reshape(counts)
    attributes = dataset.attributes()
    dataset.endaccess()
    return values, attributes


def fit_tiles(extents: Mapping[str, Extent]) -> Mosaic:
    """The smallest grid that holds all tiles.

    Parameters
    ----------
    extents : mapping of {tile: Extent}
        One extent for each tile.

    Returns
    -------
    Mosaic
        Cells that no tile covers belong to the grid, but to no window.

    Raises
    ------
    GridError
        If cell sizes differ, edges do not meet on whole cells, or tiles overlap.

    Examples
    --------
    >>> west, east = Extent(0, 20, 20, 0, 2, 2), Extent(20, 20, 40, 0, 2, 2)
    >>> mosaic = fit_tiles({"h18v08": west, "h19v08": east})
    >>> mosaic.grid.shape, mosaic.windows["h19v08"]
    ((2, 4), (slice(0, 2, None), slice(2, 4, None)))
    """
    every = list(extents.values())
    west, north = min(e.west for e in every), max(e.north for e in every)
    east, south = max(e.east for e in every), min(e.south for e in every)
    width, height = every[0].cell
    shape = (round((north - south) / height), round((east - west) / width))
    covered = np.zeros(shape, dtype=bool)
    windows = {}
    for tile, extent in extents.items():
        _check_cell(tile, extent, (width, height))
        column = _whole((extent.west - west) / width, tile)
        row = _whole((north - extent.north) / height, tile)
        window = slice(row, row + extent.rows), slice(column, column + extent.columns)
        _check_free(covered, window, tile)
        covered[window] = True
        windows[tile] = window
    transform = Affine((east - west) / shape[1], 0.0, west, 0.0, (south - north) / shape[0], north)
    return Mosaic(Grid(SINUSOIDAL_CRS, transform, shape), windows)


def _check_cell(tile: str, extent: Extent, cell: tuple[float, float]) -> None:
    """Refuse a tile whose cells have another size, so that its far edge would slip."""
    slips = [
        abs(own / shared - 1.0) * count
        for own, shared, count in zip(extent.cell, cell, (extent.columns, extent.rows), strict=True)
    ]
    if max(slips) > TOLERANCE:
        raise GridError(
            f"tile {tile} has cells of another size",
            rule=f"cells are {cell[0]:.3f} m × {cell[1]:.3f} m, as in the other tiles",
            value=f"{extent.cell[0]:.3f} m × {extent.cell[1]:.3f} m",
            remedy="read products of different resolution in separate calls",
        )


def _whole(cells: float, tile: str) -> int:
    """A distance as whole cells."""
    if abs(cells - round(cells)) > TOLERANCE:
        raise GridError(
            f"tile {tile} does not fit its neighbours",
            rule="the edges of all tiles meet on whole cells",
            value=f"an offset of {cells:.3f} cells",
            remedy="read files cut to different windows in separate calls",
        )
    return round(cells)


def _check_free(covered: np.ndarray, window: tuple[slice, slice], tile: str) -> None:
    """Refuse a tile that lies on another."""
    if covered[window].any():
        raise GridError(
            f"tile {tile} overlaps another tile",
            rule="each cell is in one tile",
            value=f"{int(covered[window].sum())} shared cells",
            remedy="leave one of the files out",
        )
