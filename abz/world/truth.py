"""What the synthetic Arctic knows about itself, for scoring what the study makes of its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.grid import Grid
from abz.units import MONTHLY_FLUX
from abz.vocabulary import BIOMES, FLUXES, MONTHS
from abz.world.arctic import World
from abz.world.carbon import PARAMETERS
from abz.world.footprint import subpoints
from abz.world.network import sites

__all__ = ["true_fluxes", "true_parameters"]

SAMPLES = 2
"""A cell's truth is the mean over those of 2 × 2 points that lie in the domain."""


def true_fluxes(world: World, grid: Grid, years: Iterable[int]) -> xr.Dataset:
    """True fluxes on an equal-area grid.

    Parameters
    ----------
    world : World
        The world.
    grid : Grid
        Polar grid of a model set.
    years : iterable of int
        Years of the set.

    Returns
    -------
    xarray.Dataset (time, y, x)
        nee, gpp, reco, fire (emission), g C m-2 month-1, and burned_fraction, 1, as means over the
        domain's part of each cell, NaN outside; domain_fraction (y, x), 1.
    """
    lon, lat = subpoints(grid, SAMPLES)
    north = np.isfinite(lat) & (lat > 44.0)
    candidates = world.places(lon[north], lat[north])
    inside = np.flatnonzero(north.ravel())[candidates.domain]
    places = world.places(lon.ravel()[inside], lat.ravel()[inside])
    counts = np.bincount(inside // SAMPLES**2, minlength=lon[..., 0].size)
    cells = np.flatnonzero(counts)

    def cell_mean(values: np.ndarray) -> np.ndarray:
        sums = np.bincount(inside // SAMPLES**2, weights=values, minlength=counts.size)
        whole = np.full(grid.shape, np.nan, dtype=np.float32)
        whole.flat[cells] = sums[cells] / counts[cells]
        return whole

    months = [(year, month) for year in years for month in MONTHS]
    maps: dict[str, list[np.ndarray]] = {name: [] for name in (*FLUXES, "fire", "burned_fraction")}
    for year, month in months:
        fluxes = world.fluxes(places, year, month)
        for name in FLUXES:
            maps[name].append(cell_mean(getattr(fluxes, name)))
        maps["fire"].append(cell_mean(places.scars.emission(year, month)))
        maps["burned_fraction"].append(cell_mean(places.scars.burned_fraction(year, month)))
    share = (counts / SAMPLES**2).astype(np.float32).reshape(grid.shape)
    return _dataset(maps, share, months, grid)


def true_parameters(world: World) -> dict[str, Any]:
    """The constants behind the truth: of the carbon cycle, of the sites, of the fires."""
    fires = world.fires
    burned = 2 * np.pi * fires.radius_km**2 * fires.share
    return {
        "seed": world.seed,
        "resolution_km": world.resolution_km,
        "biomes": {str(code): name for code, name in BIOMES.items()},
        "carbon": asdict(PARAMETERS),
        "sites": [asdict(site) for site in sites(world)],
        "fires": {
            "events": int(fires.year.size),
            "burned_km2": {
                str(year): round(float(burned[fires.year == year].sum()), 3)
                for year in np.unique(fires.year).tolist()
            },
        },
    }


def _dataset(
    maps: dict[str, list[np.ndarray]], share: np.ndarray, months: list[tuple[int, int]], grid: Grid
) -> xr.Dataset:
    """The maps with names, units and coordinates."""
    long_names = {
        **FLUXES,
        "fire": "carbon emission by fire",
        "burned_fraction": "burned fraction of the domain in the cell",
    }
    time = pd.DatetimeIndex([pd.Timestamp(year, month, 1) for year, month in months]).as_unit("ns")
    variables = {
        name: xr.DataArray(
            np.stack(layers),
            dims=("time", "y", "x"),
            attrs={
                "units": "1" if name == "burned_fraction" else MONTHLY_FLUX,
                "long_name": f"true {long_names[name]}",
            },
        )
        for name, layers in maps.items()
    }
    fraction = xr.DataArray(
        share, dims=("y", "x"), attrs={"units": "1", "long_name": "share of the cell in the domain"}
    )
    dataset = xr.Dataset({**variables, "domain_fraction": fraction})
    return dataset.assign_coords({"time": time, **grid.coords()})
