"""What a process needs to make any tile of a predictor cube, and how a tile comes into its files.

A tile is the cube on some rows and columns, in all years. Tiles do not depend on the configuration,
and a tile has the same bytes wherever and however often it is made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import dask
import numpy as np
import xarray as xr
import zarr

from abz.catalog import Catalog
from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.blocks import Ledger
from abz.cli.inputs import recorded_inputs
from abz.cli.layout import Layout
from abz.cli.map_job import source_digest
from abz.cli.storage import read_zarr
from abz.cli.tiles import Report, Tile, chunk_files, make_ready
from abz.config import Config, ModelSet
from abz.digest import sha256_tree
from abz.grid import Grid
from abz.harmonise import CubeMaker, source_years

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = [
    "STORED",
    "TILE_CELLS",
    "CubeJob",
    "file_states",
    "job_of",
    "start",
    "tiles_of",
    "work",
]

TILE_CELLS = 512
"""Edge of the tiles in which a cube is made."""
STORED = {"time": 12, "year": 1, "y": 256, "x": 256}
"""One year of a quarter of a tile: what the upscaling reads together."""


_HELD: dict[tuple[Path, str, str], CubeMaker] = {}
"""Makers of this process; each keeps its datasets open from tile to tile."""


@dataclass(frozen=True, eq=False)
class CubeJob:
    """A cube to make, in words.

    Parameters
    ----------
    config : Config
        Of the run.
    root : Path
        Folder of the run, the same for every process.
    model_set : str
        Name of the set.
    fingerprint : str
        Digest of everything that the cube depends on.
    """

    config: Config
    root: Path
    model_set: str
    fingerprint: str

    @property
    def store(self) -> Path:
        """Where the cube is."""
        return Layout(self.root).cube(self.model_set)

    @property
    def ledger(self) -> Ledger:
        """What is finished of it."""
        return Ledger(self.store.with_suffix(".tiles"), self.store, self.fingerprint)

    @property
    def years(self) -> range:
        """Years of the set."""
        return _settings(self.config, self.model_set).years

    @property
    def maker(self) -> CubeMaker:
        """What makes the cube in this process; the job, which travels, does not carry it."""
        key = (self.root, self.model_set, self.fingerprint)
        if key not in _HELD:
            zones = read_zarr(Layout(self.root).zones(self.model_set))
            _HELD[key] = cube_maker(self.config, self.model_set, zones)
        return _HELD[key]


def cube_maker(config: Config, model_set: str, zones: xr.Dataset) -> CubeMaker:
    """What makes the cube of a set of a run."""
    settings = _settings(config, model_set)
    archive = LazyArchive(open_catalog(config))
    return CubeMaker(archive, model_set, zones, settings.years, settings.air_temperature)


def job_of(config: Config, layout: Layout, model_set: str) -> CubeJob:
    """The job of a set, with the digests of all that shapes its cube."""
    settings = _settings(config, model_set)
    zones = layout.zones(model_set)
    maker, catalog = cube_maker(config, model_set, read_zarr(zones)), open_catalog(config)
    datasets = sorted({source.dataset for source in maker.sources.values()} - {"vegetation"})
    document = {
        "sources": source_digest("abz.cli.stages.harmonise"),
        "tiles": [TILE_CELLS, STORED],
        "set": settings.model_dump(mode="json"),
        "zones": sha256_tree(zones),
        "files": {
            name: file_states(catalog, name, source_years(name, settings.years))
            for name in datasets
        },
    }
    text = json.dumps(document, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return CubeJob(config, layout.root.resolve(), model_set, fingerprint)


def _settings(config: Config, model_set: str) -> ModelSet:
    """The configuration of a set."""
    return config.sets[cast("SetName", model_set)]


def file_states(catalog: Catalog, name: str, years: Sequence[int]) -> list[tuple[str, int, int]]:
    """Path, size and time of change of each file of a dataset that some years are read from."""
    found = [(path, path.stat()) for path in catalog.files(name, years)]
    return [
        (path.relative_to(catalog.root).as_posix(), state.st_size, state.st_mtime_ns)
        for path, state in found
    ]


def start(job: CubeJob) -> None:
    """Make the cube stand ready for its tiles; those that are finished already stay."""
    make_ready(job.ledger, job.maker.template(), STORED)


def tiles_of(zones: xr.Dataset) -> Iterator[Tile]:
    """All tiles with a cell of the domain."""
    domain = zones["domain"].values == 1
    for rows, columns in Grid.of(zones).blocks(TILE_CELLS):
        cells = int(domain[rows, columns].sum())
        if cells:
            yield Tile(rows, columns, cells)


def work(job: CubeJob, tile: Tile) -> Report:
    """Make a tile and write it, in any process; again, if need be, to the same bytes.

    Returns
    -------
    Report
        `known_NAME` (year,) cells of the domain with a value in the year, `coast_NAME` () cells
        that took that of a neighbour in the first year.
    """
    counts: dict[str, np.ndarray] = {}
    # The libraries that read files do not bear threads; a worker of a cluster must ask for none.
    alone = dask.config.set(scheduler="synchronous")
    with alone, recorded_inputs() as inputs, job.ledger.writing(tile.name):
        files = chunk_files(job.store, tile.window)
        for path in files:
            path.unlink(missing_ok=True)
        window = job.maker.window(*tile.window)
        _keep(job.store, tile, window.static(), 0, counts)
        for number, year in enumerate(job.years):
            _keep(job.store, tile, window.year(year), number, counts)
        digests = job.ledger.digests(files)
    return Report(tile.name, counts, digests, inputs)


def _keep(
    store: Path, tile: Tile, piece: xr.Dataset, number: int, counts: dict[str, np.ndarray]
) -> None:
    """Write the maps of one year, or the static ones, and count what they hold."""
    steps = {"time": slice(12 * number, 12 * (number + 1)), "year": slice(number, number + 1)}
    for name, da in piece.items():
        first = str(da.dims[0])
        place = (steps[first],) if first in steps else ()
        array = zarr.open_array(store / str(name), mode="r+", zarr_format=3)
        array[*place, *tile.window] = da.values
        known = np.isfinite(da.values).reshape(-1, *da.shape[-2:]).any(axis=0).sum()
        before = counts.get(f"known_{name}", np.array([], np.int64))
        counts[f"known_{name}"] = np.append(before, known)
        counts.setdefault(f"coast_{name}", np.array(da.attrs["coast_filled_cells"]))
