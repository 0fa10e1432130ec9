"""Zones of a small polar map, and a field whose budgets are known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.budgets import annual_budgets, zone_membership, zone_totals
from abz.grid import polar_grid
from abz.harmonise import zones_of_classes

BOUNDS = (-4.6e6, -4.6e6, 4.6e6, 4.6e6)
YEARS = range(2003, 2005)


def make_zones(cell_m=1e5, box=(-180.0, 50.0, 180.0, 90.0)):
    """Boreal south of 66° N, tundra north of it; half of some cells is sea, as is the Atlantic."""
    grid = polar_grid(cell_m, BOUNDS)
    lon, lat = grid.lonlat()
    biome = np.where(lat < 66, 6, 11)
    land = np.where((np.floor(lon / 3) % 2 == 0) & (lon > 0), 0.5, 1.0)
    west, south, east, north = box
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    land = np.where(inside & ~((lon > -50) & (lon < -10)), land, 0.0)
    return zones_of_classes(grid, biome, biome * 0, biome * 0 + 80, land)


def fluxes(lon, lat, years=YEARS):
    """Monthly nee, gpp, reco and fire (time, ...) of land at points, g C m-2 month-1."""
    time = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-12-01", freq="MS")
    shape = (-1, *[1] * np.ndim(lon))
    month, year = (np.asarray(v).reshape(shape) for v in (time.month, time.year))
    summer = np.clip(np.sin(np.pi * (month - 3.5) / 7), 0, None)
    wave = 1 + 0.3 * np.cos(np.radians(lon)) + 0.2 * np.sin(np.radians(3 * lat))
    gpp = 100 * summer * wave * (1 + 0.02 * (year - years[0]))
    reco = (10 + 55 * summer) * (1.2 - 0.2 * np.cos(np.radians(lon)))
    fire = np.where(month == 8, 6.0, 0.0) * wave
    return time, {"nee": reco - gpp, "gpp": gpp, "reco": reco, "fire": fire}


def truth_table(zones, years=YEARS):
    """Annual budgets (flux, zone, year) of the field, summed over our own cells one by one."""
    from abz.grid import Grid

    lon, lat = Grid.of(zones).lonlat()
    time, held = fluxes(lon, lat, years)
    member = zone_membership(zones)
    rows = []
    for flux, values in held.items():
        for place in range(len(member)):
            inside = np.isin(zones["atom"], np.flatnonzero(member[place] == 1))
            weight = np.where(inside, zones["area"], 0.0)
            for year in years:
                grams = (np.nan_to_num(values[time.year == year]) * weight).sum()
                zone = {n: str(member[n].values[place]) for n in ("zone_set", "zone")}
                rows.append({"flux": flux, **zone, "year": year, "tg": grams / 1e12})
    return pd.DataFrame(rows).set_index(["flux", "zone_set", "zone", "year"])["tg"]


def budgets(aligned, zones):
    """Annual budgets of an aligned product."""
    annual = annual_budgets(zone_totals(aligned.totals, zone_membership(zones)), "product")
    return annual.set_index(["flux", "zone_set", "zone", "year"])


def field(grid, names=("nee", "gpp", "reco", "fire"), years=YEARS):
    """The field on a longitude-latitude grid, or between its own bounds."""
    time, held = fluxes(*grid.lonlat(), years)
    coords = {"time": time.to_numpy("datetime64[ns]"), **grid.coords()}
    dims = ("time", "y", "x")
    return xr.Dataset({n: (dims, held[n].astype(np.float32)) for n in names}, coords)


@pytest.fixture(scope="session")
def zones():
    return make_zones()


@pytest.fixture(scope="session")
def truth(zones):
    return truth_table(zones)
