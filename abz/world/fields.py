"""Random fields on the sphere: sums of plane waves, known at every point and at no grid."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

__all__ = ["PlaneWaves", "bump", "plane_waves", "sigmoid", "stream", "unit_vectors"]

EARTH_RADIUS_KM = 6371.0


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one named part of a world, independent of all other parts.

    Examples
    --------
    >>> stream(1, "fires").integers(100) == stream(1, "fires").integers(100)
    np.True_
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()),)))


def unit_vectors(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Points of the unit sphere.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees.

    Returns
    -------
    numpy.ndarray (3, n)
        Towards (0° E, 0° N), (90° E, 0° N) and the pole.

    Examples
    --------
    >>> unit_vectors(np.array([0.0]), np.array([90.0])).round(9)[2].item()
    1.0
    """
    east, north = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def dot(point: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Scalar product of one vector (3,) with many (3, n), added in a fixed order."""
    return point[0] * vectors[0] + point[1] * vectors[1] + point[2] * vectors[2]


def bump(vectors: np.ndarray, lon: float, lat: float, width: float) -> np.ndarray:
    """A smooth hill of height 1 around a point.

    Parameters
    ----------
    vectors : numpy.ndarray (3, n)
        Unit vectors.
    lon, lat : float
        Summit, degrees.
    width : float
        w in exp(−(1 − cos γ) / w), γ the angle from the summit; 0.06 is about 2,200 km.

    Examples
    --------
    >>> bump(unit_vectors(np.array([10.0]), np.array([60.0])), 10.0, 60.0, 0.1).item()
    1.0
    """
    summit = unit_vectors(np.array([lon]), np.array([lat]))[:, 0]
    return np.exp(-(1.0 - dot(summit, vectors)) / width)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(−x)), without overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0, -1e4])).tolist()
    [0.5, 0.0]
    """
    return 0.5 * (1.0 + np.tanh(0.5 * values))


@dataclass(frozen=True)
class PlaneWaves:
    """A field of mean 0 and variance 1, f(r) = sqrt(2 / m) Σ cos(k_i · r + φ_i).

    Parameters
    ----------
    vectors : numpy.ndarray (m, 3)
        Wave vectors k, radians per Earth radius.
    phases : numpy.ndarray (m,)
        Phases φ, radians.

    Examples
    --------
    >>> field = plane_waves(stream(1, "doc"), 3000.0)
    >>> points = unit_vectors(np.array([20.0, 30.0]), np.array([60.0, 70.0]))
    >>> bool(field(points)[1] == field(points[:, 1:])[0])
    True
    """

    vectors: np.ndarray
    phases: np.ndarray

    def __call__(self, points: np.ndarray, shift: np.ndarray | None = None) -> np.ndarray:
        """The field (n,) at unit vectors (3, n); `shift` (m,) turns the phases, radians."""
        phases = self.phases if shift is None else self.phases + shift
        total = np.zeros(points.shape[1])
        for vector, phase in zip(self.vectors, phases, strict=True):
            total += np.cos(dot(vector, points) + phase)
        return total * np.sqrt(2.0 / len(self.phases))


def plane_waves(rng: np.random.Generator, wavelength_km: float, waves: int = 16) -> PlaneWaves:
    """A random smooth field.

    Parameters
    ----------
    rng : numpy.random.Generator
        Drawn from once.
    wavelength_km : float
        Typical wavelength; single waves are up to a third longer or shorter.
    waves : int, optional
        Number of plane waves.
    """
    directions = rng.normal(size=(waves, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lengths = wavelength_km * rng.uniform(0.75, 1.35, size=waves)
    wavenumbers = 2.0 * np.pi * EARTH_RADIUS_KM / lengths
    return PlaneWaves(directions * wavenumbers[:, None], rng.uniform(0, 2 * np.pi, size=waves))
