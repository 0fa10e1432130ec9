"""Upscale one model set: flux maps block by block, then the totals; a killed run goes on.

A block is a year of one storage tile. Tiles and years do not depend on the configuration, and the
windows inside a tile (`[upscaling] block_cells`) do not change a value, so the files have the same
bytes for any block size and any number of workers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.sources import module_sources
from abz.cli.storage import atomic_path, read_zarr, write_zarr
from abz.config import Config
from abz.digest import sha256_file, sha256_tree
from abz.errors import InputError
from abz.grid.geometry import Grid
from abz.harmonise import predictor_block
from abz.modelling import load_forest
from abz.upscaling import (
    STATISTICS,
    BlockFluxes,
    Ensemble,
    ZoneMaps,
    label_totals,
    map_template,
    predict_windows,
)
from abz.vocabulary import FLUXES, predictor_names

__all__ = ["run"]

TILE_CELLS = 256
"""Edge of the tiles in which maps are stored and finished."""
YEAR_MONTHS = 12
"""Months that are stored and finished together."""


@dataclass(frozen=True)
class Block:
    """One year of one tile: its place among the chunks, and its cells."""

    chunk: tuple[int, int, int]
    rows: slice
    columns: slice

    @property
    def name(self) -> str:
        """Fit for a file name."""
        return "_".join(f"{number:04d}" for number in self.chunk)

    @property
    def months(self) -> slice:
        """Steps of the time axis."""
        return slice(self.chunk[0] * YEAR_MONTHS, (self.chunk[0] + 1) * YEAR_MONTHS)

    def inside(self, rows: slice, columns: slice) -> tuple[slice, slice]:
        """A window of the tile, in cells of the whole map."""
        top, left = self.rows.start, self.columns.start
        return (
            slice(top + rows.start, top + rows.stop),
            slice(left + columns.start, left + columns.stop),
        )


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything that the blocks of a model set depend on."""

    model_set: str
    cube: xr.Dataset
    zones: xr.Dataset
    ensembles: dict[str, Ensemble]

    @cached_property
    def predictors(self) -> tuple[str, ...]:
        """Names of the predictors."""
        return predictor_names(self.model_set)

    @cached_property
    def maps(self) -> ZoneMaps:
        """Domain, area and atoms in memory."""
        zones = self.zones
        return ZoneMaps(
            domain=zones["domain"].values.astype(bool),
            area=zones["area"].values,
            atom=zones["atom"].values,
            n_atoms=zones.sizes["atom_id"],
        )


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write flux/SET.zarr and totals/SET.zarr."""
    flux_path, totals_path = layout.flux(model_set), layout.totals(model_set)
    for path in (flux_path, totals_path):
        remove_leftovers(path)
    inputs = _open(config, layout, model_set)
    ledger = Ledger(
        flux_path.with_suffix(".blocks"), flux_path, _fingerprint(config, layout, model_set)
    )
    if not ledger.matches:
        ledger.close()
        _write_template(inputs, flux_path)
        ledger.start()
    blocks = list(_blocks(inputs))
    for block in track(blocks, f"upscale {model_set}"):
        if not ledger.is_finished(block.name):
            result = _predict(inputs, block, config)
            files = _write_maps(flux_path, block, result)
            ledger.finish(block.name, _partial_totals(result), files)
    write_zarr(_add_up(inputs, ledger, blocks), totals_path)
    ledger.close()
    return [flux_path, totals_path]


def _open(config: Config, layout: Layout, model_set: str) -> Inputs:
    """Cube, zones and all forests; refuse a cube that does not hold whole years."""
    cube, zones = read_zarr(layout.cube(model_set)), read_zarr(layout.zones(model_set))
    months = cube["time"].dt.month.values
    if months.size % YEAR_MONTHS or (months.reshape(-1, YEAR_MONTHS) != range(1, 13)).any():
        raise InputError(
            "the cube does not hold whole years",
            rule="time runs from a January to a December, month by month",
            value=f"{months.size} months from month {months[:1]}",
            remedy="harmonise the model set again: `abz harmonise`",
        )
    ensembles = {}
    for flux in FLUXES:
        folder = layout.models(model_set, flux)
        paths = [folder / f"member_{m:02d}.npz" for m in range(1, config.forest.members + 1)]
        ensembles[flux] = Ensemble(
            load_forest(folder / "central.npz"), tuple(load_forest(path) for path in paths)
        )
    return Inputs(model_set, cube, zones, ensembles)


def _fingerprint(config: Config, layout: Layout, model_set: str) -> str:
    """Digest of the inputs and of what shapes the outputs."""
    document = {
        "sources": [sha256_file(path) for path in module_sources(__name__)],
        "tiles": [YEAR_MONTHS, TILE_CELLS],
        "members": config.forest.members,
        "cube": sha256_tree(layout.cube(model_set)),
        "zones": sha256_tree(layout.zones(model_set)),
        "models": {flux: sha256_tree(layout.models(model_set, flux)) for flux in FLUXES},
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _blocks(inputs: Inputs) -> Iterator[Block]:
    """All blocks, year by year."""
    tiles = list(Grid.of(inputs.zones).blocks(TILE_CELLS))
    for year in range(inputs.cube.sizes["time"] // YEAR_MONTHS):
        for rows, columns in tiles:
            chunk = (year, rows.start // TILE_CELLS, columns.start // TILE_CELLS)
            yield Block(chunk, rows, columns)


def _write_template(inputs: Inputs, path: Path) -> None:
    """The maps without a value: coordinates and all metadata."""
    grid = Grid.of(inputs.zones)
    ny, nx = grid.shape
    chunks = (YEAR_MONTHS, min(TILE_CELLS, ny), min(TILE_CELLS, nx))
    template = map_template(list(FLUXES), inputs.cube["time"], grid, chunks)
    with atomic_path(path) as temporary:
        template.drop_encoding().to_zarr(
            temporary,
            zarr_format=3,
            consolidated=False,
            compute=False,
            encoding={name: {"chunks": chunks} for name in template.data_vars},
        )


def _predict(inputs: Inputs, block: Block, config: Config) -> BlockFluxes:
    """Fluxes and totals of a block."""
    tile = inputs.maps.window(block.rows, block.columns)
    months = inputs.cube["time"].values[block.months]

    def read(rows: slice, columns: slice) -> np.ndarray:
        place = block.inside(rows, columns)
        return predictor_block(inputs.cube, months, *place, inputs.predictors)

    return predict_windows(
        inputs.ensembles,
        read,
        inputs.predictors,
        tile,
        windows=_windows(tile.domain.shape, config.upscaling.block_cells),
        steps=YEAR_MONTHS,
        workers=config.workers,
    )


def _windows(shape: tuple[int, ...], size: int) -> list[tuple[slice, slice]]:
    """Windows of at most `size` × `size` cells that cover a tile."""
    ny, nx = shape
    return [
        (slice(top, min(top + size, ny)), slice(left, min(left + size, nx)))
        for top in range(0, ny, size)
        for left in range(0, nx, size)
    ]


def _write_maps(path: Path, block: Block, result: BlockFluxes) -> list[Path]:
    """Write the block's chunk of every map; return the chunks' files."""
    chunk = "/".join(map(str, block.chunk))
    files = []
    for number, flux in enumerate(FLUXES):
        for suffix, maps in zip(STATISTICS, (result.central, result.mean, result.sd), strict=True):
            array = zarr.open_array(path / (flux + suffix), mode="r+", zarr_format=3)
            array[block.months, block.rows, block.columns] = maps[number]
            files.append(path / (flux + suffix) / "c" / chunk)
    return files


def _partial_totals(result: BlockFluxes) -> dict[str, np.ndarray]:
    """What the ledger keeps of a block."""
    return {"grams": result.grams, "valid_area": result.valid_area, "missing": result.missing}


def _add_up(inputs: Inputs, ledger: Ledger, blocks: list[Block]) -> xr.Dataset:
    """Totals of the whole map from those of the blocks."""
    members = len(inputs.ensembles["nee"].forests)
    steps, atoms = inputs.cube.sizes["time"], inputs.maps.n_atoms
    grams = np.zeros((len(FLUXES), members, steps, atoms), np.int64)
    valid_area = np.zeros((steps, atoms), np.int64)
    missing = np.zeros((steps, len(inputs.predictors)), np.int64)
    for block in blocks:
        partial = ledger.arrays(block.name)
        grams[:, :, block.months] += partial["grams"]
        valid_area[block.months] += partial["valid_area"]
        missing[block.months] += partial["missing"]
    return label_totals(
        grams,
        valid_area,
        missing,
        fluxes=list(FLUXES),
        time=inputs.cube["time"],
        predictors=inputs.predictors,
        zones=inputs.zones,
    )
