"""Upscale one model set: flux maps block by block, then the totals; a killed run goes on.

A block is a year of one storage tile. Tiles and years do not depend on the configuration, and the
windows inside a tile (`[upscaling] block_cells`) do not change a value, so the files have the same
bytes for any block size, any number of workers and any place where they work.

`work` is all that happens to a block: it may be called in any process that sees the run's folder,
and again after a failure. This process leads: it alone writes receipts and totals.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.cluster import Place, completed
from abz.cli.earlier import made
from abz.cli.layout import Layout
from abz.cli.map_job import (
    TILE_CELLS,
    YEAR_MONTHS,
    Block,
    Inputs,
    Job,
    forest_files,
    inputs_of,
    source_digest,
)
from abz.cli.progress import track
from abz.cli.storage import atomic_path, write_zarr
from abz.config import Config, Upscaling
from abz.digest import sha256_file, sha256_tree
from abz.errors import AbzError, InputError
from abz.grid.geometry import Grid
from abz.harmonise import predictor_block
from abz.upscaling import (
    LABELS,
    LEVEL_SUPPORT,
    MEMBERS,
    NO_LEVEL,
    OUTSIDE_RANGE,
    STATISTICS,
    BlockFluxes,
    Packing,
    label_levels,
    label_totals,
    map_storage,
    map_template,
    mapped_categories,
    predict_windows,
    window_support,
)
from abz.vocabulary import FLUXES

__all__ = ["run", "work"]


@dataclass(frozen=True, eq=False)
class Report:
    """What a finished block leaves: its share of the totals, and the digests of its files."""

    block: Block
    totals: dict[str, np.ndarray]
    files: dict[str, str]


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write flux/SET.zarr and totals/SET.zarr."""
    flux_path, totals_path = layout.flux(model_set), layout.totals(model_set)
    job = _job(config, layout, model_set)
    ledger = job.ledger
    if ledger.is_settled([flux_path, totals_path]):
        return [flux_path, totals_path]
    inputs = inputs_of(job)
    _check_years(inputs)
    _check_precision(inputs, Packing(config.upscaling.step))
    for path in (flux_path, totals_path):
        remove_leftovers(path)
    if not ledger.matches:
        _say_lost(ledger, model_set)
        ledger.close()
        _write_template(inputs, flux_path, config.upscaling)
        ledger.start()
    extent = _write_support(inputs, flux_path)
    blocks = list(_blocks(inputs))
    _finish(job, blocks, _place(config))
    remove_leftovers(flux_path)
    totals = _add_up(inputs, ledger, blocks)
    if extent:
        totals = totals.merge(label_levels(inputs.ensembles, extent))
    write_zarr(totals, totals_path)
    ledger.settle([flux_path, totals_path])
    return [flux_path, totals_path]


def _job(config: Config, layout: Layout, model_set: str) -> Job:
    """What every process needs to know, with the digests of all that shapes the outputs."""
    files = forest_files(layout, model_set, config.forest.members)
    forests = [
        (
            flux,
            path.resolve(),
            sha256_file(made(path, "the forest", "fit", model_set=model_set, flux=flux)),
        )
        for flux, path in files
    ]
    sources = source_digest(__name__)
    document = {
        "sources": sources,
        "tiles": [YEAR_MONTHS, TILE_CELLS],
        "precision": config.upscaling.precision,
        "members": config.upscaling.keep_members,
        "cube": sha256_tree(layout.cube(model_set)),
        "zones": sha256_tree(layout.zones(model_set)),
        "forests": [digest for _, _, digest in forests],
    }
    return Job(
        root=layout.root.resolve(),
        model_set=model_set,
        forests=tuple(forests),
        fingerprint=hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest(),
        sources=sources,
        block_cells=config.upscaling.block_cells,
        threads=config.workers,
        engine=config.upscaling.engine,
        keep_members=config.upscaling.keep_members,
    )


