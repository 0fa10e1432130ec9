"""Correlation of two fields in space, tested with the number of places that count as independent.

Neighbours repeat each other, so n cells say less than n independent ones would. Dutilleul's form of
the test of Clifford, Richardson and Hémon replaces n by an effective number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from abz.errors import InputError
from abz.validation import check_same_shape

__all__ = ["SpatialCorrelation", "effective_size", "spatial_correlation"]

EARTH_RADIUS_KM = 6371.0
CLASSES = 13
MOST_PLACES = 2000
FEWEST_PLACES = 4


@dataclass(frozen=True)
class SpatialCorrelation:
    """Pearson's correlation of two fields.

    Parameters
    ----------
    r : float
        −1 to 1; NaN of a constant field.
    p_value : float
        Two-sided, with `n_effective`.
    p_naive : float
        The same as if all places were independent.
    n : int
        Places where both fields are known.
    n_effective : float
        Independent places that would know as much.
    """

    r: float
    p_value: float
    p_naive: float
    n: int
    n_effective: float


def spatial_correlation(
    x: np.ndarray, y: np.ndarray, longitude: np.ndarray, latitude: np.ndarray,
    most: int = MOST_PLACES,
) -> SpatialCorrelation:  # fmt: skip
    """Correlation of two fields, with a p that allows for their spatial correlation.

    Parameters
    ----------
    x, y : numpy.ndarray (...)
        Values; places where one is missing or infinite do not count.
    longitude, latitude : numpy.ndarray (...)
        Degrees; places without them do not count.
    most : int, optional
        Of more places, evenly spaced ones in their order make up the sample from which the
        effective number is estimated, which then cannot exceed the sample; r is that of all.

    Returns
    -------
    SpatialCorrelation
        p is NaN where fewer than 4 places are known or a field is constant, and 1 where 2 or
        fewer independent places are left.

    Raises
    ------
    InputError
        If the shapes differ.

    Notes
    -----
    t = r √((m − 2) / (1 − r²)) with m − 2 degrees of freedom, m the effective number [1]_.

    References
    ----------
    .. [1] Dutilleul (1993), Biometrics 49, 305-314.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> places = rng.uniform(50, 80, 200)
    >>> found = spatial_correlation(*rng.normal(size=(2, 200)), rng.uniform(0, 90, 200), places)
    >>> bool(found.p_value > 0.05), found.n
    (True, 200)
    """
    for other, name in ((y, "y"), (longitude, "longitude"), (latitude, "latitude")):
        check_same_shape(x, other, f"x and {name}")
    flat = np.stack([np.ravel(v) for v in (x, y, longitude, latitude)]).astype(np.float64)
    known = np.flatnonzero(np.isfinite(flat).all(axis=0))
    first, second, lon, lat = flat[:, known]
    if known.size < FEWEST_PLACES or np.ptp(first) == 0.0 or np.ptp(second) == 0.0:
        return SpatialCorrelation(np.nan, np.nan, np.nan, int(known.size), np.nan)
    r = float(np.clip(np.corrcoef(first, second)[0, 1], -1.0, 1.0))
    step = -(-known.size // most)
    some = slice(None, None, step)
    independent = effective_size(first[some], second[some], lon[some], lat[some])
    return SpatialCorrelation(
        r, _p(r, independent), _p(r, known.size), int(known.size), independent
    )


def _p(r: float, n: float) -> float:
    """Two-sided p of a correlation of n independent pairs."""
    if n <= 2.0:
        return 1.0
    t = abs(r) * np.sqrt((n - 2.0) / max(1.0 - r * r, np.finfo(float).eps))
    return float(2.0 * stats.t.sf(t, n - 2.0))


def effective_size(
    x: np.ndarray, y: np.ndarray, longitude: np.ndarray, latitude: np.ndarray
) -> float:
    """Number of independent places that would tell as much about a correlation.

    Parameters
    ----------
    x, y : numpy.ndarray (n,)
        Values without gaps, neither constant.
    longitude, latitude : numpy.ndarray (n,)
        Degrees.

    Returns
    -------
    float
        1 to n.

    Raises
    ------
    InputError
        If there are fewer than 4 places, or so many that their pairs would not fit memory.

    Notes
    -----
    m = 1 + tr(P Σx) tr(P Σy) / tr(P Σx P Σy), P = I − 11ᵀ/n [1]_. Σ holds the covariances in 13
    classes of great-circle distance, all equally wide, as the data give them, and the variance on
    its diagonal. Held to n where neighbours repel each other.

    References
    ----------
    .. [1] Dutilleul (1993), Biometrics 49, 305-314.
    .. [2] Clifford, Richardson & Hémon (1989), Biometrics 45, 123-134.

    Examples
    --------
    >>> places = np.arange(100.0)
    >>> smooth = np.sin(places / 15)
    >>> effective_size(smooth, np.cos(places / 15), places, 0 * places + 60) < 20
    True
    """
    n = len(x)
    if not FEWEST_PLACES <= n <= 4 * MOST_PLACES:
        raise InputError(
            "the number of places does not allow an effective number",
            rule=f"{FEWEST_PLACES} to {4 * MOST_PLACES} places",
            value=n,
            remedy="thin them evenly, as spatial_correlation does",
        )
    group = _distance_classes(longitude, latitude)
    traces, centred = [], []
    for values in (x, y):
        matrix = _centred(_covariances(np.asarray(values, np.float64), group))
        traces.append(np.trace(matrix))
        centred.append(matrix)
    shared = float((centred[0] * centred[1].T).sum())
    if shared <= 0.0:
        return float(n)
    return float(np.clip(1.0 + traces[0] * traces[1] / shared, 1.0, n))


def _distance_classes(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Class of distance of each pair of places (n, n); −1 of a place and itself."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    distance = EARTH_RADIUS_KM * np.arccos(np.clip(points.T @ points, -1.0, 1.0))
    widest = max(float(distance.max()), np.finfo(float).tiny)
    group = np.minimum((distance / widest * CLASSES).astype(np.int8), CLASSES - 1)
    np.fill_diagonal(group, -1)
    return np.asarray(group)


def _covariances(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Covariance matrix (n, n) that depends on the class of distance alone."""
    anomaly = values - values.mean()
    products = np.outer(anomaly, anomaly)
    flat = group.ravel().astype(np.int64) + 1
    count = np.bincount(flat, minlength=CLASSES + 1)
    sums = np.bincount(flat, weights=products.ravel(), minlength=CLASSES + 1)
    return np.asarray((sums / np.maximum(count, 1))[group.astype(np.int64) + 1])


def _centred(matrix: np.ndarray) -> np.ndarray:
    """P Σ: the matrix without the mean of each column."""
    return np.asarray(matrix - matrix.mean(axis=0, keepdims=True))
