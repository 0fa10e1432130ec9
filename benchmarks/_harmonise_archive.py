"""Product files of a synthetic window in their own formats and resolutions, for one year.

Values are waves with noise, water and gaps: what they mean does not matter, how many they are and
how they are stored does. Files in longitude and latitude, and the permafrost map, are cut to the
window and its surrounding; MODIS has the tiles that the window touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from abz.grid import Grid, lonlat_grid, polar_grid, sinusoidal_grid
from abz.readers.modis_layers import composite_calendar
from abz.vocabulary import PREDICTORS
from abz.world.products.era5_land import write_era5_land
from abz.world.products.modis import write_mod11a2, write_mod13a1, write_mod44b
from abz.world.products.noaa_brw import write_noaa_brw
from abz.world.products.static_maps import (
    write_merit_cti,
    write_soilgrids_ph,
    write_soilgrids_soc,
    write_uio_permafrost,
)
from abz.world.products.terraclimate import write_terraclimate

YEAR = 2010
CENTRE = (110.0, 62.0)
"""Longitude and latitude of the middle of the window: Siberia."""
AROUND_M = 200_000.0
"""How much of the permafrost map is written on each side of the window."""
SPREAD = {"srad": (0, 350), "vpd": (0, 2), "snow_cover": (0, 100), "soil_temperature": (240, 300),
          "soil_moisture": (0, 0.6), "ndvi": (-0.1, 0.9), "lst": (225, 310),
          "air_temperature": (230, 300), "cti": (-3, 12), "soil_ph": (4, 8), "soc": (5, 150),
          "permafrost_probability": (0, 1), "tree_cover": (0, 80), "nontree_cover": (0, 80),
          "nonvegetated_cover": (0, 80)}  # fmt: skip
"""Values of each predictor that are written."""
COMPOSITE_DAYS = {"mod11a2": 8, "mod13a1": 16}
CELLS_PER_TILE = {"mod11a2": 1200, "mod13a1": 2400, "mod44b": 4800}
STEPS_PER_DEGREE = {"era5_land": 10, "terraclimate": 24, "soilgrids": 480}
Task = Callable[[], object]


def window_grid(edge_km: int) -> Grid:
    """The 1-km cells of the window on the study's polar grid."""
    whole = polar_grid(1000.0)
    x, y = (float(value[0]) for value in whole.from_lonlat(*np.array([CENTRE]).T))
    west, south = (1000.0 * round(middle / 1000.0 - edge_km / 2) for middle in (x, y))
    return polar_grid(1000.0, (west, south, west + 1000.0 * edge_km, south + 1000.0 * edge_km))


def write_archive(folder: Path, target: Grid, workers: int = 2) -> None:
    """Write all products that the fine set needs, each once."""
    with ProcessPoolExecutor(workers) as pool:
        for done in [pool.submit(task) for task in tasks(folder, target)]:
            done.result()


def tasks(folder: Path, target: Grid) -> Iterator[Task]:
    """What is to be written: a map, a tile of a product with all its dates, a series."""
    box = degrees_around(target)
    yield partial(_static, write_soilgrids_ph, folder / "soilgrids_ph", box)
    yield partial(_static, write_soilgrids_soc, folder / "soilgrids_soc", box)
    yield partial(_static, write_merit_cti, folder / "merit_cti", box)
    yield partial(_permafrost, folder / "uio_permafrost", target)
    yield partial(_monthly, write_era5_land, folder / "era5_land", box)
    yield partial(_monthly, write_terraclimate, folder / "terraclimate", box)
    for tile in sorted(tiles_of(target)):
        yield partial(_covers, folder / "mod44b", tile)
        for name, write in (("mod13a1", write_mod13a1), ("mod11a2", write_mod11a2)):
            starts = composite_calendar([YEAR], COMPOSITE_DAYS[name])[0]
            for numbers in np.array_split(np.arange(len(starts)), 4):
                yield partial(_composites, write, folder / name, tile, numbers)
    yield partial(_co2, folder / "noaa_brw")


def degrees_around(target: Grid) -> tuple[float, float, float, float]:
    """Whole degrees that hold the window, and one more on each side."""
    lon, lat = target.lonlat()
    low = (np.floor(axis.min()) - 1 for axis in (lon, lat))
    high = (np.ceil(axis.max()) + 1 for axis in (lon, lat))
    return (*map(float, low), *map(float, high))


def tiles_of(target: Grid) -> set[tuple[int, int]]:
    """Tiles (h, v) that hold a cell of the window."""
    whole = sinusoidal_grid(1, v=(0, 18))
    row, column = whole.index(*target.lonlat())
    return set(zip(column.ravel().tolist(), row.ravel().tolist(), strict=True))


