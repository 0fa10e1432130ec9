"""Fire emission and burned fraction on the grid of the set whose years cover those of the fire.

The map is made tile by tile and year by year, so that neither the product nor the map has to fit in
memory. The size of a tile changes no byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import dask.array
import numpy as np
import xarray as xr
import zarr

from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.layout import Layout
from abz.cli.products import years_held
from abz.cli.progress import track
from abz.cli.storage import atomic_path, encoding, read_zarr
from abz.config import Config
from abz.fire import FIRE_MAPS, FireAccount, check_fire, fire_window, source_pieces
from abz.grid import Grid, SourceBlocks, WindowWeights, window_areas

__all__ = ["run"]

STORED = {"time": 12, "y": 256, "x": 256}
TILE_CELLS = 512
"""Edge of the tiles in which the map is made: a multiple of the edge that is stored."""


def run(config: Config, layout: Layout) -> list[Path]:
    """Write fire/fine.zarr; nothing if no set covers the years of the fire.

    A run on the published maps does without the product where no file of it is there.
    """
    years = range(config.fire.first_year, config.fire.last_year + 1)
    covering = [name for name, chosen in config.sets.items() if set(years) <= set(chosen.years)]
    if not covering:
        return []
    zones, catalog = read_zarr(layout.zones(covering[0])), open_catalog(config)
    if config.kind == "published_maps" and not years_held(catalog, "gfed500m", years):
        shutil.rmtree(layout.fire, ignore_errors=True)  # that of an earlier product
        return []
    archive = LazyArchive(catalog)
    sources = [check_fire(archive.open("gfed500m", years=[year])) for year in years]
    time = np.concatenate([source["time"].values for source in sources])
    account = FireAccount(time, Grid.of(zones), zones.sizes["atom_id"])
    with atomic_path(layout.fire) as folder:
        _write_template(folder, account, zones)
        _write_maps(folder, sources, account, zones)
        for source in track(sources, "fire, whole product"):
            for window in source_pieces(source):
                account.add_source(source, window)
        for name, total in account.close().data_vars.items():
            zarr.open_array(folder / str(name), mode="r+", zarr_format=3)[:] = total.values
    return [layout.fire]


def _write_template(folder: Path, account: FireAccount, zones: xr.Dataset) -> None:
    """All variables with their attributes: maps without a value, totals of nothing."""
    shape = (account.time.size, *account.target.shape)
    empty = dask.array.full(shape, np.float32(np.nan), chunks=shape)
    maps = {name: (("time", "y", "x"), empty, about) for name, about in FIRE_MAPS.items()}
    atoms = {name: zones[name].load() for name in zones.coords if str(name).startswith("atom_")}
    whole = account.close().assign(maps).assign_coords(account.target.coords()).assign_coords(atoms)
    whole.drop_encoding().to_zarr(
        folder,
        zarr_format=3,
        consolidated=False,
        compute=False,
        encoding=encoding(whole, STORED),
    )


def _write_maps(
    folder: Path, sources: Sequence[xr.Dataset], account: FireAccount, zones: xr.Dataset
) -> None:
    """Fire of each tile and year; the weights serve as long as the product keeps its grid."""
    arrays = {n: zarr.open_array(folder / n, mode="r+", zarr_format=3) for n in FIRE_MAPS}
    target = account.target
    blocks: dict[Grid, SourceBlocks] = {}
    for tile in track(list(target.blocks(TILE_CELLS)), "fire"):
        atom = zones["atom"].isel(y=tile[0], x=tile[1]).values
        weights: WindowWeights | None = None
        for source in sources:
            grid = Grid.of(source)
            if weights is None or weights.source != grid:
                near = blocks.setdefault(grid, SourceBlocks.of(grid, target))
                weights = window_areas(grid, target, tile, blocks=near, whole=True)
            if weights.cells.size:
                piece = fire_window(source, weights, atom, account)
                first = int(np.searchsorted(account.time, source["time"].values[0]))
                steps = slice(first, first + source.sizes["time"])
                for name, array in arrays.items():
                    array[steps, *tile] = piece[name].values
