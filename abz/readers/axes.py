"""Axes in longitude and latitude: their grid, the window of a box, what they cannot be."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import xarray as xr
from affine import Affine

from abz.errors import GridError
from abz.grid import Grid
from abz.readers.geotiff import Bounds

__all__ = ["Window", "check_degrees", "grid_of_centres", "lonlat_window", "wrapped"]

FULL_TURN = 2 * np.pi


class Window(NamedTuple):
    """The part of a file that lies in a box, and how to turn it north up.

    Parameters
    ----------
    rows, columns : slice
        Smallest part of the axes, in the order of the file, that holds the box.
    row_order, column_order : numpy.ndarray of int
        Positions inside that part, from north to south and from west to east, box only.
    latitude, longitude : numpy.ndarray
        Centres in that order, degrees; longitude from −180°.
    """

    rows: slice
    columns: slice
    row_order: np.ndarray
    column_order: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def grid(self) -> Grid:
        """The grid of these centres."""
        return grid_of_centres(self.longitude, self.latitude)

    def turned(self, part: np.ndarray) -> np.ndarray:
        """The part (..., rows, columns) of a file, north up and from west to east."""
        return part[..., self.row_order[:, None], self.column_order]

    def read(
        self,
        stored: xr.DataArray,
        steps: slice = slice(None),
        rows: slice = slice(None),
        columns: slice = slice(None),
    ) -> np.ndarray:
        """Part of a field as float32, north up and from west to east.

        Parameters
        ----------
        stored : xarray.DataArray (step, latitude, longitude)
            The field in the file's order, not yet read.
        steps, rows, columns : slice, optional
            What is read of the window, counted from its first month, north and west.

        Returns
        -------
        numpy.ndarray (step, row, column)
        """
        down = self.row_order[rows] + self.rows.start
        across = self.column_order[columns] + self.columns.start
        runs = np.split(across, np.flatnonzero(np.abs(np.diff(across)) != 1) + 1)
        parts = [_run(stored[steps], down, run) for run in runs]
        return np.concatenate(parts, axis=-1)


def _run(stored: xr.DataArray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Values at rows and columns that lie side by side in the file, in any order."""
    rows, columns = (slice(int(part.min()), int(part.max()) + 1) for part in (down, across))
    values = np.asarray(stored[:, rows, columns].values, dtype=np.float32)
    return values[:, (down - rows.start)[:, None], across - columns.start]


def lonlat_window(
    longitude: np.ndarray, latitude: np.ndarray, name: str, bounds: Bounds | None = None
) -> Window:
    """Where the cells of a box stand on the axes of a file.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray (n,)
        Centres as stored, degrees, in any direction; longitude from −180° or from 0°.
    name : str
        The file, for messages.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees, W and E from −180° to 180°.

    Returns
    -------
    Window

    Raises
    ------
    GridError
        If the axes are no degrees, or fewer than two rows and columns lie in the box.

    Examples
    --------
    >>> window = lonlat_window(np.arange(0.5, 360), np.arange(-89.5, 90), "a", (-20, 60, 20, 90))
    >>> window.latitude[[0, -1]].tolist(), window.longitude[[0, -1]].tolist()
    ([89.5, 60.5], [-19.5, 19.5])
    >>> window.rows, window.columns
    (slice(150, 180, None), slice(0, 360, None))
    """
    check_degrees(longitude, latitude, name)
    west, south, east, north = bounds or (-np.inf, -np.inf, np.inf, np.inf)
    turned = wrapped(longitude)
    rows, row_order = _chosen(np.asarray(latitude, float), south, north, descending=True)
    columns, column_order = _chosen(turned, west, east, descending=False)
    if min(row_order.size, column_order.size) < 2:
        raise GridError(
            f"{name} holds too few cells of the box",
            rule="two rows and two columns or more",
            value=f"{row_order.size} × {column_order.size} cells in {bounds}",
            remedy="give bounds = (W, S, E, N) in degrees, wider than two cells",
        )
    return Window(
        rows,
        columns,
        row_order,
        column_order,
        np.asarray(latitude, float)[rows][row_order],
        turned[columns][column_order],
    )


