"""Blocks of a map that any process may make, each once: what a block leaves, and how all end.

A map is made tile by tile. A tile has the same bytes wherever and however often it is made; the
process that leads keeps a receipt of each (`abz.cli.blocks.Ledger`), so that a killed run goes on
after the last finished tile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import xarray as xr
import zarr

from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.cluster import Place, completed
from abz.cli.inputs import Inputs, note_input
from abz.cli.progress import track
from abz.cli.storage import atomic_path, encoding
from abz.grid import Window

__all__ = ["Block", "Report", "Tile", "arrays_of", "chunk_files", "finish", "make_ready"]


INPUTS = "inputs"
"""Where the receipt of a block says what was opened for it."""


class Block(Protocol):
    """A part of the work."""

    @property
    def name(self) -> str:
        """Fit for a file name, and no other block's."""


Item = TypeVar("Item", bound=Block)


@dataclass(frozen=True)
class Tile:
    """Rows and columns of a map, and how many cells of the domain they hold.

    Examples
    --------
    >>> Tile(slice(512, 1024), slice(0, 512), 9).name
    '000512_000000'
    """

    rows: slice
    columns: slice
    domain_cells: int

    @property
    def name(self) -> str:
        """Fit for a file name."""
        return f"{self.rows.start:06d}_{self.columns.start:06d}"

    @property
    def window(self) -> Window:
        """Rows and columns together."""
        return self.rows, self.columns


@dataclass(frozen=True, eq=False)
class Report:
    """What a finished block leaves.

    Parameters
    ----------
    name : str
        Of the block.
    arrays : dict of {str: numpy.ndarray}
        What is kept of it.
    files : dict of {str: str}
        Digests of the files that it may have written.
    inputs : dict
        Datasets that were opened for it.
    """

    name: str
    arrays: dict[str, np.ndarray]
    files: dict[str, str]
    inputs: Inputs = field(default_factory=dict)


def make_ready(ledger: Ledger, template: xr.Dataset, stored: dict[str, int]) -> None:
    """Make a store stand ready for its tiles; those that are finished already stay.

    Parameters
    ----------
    ledger : Ledger
        Of the store and its inputs.
    template : xarray.Dataset
        All variables with their attributes; lazy ones are not computed.
    stored : dict of {str: int}
        Chunk of each dimension.
    """
    remove_leftovers(ledger.store)
    if ledger.matches:
        return
    ledger.close()
    with atomic_path(ledger.store) as temporary:
        template.drop_encoding().to_zarr(
            temporary,
            zarr_format=3,
            consolidated=False,
            compute=False,
            encoding=encoding(template, stored),
        )
    ledger.start()


def finish(
    ledger: Ledger,
    work: Callable[[Item], Report],
    blocks: Sequence[Item],
    *,
    workers: int,
    label: str,
    amount: Callable[[Item], int] = lambda block: 1,
    unit: str = " blocks",
    after: Callable[[Item], None] = lambda block: None,
) -> None:
    """Make all blocks that are not finished, and keep a receipt of each.

    Parameters
    ----------
    ledger : Ledger
        Which blocks are finished.
    work : callable
        Makes a block, in any process.
    blocks : sequence of Block
        All of them.
    workers : int
        Processes that work at once.
    label, unit : str
        Of the progress.
    amount : callable, optional
        How much work a block is, in that unit.
    after : callable, optional
        Called once for each block when its receipt is there, also for those finished earlier.
    """
    waiting: dict[str, Item] = {}
    for block in blocks:
        if ledger.is_finished(block.name):
            after(block)
        else:
            waiting[block.name] = block
    several = workers > 1 and len(waiting) > 1
    place = Place(cluster="local", workers=min(workers, len(waiting))) if several else Place()
    amounts = {name: amount(block) for name, block in waiting.items()}
    reports = track(
        completed(work, waiting.values(), place),
        label,
        sum(amounts.values()),
        amount=lambda report: amounts[report.name],
        unit=unit,
    )
    for report in reports:
        opened = {INPUTS: np.array(json.dumps(report.inputs, sort_keys=True))}
        ledger.finish(report.name, report.arrays | opened, report.files)
        after(waiting[report.name])


def arrays_of(ledger: Ledger, blocks: Sequence[Block]) -> Iterator[dict[str, np.ndarray]]:
    """What is kept of each block; what was opened for it is noted, whoever opened it."""
    for block in blocks:
        arrays = ledger.arrays(block.name)
        for name, noted in json.loads(str(arrays.pop(INPUTS))).items():
            identity = {key: value for key, value in noted.items() if key != "files"}
            note_input(name, identity, noted["files"])
        yield arrays


def chunk_files(store: Path, window: Window) -> list[Path]:
    """Files of the chunks that a window has of all maps of float in a store.

    The window holds whole chunks, so that no other window has a part of these files.
    """
    group = zarr.open_group(store, mode="r", zarr_format=3)
    files = []
    for name, array in sorted(group.arrays()):
        if array.ndim < 2 or array.dtype.kind != "f":
            continue
        *steps, rows, columns = array.chunks
        counts = [range(-(-size // part)) for size, part in zip(array.shape, steps, strict=False)]
        sides = [
            range(part.start // size, -(-part.stop // size))
            for part, size in zip(window, (rows, columns), strict=True)
        ]
        chunks = np.stack(np.meshgrid(*counts, *sides, indexing="ij"), axis=-1)
        files += [
            store / name / "c" / "/".join(map(str, chunk))
            for chunk in chunks.reshape(-1, array.ndim).tolist()
        ]
    return files
