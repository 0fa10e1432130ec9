"""Burned cells band by band: the bands change nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli import fire_bands
from abz.cli.fire_bands import COUNTED, FireBands
from abz.fire import BiasFit
from abz.grid import polar_grid
from abz.units import MONTHLY_FLUX

GRID = polar_grid(1e6)


def bands(cube=True):
    rng = np.random.default_rng(3)
    time = pd.date_range("2003-01-01", periods=36, freq="MS")
    coords, shape = {"time": time, **GRID.coords()}, (36, *GRID.shape)
    maps = ("time", "y", "x")
    nee = rng.normal(-5, 20, shape)
    nee[:, rng.random(GRID.shape) < 0.2] = np.nan
    burned = np.where(rng.random(shape) < 0.03, rng.random(shape) * 0.4, 0.0)
    data = {"area": rng.uniform(0, 1e12, GRID.shape), "land_fraction": rng.random(GRID.shape),
            "atom": rng.integers(-1, 3, GRID.shape).astype(np.int32)}  # fmt: skip
    zones = xr.Dataset({n: (("y", "x"), v) for n, v in data.items()}, coords=GRID.coords())
    flux = xr.Dataset({"nee": (maps, nee, {"units": MONTHLY_FLUX})}, coords=coords)
    ndvi = xr.Dataset({"ndvi": (maps, rng.random(shape))} if cube else {}, coords=coords)
    fire = xr.Dataset({"burned_fraction": (maps, burned)}, coords=coords)
    fit = BiasFit(6, "m", "", 9, 60, np.array([10.0, -2.0]), np.eye(2), np.zeros(2))
    atoms = zones.assign_coords(atom_area=("atom_id", np.ones(3)))
    return FireBands(flux, ndvi, fire, atoms, {6: fit}, year=2005, max_age=4)


def gathered(found):
    return xr.concat(list(found.maps()), "y", data_vars="all", coords="minimal", compat="override")


@pytest.mark.parametrize("size", [2, 3])
def test_the_size_of_bands_changes_nothing(size, monkeypatch):
    whole, parts = bands(), bands()
    maps = gathered(whole)

    def narrow(grid, _):
        for top in range(0, grid.shape[0], size):
            yield top, slice(top, min(top + size, grid.shape[0]))

    monkeypatch.setattr(fire_bands, "bands", narrow)
    again = gathered(parts)
    for name in ("correction", "burned_share", "years_since_fire"):
        np.testing.assert_array_equal(again[name], maps[name])
    for name in COUNTED:
        np.testing.assert_array_equal(parts.areas[name], whole.areas[name])
    np.testing.assert_array_equal(parts.burned, whole.burned)
    pd.testing.assert_frame_equal(parts.composites.table(), whole.composites.table())


def test_the_last_fire_of_each_cell_is_mapped():
    found = bands()
    maps = gathered(found)
    years = found.fire["burned_fraction"].values.reshape(3, 12, *GRID.shape).sum(axis=1)
    for row, column in np.ndindex(GRID.shape):
        age = next((a for a in range(3) if years[2 - a, row, column] > 0), None)
        land = float(found.zones["land_fraction"][row, column])
        if age is None or land == 0:
            assert np.isnan(maps["years_since_fire"][row, column])
        else:
            assert maps["years_since_fire"][row, column] == age
            share = min(1.0, min(1.0, years[2 - age, row, column]) / land)
            assert maps["burned_share"][row, column] == pytest.approx(share, rel=1e-5)


def test_a_cube_without_ndvi_has_fluxes_alone():
    found = bands(cube=False)
    gathered(found)
    assert set(found.composites.table()["variable"]) == {"nee"}