def check_degrees(longitude: np.ndarray, latitude: np.ndarray, name: str) -> None:
    """Nothing, if the coordinates can be degrees.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray
        Of cells or sites that reach north of 2° N, as all of this field do.
    name : str
        Where they come from.

    Raises
    ------
    GridError
        If they look like radians, or lie off the globe.

    Examples
    --------
    >>> check_degrees(np.array([-2.6, 2.6]), np.array([0.9, 1.3]), "a.nc")
    Traceback (most recent call last):
        ...
    abz.errors.GridError: longitude and latitude of a.nc are in radians
      rule:   both are in degrees, and some latitude is above 2
      got:    latitude up to 1.3, longitude -2.6 to 2.6
      remedy: convert the coordinates of the file to degrees
    """
    lon, lat = np.asarray(longitude, float), np.asarray(latitude, float)
    if not (np.isfinite(lon).any() and np.isfinite(lat).any()):
        return
    ends = np.nanmin(lon), np.nanmax(lon), np.nanmin(lat), np.nanmax(lat)
    if max(abs(ends[2]), abs(ends[3])) <= np.pi / 2 and max(map(abs, ends[:2])) <= FULL_TURN:
        raise GridError(
            f"longitude and latitude of {name} are in radians",
            rule="both are in degrees, and some latitude is above 2",
            value=f"latitude up to {ends[3]:g}, longitude {ends[0]:g} to {ends[1]:g}",
            remedy="convert the coordinates of the file to degrees",
        )
    if ends[0] < -180.0 or ends[1] > 360.0 or ends[2] < -90.0 or ends[3] > 90.0:
        raise GridError(
            f"longitude and latitude of {name} lie off the globe",
            rule="-180 <= longitude <= 360 and -90 <= latitude <= 90 degrees",
            value=f"longitude {ends[0]:g} to {ends[1]:g}, latitude {ends[2]:g} to {ends[3]:g}",
            remedy="check that they are not exchanged, in metres, or fill values",
        )


def grid_of_centres(longitude: np.ndarray, latitude: np.ndarray) -> Grid:
    """The grid whose cell centres are given, freed from the rounding of float32 coordinates.

    Parameters
    ----------
    longitude : numpy.ndarray (nx,)
        Degrees east, ascending, at least two.
    latitude : numpy.ndarray (ny,)
        Degrees north, descending, at least two.

    Returns
    -------
    Grid
        On EPSG:4326. Steps and edges are taken as the nearest simple fractions of a degree.

    Raises
    ------
    GridError
        If the centres are not evenly spaced.

    Examples
    --------
    >>> grid = grid_of_centres(np.array([0.0, 0.1, 0.2], "f4"), np.array([60.1, 60.0], "f4"))
    >>> [round(edge, 12) for edge in grid.bounds]
    [-0.05, 59.95, 0.25, 60.15]
    """
    step_x, first_x = _even_steps(np.asarray(longitude, float), "longitude")
    step_y, first_y = _even_steps(np.asarray(latitude, float), "latitude")
    west, north = float(first_x - step_x / 2), float(first_y - step_y / 2)
    transform = Affine(float(step_x), 0.0, west, 0.0, float(step_y), north)
    return Grid("EPSG:4326", transform, (len(latitude), len(longitude)))


def wrapped(longitude: np.ndarray) -> np.ndarray:
    """Longitudes in [−180°, 180°).

    Examples
    --------
    >>> wrapped(np.array([0.0, 180.0, 359.5])).tolist()
    [0.0, -180.0, -0.5]
    """
    return (np.asarray(longitude, float) + 180.0) % 360.0 - 180.0


def _chosen(
    centres: np.ndarray, low: float, high: float, *, descending: bool
) -> tuple[slice, np.ndarray]:
    """Part of an axis that holds the centres in [low, high], and their order inside it."""
    found = np.flatnonzero((centres >= low) & (centres <= high))
    if not found.size:
        return slice(0, 0), found
    order = np.argsort(centres[found], kind="stable")
    part = slice(int(found[0]), int(found[-1]) + 1)
    return part, (found - found[0])[order[::-1] if descending else order]


def _even_steps(centres: np.ndarray, name: str) -> tuple[Fraction, Fraction]:
    """Step and first value of evenly spaced centres, as simple fractions of a degree."""
    if centres.size < 2:
        raise GridError(f"{name} has no step", rule="two cells or more", value=centres.tolist())
    step = _simple((centres[-1] - centres[0]) / (centres.size - 1))
    first = _simple(centres[0])
    exact = float(first) + float(step) * np.arange(centres.size)
    if step == 0 or not np.allclose(exact, centres, rtol=0, atol=1e-2 * abs(float(step))):
        raise GridError(
            f"{name} is not evenly spaced",
            rule="one step from cell to cell",
            value=f"steps from {np.diff(centres).min():g} to {np.diff(centres).max():g} degrees",
            remedy="read files of one whole region, not of several pieces",
        )
    return step, first


def _simple(degrees: float) -> Fraction:
    """The nearest fraction with a denominator that map grids use."""
    return Fraction(float(degrees)).limit_denominator(7200)
