"""What a process needs to map any block of a model set: words to send, inputs to open once.

A `Job` holds no arrays, only the folder of the run and digests, so it can be sent with every block.
The process that receives it opens cube, zones and forests in the run's folder, once, and refuses to
go on where they, or its own code, are not those that the job was made for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from threading import Lock

import xarray as xr

from abz.cli.blocks import Ledger
from abz.cli.layout import Layout
from abz.cli.sources import module_sources
from abz.cli.storage import read_zarr
from abz.digest import sha256_file
from abz.errors import InputError, PinError
from abz.modelling import load_forest, read_header
from abz.upscaling import Ensemble, Range, ReferenceForest, ZoneMaps
from abz.validation import check_file
from abz.vocabulary import FLUXES, predictor_names

__all__ = [
    "TILE_CELLS",
    "YEAR_MONTHS",
    "Block",
    "Inputs",
    "Job",
    "ensembles_of",
    "forest_files",
    "inputs_of",
    "source_digest",
]

TILE_CELLS = 256
"""Edge of the tiles in which maps are stored and finished."""
YEAR_MONTHS = 12
"""Months that are stored and finished together."""

_OPENING = Lock()
"""Held while inputs are opened, so that threads do not open them side by side."""


@dataclass(frozen=True)
class Block:
    """One year of one tile: its place among the chunks, its cells, and how many have a flux."""

    chunk: tuple[int, int, int]
    rows: slice
    columns: slice
    domain_cells: int

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


@dataclass(frozen=True)
class Job:
    """A model set to map, in words.

    Parameters
    ----------
    root : Path
        Folder of the run, the same for every process.
    model_set : str
        Name of the set.
    forests : tuple of (flux, Path, sha256)
        Files of the forests, the central one of a flux before its members.
    fingerprint : str
        Digest of everything that the maps depend on.
    sources : str
        `source_digest` of the process that leads.
    block_cells : int
        Edge of the windows in which a tile is predicted.
    threads : int
        Threads that share a window.
    engine : str
        "abz" or "scikit-learn".
    keep_members : bool
        Whether the members' own maps are stored.
    """

    root: Path
    model_set: str
    forests: tuple[tuple[str, Path, str], ...]
    fingerprint: str
    sources: str
    block_cells: int
    threads: int
    engine: str
    keep_members: bool

    @property
    def store(self) -> Path:
        """Where the maps are."""
        return Layout(self.root).flux(self.model_set)

    @property
    def ledger(self) -> Ledger:
        """What is finished of them."""
        return Ledger(self.store.with_suffix(".blocks"), self.store, self.fingerprint)


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

    @property
    def n_atoms(self) -> int:
        """Number of atoms of the zones."""
        return self.zones.sizes["atom_id"]

    @property
    def members(self) -> int:
        """Forests of a flux, the central one included."""
        return len(next(iter(self.ensembles.values())).forests)

    def zone_maps(self, rows: slice, columns: slice) -> ZoneMaps:
        """Domain, area and atoms of a window."""
        window = self.zones[["domain", "area", "atom"]].isel(y=rows, x=columns)
        return ZoneMaps(
            domain=window["domain"].values.astype(bool),
            area=window["area"].values,
            atom=window["atom"].values,
            n_atoms=self.n_atoms,
        )


def forest_files(layout: Layout, model_set: str, members: int) -> list[tuple[str, Path]]:
    """Flux and file of every forest of a model set, the central one of a flux before its members.

    Examples
    --------
    >>> files = forest_files(Layout(Path("run")), "fine", 1)
    >>> [path.as_posix() for flux, path in files if flux == "nee"]
    ['run/models/fine/nee/central.npz', 'run/models/fine/nee/member_01.npz']
    """
    names = ["central.npz", *(f"member_{number:02d}.npz" for number in range(1, members + 1))]
    return [(flux, layout.models(model_set, flux) / name) for flux in FLUXES for name in names]


@cache
def source_digest(module: str) -> str:
    """SHA-256 over all files of the package that a module rests on.

    Examples
    --------
    >>> len(source_digest("abz.errors"))
    64
    """
    digests = "\n".join(sha256_file(path) for path in module_sources(module))
    return hashlib.sha256(digests.encode()).hexdigest()


def inputs_of(job: Job) -> Inputs:
    """The inputs of a job, opened at the first call in this process.

    Raises
    ------
    InputError
        If this process does not see the folder of the run.
    PinError
        If its code, or a forest that it finds, is not the one that the job was made for.
    """
    with _OPENING:
        return _opened(job)


@lru_cache(maxsize=1)
def _opened(job: Job) -> Inputs:
    """`inputs_of` for the first thread that asks."""
    if not job.root.is_dir():
        raise InputError(
            "a worker does not see the folder of the run",
            rule="all workers reach the run under the same path, on a shared file system",
            value=job.root,
            remedy="run from a folder that all nodes share",
        )
    layout, code = Layout(job.root), source_digest("abz.cli.stages.upscale")
    if code != job.sources:
        raise PinError(
            "a worker runs another version of the code",
            rule="all processes of a job import the same package",
            value=f"sources {code[:12]} in place of {job.sources[:12]}",
            remedy="install the same checkout everywhere, and start the workers again",
        )
    return Inputs(
        job.model_set,
        read_zarr(layout.cube(job.model_set)),
        read_zarr(layout.zones(job.model_set)),
        ensembles_of(job.forests, job.engine),
    )


def ensembles_of(
    forests: Sequence[tuple[str, Path, str]], engine: str = "abz"
) -> dict[str, Ensemble]:
    """Forests of each flux, read from files that are what they shall be.

    Parameters
    ----------
    forests : sequence of (flux, Path, sha256)
        As in `Job`.
    engine : {"abz", "scikit-learn"}, optional
        What evaluates the trees.

    Raises
    ------
    PinError
        If a file is another one.
    """
    loaded: dict[str, list] = {}
    ranges: dict[str, dict[str, Range]] = {}
    for flux, path, pinned in forests:
        found = sha256_file(check_file(path, "the forest"))
        if found != pinned:
            raise PinError(
                "a stored forest changed while it was in use",
                rule=f"sha256 {pinned}",
                value=f"{path}: {found}",
                remedy="run the command again, when no other one fits forests",
            )
        forest = load_forest(path)
        evaluated = ReferenceForest.of(forest) if engine == "scikit-learn" else forest
        loaded.setdefault(flux, []).append(evaluated)
        if flux not in ranges:
            ranges[flux] = _stated_ranges(path)
    return {flux: Ensemble(each[0], tuple(each[1:]), ranges[flux]) for flux, each in loaded.items()}


def _stated_ranges(path: Path) -> dict[str, Range]:
    """Ranges of the training rows that the header of a central forest states."""
    stated = read_header(path)["about"].get("ranges", {})
    return {name: Range(*ends) for name, ends in stated.items()}
