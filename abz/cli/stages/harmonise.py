"""Bring the products to the grid of one model set: its zones and its predictor cube.

The cube is made tile by tile, and a killed run goes on after the last finished tile. Where there
are several tiles, as many are worked at once as the configuration has workers; neither changes a
byte. This process leads: it alone writes receipts and metadata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr
import zarr

from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.cluster import Place, completed
from abz.cli.cube_job import STORED, CubeJob, Tile, job_of, start, tiles_of, work
from abz.cli.inputs import note_input
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import read_zarr, write_zarr
from abz.cli.zone_files import own_zones
from abz.config import Config
from abz.grid import Grid, polar_grid
from abz.harmonise import build_zones, check_known

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = ["run"]

INPUTS = "inputs"
"""Where the receipt of a tile says what was opened for it."""


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write zones/SET.zarr and cube/SET.zarr."""
    settings = config.sets[cast("SetName", model_set)]
    zones = _zones(config, polar_grid(settings.cell_m))
    zones_path = write_zarr(zones, layout.zones(model_set), STORED)
    job = job_of(config, layout, model_set)
    start(job)
    ledger = job.ledger
    tiles = list(tiles_of(zones))
    _finish(job, tiles, config.workers)
    remove_leftovers(job.store)
    _write_counts(job.store, _counts(ledger, tiles), int((zones["domain"] == 1).sum()))
    ledger.close()
    return [zones_path, layout.cube(model_set)]


def _zones(config: Config, grid: Grid) -> xr.Dataset:
    """Domain and zones on the grid."""
    archive = LazyArchive(open_catalog(config))
    return build_zones(
        grid,
        ecoregions=archive.open("ecoregions2017"),
        permafrost=archive.open("permafrost_map"),
        land_cover=archive.open("esa_cci_lc"),
        cavm=archive.open("cavm"),
        own=own_zones(config, grid),
    )


def _finish(job: CubeJob, tiles: Sequence[Tile], workers: int) -> None:
    """Make all tiles that are not finished, and keep a receipt of each."""
    ledger = job.ledger
    waiting = [tile for tile in tiles if not ledger.is_finished(tile.name)]
    several = workers > 1 and len(waiting) > 1
    place = Place(cluster="local", workers=min(workers, len(waiting))) if several else Place()
    cells = sum(tile.domain_cells for tile in waiting) * len(job.years)
    reports = track(
        completed(partial(work, job), waiting, place),
        f"harmonise {job.model_set}",
        cells,
        amount=lambda report: report.tile.domain_cells * len(job.years),
        unit=" cell-years",
    )
    for report in reports:
        opened = {INPUTS: np.array(json.dumps(report.inputs, sort_keys=True))}
        ledger.finish(report.tile.name, report.counts | opened, report.files)


def _counts(ledger: Ledger, tiles: Sequence[Tile]) -> Mapping[str, np.ndarray]:
    """Counts of all tiles together; what was opened for them is noted, whoever opened it."""
    found = [ledger.arrays(tile.name) for tile in tiles]
    for arrays in found:
        for name, noted in json.loads(str(arrays.pop(INPUTS))).items():
            identity = {key: value for key, value in noted.items() if key != "files"}
            note_input(name, identity, noted["files"])
    return {name: np.sum([arrays[name] for arrays in found], axis=0) for name in found[0]}


def _write_counts(store: Path, counts: Mapping[str, np.ndarray], domain_cells: int) -> None:
    """Say with each predictor how much of the domain it knows, and how much of that is coast."""
    group = zarr.open_group(store, mode="r+", zarr_format=3)
    years = read_zarr(store)["year"].values.tolist()
    for key, known in counts.items():
        kind, _, name = key.partition("_")
        if kind == "coast":
            group[name].attrs["coast_filled_cells"] = int(known)
            continue
        for year, cells in zip(years, known.tolist(), strict=False):
            check_known(cells, name, f"in {year}" if len(known) > 1 else "in any year")
        group[name].attrs["share_of_domain"] = float(np.mean(known)) / domain_cells