def _say_lost(ledger: Ledger, model_set: str) -> None:
    """Tell whoever watches that finished blocks will be worked again."""
    if ledger.receipts:
        print(
            f"upscale {model_set}: {ledger.receipts} finished blocks are of other inputs, forests "
            "or code, and are worked again",
            file=sys.stderr,
        )


def _place(config: Config) -> Place:
    """Where the blocks are worked."""
    chosen = config.upscaling
    return Place(chosen.scheduler, chosen.cluster, chosen.cluster_workers, config.workers)


def _check_years(inputs: Inputs) -> None:
    """Refuse a cube that does not hold whole years."""
    months = inputs.cube["time"].dt.month.values
    if months.size % YEAR_MONTHS or (months.reshape(-1, YEAR_MONTHS) != range(1, 13)).any():
        raise InputError(
            "the cube does not hold whole years",
            rule="time runs from a January to a December, month by month",
            value=f"{months.size} months from month {months[:1]}",
            remedy="harmonise the model set again: `abz harmonise`",
        )


def _check_precision(inputs: Inputs, packing: Packing) -> None:
    """Refuse a step that some block might outgrow after days of work."""
    for flux, ensemble in inputs.ensembles.items():
        packing.check_reach(ensemble.reach, flux)


def _finish(job: Job, blocks: Sequence[Block], place: Place) -> None:
    """Work all blocks that are not finished, and keep a receipt of each."""
    ledger, forests = job.ledger, len(job.forests)
    waiting = [block for block in blocks if not ledger.is_finished(block.name)]
    cells = sum(block.domain_cells for block in waiting)
    alone = job if place.is_here else replace(job, threads=1)  # a worker's threads take blocks each
    reports = track(
        completed(partial(work, alone), waiting, place),
        f"upscale {job.model_set}",
        cells * YEAR_MONTHS * forests,
        amount=lambda report: report.block.domain_cells * YEAR_MONTHS * forests,
        unit=" cell-months × forests",
    )
    for report in reports:
        ledger.finish(report.block.name, report.totals, report.files)


def work(job: Job, block: Block) -> Report:
    """Predict a block and write its maps, in any process; again, if need be, to the same bytes."""
    result, ledger = _predict(inputs_of(job), block, job), job.ledger
    with ledger.writing(block.name):
        files = ledger.digests(_write_maps(job.store, block, result))
    return Report(block, _partial_totals(result), files)


