"""A planted world of four fires, whose burned area, emission and recovery are known by formula."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from abz.fire import fire_on_grid
from abz.grid import polar_grid, sinusoidal_grid
from abz.units import MONTHLY_FLUX
from abz.world.burning import REACH, Fires, scars
from abz.world.fields import unit_vectors

YEARS = range(2002, 2021)


@pytest.fixture(scope="session")
def planted():
    """Fires, the product that saw them, and the product on a polar grid of 50 km."""
    lon, lat = np.array([100.0, 112.0, 124.0, 118.0]), np.array([60.0, 63.0, 61.0, 66.0])
    fires = Fires(
        centres=unit_vectors(lon, lat), radius_km=np.full(4, 40.0),
        share=np.array([1.0, 0.8, 0.9, 0.6]), fuel=np.array([3000.0, 2000.0, 2500.0, 1000.0]),
        year=np.array([2003, 2004, 2006, 2010]), month=np.array([7, 6, 8, 7]),
    )  # fmt: skip
    source, target = sinusoidal_grid(60, (20, 26), (2, 4)), polar_grid(5e4)
    maps = product(fires, source)
    atom = np.zeros(target.shape, np.int32)
    zones = xr.Dataset(
        {"atom": (("y", "x"), atom)},
        coords={**target.coords(), "atom_area": ("atom_id", [float(target.cell_area().sum())])},
    )
    reach = 1 - np.exp(-(REACH**2) / 2)  # of a scar that ends where its fire is not felt
    area = 2 * np.pi * (1e3 * fires.radius_km) ** 2 * fires.share * reach
    return SimpleNamespace(
        fires=fires, product=maps, fire=fire_on_grid(maps, zones), grid=target,
        area=area, mass=area * fires.fuel,
    )  # fmt: skip


def product(fires, grid):
    """Emission and burned fraction of every month."""
    lon, lat = grid.lonlat()
    points = unit_vectors(lon.ravel(), lat.ravel())
    marks = scars(fires, points)
    months = [(year, month) for year in YEARS for month in range(1, 13)]
    layers = {
        "emission": [marks.emission(*when) for when in months],
        "burned_fraction": [marks.burned_fraction(*when) for when in months],
    }
    time = np.array([f"{year}-{month:02d}-01" for year, month in months], "datetime64[ns]")
    units = {"emission": MONTHLY_FLUX, "burned_fraction": "1"}
    maps = {
        name: (("time", "y", "x"), np.stack(values).reshape(-1, *grid.shape),
               {"units": units[name]})
        for name, values in layers.items()
    }  # fmt: skip
    return xr.Dataset(maps, coords={**grid.coords(), "time": time})
