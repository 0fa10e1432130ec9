"""Whether a map lies as its coordinates say: its land against where land is.

A file can carry right coordinates and wrong rows: written from south to north, mirrored, or from
Greenwich instead of from 180° W. Nothing in its header tells, but its coasts do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from abz.errors import GridError
from abz.grid.geometry import Grid

__all__ = ["FINEST", "LAND", "check_orientation", "check_polar_orientation", "is_mostly_land"]

LAND = """
........................................................................
...................###.....####.........................................
.................###..##########........................#...............
...........####...###....#######....................##########..#.......
#..################..##..####..........####..###########################
...###############...##...##.........##################################.
.........#########..####..............#..#######################...##...
..........###############..........#.###########################...#....
...........############.............############################........
...........###########............###..###..##################..........
...........##########.............##......##################.#..........
............########..............#####....#################............
..............###................#############.#############............
...............#.................###############..#########.............
................###..............##############....##..##...............
..................#..............############......#....##..............
....................####..........############..........................
....................######............#######...........#.##............
....................#######...........######............#.#....#........
....................#########..........#####....................#.......
.....................#######...........#####..................#.........
......................######..........######.#...............####.......
......................#####............####..#.............#######......
......................####.............####................########.....
......................####..............##.................##..###......
.....................###........................................##......
.....................##.................................................
.....................##.................................................
.....................#..................................................
........................................................................
........................................................................
.............................................####...#############.......
.....................###.........####################################...
......###############.........#######################################...
.....##################..############################################...
########################################################################
"""
"""Cells of 5 degrees, from 90° N and 180° W, that are mostly land by the GLOBE elevation model."""

STEP = 5.0
FINEST = 500
"""Most rows and columns that are looked at."""
FEWEST = 200
"""Fewest cells from which anything follows."""
WIDEST = (90.0, 20.0)
"""Degrees of longitude and latitude that a map must span."""
NEAR_POLE = 89.9
"""Latitude of the origin of a polar projection, at least."""
SOUTHERN = 0.1
"""Share of the held cells, the southernmost ones, at which a polar map may end."""
AGREEMENT, MARGIN = 0.5, 0.3
"""How well a turned map must agree with the land, and how much better than the map as it is."""

Turn = Callable[[np.ndarray], np.ndarray]
TURNS: Mapping[str, Turn] = {
    "lies upside down": lambda held: held[::-1],
    "is mirrored from east to west": lambda held: held[:, ::-1],
    "is shifted by half a turn": lambda held: np.roll(held, held.shape[1] // 2, axis=1),
}
POLAR_TURNS: Mapping[str, Turn] = {
    "lies upside down": lambda held: held[::-1],
    "is mirrored from east to west": lambda held: held[:, ::-1],
    "is turned by half a turn": lambda held: held[::-1, ::-1],
}


def is_mostly_land(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Whether the 5-degree cells of some rows and columns are mostly land.

    Parameters
    ----------
    longitude, latitude : numpy.ndarray (nx,), (ny,)
        Centres, degrees.

    Returns
    -------
    numpy.ndarray of bool (ny, nx)

    Examples
    --------
    >>> is_mostly_land(np.array([-100.0, -40.0, 100.0]), np.array([62.0])).tolist()
    [[True, False, True]]
    """
    return _land_at(np.asarray(longitude, float), np.asarray(latitude, float)[:, None])