def values_of(name: str, grid: Grid, phase: float, gaps: float, seed: int) -> np.ndarray:
    """Values (y, x) of a predictor: waves of 40 to 300 km, a tenth of noise, lakes and gaps."""
    low, high = SPREAD[name]
    km = 111.0 if grid.is_lonlat else 1e-3
    rng = np.random.default_rng([seed, *np.abs(grid.transform[2:6:3]).astype(int)])
    x, y = (np.asarray(axis * km, np.float32) for axis in (grid.x, grid.y))
    waves = np.sin(y / 50 + phase)[:, None] * np.cos(x / 40)
    waves += (np.sin(x / 9) * 0.5)[None, :] + (np.cos(y / 7 + phase) * 0.5)[:, None]
    noise = rng.random(grid.shape, np.float32)
    share = np.clip(0.5 + 0.18 * waves + 0.1 * (noise - 0.5), 0, 1)
    lakes = (np.sin(y / 11)[:, None] * np.sin(x / 13)) > 0.95
    share[lakes | (noise < gaps)] = np.nan
    return np.asarray(low + (high - low) * share, np.float32)


def _static(write: Callable[[xr.Dataset, Path], Any], folder: Path, box: Any) -> None:
    """A map in longitude and latitude, 250 m."""
    name = {"soilgrids_ph": "soil_ph", "soilgrids_soc": "soc", "merit_cti": "cti"}[folder.name]
    grid = lonlat_grid(1 / STEPS_PER_DEGREE["soilgrids"], box)
    _write_map(write, folder, name, grid)


def _permafrost(folder: Path, target: Grid) -> None:
    """The permafrost map, 1 km."""
    west, south, east, north = target.bounds
    bounds = (west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    _write_map(write_uio_permafrost, folder, "permafrost_probability", polar_grid(1000.0, bounds))


def _write_map(
    write: Callable[[xr.Dataset, Path], Any], folder: Path, name: str, grid: Grid
) -> None:
    """A map that does not change."""
    values = values_of(name, grid, 0.0, 0.0, 1)
    write(xr.Dataset({name: (("y", "x"), values)}, grid.coords()), folder)


def _monthly(write: Callable[[xr.Dataset, Path], Any], folder: Path, box: Any) -> None:
    """Twelve months in longitude and latitude."""
    names = {"era5_land": ("soil_temperature", "soil_moisture", "snow_cover", "air_temperature"),
             "terraclimate": ("srad", "vpd", "air_temperature")}[folder.name]  # fmt: skip
    grid = lonlat_grid(1 / STEPS_PER_DEGREE[folder.name], box)
    months = np.arange(f"{YEAR}-01", f"{YEAR + 1}-01", dtype="datetime64[M]")
    fields = {
        name: (("time", "y", "x"),
               np.stack([values_of(name, grid, month / 2, 0.0, month) for month in range(12)]))
        for name in names
    }  # fmt: skip
    write(xr.Dataset(fields, {"time": months.astype("datetime64[ns]"), **grid.coords()}), folder)


def _covers(folder: Path, tile: tuple[int, int]) -> None:
    """Vegetation covers of a MODIS tile."""
    grid = _tile_grid(folder.name, tile)
    names = ("tree_cover", "nontree_cover", "nonvegetated_cover")
    fields = {name: values_of(name, grid, 0.0, 0.0, 1) for name in names}
    write_mod44b(_dataset(fields, "year", YEAR, grid), folder, tiles=1)


def _composites(
    write: Callable[..., Any], folder: Path, tile: tuple[int, int], numbers: np.ndarray
) -> None:
    """Some dates of a MODIS tile, of which each is a file of its own."""
    grid = _tile_grid(folder.name, tile)
    starts = composite_calendar([YEAR], COMPOSITE_DAYS[folder.name])[0]
    for number in numbers.tolist():
        part = number / len(starts)
        gaps = 0.25 + 0.2 * np.cos(2 * np.pi * part)
        if folder.name == "mod11a2":
            fields = {"lst": values_of("lst", grid, part, gaps, number)}
        else:
            ndvi = values_of("ndvi", grid, part, gaps / 3, number)
            code = np.where(np.isnan(ndvi), -1, np.where(np.sin(99 * ndvi) > 0.3 - gaps, 2, 0))
            fields = {"ndvi": ndvi, "reliability": code.astype(np.int8)}
        time = starts[number].astype("datetime64[ns]")
        write(_dataset(fields, "time", time, grid), folder, tiles=1)


def _tile_grid(name: str, tile: tuple[int, int]) -> Grid:
    """The cells of a tile (h, v)."""
    h, v = tile
    return sinusoidal_grid(CELLS_PER_TILE[name], (h, h + 1), (v, v + 1))


def _dataset(fields: dict[str, np.ndarray], dim: str, step: Any, grid: Grid) -> xr.Dataset:
    """One step of some maps."""
    maps = {name: ((dim, "y", "x"), values[None]) for name, values in fields.items()}
    return xr.Dataset(maps, {dim: np.array([step]), **grid.coords()})


def _co2(folder: Path) -> None:
    """CO2 of the year."""
    months = np.arange(f"{YEAR}-01", f"{YEAR + 1}-01", dtype="datetime64[M]")
    units = {"units": PREDICTORS["co2"].units}
    series = xr.Dataset({"co2": ("time", np.linspace(390.0, 392.0, 12), units)})
    write_noaa_brw(series.assign_coords(time=months.astype("datetime64[ns]")), folder)
