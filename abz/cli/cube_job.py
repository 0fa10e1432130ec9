"""What a process needs to make any tile of a predictor cube, and how a tile comes into its files.

A tile is the cube on some rows and columns, in all years. Tiles do not depend on the configuration,
and a tile has the same bytes wherever and however often it is made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import dask
import numpy as np
import xarray as xr
import zarr

from abz.catalog import Catalog
from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.inputs import Inputs, recorded_inputs
from abz.cli.layout import Layout
from abz.cli.map_job import source_digest
from abz.cli.storage import atomic_path, encoding, read_zarr
from abz.config import Config, ModelSet
from abz.digest import sha256_tree
from abz.grid import Grid, Window
from abz.harmonise import CubeMaker

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = [
    "STORED",
    "TILE_CELLS",
    "CubeJob",
    "Tile",
    "TileReport",
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


@dataclass(frozen=True)
class Tile:
    """Rows and columns of a map, and how many cells of the domain they hold."""

    rows: slice
    columns: slice
    domain_cells: int

    @property
    def name(self) -> str:
        """Fit for a file name."""
        return f"{self.rows.start // TILE_CELLS:04d}_{self.columns.start // TILE_CELLS:04d}"

    @property
    def window(self) -> Window:
        """Rows and columns together."""
        return self.rows, self.columns


@dataclass(frozen=True, eq=False)
class TileReport:
    """What a finished tile leaves.

    Parameters
    ----------
    tile : Tile
        Which one.
    counts : dict of {str: numpy.ndarray}
        `known_NAME` (year,) cells of the domain with a value in the year, `coast_NAME` () cells
        that took that of a neighbour in the first year.
    files : dict of {str: str}
        Digests of the files that it may have written.
    inputs : dict
        Datasets that were opened for it.
    """

    tile: Tile
    counts: dict[str, np.ndarray]
    files: dict[str, str]
    inputs: Inputs


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
        "files": {name: _files(catalog, name) for name in datasets},
    }
    text = json.dumps(document, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return CubeJob(config, layout.root.resolve(), model_set, fingerprint)


def _settings(config: Config, model_set: str) -> ModelSet:
    """The configuration of a set."""
    return config.sets[cast("SetName", model_set)]


def _files(catalog: Catalog, name: str) -> list[tuple[str, int, int]]:
    """Path, size and time of change of each file of a dataset."""
    found = [(path, path.stat()) for path in catalog.files(name)]
    return [
        (path.relative_to(catalog.root).as_posix(), state.st_size, state.st_mtime_ns)
        for path, state in found
    ]


def start(job: CubeJob) -> None:
    """Make the cube stand ready for its tiles; those that are finished already stay."""
    remove_leftovers(job.store)
    ledger, template = job.ledger, job.maker.template()
    if ledger.matches:
        return
    ledger.close()
    with atomic_path(job.store) as temporary:
        template.drop_encoding().to_zarr(
            temporary,
            zarr_format=3,
            consolidated=False,
            compute=False,
            encoding=encoding(template, STORED),
        )
    ledger.start()


def tiles_of(zones: xr.Dataset) -> Iterator[Tile]:
    """All tiles with a cell of the domain."""
    domain = zones["domain"].values == 1
    for rows, columns in Grid.of(zones).blocks(TILE_CELLS):
        cells = int(domain[rows, columns].sum())
        if cells:
            yield Tile(rows, columns, cells)


def work(job: CubeJob, tile: Tile) -> TileReport:
    """Make a tile and write it, in any process; again, if need be, to the same bytes."""
    counts: dict[str, np.ndarray] = {}
    # The libraries that read files do not bear threads; a worker of a cluster must ask for none.
    alone = dask.config.set(scheduler="synchronous")
    with alone, recorded_inputs() as inputs, job.ledger.writing(tile.name):
        files = _chunk_files(job.store, tile)
        for path in files:
            path.unlink(missing_ok=True)
        window = job.maker.window(*tile.window)
        _keep(job.store, tile, window.static(), 0, counts)
        for number, year in enumerate(job.years):
            _keep(job.store, tile, window.year(year), number, counts)
        digests = job.ledger.digests(files)
    return TileReport(tile, counts, digests, inputs)


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


def _chunk_files(store: Path, tile: Tile) -> list[Path]:
    """Files of the tile's chunks of all maps that the tiles write."""
    group = zarr.open_group(store, mode="r", zarr_format=3)
    files = []
    for name, array in sorted(group.arrays()):
        if array.ndim < 2 or array.dtype.kind != "f":
            continue
        *steps, rows, columns = array.chunks
        counts = [range(-(-size // part)) for size, part in zip(array.shape, steps, strict=False)]
        sides = [
            range(part.start // size, -(-part.stop // size))
            for part, size in zip(tile.window, (rows, columns), strict=True)
        ]
        chunks = np.stack(np.meshgrid(*counts, *sides, indexing="ij"), axis=-1)
        files += [
            store / name / "c" / "/".join(map(str, chunk))
            for chunk in chunks.reshape(-1, array.ndim).tolist()
        ]
    return files
