"""The synthetic Arctic as one value: every quantity is a function of place and time."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from abz.config import World as WorldConfig
from abz.world.burning import COVER_RECOVERY_YEARS, FLUX_RECOVERY_YEARS, Fires, Scars, scars
from abz.world.carbon import Fluxes, carbon_fluxes, greenness
from abz.world.climate import Climate, Normals, Weather, barrow_co2, make_climate, normals
from abz.world.fields import PlaneWaves, bump, plane_waves, stream, unit_vectors
from abz.world.land import is_land
from abz.world.surface import (
    DOMAIN_SOUTH,
    OTHER_BIOME,
    Ground,
    GroundFields,
    covers,
    ground,
    make_ground_fields,
)

__all__ = ["Places", "World", "middle_of_month"]

FIRE_EVENTS = 900
CLOUD_KM = 900.0


def middle_of_month(year: int, month: int) -> float:
    """Day of the year in the middle of a month.

    Examples
    --------
    >>> middle_of_month(2001, 1), middle_of_month(2004, 3)
    (16.0, 76.0)
    """
    first = date(year, month, 1).timetuple().tm_yday
    return first + (monthrange(year, month)[1] - 1) / 2.0


@dataclass(frozen=True)
class Places:
    """n points of the world with all that does not change there.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees.
    points : numpy.ndarray (3, n)
        Unit vectors.
    land : numpy.ndarray (n,) bool
        Whether the point lies on land.
    normal : Normals
        Normal temperatures.
    ground : Ground
        Soils, biome, permafrost.
    patterns : numpy.ndarray (3, modes, n)
        Patterns of climate variability.
    scars : Scars
        Marks of fires.
    """

    lon: np.ndarray
    lat: np.ndarray
    points: np.ndarray
    land: np.ndarray
    normal: Normals
    ground: Ground
    patterns: np.ndarray
    scars: Scars

    @property
    def domain(self) -> np.ndarray:
        """Points (n,) in the boreal and tundra biomes north of 49° N, off ice and lakes, bool."""
        g = self.ground
        vegetated = self.land & ~g.ice & ~g.lake & (g.biome != OTHER_BIOME)
        return vegetated & (self.lat >= DOMAIN_SOUTH)


@dataclass(frozen=True)
class World:
    """A seeded synthetic Arctic.

    Parameters
    ----------
    seed : int, optional
        The same seed makes the same world, at any resolution.
    resolution_km : float, optional
        Size of the cells of the product files; it changes no value at any point.
    sites : int, optional
        Number of flux sites, the larval-outbreak site besides.

    Examples
    --------
    >>> world = World(seed=1)
    >>> places = world.places(np.array([25.0, 130.0]), np.array([62.0, 63.0]))
    >>> fluxes = world.fluxes(places, 2010, 7)
    >>> bool((fluxes.nee == fluxes.reco - fluxes.gpp).all())
    True
    """

    seed: int = 20250101
    resolution_km: float = 100.0
    sites: int = 60

    @classmethod
    def of(cls, config: WorldConfig) -> World:
        """The world of a configuration's table [world]."""
        return cls(config.seed, config.resolution_km, config.sites)

    @cached_property
    def climate(self) -> Climate:
        """Modes of variability."""
        return make_climate(self.seed)

    @cached_property
    def ground_fields(self) -> GroundFields:
        """Random fields of the ground."""
        return make_ground_fields(self.seed)

    @cached_property
    def clouds(self) -> PlaneWaves:
        """The field whose phases turn from composite to composite."""
        return plane_waves(stream(self.seed, "clouds"), CLOUD_KM)

    @cached_property
    def fires(self) -> Fires:
        """Fire events: boreal, most of them in Siberia and in Canada."""
        rng = stream(self.seed, "fires")
        lon = rng.uniform(-180.0, 180.0, size=60 * FIRE_EVENTS)
        lat = np.degrees(np.arcsin(rng.uniform(np.sin(0.87), np.sin(1.23), size=lon.size)))
        points = unit_vectors(lon, lat)
        normal = normals(self.climate, points, lat)
        here = ground(self.ground_fields, points, lon, lat, normal)
        weight = 0.04 + bump(points, 118.0, 62.0, 0.06) + 0.75 * bump(points, -110.0, 59.0, 0.05)
        weight += 0.6 * bump(points, -150.0, 65.0, 0.01)
        burns = is_land(lon, lat) & (here.biome == 6) & ~here.ice & ~here.lake
        chosen = np.flatnonzero(burns & (rng.uniform(size=lon.size) < weight))[:FIRE_EVENTS]
        return Fires.draw(rng, points[:, chosen])

    def places(self, lon: np.ndarray, lat: np.ndarray) -> Places:
        """The world at points.

        Parameters
        ----------
        lon, lat : numpy.ndarray (n,)
            Degrees; no NaN.
        """
        lon, lat = np.ascontiguousarray(lon, float), np.ascontiguousarray(lat, float)
        points = unit_vectors(lon, lat)
        normal = normals(self.climate, points, lat)
        return Places(
            lon=lon,
            lat=lat,
            points=points,
            land=is_land(lon, lat),
            normal=normal,
            ground=ground(self.ground_fields, points, lon, lat, normal),
            patterns=self.climate.patterns(points),
            scars=scars(self.fires, points),
        )

    def weather(self, places: Places, year: int, month: int, day: float | None = None) -> Weather:
        """Weather in the middle of a month, or around a day of the year that lies in it."""
        anomalies = self.climate.anomalies(places.patterns, year, month)
        when = middle_of_month(year, month) if day is None else day
        wetness = places.ground.wetness
        return self.climate.weather(
            places.normal, places.lat, anomalies, wetness=wetness, year=year, day=when
        )

    def covers(self, places: Places, year: int) -> tuple[np.ndarray, ...]:
        """Tree, non-tree and non-vegetated cover (n,) in spring of a year, %; together 100."""
        mark = places.scars.mark(year, 3, COVER_RECOVERY_YEARS)
        return covers(places.ground, year, mark)

    def ndvi(self, places: Places, year: int, month: int, day: float | None = None) -> np.ndarray:
        """NDVI (n,) in the middle of a month, or around a day of the year that lies in it."""
        return self.greenness(places, self.weather(places, year, month, day), year, month)

    def greenness(self, places: Places, weather: Weather, year: int, month: int) -> np.ndarray:
        """NDVI (n,) under a weather that `weather` gave for that month."""
        anomaly = self.climate.anomalies(places.patterns, year, month)[0]
        mark = places.scars.mark(year, month, FLUX_RECOVERY_YEARS)
        tree = covers(places.ground, year, np.zeros_like(mark))[0]
        return greenness(places.ground, weather, tree, mark, anomaly=anomaly, year=year)

    def fluxes(self, places: Places, year: int, month: int) -> Fluxes:
        """NEE, GPP and Reco (n,) of a month, g C m-2 month-1, fire emission not included."""
        weather = self.weather(places, year, month)
        return carbon_fluxes(
            places.ground,
            weather,
            self.greenness(places, weather, year, month),
            places.scars.mark(year, month, FLUX_RECOVERY_YEARS),
            co2=self.co2(year, month),
            days=monthrange(year, month)[1],
        )

    def co2(self, year: int, month: int) -> float:
        """Atmospheric CO2 at Utqiagvik, ppm."""
        return barrow_co2(year, month)

    def cloudiness(self, places: Places, year: int, step: int) -> np.ndarray:
        """Standardised cloudiness (n,) of a composite, independent from step to step."""
        rng = stream(self.seed, f"clouds {year} {step}")
        return self.clouds(places.points, rng.uniform(0, 2 * np.pi, size=self.clouds.phases.size))