def _blocks(inputs: Inputs) -> Iterator[Block]:
    """All blocks with a cell in the domain, year by year."""
    domain = inputs.zones["domain"].values.astype(bool)
    tiles = []
    for rows, columns in Grid.of(inputs.zones).blocks(TILE_CELLS):
        cells = int(domain[rows, columns].sum())
        if cells:
            tiles.append((rows, columns, cells))
    for year in range(inputs.cube.sizes["time"] // YEAR_MONTHS):
        for rows, columns, cells in tiles:
            chunk = (year, rows.start // TILE_CELLS, columns.start // TILE_CELLS)
            yield Block(chunk, rows, columns, cells)


def _write_template(inputs: Inputs, path: Path, settings: Upscaling) -> None:
    """The maps without a value: coordinates and all metadata."""
    grid = Grid.of(inputs.zones)
    ny, nx = grid.shape
    together = (YEAR_MONTHS, min(TILE_CELLS, ny), min(TILE_CELLS, nx))
    members = (inputs.members - 1) * settings.keep_members
    template = map_template(
        list(FLUXES), inputs.cube["time"], grid, inputs.predictors, members=members
    )
    with atomic_path(path) as temporary:
        template.drop_encoding().to_zarr(
            temporary,
            zarr_format=3,
            consolidated=False,
            compute=False,
            encoding=map_storage(template, together, Packing(settings.step)),
        )


def _write_support(inputs: Inputs, path: Path) -> dict[tuple[str, int], np.ndarray]:
    """Write what each flux rests on, tile by tile; return the extent of each level."""
    extent: dict[tuple[str, int], np.ndarray] = {}
    names = mapped_categories(inputs.predictors)
    for rows, columns in Grid.of(inputs.zones).blocks(TILE_CELLS) if names else ():
        block = predictor_block(inputs.cube, slice(0, 1), rows, columns, names)[0]
        levels = np.nan_to_num(block, nan=NO_LEVEL).astype(np.int16)
        codes = {name: levels[..., place] for place, name in enumerate(names)}
        zones = inputs.zone_maps(rows, columns)
        states, found = window_support(inputs.ensembles, codes, zones)
        for flux, state in zip(FLUXES, states, strict=True):
            array = zarr.open_array(path / (flux + LEVEL_SUPPORT), mode="r+", zarr_format=3)
            array[rows, columns] = state
        for level, part in found.items():
            extent[level] = extent.get(level, np.zeros_like(part)) + part
    return extent


def _predict(inputs: Inputs, block: Block, job: Job) -> BlockFluxes:
    """Fluxes and totals of a block."""
    tile = inputs.zone_maps(block.rows, block.columns)
    months = inputs.cube["time"].values[block.months]

    def read(rows: slice, columns: slice) -> np.ndarray:
        place = block.inside(rows, columns)
        return predictor_block(inputs.cube, months, *place, inputs.predictors)

    return predict_windows(
        inputs.ensembles,
        read,
        inputs.predictors,
        tile,
        windows=_windows(tile.domain.shape, job.block_cells),
        steps=YEAR_MONTHS,
        workers=job.threads,
        keep_members=job.keep_members,
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
    files = []
    for number, flux in enumerate(FLUXES):
        maps = zip(STATISTICS, (result.central, result.mean, result.sd), strict=True)
        parts = {flux + suffix: values[number] for suffix, values in maps}
        parts[flux + OUTSIDE_RANGE] = result.outside[number]
        files += [_write_chunk(path / name, block, part) for name, part in parts.items()]
        files += [
            _write_chunk(path / (flux + MEMBERS), block, values, member)
            for member, values in enumerate(result.members[number])
        ]
    return files


def _write_chunk(path: Path, block: Block, values: np.ndarray, *before: int) -> Path:
    """Write the block's chunk of one map, or of one member's; return its file.

    What lies there is removed first, since Zarr reads a chunk of which it writes a part, as at the
    edge of a map, and an earlier write may have left a damaged one.
    """
    array = zarr.open_array(path, mode="r+", zarr_format=3)
    file = path / "c" / "/".join(map(str, (*before, *block.chunk)))
    file.unlink(missing_ok=True)
    if values.dtype.kind == "f":
        values = Packing.of(array.attrs).pack(values, path.name)
    place: tuple[int | slice, ...] = (*before, block.months, block.rows, block.columns)
    array[place] = values
    return file


def _partial_totals(result: BlockFluxes) -> dict[str, np.ndarray]:
    """What the ledger keeps of a block."""
    return {name: getattr(result, name) for name in LABELS}


def _add_up(inputs: Inputs, ledger: Ledger, blocks: list[Block]) -> xr.Dataset:
    """Totals of the whole map from those of the blocks, if the maps are what these speak of."""
    sizes = {
        "flux": len(FLUXES),
        "member": inputs.members,
        "time": inputs.cube.sizes["time"],
        "atom_id": inputs.n_atoms,
        "predictor": len(inputs.predictors),
    }
    sums = {
        name: np.zeros([sizes[dim] for dim in dims], np.int64)
        for name, (dims, _, _) in LABELS.items()
    }
    for block in blocks:
        if not ledger.is_finished(block.name):
            raise AbzError(
                "a map changed after its block was finished",
                rule="nothing else writes into the maps of a running stage",
                value=f"block {block.name} in {ledger.store}",
                remedy="stop what writes there; the same command works this block again",
            )
        for name, share in ledger.arrays(block.name).items():
            along = LABELS[name][0].index("time")
            np.moveaxis(sums[name], along, 0)[block.months] += np.moveaxis(share, along, 0)
    return label_totals(
        sums,
        fluxes=list(FLUXES),
        time=inputs.cube["time"],
        predictors=inputs.predictors,
        zones=inputs.zones,
    )
