"""The stage of the fire: a synthetic product on tiles of any size, its mass in balance."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from abz.catalog import write_world_catalog
from abz.cli import fire_job
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


def in_tiles(monkeypatch, edge):
    """Small tiles, each of one stored piece."""
    monkeypatch.setattr(fire_job, "TILE_CELLS", edge)
    monkeypatch.setitem(fire_job.STORED, "y", edge)
    monkeypatch.setitem(fire_job.STORED, "x", edge)


@pytest.mark.parametrize(("tile", "side"), [(256, 7), (9, 40)])
def test_tiles_and_pieces_change_no_value(run, tile, side, monkeypatch):
    config, layout = run
    before = read_zarr(layout.fire).load()
    in_tiles(monkeypatch, tile)
    monkeypatch.setattr(gfed, "SIDE", side)
    fire.run(config, layout)
    xr.testing.assert_identical(read_zarr(layout.fire).load(), before)
    assert not layout.fire.with_suffix(".tiles").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_to_the_same_bytes(run, workers, monkeypatch):
    config, layout = run
    config = config.model_copy(update={"workers": 1})
    in_tiles(monkeypatch, 16)
    fire.run(config, layout)
    before, done = bytes_of(layout.fire), []

    def noted(job, block):
        done.append(block.name)
        if len(done) == 6:
            raise KeyboardInterrupt
        return fire_job.work(job, block)

    with monkeypatch.context() as patch:
        patch.setattr(fire, "work", noted)
        with pytest.raises(KeyboardInterrupt):
            fire.run(config, layout)
        finished = set(done[:5])
        lost = next(path for path in layout.fire.glob("emission/c/*/*/*") if path.is_file())
        tile = "_".join(f"{16 * int(part):06d}" for part in lost.parts[-2:])
        assert tile in finished
        lost.unlink()
        done[:] = [""] * 6
        if workers == 1:
            fire.run(config, layout)
            assert set(done) & finished == {tile}
    fire.run(config.model_copy(update={"workers": workers}), layout)
    assert bytes_of(layout.fire) == before


def test_no_more_is_read_than_a_tile_needs(run, monkeypatch):
    config, layout = run
    sizes = []

    def noted(source, weights, atom, account):
        assert source["emission"].chunks is not None
        sizes.append(weights.cells.size)
        return window(source, weights, atom, account)

    window = fire_job.fire_window
    in_tiles(monkeypatch, 9)
    monkeypatch.setattr(fire_job, "fire_window", noted)
    fire.run(config.model_copy(update={"workers": 1}), layout)
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

    monkeypatch.setattr(fire_job, "LazyArchive", Foreign)
    with pytest.raises(UnitsError):
        fire.run(config, layout)
    assert bytes_of(layout.fire) == before
