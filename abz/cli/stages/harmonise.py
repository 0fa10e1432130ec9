"""Bring the products to the grid of one model set: its zones and its predictor cube.

The cube is made tile by tile, and a killed run goes on after the last finished tile. Where there
are several tiles, as many are worked at once as the configuration has workers; neither changes a
byte. This process leads: it alone writes receipts and metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr
import zarr

from abz.cli.archive import LazyArchive, open_catalog
from abz.cli.blocks import remove_leftovers
from abz.cli.cube_job import STORED, job_of, start, tiles_of, work
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr, write_zarr
from abz.cli.tiles import arrays_of, finish
from abz.cli.zone_files import own_zones
from abz.config import Config
from abz.grid import Grid, polar_grid
from abz.harmonise import build_zones, check_known

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = ["run"]


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write zones/SET.zarr and cube/SET.zarr."""
    settings = config.sets[cast("SetName", model_set)]
    zones = _zones(config, polar_grid(settings.cell_m))
    zones_path = write_zarr(zones, layout.zones(model_set), STORED)
    job = job_of(config, layout, model_set)
    start(job)
    ledger = job.ledger
    tiles = list(tiles_of(zones))
    finish(
        ledger,
        partial(work, job),
        tiles,
        workers=config.workers,
        label=f"harmonise {model_set}",
        amount=lambda tile: tile.domain_cells * len(job.years),
        unit=" cell-years",
    )
    remove_leftovers(job.store)
    found = list(arrays_of(ledger, tiles))
    counts = {name: np.sum([arrays[name] for arrays in found], axis=0) for name in found[0]}
    _write_counts(job.store, counts, int((zones["domain"] == 1).sum()))
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
