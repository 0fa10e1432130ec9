"""Fires of the synthetic Arctic: when, where, how much burned, and how the land recovers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from abz.world.fields import EARTH_RADIUS_KM, dot

__all__ = ["Fires", "Scars", "scars"]

FIRST_FIRE_YEAR, LAST_FIRE_YEAR = 1985, 2024
MONTH_SHARES = {5: 0.1, 6: 0.25, 7: 0.35, 8: 0.22, 9: 0.08}
REACH = 3.5
"""A fire is felt up to this many radii from its centre."""
FLUX_RECOVERY_YEARS = 9.0
COVER_RECOVERY_YEARS = 12.0


@dataclass(frozen=True)
class Fires:
    """Fire events.

    Parameters
    ----------
    centres : numpy.ndarray (3, e)
        Unit vectors.
    radius_km : numpy.ndarray (e,)
        Standard deviation of the round scar.
    share : numpy.ndarray (e,)
        Share of the ground burned at the centre, 0 to 1.
    fuel : numpy.ndarray (e,)
        Carbon lost where it burned, g C m-2.
    year, month : numpy.ndarray (e,)
        When.
    """

    centres: np.ndarray
    radius_km: np.ndarray
    share: np.ndarray
    fuel: np.ndarray
    year: np.ndarray
    month: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, centres: np.ndarray) -> Fires:
        """Events at the given centres (3, e), in the order of their years.

        Notes
        -----
        The number of fires a year is spread by a log-normal severity of the year.
        """
        events = centres.shape[1]
        years = np.arange(FIRST_FIRE_YEAR, LAST_FIRE_YEAR + 1)
        severity = rng.lognormal(0.0, 0.35, size=years.size) * (1 + 0.008 * (years - 2010))
        months = np.array(list(MONTH_SHARES))
        return cls(
            centres=centres,
            radius_km=np.asarray(rng.uniform(28.0, 46.0, size=events)),
            share=np.asarray(rng.uniform(0.25, 0.65, size=events)),
            fuel=np.asarray(rng.lognormal(np.log(2900.0), 0.25, size=events)),
            year=np.sort(rng.choice(years, size=events, p=severity / severity.sum())),
            month=rng.choice(months, size=events, p=list(MONTH_SHARES.values())),
        )

    def when(self, year: int, month: int) -> np.ndarray:
        """Events (e,) of a month, bool."""
        return (self.year == year) & (self.month == month)

    def age(self, year: int, month: int) -> np.ndarray:
        """Years (e,) since each event at the middle of a month; below zero before it."""
        return year - self.year + (month - self.month) / 12.0


@dataclass(frozen=True)
class Scars:
    """The marks of the fires at n points.

    Parameters
    ----------
    fires : Fires
        The events.
    share : scipy.sparse.csr_array (n, e)
        Share of the ground at each point that each event burned.
    """

    fires: Fires
    share: csr_array

    def burned_fraction(self, year: int, month: int) -> np.ndarray:
        """Share (n,) of the ground burned in a month, 0 to 1."""
        return np.minimum(self.share @ self.fires.when(year, month).astype(float), 1.0)

    def emission(self, year: int, month: int) -> np.ndarray:
        """Carbon (n,) lost to fire in a month, g C m-2 month-1."""
        return self.share @ (self.fires.when(year, month) * self.fires.fuel)

    def mark(self, year: int, month: int, recovery_years: float) -> np.ndarray:
        """Share (n,) of the ground still under the effect of past fires, 0 to 1.

        Notes
        -----
        min(1, Σ_e s_e exp(−a_e / τ)) over events of age a_e > 0.
        """
        age = self.fires.age(year, month)
        weight = np.where(age > 0, np.exp(-np.maximum(age, 0.0) / recovery_years), 0.0)
        return np.minimum(self.share @ weight, 1.0)

    def years_since_fire(self, year: int, month: int, least: float = 0.1) -> np.ndarray:
        """Years (n,) since the last fire that burned at least a share; infinite where none did."""
        age = self.fires.age(year, month)
        dense = self.share.tocoo()
        counts = (dense.data >= least) & (age[dense.col] >= 0)
        youngest = np.full(self.share.shape[0], np.inf)
        np.minimum.at(youngest, dense.row[counts], age[dense.col[counts]])
        return youngest


def scars(fires: Fires, points: np.ndarray) -> Scars:
    """The marks of all events at unit vectors (3, n).

    Notes
    -----
    Share at distance d from the centre of an event: s exp(−d² / 2 r²).
    """
    rows, columns, values = [], [], []
    for event in range(fires.year.size):
        closeness = dot(fires.centres[:, event], points)
        reach = REACH * fires.radius_km[event] / EARTH_RADIUS_KM
        near = np.flatnonzero(closeness > np.cos(reach))
        distance = np.arccos(np.minimum(closeness[near], 1.0)) * EARTH_RADIUS_KM
        rows.append(near)
        columns.append(np.full(near.size, event))
        values.append(fires.share[event] * np.exp(-0.5 * (distance / fires.radius_km[event]) ** 2))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return Scars(fires, csr_array(entries, shape=(points.shape[1], fires.year.size)))