def _land_at(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Whether places are in 5-degree cells that are mostly land; both broadcast."""
    land = np.array([[cell == "#" for cell in row] for row in LAND.split()])
    rows = np.clip((90.0 - latitude) // STEP, 0, len(land) - 1).astype(int)
    columns = ((longitude + 180.0) % 360.0 // STEP).astype(int)
    return np.asarray(land[rows, columns])


def check_orientation(
    values: np.ndarray, longitude: np.ndarray, latitude: np.ndarray, name: str
) -> None:
    """Nothing, unless the map would fit the continents much better another way round.

    Parameters
    ----------
    values : numpy.ndarray (..., ny, nx)
        Of land; NaN or zero elsewhere.
    longitude, latitude : numpy.ndarray (nx,), (ny,)
        Centres, degrees, from west to east and from north to south.
    name : str
        The variable and its file.

    Raises
    ------
    GridError
        If it lies upside down, is mirrored, or is shifted by half a turn. A map of less than 90 by
        20 degrees, or without a coast, tells nothing and passes.

    Notes
    -----
    The measure is the correlation of two masks: cells that hold something, and cells of which the
    surrounding 5 degrees are mostly land.

    Examples
    --------
    >>> lon, lat = np.arange(-179.5, 180), np.arange(89.5, 30, -1)
    >>> soil = np.where(is_mostly_land(lon, lat), 0.3, np.nan)
    >>> check_orientation(soil, lon, lat, "swvl1 of a.nc")
    >>> check_orientation(soil[::-1], lon, lat, "swvl1 of a.nc")
    Traceback (most recent call last):
        ...
    abz.errors.GridError: swvl1 of a.nc lies upside down
      rule:   land lies where its coordinates say
      got:    agreement 0.14 as it is, 1.00 the other way round
      remedy: turn the rows or columns of the file, or fetch it again
    """
    spans = [abs(float(axis[-1] - axis[0])) for axis in (longitude, latitude)]
    if any(span < least for span, least in zip(spans, WIDEST, strict=True)):
        return
    rows, columns = (slice(None, None, -(-size // FINEST)) for size in values.shape[-2:])
    seen = values.reshape(-1, *values.shape[-2:])[:, rows, columns]
    held = (np.isfinite(seen) & (seen != 0)).any(axis=0)
    turned = {fault: turn(held) for fault, turn in TURNS.items()}
    _compare(held, turned, is_mostly_land(longitude[columns], latitude[rows]), name)


def check_polar_orientation(held: np.ndarray, grid: Grid, name: str) -> None:
    """The same of a map round the North Pole.

    Parameters
    ----------
    held : numpy.ndarray of bool (y, x)
        Cells that hold something of land, of every so many rows and columns of the map.
    grid : Grid
        Of the whole map, on a projection whose origin is the North Pole.
    name : str
        The variable and its file.

    Raises
    ------
    GridError
        If it lies upside down, is mirrored, or is turned. A map without the pole tells nothing
        and passes.

    Notes
    -----
    Turning a map round the pole keeps its latitudes. So only cells north of the southernmost tenth
    of those that hold something are compared: how far south a product reaches does not matter.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(2e5)
    >>> lon, lat = grid.lonlat()
    >>> land = np.array([np.diag(is_mostly_land(*row)) for row in zip(lon, lat)]) & (lat > 50)
    >>> check_polar_orientation(land, grid, "a.tif")
    >>> check_polar_orientation(land[::-1], grid, "a.tif")
    Traceback (most recent call last):
        ...
    abz.errors.GridError: a.tif lies upside down
      rule:   land lies where its coordinates say
      got:    agreement 0.35 as it is, 1.00 the other way round
      remedy: turn the rows or columns of the file, or fetch it again
    """
    y, x = (_thinned(axis, size) for axis, size in zip((grid.y, grid.x), held.shape, strict=True))
    pole = float(grid.to_lonlat(np.zeros(1), np.zeros(1))[1][0])
    if not (pole > NEAR_POLE and x[0] < 0 < x[-1] and y[-1] < 0 < y[0]):
        return
    longitude, latitude = grid.to_lonlat(*np.meshgrid(x, y))
    inside = latitude >= np.quantile(latitude[held], SOUTHERN) if held.any() else held
    land = _land_at(longitude, latitude)[inside]
    turned = {fault: turn(held)[inside] for fault, turn in POLAR_TURNS.items()}
    _compare(held[inside], turned, land, name)


def _thinned(axis: np.ndarray, size: int) -> np.ndarray:
    """`size` centres, evenly taken from an axis."""
    return axis[((np.arange(size) + 0.5) * axis.size / size).astype(int)]


def _compare(
    held: np.ndarray, others: Mapping[str, np.ndarray], land: np.ndarray, name: str
) -> None:
    """Nothing, unless what is held agrees much better with land once it is turned."""
    as_it_is = _agreement(held, land)
    turned = {fault: _agreement(other, land) for fault, other in others.items()}
    fault = max(turned, key=lambda each: turned[each])
    if turned[fault] >= AGREEMENT and as_it_is <= turned[fault] - MARGIN:
        raise GridError(
            f"{name} {fault}",
            rule="land lies where its coordinates say",
            value=f"agreement {as_it_is:.2f} as it is, {turned[fault]:.2f} the other way round",
            remedy="turn the rows or columns of the file, or fetch it again",
        )


def _agreement(held: np.ndarray, land: np.ndarray) -> float:
    """Correlation of two masks; 0 where it is not defined or of too few cells."""
    if held.size < FEWEST or not (0 < held.mean() < 1 and 0 < land.mean() < 1):
        return 0.0
    return float(np.corrcoef(held.ravel(), land.ravel())[0, 1])
