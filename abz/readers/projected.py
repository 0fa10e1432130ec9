"""Axes in metres of a projection: the window of a box or a band, and the grid that they make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from affine import Affine
from pyproj import CRS

from abz.errors import GridError
from abz.grid import Grid
from abz.readers.geotiff import Bounds
from abz.validation import check_whole

__all__ = ["ProjectedWindow", "projected_window"]

TOLERANCE = 1e-3
"""Part of a cell by which a centre may lie off an even axis."""


class ProjectedWindow(NamedTuple):
    """The part of a file that lies in a box, and how to turn it north up.

    Parameters
    ----------
    rows, columns : slice
        Smallest part of the axes, in the order of the file.
    flips : tuple of bool = (rows, columns)
        Whether an axis of the file runs the other way.
    grid : Grid
        The cells, north up.
    """

    rows: slice
    columns: slice
    flips: tuple[bool, bool]
    grid: Grid

    def turned(self, part: np.ndarray) -> np.ndarray:
        """The part (..., rows, columns) of a file, north up and from west to east."""
        rows, columns = (slice(None, None, -1 if flip else 1) for flip in self.flips)
        return part[..., rows, columns]


def projected_window(
    easting: np.ndarray,
    northing: np.ndarray,
    crs: str | None,
    name: str,
    *,
    bounds: Bounds | None = None,
    band: tuple[int, int] | None = None,
) -> ProjectedWindow:
    """Where the cells of a box stand on the axes of a file.

    Parameters
    ----------
    easting, northing : numpy.ndarray (n,)
        Centres as stored, m, evenly spaced in either direction.
    crs : str or None
        The projection.
    name : str
        The file, for messages.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, m.
    band : tuple of int = (first, stop), optional
        Only these rows of the box, counted from its upper edge.

    Returns
    -------
    ProjectedWindow

    Raises
    ------
    GridError
        If there is no projection, the axes are uneven or in degrees, or no cell lies in the box.
    InputError
        If the band reaches beyond the box.

    Examples
    --------
    >>> from abz.grid import POLAR_CRS
    >>> x, y = np.arange(-2.5e6, 3e6, 1e6), np.arange(-1.5e6, 2e6, 1e6)
    >>> box = (-1e6, -2e6, 1e6, 2e6)
    >>> window = projected_window(x, y, POLAR_CRS, "a", bounds=box, band=(0, 1))
    >>> window.rows, window.columns, window.flips
    (slice(3, 4, None), slice(2, 4, None), (True, False))
    >>> window.grid.bounds
    (-1000000.0, 1000000.0, 1000000.0, 2000000.0)
    """
    if crs is None or not CRS(crs).is_projected:
        raise GridError(
            f"{name} does not say where it lies",
            rule="it names a projection in metres, as crs_wkt of its grid mapping",
            value=crs,
            remedy="use the file of the archive, not a converted copy",
        )
    x, y = np.asarray(easting, float), np.asarray(northing, float)
    width, height = _step(x, f"easting of {name}"), _step(y, f"northing of {name}")
    west, south, east, north = bounds or (-np.inf, -np.inf, np.inf, np.inf)
    columns, rows = _inside(x, west, east), _inside(y, south, north)
    if not (columns.size and rows.size):
        raise GridError(
            f"{name} does not reach into the box",
            rule="bounds = (W, S, E, N) overlap the map, in metres of its projection",
            value=f"box {bounds}, map {x.min(), y.min(), x.max(), y.max()}",
            remedy="give the box in the projection of the file",
        )
    rows = rows if height < 0 else rows[::-1]
    if band is not None:
        first = check_whole(band[0], "first row", maximum=rows.size - 1)
        rows = rows[first : check_whole(band[1], "stop row", minimum=first + 1, maximum=rows.size)]
    columns = columns if width > 0 else columns[::-1]
    corner = x[columns[0]] - abs(width) / 2, y[rows[0]] + abs(height) / 2
    transform = Affine(abs(width), 0.0, corner[0], 0.0, -abs(height), corner[1])
    return ProjectedWindow(
        slice(int(rows.min()), int(rows.max()) + 1),
        slice(int(columns.min()), int(columns.max()) + 1),
        (height > 0, width < 0),
        Grid(crs, transform, (rows.size, columns.size)),
    )


def _inside(centres: np.ndarray, low: float, high: float) -> np.ndarray:
    """Positions of the centres in [low, high]."""
    return np.flatnonzero((centres >= low) & (centres <= high))


def _step(centres: np.ndarray, name: str) -> float:
    """The step from centre to centre, m."""
    step = float(centres[-1] - centres[0]) / max(centres.size - 1, 1)
    exact = centres[0] + step * np.arange(centres.size)
    if abs(step) < 1.0 or not np.allclose(exact, centres, rtol=0, atol=TOLERANCE * abs(step)):
        raise GridError(
            f"{name} is not evenly spaced in metres",
            rule="one step of a metre or more from cell to cell",
            value=f"a mean step of {step:g} between {centres.size} centres",
            remedy="use the file of the archive, not one in degrees or in pieces",
        )
    return step
