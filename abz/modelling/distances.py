"""Distances between places on the sphere."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from abz.errors import InputError
from abz.validation import check_same_shape, check_values

__all__ = ["EARTH_RADIUS_KM", "arc", "great_circle", "unit_vectors"]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, km (IUGG)."""


def unit_vectors(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Points of the unit sphere.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees east and north; longitudes of any turn.

    Returns
    -------
    numpy.ndarray (n, 3)
        Towards (0° E, 0° N), (90° E, 0° N) and the North Pole.

    Raises
    ------
    InputError
        If a coordinate is missing, a latitude lies beyond a pole, or the lengths differ.

    Examples
    --------
    >>> unit_vectors([90.0], [0.0]).round(9).tolist()
    [[0.0, 1.0, 0.0]]
    """
    degrees = np.array(lon, np.float64), np.array(lat, np.float64)
    check_same_shape(*degrees, "longitudes and latitudes")
    check_values(degrees[1], (-90, 90), "latitude")
    missing = int((~np.isfinite(degrees[0] + degrees[1])).sum())
    if missing:
        raise InputError(
            "places lack coordinates",
            rule="every place has a finite longitude and latitude",
            value=f"{missing} of {degrees[0].size} without",
            remedy="leave out the rows that have no place",
        )
    east, north = np.radians(degrees[0]), np.radians(degrees[1])
    parts = [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    return np.stack(parts, axis=-1)


def arc(chord: np.ndarray) -> np.ndarray:
    """Distance along the surface, km, between points of the unit sphere a chord apart.

    Notes
    -----
    d = 2 R arcsin(c / 2): exact to rounding for near neighbours, which the cosine rule is not.

    Examples
    --------
    >>> (arc(np.array([2.0])) / EARTH_RADIUS_KM).round(6).tolist()
    [3.141593]
    """
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.asarray(chord) / 2, 1.0))


def great_circle(
    lon: np.ndarray, lat: np.ndarray, other_lon: np.ndarray, other_lat: np.ndarray
) -> np.ndarray:
    """Great-circle distances of each of n places to each of m others.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees.
    other_lon, other_lat : numpy.ndarray (m,)
        Degrees.

    Returns
    -------
    numpy.ndarray (n, m)
        km, on a sphere of radius `EARTH_RADIUS_KM`.

    Examples
    --------
    >>> great_circle([0.0], [60.0], [180.0], [60.0]).round(1).tolist()
    [[6671.7]]
    """
    return arc(cdist(unit_vectors(lon, lat), unit_vectors(other_lon, other_lat)))
