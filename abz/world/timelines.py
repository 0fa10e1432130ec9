"""What the products say that change with time: a year of each, on its own grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.readers.labels import predictor_attrs
from abz.readers.modis_layers import composite_calendar
from abz.units import MONTHLY_FLUX
from abz.vocabulary import MONTHS
from abz.world.arctic import World
from abz.world.climate import Weather
from abz.world.footprint import Footprint

__all__ = [
    "annual_covers",
    "co2_series",
    "era5_land",
    "gfed500m",
    "gimms3g",
    "mod11a2",
    "mod13a1",
    "terraclimate",
]

COVERS = ("tree_cover", "nontree_cover", "nonvegetated_cover")
HIDDEN = 1.35
"""Standardised cloudiness above which a composite holds no temperature."""
HAZY, CLOUDY = 0.9, 1.4
"""Standardised cloudiness above which an NDVI composite is marginal, or cloudy."""
RELIABILITY = "pixel reliability: 0 good, 1 marginal, 2 snow or ice, 3 cloudy"
FLAG = "origin: 0 measured, 1 spline, 2 possible snow"


def era5_land(world: World, here: Footprint, year: int) -> xr.Dataset:
    """Soil temperature, soil moisture, snow cover and air temperature of 12 months."""
    names = ("soil_temperature", "soil_moisture", "snow_cover", "air_temperature")
    return _monthly_weather(world, here, year, names)


def terraclimate(world: World, here: Footprint, year: int) -> xr.Dataset:
    """Shortwave radiation, vapour pressure deficit and air temperature of 12 months."""
    return _monthly_weather(world, here, year, ("srad", "vpd", "air_temperature"))


def mod11a2(world: World, here: Footprint, year: int) -> xr.Dataset:
    """Land surface temperature of 46 composites; clouds hide about a tenth of it."""

    def composite(start: pd.Timestamp, middle: pd.Timestamp) -> np.ndarray:
        weather = _weather_on(world, here, middle)
        hidden = world.cloudiness(here.places, year, start.dayofyear) > HIDDEN
        return np.where(hidden, np.nan, weather.lst)

    axis, spans = _composites(*composite_calendar([year], 8))
    maps = here.stack(composite(*span) for span in spans)
    return here.dataset({"lst": (maps, predictor_attrs("lst"))}, axis)


def mod13a1(world: World, here: Footprint, year: int) -> xr.Dataset:
    """NDVI of 23 composites with its reliability; haze and cloud lower it, the night hides it."""
    axis, spans = _composites(*composite_calendar([year], 16))
    ndvi, reliability = [], []
    for start, middle in spans:
        weather = _weather_on(world, here, middle)
        clouds = world.cloudiness(here.places, year, start.dayofyear)
        true = world.greenness(here.places, weather, year, middle.month)
        seen = np.where(clouds > CLOUDY, true - 0.12, np.where(clouds > HAZY, true - 0.02, true))
        code = np.select(
            [weather.srad < 1.0, clouds > CLOUDY, weather.snow_cover > 50.0, clouds > HAZY],
            [-1, 3, 2, 1],
        )
        ndvi.append(np.where(code < 0, np.nan, np.maximum(seen, -0.19)))
        reliability.append(code.astype(np.int8))
    maps = {
        "ndvi": (here.stack(ndvi), predictor_attrs("ndvi")),
        "reliability": (
            here.stack(reliability, missing=-1),
            {"units": "1", "long_name": RELIABILITY},
        ),
    }
    return here.dataset(maps, axis)


def gimms3g(world: World, here: Footprint, year: int) -> xr.Dataset:
    """NDVI of 24 half-months with its origin; a little lower than that of MODIS."""
    firsts = [pd.Timestamp(year, month, day) for month in MONTHS for day in (1, 16)]
    ends = [*firsts[1:], pd.Timestamp(year + 1, 1, 1)]
    starts = np.array(firsts, dtype="datetime64[D]")
    days = np.array([(end - first).days for first, end in zip(firsts, ends, strict=True)])
    axis, spans = _composites(starts, days)
    ndvi, flags = [], []
    for start, middle in spans:
        weather = _weather_on(world, here, middle)
        clouds = world.cloudiness(here.places, year, start.dayofyear)
        flag = np.select([weather.snow_cover > 50.0, clouds > CLOUDY], [2, 1])
        ndvi.append(0.97 * world.greenness(here.places, weather, year, middle.month))
        flags.append(flag.astype(np.int8))
    maps = {
        "ndvi": (here.stack(ndvi), predictor_attrs("ndvi")),
        "flag": (here.stack(flags, missing=-1), {"units": "1", "long_name": FLAG}),
    }
    return here.dataset(maps, axis)


def annual_covers(world: World, here: Footprint, year: int) -> xr.Dataset:
    """Tree, non-tree and non-vegetated cover of a year."""
    maps = {
        name: (here.stack([cover]), predictor_attrs(name))
        for name, cover in zip(COVERS, world.covers(here.places, year), strict=True)
    }
    return here.dataset(maps, {"year": xr.DataArray(np.array([year]), dims="year")})


def gfed500m(world: World, here: Footprint, year: int) -> xr.Dataset:
    """Fire emission and burned fraction of 12 months."""
    marks = here.places.scars
    maps = {
        "emission": (
            here.stack(marks.emission(year, month) for month in MONTHS),
            {"units": MONTHLY_FLUX, "long_name": "carbon emission by fire"},
        ),
        "burned_fraction": (
            here.stack(marks.burned_fraction(year, month) for month in MONTHS),
            {"units": "1", "long_name": "burned fraction of the cell"},
        ),
    }
    return here.dataset(maps, _months(year))


def co2_series(world: World, years: range) -> xr.Dataset:
    """Monthly CO2 at Utqiagvik, ppm (time)."""
    values = [world.co2(year, month) for year in years for month in MONTHS]
    time = pd.date_range(f"{years[0]}-01-01", periods=len(values), freq="MS").as_unit("ns")
    series = xr.DataArray(np.array(values), dims="time", attrs=predictor_attrs("co2"))
    return xr.Dataset({"co2": series}, coords={"time": time})


def _monthly_weather(
    world: World, here: Footprint, year: int, names: tuple[str, ...]
) -> xr.Dataset:
    """Some variables of the weather of 12 months."""
    months = [world.weather(here.places, year, month) for month in MONTHS]
    maps = {
        name: (here.stack(getattr(month, name) for month in months), predictor_attrs(name))
        for name in names
    }
    return here.dataset(maps, _months(year))


def _weather_on(world: World, here: Footprint, day: pd.Timestamp) -> Weather:
    """Weather around a day."""
    return world.weather(here.places, day.year, day.month, day.dayofyear)


def _months(year: int) -> Mapping[str, xr.DataArray]:
    """The time axis of 12 months."""
    time = pd.date_range(f"{year}-01-01", periods=12, freq="MS").as_unit("ns")
    return {"time": xr.DataArray(time, dims="time")}


def _composites(
    starts: np.ndarray, days: np.ndarray
) -> tuple[Mapping[str, xr.DataArray], list[tuple[pd.Timestamp, pd.Timestamp]]]:
    """The time axis of composites, and the first and the middle day of each."""
    axis = {
        "time": xr.DataArray(starts.astype("datetime64[ns]"), dims="time"),
        "days": xr.DataArray(np.asarray(days, np.int64), dims="time", attrs={"units": "days"}),
    }
    firsts = [pd.Timestamp(start) for start in starts]
    middles = [
        first + pd.Timedelta(days=int(length) // 2)
        for first, length in zip(firsts, days, strict=True)
    ]
    return axis, list(zip(firsts, middles, strict=True))
