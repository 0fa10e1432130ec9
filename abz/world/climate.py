"""The weather of the synthetic Arctic: temperature, light, moisture, snow, atmospheric CO2.

The normals (mean and annual amplitude of air temperature) are a few hills and a slope in latitude,
close to those of the real Arctic. Weather adds a warming trend and the swing of a few large modes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.units import CELSIUS_ZERO
from abz.world.fields import PlaneWaves, bump, plane_waves, sigmoid, stream

__all__ = ["Climate", "Normals", "Weather", "barrow_co2", "daylight", "make_climate", "normals"]

WARMEST_DAY = 200.0
"""Day of the year on which air is warmest."""
YEAR_DAYS = 365.25
FIRST_YEAR, LAST_YEAR = 1980, 2030
REFERENCE_YEAR = 2005
WARMING = 0.045
"""Warming of annual air temperature at 60° N, K yr-1."""
SOLAR_CONSTANT = 1361.0
MODES = 4

HILLS = (
    (130.0, 64.0, 0.06, -9.9, 7.4),
    (-90.0, 68.0, 0.06, -9.1, 5.9),
    (5.0, 66.0, 0.06, 5.2, -9.4),
    (-140.0, 57.0, 0.03, 1.0, -7.1),
    (-65.0, 56.0, 0.03, -3.3, -3.2),
    (90.0, 50.0, 0.06, -2.9, 1.9),
    (-150.0, 64.0, 0.003, -0.5, 4.0),
    (24.0, 64.5, 0.006, -0.5, 3.0),
)
"""Longitude, latitude, width, and what the hill adds to mean and amplitude, K: the cold of Yakutia
and Arctic Canada, the mild North Atlantic and Gulf of Alaska, Labrador, Central Asia, the warm
summers of inland Alaska and Fennoscandia."""


@dataclass(frozen=True)
class Normals:
    """Normal air temperature at points.

    Parameters
    ----------
    mean, amplitude : numpy.ndarray (n,)
        Annual mean, and half the range of the year, °C.
    """

    mean: np.ndarray
    amplitude: np.ndarray

    @property
    def july(self) -> np.ndarray:
        """Temperature of the warmest day, °C."""
        return self.mean + self.amplitude

    def on(self, day: float) -> np.ndarray:
        """Temperature (n,) on a day of the year, °C."""
        return self.mean + self.amplitude * _season(day)


@dataclass(frozen=True)
class Weather:
    """Weather of a month, or of a day within it, at n points.

    Parameters
    ----------
    air_temperature, soil_temperature : numpy.ndarray (n,)
        At 2 m and in the top 7 cm, K.
    soil_moisture : numpy.ndarray (n,)
        m3 m-3.
    snow_cover : numpy.ndarray (n,)
        %.
    srad : numpy.ndarray (n,)
        Downward shortwave radiation, W m-2; exactly 0 in the polar night.
    vpd : numpy.ndarray (n,)
        Vapour pressure deficit, kPa.
    lst : numpy.ndarray (n,)
        Land surface temperature by day, K.
    """

    air_temperature: np.ndarray
    soil_temperature: np.ndarray
    soil_moisture: np.ndarray
    snow_cover: np.ndarray
    srad: np.ndarray
    vpd: np.ndarray
    lst: np.ndarray


@dataclass(frozen=True)
class Climate:
    """Large modes of variability: patterns in space, series in time.

    Parameters
    ----------
    texture : PlaneWaves
        Standing deviation of the normals.
    warm, wet, bright : tuple of PlaneWaves
        Patterns of temperature, soil moisture and cloud.
    series : numpy.ndarray (3, MODES, years, 12)
        Amplitude of each pattern in each month, for the three variables in turn.
    """

    texture: PlaneWaves
    warm: tuple[PlaneWaves, ...]
    wet: tuple[PlaneWaves, ...]
    bright: tuple[PlaneWaves, ...]
    series: np.ndarray

    def patterns(self, points: np.ndarray) -> np.ndarray:
        """Patterns (3, MODES, n) at unit vectors (3, n)."""
        return np.array(
            [[wave(points) for wave in waves] for waves in (self.warm, self.wet, self.bright)]
        )

    def anomalies(self, patterns: np.ndarray, year: int, month: int) -> np.ndarray:
        """Standardised anomalies (3, n) of warmth, wetness and brightness in a month."""
        amplitudes = self.series[:, :, year - FIRST_YEAR, month - 1]
        total = np.zeros((3, patterns.shape[2]))
        for mode in range(MODES):
            total += amplitudes[:, mode, None] * patterns[:, mode]
        return total / np.sqrt(MODES)

    def weather(
        self, normal: Normals, lat: np.ndarray, anomalies: np.ndarray, *, wetness: np.ndarray,
        year: int, day: float,
    ) -> Weather:  # fmt: skip
        """Weather around a day of a year.

        Parameters
        ----------
        normal : Normals (n,)
            Normal temperatures.
        lat : numpy.ndarray (n,)
            Degrees.
        anomalies : numpy.ndarray (3, n)
            From `anomalies`, of the month that holds the day.
        wetness : numpy.ndarray (n,)
            Standing wetness of the ground, standardised.
        year, day : int, float
            Year, and day of the year.

        Returns
        -------
        Weather
            At the n points.
        """
        warm, wet, bright = anomalies
        change = _warming(lat, year, day) + (1.2 - 0.5 * _season(day)) * warm
        air = normal.on(day) + change
        lagged = normal.on(day - 12.0) + change
        snow = 100.0 * sigmoid(-(lagged + 0.5) / 1.6)
        thawed = np.logaddexp(0.0, lagged)
        light = daylight(lat, day) * np.clip(0.47 + 0.05 * bright, 0.2, 0.75)
        moisture = 0.31 + 0.055 * wetness + 0.02 * wet - 0.004 * thawed + 0.0003 * snow
        dryness = np.clip(0.27 + 0.05 * bright - 0.03 * wet, 0.05, 0.9)
        return Weather(
            air_temperature=air + CELSIUS_ZERO,
            soil_temperature=0.45 * lagged + 0.4 * thawed + CELSIUS_ZERO,
            soil_moisture=np.clip(moisture, 0.06, 0.74),
            snow_cover=snow,
            srad=light,
            vpd=_saturation_vapour_pressure(air) * dryness,
            lst=air + CELSIUS_ZERO - 2.0 + 0.04 * light * (1.0 - 0.006 * snow),
        )


def make_climate(seed: int) -> Climate:
    """The modes of a seeded world."""
    rng = stream(seed, "climate")

    def waves(length: float) -> tuple[PlaneWaves, ...]:
        return tuple(plane_waves(rng, length) for _ in range(MODES))

    years = LAST_YEAR - FIRST_YEAR + 1
    texture, warm, wet, bright = plane_waves(rng, 1500.0), waves(7e3), waves(4e3), waves(4e3)
    yearly = rng.normal(size=(3, MODES, years, 1))
    monthly = rng.normal(size=(3, MODES, years, 12))
    return Climate(texture, warm, wet, bright, 0.6 * yearly + 0.8 * monthly)


def normals(climate: Climate, points: np.ndarray, lat: np.ndarray) -> Normals:
    """Normal temperatures at unit vectors (3, n) and their latitudes (n,)."""
    tens = (lat - 60.0) / 10.0
    mean = 1.7 - 5.7 * tens - 0.8 * tens**2 + 0.5 * climate.texture(points)
    amplitude = 16.9 + 1.1 * tens - 0.7 * tens**2
    for east, north, width, warmth, range_ in HILLS:
        hill = bump(points, east, north, width)
        mean += warmth * hill
        amplitude += range_ * hill
    return Normals(mean, np.maximum(amplitude, 3.0))


def daylight(lat: np.ndarray, day: float) -> np.ndarray:
    """Daily mean radiation at the top of the atmosphere, W m-2; 0 in the polar night.

    Parameters
    ----------
    lat : numpy.ndarray (n,)
        Degrees.
    day : float
        Day of the year.

    Notes
    -----
    S / π · (h sin φ sin δ + cos φ cos δ sin h), with h the hour angle of sunset.

    Examples
    --------
    >>> daylight(np.array([75.0, 50.0]), 1.0).round().tolist()
    [0.0, 86.0]
    """
    declination = np.radians(-23.44) * np.cos(2 * np.pi * (day + 10.0) / YEAR_DAYS)
    phi = np.radians(lat)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0))
    height = sunset * np.sin(phi) * np.sin(declination)
    height += np.cos(phi) * np.cos(declination) * np.sin(sunset)
    return SOLAR_CONSTANT / np.pi * np.maximum(height, 0.0)


def barrow_co2(year: int, month: int) -> float:
    """Atmospheric CO2 at Utqiagvik, ppm: 354 in 1990, 414 in 2020, lowest in August.

    Examples
    --------
    >>> round(barrow_co2(2020, 5) - barrow_co2(1990, 5))
    60
    """
    time = year - 1990 + (month - 0.5) / 12.0
    season = 6.5 * np.cos(2 * np.pi * (month - 3.0) / 12.0)
    season -= 2.5 * np.cos(4 * np.pi * (month - 2.0) / 12.0)
    return float(353.2 + 1.53 * time + 0.0152 * time**2 + season)


def _season(day: float) -> float:
    """1 on the warmest day, −1 half a year away."""
    return float(np.cos(2 * np.pi * (day - WARMEST_DAY) / YEAR_DAYS))


def _warming(lat: np.ndarray, year: int, day: float) -> np.ndarray:
    """Warming since the reference year, K: stronger in winter and in the north."""
    return WARMING * (year - REFERENCE_YEAR) * (1 - 0.5 * _season(day)) * (1 + 0.02 * (lat - 60))


def _saturation_vapour_pressure(celsius: np.ndarray) -> np.ndarray:
    """Saturation vapour pressure, kPa, after Tetens."""
    return 0.6108 * np.exp(17.27 * celsius / (celsius + 237.3))
