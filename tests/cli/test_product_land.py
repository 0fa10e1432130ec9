"""The land of a run under the cells of others, and the run as a product of its own."""

import numpy as np
import pytest
import xarray as xr

from abz.catalog import CATALOG, Catalog
from abz.cli import product_land
from abz.cli.layout import Layout
from abz.cli.product_land import OurLand, run_bands, run_on_common
from abz.cli.storage import read_zarr, write_zarr
from abz.config import Config
from abz.grid import lonlat_grid, polar_grid
from abz.harmonise import zones_of_classes
from abz.units import GRAM_QUANTUM
from abz.vocabulary import FLUXES

GRID, COMMON = polar_grid(4e5), lonlat_grid(2.0, (-180.0, 44.0, 180.0, 90.0))
YEARS = (2003, 2004)


@pytest.fixture
def ours(tmp_path):
    config = Config(
        name="small", output=tmp_path, data=tmp_path,
        sets={"fine": {"cell_m": 4e5, "first_year": YEARS[0], "last_year": YEARS[1]}},
        fire={"first_year": YEARS[0], "last_year": YEARS[1]},
    )  # fmt: skip
    layout = Layout(config.root)
    biome = np.where(GRID.lonlat()[1] < 66, 6, 11)
    land = np.where(GRID.lonlat()[1] > 55, 1.0, 0.0)
    zones = zones_of_classes(GRID, biome, biome * 0, biome * 0 + 80, land)
    time = np.arange("2003-01", "2005-01", dtype="datetime64[M]").astype("datetime64[ns]")
    rng, inside = np.random.default_rng(0), zones["area"].values > 0
    attrs = {"units": "g C m-2 month-1"}
    flux = xr.Dataset(
        {name: (("time", "y", "x"), np.where(inside, rng.normal(size=(24, *GRID.shape)), np.nan),
                attrs) for name in FLUXES},
        {"time": time, **GRID.coords()},
    )  # fmt: skip
    write_zarr(zones, layout.zones("fine"))
    write_zarr(flux, layout.flux("fine"))
    catalog = Catalog.load(CATALOG, tmp_path)
    return OurLand(config, catalog, "fine", read_zarr(layout.zones("fine")), COMMON), layout


def test_shares_are_found_once_for_each_grid(ours):
    land, _ = ours
    cells = lonlat_grid(5.0, (-180.0, 45.0, 180.0, 90.0))
    first = land.shares(cells)
    assert land.shares(cells) is first
    assert land.shares(COMMON) is not first


def test_a_band_without_land_is_not_touched(ours):
    land, _ = ours
    assert land.touches(COMMON)
    assert land.touches(GRID.window(slice(10, 12), slice(None)))
    assert not land.touches(GRID.window(slice(0, 1), slice(0, 1)))


@pytest.mark.parametrize("height", [3, 7, 256])
def test_bands_hold_all_land_once(ours, monkeypatch, height):
    land, layout = ours
    monkeypatch.setattr(product_land, "BAND_ROWS", height)
    bands = list(run_bands(land, layout))
    rows = np.concatenate([np.arange(GRID.shape[0])[band.rows] for band in bands])
    assert rows.size == np.unique(rows).size
    assert set(np.flatnonzero((land.zones["area"].values > 0).any(1))) <= set(rows)
    year = bands[0].of_year(2004)
    assert year.sizes["time"] == 12
    assert year.attrs["per_area"] == "land"
    assert year["gpp"].attrs["parts"] == "gpp"


@pytest.mark.parametrize("height", [3, 256])
def test_the_run_keeps_its_mass_on_the_common_map(ours, monkeypatch, height):
    land, layout = ours
    monkeypatch.setattr(product_land, "BAND_ROWS", height)
    own = run_on_common(land, layout)
    flux, area = read_zarr(layout.flux("fine")), land.zones["area"].values
    quanta = own.totals["grams"]
    for name in FLUXES:
        held = quanta.sel(flux=name).sum(["time", "atom_id"]) * GRAM_QUANTUM
        expected = float((flux[name] * area).sum())
        assert float(held.sum()) == pytest.approx(expected, rel=1e-6, abs=1e6), name
