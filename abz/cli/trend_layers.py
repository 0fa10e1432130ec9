"""Trends of seasons and of the environment, band by band, and what the tables need beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import read_zarr, write_zarr_pieces
from abz.config import Trends
from abz.grid import Grid
from abz.trends import layer_trends, seasonal_values
from abz.vocabulary import PREDICTORS

__all__ = ["BAND_ROWS", "Sample", "bands", "season_layers", "write_season_trends"]

BAND_ROWS = 256
"""Rows of the map that are in memory at a time, and edge of a stored tile."""
SAMPLED_CELLS = 4000
"""Cells whose series stand for the map where all of them would be too many."""

FLUX_SEASONS = ("MAM", "JJA", "SON")
"""Seasons of NEE; the year itself is in trends/SET.zarr."""
ENVIRONMENT_SEASONS = ("annual", "JJA", "SON")

Layers = Mapping[tuple[str, str], xr.DataArray]


@dataclass
class Sample:
    """Yearly series of evenly spaced cells of a map, and zonal means of all cells.

    Parameters
    ----------
    step : int
        Every so many rows and columns.
    area : numpy.ndarray (y, x)
        Land area, m2, 0 outside the domain.
    zones : mapping of {(zone set, zone): numpy.ndarray of bool (y, x)}
        Zones of the means.
    """

    step: int
    area: np.ndarray
    zones: Mapping[tuple[str, str], np.ndarray]
    years: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    _series: dict[tuple[str, str], list[np.ndarray]] = field(default_factory=dict)
    _areas: dict[tuple[str, str], list[np.ndarray]] = field(default_factory=dict)
    _sums: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, zones: xr.Dataset, masks: Mapping[tuple[str, str], np.ndarray]) -> Sample:
        """An empty sample of about `SAMPLED_CELLS` cells of the domain."""
        inside = zones["domain"].values > 0
        step = int(np.ceil(np.sqrt(max(1.0, inside.sum() / SAMPLED_CELLS))))
        area = np.where(inside, np.nan_to_num(zones["area"].values), 0.0)
        return cls(step, area, masks)

    def add(self, layers: Layers, top: int) -> None:
        """Keep what is wanted of some rows, of which `top` is the number of the first."""
        for name, layer in layers.items():
            values = layer.transpose("year", "y", "x").values
            rows = slice(top, top + values.shape[1])
            self.years[name] = layer["year"].values
            thin = (slice(None), slice(-top % self.step, None, self.step),
                    slice(None, None, self.step))  # fmt: skip
            area = self.area[rows][thin[1:]]
            kept = (area > 0) & np.isfinite(values[thin]).any(axis=0)
            self._series.setdefault(name, []).append(values[thin][:, kept].T.astype(np.float64))
            self._areas.setdefault(name, []).append(area[kept])
            self._add_zones(name, values, rows)

    def _add_zones(self, name: tuple[str, str], values: np.ndarray, rows: slice) -> None:
        """Add area-weighted values and the areas that have them, zone by zone and year by year."""
        sums = self._sums.setdefault(name, np.zeros((2, len(self.zones), values.shape[0])))
        known = np.isfinite(values)
        weighted = np.where(known, values, 0.0) * self.area[rows]
        for place, cells in enumerate(self.zones.values()):
            inside = cells[rows]
            sums[0, place] += weighted[:, inside].sum(axis=1)
            sums[1, place] += (known * self.area[rows])[:, inside].sum(axis=1)

    def series(self, name: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
        """Series (cell, year) of the sampled cells with a value, and their areas, m2."""
        return np.concatenate(self._series[name]), np.concatenate(self._areas[name])

    def zone_means(self, name: tuple[str, str]) -> np.ndarray:
        """Mean (zone, year) over the land with a value; NaN where there is none."""
        total, area = self._sums[name]
        return np.asarray(np.where(area > 0, total / np.where(area > 0, area, 1.0), np.nan))


def bands(grid: Grid, what: str) -> Iterator[tuple[int, slice]]:
    """First row, and rows, of each band of a map."""
    for top in track(range(0, grid.shape[0], BAND_ROWS), what):
        yield top, slice(top, min(top + BAND_ROWS, grid.shape[0]))


def write_season_trends(
    layout: Layout, model_set: str, zones: xr.Dataset, settings: Trends, sample: Sample
) -> Path:
    """Write trends/SET_seasons.zarr, and let the sample take from all its layers."""
    pieces = _bands(layout, model_set, Grid.of(zones), settings, sample)
    chunks = {"layer": 1, "y": BAND_ROWS, "x": BAND_ROWS}
    return write_zarr_pieces(pieces, layout.season_trends(model_set), chunks, along=("y",))


def _bands(
    layout: Layout, model_set: str, grid: Grid, settings: Trends, sample: Sample
) -> Iterator[xr.Dataset]:
    flux = read_zarr(layout.flux(model_set))
    cube = read_zarr(layout.cube(model_set)) if layout.cube(model_set).is_dir() else xr.Dataset()
    for top, rows in bands(grid, "trends of seasons"):
        layers = dict(season_layers(flux, cube, rows))
        sample.add(layers, top)
        band = layer_trends(layers, settings.method, settings.preserve_range)
        band = band.assign_coords(grid.window(rows, slice(None)).coords())
        yield band.assign_coords(spatial_ref=grid.coords()["spatial_ref"])


def season_layers(
    flux: xr.Dataset, cube: xr.Dataset, rows: slice
) -> Iterable[tuple[tuple[str, str], xr.DataArray]]:
    """Yearly maps of some rows: NEE by season, and each predictor that changes with time."""
    monthly = {"nee": (flux["nee"], FLUX_SEASONS)}
    for name, predictor in PREDICTORS.items():
        if name in cube and predictor.cadence == "monthly":
            monthly[name] = (cube[name], ENVIRONMENT_SEASONS)
        elif name in cube and predictor.cadence == "annual":
            yield (name, "annual"), cube[name].isel(y=rows)
    for name, (maps, seasons) in monthly.items():
        values = seasonal_values(maps.isel(y=rows))
        for season in seasons:
            yield (name, season), values.sel(season=season, drop=True)
