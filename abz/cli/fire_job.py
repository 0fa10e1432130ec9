"""What a process needs to make any tile of the fire map, or to read any year of the whole product.

The product does not fit in memory, nor does the map. A tile takes what it needs of every year; the
masses of a year, on the map and off it, are read from the whole product by themselves. All are
whole quanta, so that neither the order nor the size of the blocks changes a byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dask
import dask.array
import numpy as np
import xarray as xr
import zarr

from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.blocks import Ledger
from abz.cli.cube_job import file_states
from abz.cli.layout import Layout
from abz.cli.map_job import source_digest
from abz.cli.storage import read_zarr
from abz.cli.tiles import Report, Tile, chunk_files, make_ready
from abz.config import Config
from abz.digest import sha256_tree
from abz.fire import FIRE_MAPS, FireAccount, check_fire, fire_window, source_pieces
from abz.grid import Grid, SourceBlocks, WindowWeights, window_areas

__all__ = [
    "DATASET",
    "STORED",
    "TILE_CELLS",
    "FireJob",
    "SourceYear",
    "blocks_of",
    "job_of",
    "start",
    "work",
]

DATASET = "gfed500m"
"""Entry of the catalog that is read."""
STORED = {"time": 12, "y": 256, "x": 256}
TILE_CELLS = 512
"""Edge of the tiles in which the map is made: a multiple of the edge that is stored."""


@dataclass(frozen=True)
class SourceYear:
    """A year of the whole product, wherever it lies."""

    year: int

    @property
    def name(self) -> str:
        """Fit for a file name."""
        return f"source_{self.year}"


@dataclass(frozen=True, eq=False)
class FireSources:
    """What the blocks read, opened once in a process and read where it is needed."""

    zones: xr.Dataset
    years: dict[int, xr.Dataset]
    blocks: dict[Grid, SourceBlocks] = field(default_factory=dict)

    @property
    def time(self) -> np.ndarray:
        """All months."""
        return np.concatenate([source["time"].values for source in self.years.values()])

    def account(self) -> FireAccount:
        """An account with nothing in it."""
        return FireAccount(self.time, Grid.of(self.zones), self.zones.sizes["atom_id"])

    def weights(self, source: Grid, tile: Tile) -> WindowWeights:
        """Areas that the cells of a tile share with those of the product."""
        target = Grid.of(self.zones)
        near = self.blocks.setdefault(source, SourceBlocks.of(source, target))
        return window_areas(source, target, tile.window, blocks=near, whole=True)


_HELD: dict[tuple[Path, str], FireSources] = {}
"""Sources of this process."""


@dataclass(frozen=True, eq=False)
class FireJob:
    """A map of fire to make, in words.

    Parameters
    ----------
    config : Config
        Of the run.
    root : Path
        Folder of the run, the same for every process.
    model_set : str
        Set on whose grid the map lies.
    fingerprint : str
        Digest of everything that the map depends on.
    """

    config: Config
    root: Path
    model_set: str
    fingerprint: str

    @property
    def store(self) -> Path:
        """Where the map is."""
        return Layout(self.root).fire

    @property
    def ledger(self) -> Ledger:
        """What is finished of it."""
        return Ledger(self.store.with_suffix(".tiles"), self.store, self.fingerprint)

    @property
    def sources(self) -> FireSources:
        """Zones and product in this process; the job, which travels, does not carry them."""
        key = (self.root, self.fingerprint)
        if key not in _HELD:
            _HELD[key] = _opened(self.config, Layout(self.root), self.model_set)
        return _HELD[key]


def _opened(config: Config, layout: Layout, model_set: str) -> FireSources:
    """Zones of the set, and the product of each year."""
    archive = LazyArchive(open_catalog(config))
    years = {year: check_fire(archive.open(DATASET, years=[year])) for year in config.fire.years}
    return FireSources(read_zarr(layout.zones(model_set)), years)


def job_of(config: Config, layout: Layout, model_set: str) -> FireJob:
    """The job of a run, with the digests of all that shapes its map of fire."""
    document = {
        "sources": source_digest("abz.cli.stages.fire"),
        "tiles": [TILE_CELLS, STORED],
        "years": list(config.fire.years),
        "zones": sha256_tree(layout.zones(model_set)),
        "files": file_states(open_catalog(config), DATASET, config.fire.years),
    }
    text = json.dumps(document, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return FireJob(config, layout.root.resolve(), model_set, fingerprint)


def start(job: FireJob) -> None:
    """Make the map stand ready for its tiles; those that are finished already stay.

    The product is opened anew, so that its files count as inputs of this run.
    """
    _HELD.pop((job.root, job.fingerprint), None)
    sources = job.sources
    account, zones = sources.account(), sources.zones
    shape = (account.time.size, *account.target.shape)
    empty = dask.array.full(shape, np.float32(np.nan), chunks=shape)
    maps = {name: (("time", "y", "x"), empty, about) for name, about in FIRE_MAPS.items()}
    atoms = {name: zones[name].load() for name in zones.coords if str(name).startswith("atom_")}
    whole = account.close().assign(maps).assign_coords(account.target.coords())
    make_ready(job.ledger, whole.assign_coords(atoms), STORED)


def blocks_of(job: FireJob) -> Iterator[Tile | SourceYear]:
    """All tiles, also those without a cell of the domain, and all years of the product."""
    atom = job.sources.zones["atom"].values
    for rows, columns in Grid.of(job.sources.zones).blocks(TILE_CELLS):
        yield Tile(rows, columns, int((atom[rows, columns] >= 0).sum()))
    yield from map(SourceYear, job.sources.years)


def work(job: FireJob, block: Tile | SourceYear) -> Report:
    """Do a block, in any process; again, if need be, to the same bytes.

    Returns
    -------
    Report
        What the block adds to the account.
    """
    account, files = job.sources.account(), []
    # The libraries that read files do not bear threads; a worker of a cluster must ask for none.
    with dask.config.set(scheduler="synchronous"), job.ledger.writing(block.name):
        if isinstance(block, SourceYear):
            source = job.sources.years[block.year]
            for window in source_pieces(source):
                account.add_source(source, window)
        else:
            files = chunk_files(job.store, block.window)
            for path in files:
                path.unlink(missing_ok=True)
            _write_tile(job, block, account)
        digests = job.ledger.digests(files)
    return Report(block.name, account.arrays(), digests)


def _write_tile(job: FireJob, tile: Tile, account: FireAccount) -> None:
    """Fire of each year; the weights serve as long as the product keeps its grid."""
    sources = job.sources
    arrays = {n: zarr.open_array(job.store / n, mode="r+", zarr_format=3) for n in FIRE_MAPS}
    atom = sources.zones["atom"].isel(y=tile.rows, x=tile.columns).values
    weights: WindowWeights | None = None
    for source in sources.years.values():
        grid = Grid.of(source)
        if weights is None or weights.source != grid:
            weights = sources.weights(grid, tile)
        if weights.cells.size:
            piece = fire_window(source, weights, atom, account)
            first = int(np.searchsorted(account.time, source["time"].values[0]))
            steps = slice(first, first + source.sizes["time"])
            for name, array in arrays.items():
                array[steps, *tile.window] = piece[name].values
