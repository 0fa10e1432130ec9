"""The cells of a product's grid that have land, and the world at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.ndimage import binary_dilation

from abz.grid import Grid
from abz.world.arctic import Places, World
from abz.world.land import is_land

__all__ = ["Footprint", "footprint", "subpoints"]

SAMPLES = 4
"""A cell has land if one of 4 × 4 points in it lies on land."""
BLOCK = 200_000


@dataclass(frozen=True)
class Footprint:
    """Cells with land.

    Parameters
    ----------
    grid : Grid
        The product's grid.
    cells : numpy.ndarray (n,)
        Flat indices of the cells with land, ascending.
    places : Places
        The world at one point of each cell, its centre where that is a point of the Earth.
    """

    grid: Grid
    cells: np.ndarray
    places: Places

    def map(self, values: np.ndarray, missing: float = np.nan) -> np.ndarray:
        """Values (n,) as a map (ny, nx), float32 if missing is NaN, else of the values' type."""
        dtype = np.float32 if np.isnan(missing) else values.dtype
        whole = np.full(self.grid.shape, missing, dtype=dtype)
        whole.flat[self.cells] = values
        return whole

    def stack(self, rows: Iterable[np.ndarray], missing: float = np.nan) -> np.ndarray:
        """Values (n,) of each step as maps (step, ny, nx)."""
        return np.stack([self.map(values, missing) for values in rows])

    def dataset(
        self, variables: Mapping[str, tuple[np.ndarray, Mapping[str, str]]],
        axis: Mapping[str, xr.DataArray],
    ) -> xr.Dataset:  # fmt: skip
        """Maps with their attributes as a dataset on the grid.

        Parameters
        ----------
        variables : mapping of {str: (numpy.ndarray, mapping)}
            Maps (step, ny, nx), or (ny, nx) where `axis` is empty, and their attributes.
        axis : mapping of {str: xarray.DataArray}
            The leading dimension and the coordinates along it; the first names the dimension.
        """
        dims = (*list(axis)[:1], "y", "x")
        arrays = {
            name: xr.DataArray(maps, dims=dims, attrs=dict(attrs))
            for name, (maps, attrs) in variables.items()
        }
        return xr.Dataset(arrays).assign_coords({**axis, **self.grid.coords()})


def subpoints(grid: Grid, samples: int, rows: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude (rows, nx, samples²) of evenly spread points of each cell, degrees."""
    offsets = (np.arange(samples) + 0.5) / samples
    window = grid.window(rows, slice(None))
    t, (ny, nx) = window.transform, window.shape
    x = t.c + t.a * (np.arange(nx)[:, None] + offsets)
    y = t.f + t.e * (np.arange(ny)[:, None] + offsets)
    shape = (ny, nx, samples, samples)
    x_all = np.broadcast_to(x[None, :, None, :], shape)
    y_all = np.broadcast_to(y[:, None, :, None], shape)
    lon, lat = grid.to_lonlat(x_all.reshape(ny, nx, -1), y_all.reshape(ny, nx, -1))
    return lon, lat


def footprint(world: World, grid: Grid, widen: int = 0) -> Footprint:
    """The cells of a grid that have land, and the world at them.

    Parameters
    ----------
    world : World
        The world.
    grid : Grid
        Any grid.
    widen : int, optional
        Number of cells by which the land is widened into the sea.
    """
    ny, nx = grid.shape
    land = np.zeros(grid.shape, dtype=bool)
    where = np.full((2, ny, nx), np.nan)
    step = max(1, BLOCK // (nx * SAMPLES**2))
    for top in range(0, ny, step):
        rows = slice(top, min(top + step, ny))
        lon, lat = subpoints(grid, SAMPLES, rows)
        hit = is_land(lon, lat)
        land[rows] = hit.any(axis=2)
        first = hit.argmax(axis=2)[..., None]
        where[0, rows] = np.take_along_axis(lon, first, axis=2)[..., 0]
        where[1, rows] = np.take_along_axis(lat, first, axis=2)[..., 0]
    centre = np.array(grid.lonlat())
    where = np.where(np.isfinite(centre), centre, where)
    if widen:
        land = binary_dilation(land, iterations=widen)
    cells = np.flatnonzero(land & np.isfinite(where[0]))
    lon, lat = where.reshape(2, -1)[:, cells]
    return Footprint(grid, cells, world.places(lon, lat))
