"""The stage of the fire: a synthetic product on tiles of any size, its mass in balance."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from abz.catalog import write_world_catalog
from abz.cli.layout import Layout
from abz.cli.stages import fire
from abz.cli.storage import read_zarr, write_zarr
from abz.config import Config
from abz.errors import UnitsError
from abz.fire import fire_on_grid
from abz.grid import Grid, polar_grid
from abz.readers import gfed, read_gfed500m
from abz.units import GRAM_QUANTUM
from abz.world.archive import TIMELINES, Footprints
from abz.world.arctic import World

YEARS = {"first_year": 2004, "last_year": 2005}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Config, Layout]:
    config = Config(
        name="fires", output=tmp_path_factory.mktemp("runs"), world={"resolution_km": 200.0},
        sets={"fine": {"cell_m": 2e5, **YEARS}}, fire=YEARS,
    )  # fmt: skip
    world, known = World(resolution_km=200.0), Footprints(World(resolution_km=200.0))
    grid, content, write = TIMELINES["gfed500m"]
    for year in (2004, 2005):
        write(content(world, known[grid], year), config.archive / "gfed500m")
    write_world_catalog(config.archive)
    layout = Layout(config.root)
    write_zarr(zones_of(polar_grid(2e5)), layout.zones("fine"))
    assert fire.run(config, layout) == [layout.fire]
    return config, layout


def zones_of(grid):
    inside = grid.lonlat()[1] > 55
    atom = np.where(inside, np.arange(inside.size).reshape(inside.shape) % 4, -1)
    atoms = {"atom_biome": ("atom_id", np.int16([6, 6, 11, 11]))}
    return xr.Dataset(
        {"atom": (("y", "x"), atom.astype(np.int32))}, coords={**grid.coords(), **atoms}
    )


def bytes_of(folder: Path):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_map_is_that_of_the_whole_product_at_once(run):
    config, layout = run
    source = read_gfed500m(sorted((config.archive / "gfed500m").glob("*.nc")))
    expected = fire_on_grid(source, zones_of(polar_grid(2e5)))
    found = read_zarr(layout.fire).load()
    assert Grid.of(found) == polar_grid(2e5) and {*found.coords} == {*expected.coords}
    for name, variable in expected.data_vars.items():
        xr.testing.assert_identical(found[name], variable)


def test_mass_is_in_balance(run):
    found = read_zarr(run[1].fire).load()
    held = found["grams"].sum("atom_id") * GRAM_QUANTUM / 1e12
    sums = held + found["outside_domain_mass"] + found["outside_grid_mass"]
    assert held.sum() > 1.0 and (found["outside_domain_mass"] > 0).any()
    np.testing.assert_allclose(sums, found["source_mass"], rtol=1e-10)


@pytest.mark.parametrize(("tile", "side"), [(256, 7), (9, 40)])
def test_tiles_and_pieces_change_no_byte(run, tile, side, monkeypatch):
    config, layout = run
    before = bytes_of(layout.fire)
    monkeypatch.setattr(fire, "TILE_CELLS", tile)
    monkeypatch.setattr(gfed, "SIDE", side)
    fire.run(config, layout)
    assert bytes_of(layout.fire) == before


def test_no_more_is_read_than_a_tile_needs(run, monkeypatch):
    config, layout = run
    sizes = []

    def noted(source, weights, atom, account):
        assert source["emission"].chunks is not None
        sizes.append(weights.cells.size)
        return window(source, weights, atom, account)

    window = fire.fire_window
    monkeypatch.setattr(fire, "TILE_CELLS", 9)
    monkeypatch.setattr(fire, "fire_window", noted)
    fire.run(config, layout)
    grid = Grid.of(read_gfed500m([next((config.archive / "gfed500m").glob("*.nc"))], lazy=True))
    assert len(sizes) > 20 and max(sizes) < 0.05 * np.prod(grid.shape)


def test_an_unfit_product_leaves_the_map_as_it_was(run, monkeypatch):
    config, layout = run
    before = bytes_of(layout.fire)

    class Foreign:
        def __init__(self, catalog):
            pass

        def open(self, name, years):
            source = read_gfed500m([config.archive / name / f"GFED500m_{years[0]}.nc"])
            source["emission"].attrs["units"] = "kg m-2"
            return source

    monkeypatch.setattr(fire, "LazyArchive", Foreign)
    with pytest.raises(UnitsError):
        fire.run(config, layout)
    assert bytes_of(layout.fire) == before
