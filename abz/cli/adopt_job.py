"""What a process needs to take a year of some rows of published maps into the maps of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from abz.cli.blocks import Ledger
from abz.cli.layout import Layout
from abz.cli.map_job import TILE_CELLS, YEAR_MONTHS
from abz.cli.storage import read_zarr
from abz.cli.tiles import Report
from abz.grid import Grid
from abz.readers import read_ornl_2377
from abz.upscaling import Packing, ZoneMaps, adopt_block
from abz.vocabulary import FLUXES

__all__ = ["AdoptJob", "Band", "bands_of", "work"]


@dataclass(frozen=True)
class Band:
    """A year of some rows of the map, and the files that hold it."""

    year: int
    number: int
    rows: slice
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Fit for a file name."""
        return f"{self.number:04d}_{self.rows.start // TILE_CELLS:04d}"

    @property
    def months(self) -> slice:
        """Steps of the time axis."""
        return slice(self.number * YEAR_MONTHS, (self.number + 1) * YEAR_MONTHS)


@dataclass(frozen=True)
class AdoptJob:
    """Published maps to take over, in words.

    Parameters
    ----------
    root : Path
        Folder of the run, the same for every process.
    model_set : str
        Name of the set.
    fingerprint : str
        Digest of everything that the maps depend on.
    """

    root: Path
    model_set: str
    fingerprint: str

    @property
    def store(self) -> Path:
        """Where the maps are."""
        return Layout(self.root).flux(self.model_set)

    @property
    def ledger(self) -> Ledger:
        """What is finished of them."""
        return Ledger(self.store.with_suffix(".blocks"), self.store, self.fingerprint)


def bands_of(rows: int, height: int, paths: dict[int, tuple[Path, ...]]) -> Iterator[Band]:
    """All bands of a map, year by year.

    Parameters
    ----------
    rows : int
        Rows of the map.
    height : int
        Rows of a band, a multiple of `TILE_CELLS`.
    paths : dict of {int: tuple of Path}
        Files of each year.

    Examples
    --------
    >>> [band.name for band in bands_of(300, 256, {2001: (), 2002: ()})]
    ['0000_0000', '0000_0001', '0001_0000', '0001_0001']
    """
    for number, (year, files) in enumerate(paths.items()):
        for top in range(0, rows, height):
            yield Band(year, number, slice(top, min(top + height, rows)), files)


@lru_cache(maxsize=1)
def _zones(path: Path, fingerprint: str) -> xr.Dataset:
    """Zones of the set, opened at the first call in this process."""
    return read_zarr(path)


def work(job: AdoptJob, band: Band) -> Report:
    """Take a band over, in any process; again, if need be, to the same bytes."""
    zones = _zones(Layout(job.root).zones(job.model_set), job.fingerprint)
    part = zones[["domain", "area", "atom"]].isel(y=band.rows)
    held = ZoneMaps(
        domain=part["domain"].values.astype(bool), area=part["area"].values,
        atom=part["atom"].values, n_atoms=zones.sizes["atom_id"],
    )  # fmt: skip
    data = read_ornl_2377(band.paths, rows=(band.rows.start, band.rows.stop))
    fluxes = np.stack([data[name].values for name in FLUXES])
    found = adopt_block(fluxes, held, Grid.of(zones).window(band.rows, slice(None)).cell_area())
    with job.ledger.writing(band.name):
        files = job.ledger.digests(_write(job.store, band, found.central))
    names = [field.name for field in fields(found) if field.name != "central"]
    totals = {name: getattr(found, name) for name in names}
    return Report(band.name, totals, files)


def _write(store: Path, band: Band, central: np.ndarray) -> list[Path]:
    """Write the band of every map; return the files of its chunks.

    What lies there is removed first, since Zarr reads a chunk of which it writes a part, as at the
    edge of a map, and an earlier write may have left a damaged one.
    """
    files = []
    tops = range(band.rows.start // TILE_CELLS, -(-band.rows.stop // TILE_CELLS))
    for name, values in zip(FLUXES, central, strict=True):
        array = zarr.open_array(store / name, mode="r+", zarr_format=3)
        lefts = range(-(-array.shape[-1] // TILE_CELLS))
        chunks = [store / name / "c" / str(band.number) / str(y) / str(x)
                  for y in tops for x in lefts]  # fmt: skip
        for path in chunks:
            path.unlink(missing_ok=True)
        packed = Packing.of(array.attrs).pack(values, name)
        array[band.months, band.rows, :] = packed
        files += chunks
    return files
