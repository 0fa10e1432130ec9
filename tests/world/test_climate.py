"""Weather stays inside what can be true, and behaves like weather."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.vocabulary import PREDICTORS
from abz.world import Places, World, barrow_co2, daylight


@given(st.integers(1985, 2025), st.integers(1, 12))
def test_weather_is_inside_the_declared_limits(
    world: World, places: Places, year: int, month: int
) -> None:
    weather = world.weather(places, year, month)
    for name in ("air_temperature", "soil_temperature", "soil_moisture", "snow_cover", "srad",
                 "vpd", "lst"):  # fmt: skip
        low, high = PREDICTORS[name].valid
        values = getattr(weather, name)
        assert np.isfinite(values).all()
        assert low <= values.min() <= values.max() <= high, name
    ndvi = world.ndvi(places, year, month)
    assert -0.2 <= ndvi.min() <= ndvi.max() <= 1.0


def test_the_polar_night_is_exactly_dark(world: World) -> None:
    lon = np.linspace(-170, 170, 60)
    night = world.places(lon, np.full(60, 75.0))
    assert (world.weather(night, 2010, 12).srad == 0).all()
    assert (world.weather(night, 2010, 6).srad > 150).all()


def test_daylight_equals_the_integral_over_the_hours() -> None:
    lat, day = np.array([50.0, 62.0, 70.0, 80.0]), 130.0
    declination = np.radians(-23.44) * np.cos(2 * np.pi * (day + 10) / 365.25)
    hours = np.linspace(-np.pi, np.pi, 200_001)
    height = np.sin(np.radians(lat))[:, None] * np.sin(declination) + np.cos(np.radians(lat))[
        :, None
    ] * np.cos(declination) * np.cos(hours)
    assert daylight(lat, day) == pytest.approx(1361 * np.maximum(height, 0).mean(axis=1), rel=1e-4)


def test_it_warms_and_most_in_winter(world: World, places: Places) -> None:
    years = np.arange(1990, 2021)

    def slope(month: int) -> float:
        series = [world.weather(places, int(y), month).air_temperature.mean() for y in years]
        return float(np.polyfit(years, series, 1)[0])

    slopes = {month: slope(month) for month in (1, 4, 7, 10)}
    assert 0.02 < np.mean(list(slopes.values())) < 0.08


def test_summer_is_warmer_and_snow_free(world: World, places: Places) -> None:
    january, july = world.weather(places, 2005, 1), world.weather(places, 2005, 7)
    assert (july.air_temperature > january.air_temperature + 8).all()
    assert january.snow_cover.mean() > 90
    assert july.snow_cover.mean() < 10
    assert july.lst.mean() > july.air_temperature.mean()


def test_co2_rises_and_is_lowest_in_summer() -> None:
    year = [barrow_co2(2010, month) for month in range(1, 13)]
    assert int(np.argmin(year)) + 1 in (8, 9)
    assert np.mean([barrow_co2(1990, m) for m in range(1, 13)]) == pytest.approx(354, abs=1.5)
    assert np.mean([barrow_co2(2020, m) for m in range(1, 13)]) == pytest.approx(414, abs=2.0)
