"""Take the published maps as those of a run: zones on their grid, their fluxes, their totals.

The maps are read year by year and in bands of rows, by as many processes as the configuration has
workers; neither changes a byte, and a killed run goes on after the last finished band. This process
leads: it alone writes zones, receipts and totals.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr

from abz.catalog import Catalog
from abz.cli.adopt_job import AdoptJob, Band, bands_of, work
from abz.cli.archive import LazyArchive, is_there, open_catalog
from abz.cli.blocks import Ledger, remove_leftovers
from abz.cli.layout import Layout
from abz.cli.map_job import TILE_CELLS, YEAR_MONTHS, source_digest
from abz.cli.progress import track
from abz.cli.storage import atomic_path, read_zarr, write_zarr
from abz.cli.tiles import arrays_of, finish
from abz.cli.zone_files import own_zones
from abz.config import Config
from abz.digest import sha256_tree
from abz.errors import GridError, MissingDataError
from abz.grid import Grid
from abz.harmonise.mapped_zones import mapped_zones
from abz.readers import check_ornl_2377_year, ornl_2377_bands, ornl_2377_grid
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling import ADOPTED, LABELS, Packing, label_totals, map_storage, map_template
from abz.vocabulary import FLUXES

if TYPE_CHECKING:
    from abz.config import ModelSet, SetName

__all__ = ["PRODUCT", "run"]

PRODUCT = "ornl_2377"
VEGETATION = ("esa_cci_lc", "cavm")
"""What tells types of vegetation; a run does without unless both are there."""
ZONES_STORED = {"y": TILE_CELLS, "x": TILE_CELLS}
BAND_ROWS = 2 * TILE_CELLS
"""Rows that are read together."""
CELL_TOLERANCE = 1e-3
"""Part by which the cells of the product may differ from those that are configured."""


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write zones/SET.zarr, flux/SET.zarr and totals/SET.zarr."""
    catalog = open_catalog(config)
    settings = config.sets[cast("SetName", model_set)]
    paths = _looked_over(catalog, settings)
    zones_path = write_zarr(_zones(config, catalog, paths, settings), layout.zones(model_set),
                            ZONES_STORED)  # fmt: skip
    zones = read_zarr(zones_path)
    job = _job(config, layout, model_set, paths)
    flux_path, totals_path = layout.flux(model_set), layout.totals(model_set)
    ledger = job.ledger
    if ledger.is_settled([flux_path, totals_path]):
        return [zones_path, flux_path, totals_path]
    for path in (flux_path, totals_path):
        remove_leftovers(path)
    time = _months(settings.years)
    if not ledger.matches:
        ledger.close()
        _write_template(zones, time, flux_path, config.upscaling.step)
        ledger.start()
    bands = list(bands_of(zones.sizes["y"], BAND_ROWS, paths))
    _finish(job, bands, config.workers)
    remove_leftovers(flux_path)
    write_zarr(_add_up(zones, time, ledger, bands), totals_path)
    ledger.settle([flux_path, totals_path])
    return [zones_path, flux_path, totals_path]


def _months(years: range) -> xr.DataArray:
    """First day of each month."""
    starts = np.arange(f"{years[0]}-01", f"{years[-1] + 1}-01", dtype="datetime64[M]")
    return xr.DataArray(starts.astype("datetime64[ns]"), dims="time", name="time")


def _looked_over(catalog: Catalog, settings: ModelSet) -> dict[int, tuple[Path, ...]]:
    """Files of each year, after a row of each was read: what is wrong is told before the work."""
    for year in settings.years:
        row = catalog.open(PRODUCT, [year], rows=(0, 1))
        lacking = [name for name in FLUXES if name not in row]
        if lacking:
            raise MissingDataError(
                f"the published maps of {year} are not whole",
                rule=f"a file each of {', '.join(FLUXES)}",
                value=f"no file of {', '.join(lacking)}",
                remedy="`abz data fetch --config FILE` gets the rest",
            )
    return {year: tuple(catalog.files(PRODUCT, [year])) for year in settings.years}


def _zones(
    config: Config, catalog: Catalog, paths: dict[int, tuple[Path, ...]], settings: ModelSet
) -> xr.Dataset:
    """Zones of the cells with a NEE in the first year, on the grid of the product."""
    first = [path for path in paths[settings.first_year] if "_NEE_" in path.name]
    grid = ornl_2377_grid(first)
    cell = abs(grid.transform.a)
    if abs(cell - settings.cell_m) > CELL_TOLERANCE * settings.cell_m:
        raise GridError(
            "the published maps have other cells than the configuration says",
            rule=f"cells of {settings.cell_m:g} m",
            value=f"{cell:g} m in {first[0].name}",
            remedy="set `cell_m` of [sets.fine] to that of the maps, or take the whole product",
        )
    bands = ornl_2377_bands(first, BAND_ROWS)
    covered = [np.isfinite(band["nee"].values).any(axis=0) for band in track(bands, "land")]
    archive = LazyArchive(catalog)
    return mapped_zones(
        np.concatenate(covered), grid,
        archive.open("ecoregions2017"), archive.open("permafrost_map"),
        vegetation=_vegetation(catalog, archive), own=own_zones(config, grid),
    )  # fmt: skip


def _vegetation(catalog: Catalog, archive: LazyArchive) -> tuple[xr.Dataset, xr.Dataset] | None:
    """Maps of vegetation; none unless both are there."""
    if not all(is_there(catalog, name) for name in VEGETATION):
        return None
    land_cover, cavm = (archive.open(name) for name in VEGETATION)
    return land_cover, cavm


def _job(
    config: Config, layout: Layout, model_set: str, paths: dict[int, tuple[Path, ...]]
) -> AdoptJob:
    """What every process needs to know, with the digest of all that shapes the outputs."""
    files = [(path, path.stat()) for of_year in paths.values() for path in of_year]
    document = {
        "sources": source_digest(__name__),
        "tiles": [YEAR_MONTHS, TILE_CELLS],
        "precision": config.upscaling.precision,
        "zones": sha256_tree(layout.zones(model_set)),
        "files": [(path.name, state.st_size, state.st_mtime_ns) for path, state in files],
    }
    text = json.dumps(document, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return AdoptJob(layout.root.resolve(), model_set, fingerprint)


def _write_template(zones: xr.Dataset, time: xr.DataArray, path: Path, step: float | None) -> None:
    """The maps without a value: coordinates and all metadata."""
    grid = Grid.of(zones)
    template = map_template(list(FLUXES), time, grid, statistics={"": "as published"})
    ny, nx = grid.shape
    together = (YEAR_MONTHS, min(TILE_CELLS, ny), min(TILE_CELLS, nx))
    with atomic_path(path) as temporary:
        template.drop_encoding().to_zarr(
            temporary,
            zarr_format=3,
            consolidated=False,
            compute=False,
            encoding=map_storage(template, together, Packing(step)),
        )


def _finish(job: AdoptJob, bands: Sequence[Band], workers: int) -> None:
    """Take over all bands that are not finished, and check each year when it is whole."""
    left = Counter(band.year for band in bands)

    def ended(band: Band) -> None:
        left[band.year] -= 1
        if not left[band.year]:
            _check_year(job.ledger, bands, band.year)

    finish(
        job.ledger,
        partial(work, job),
        bands,
        workers=workers,
        label=f"adopt {job.model_set}",
        amount=lambda band: band.rows.stop - band.rows.start,
        unit=" rows × years",
        after=ended,
    )


def _check_year(ledger: Ledger, bands: Sequence[Band], year: int) -> None:
    """Nothing, if the fluxes of all cells of a year have a sign and a size that can be true."""
    shares = [ledger.arrays(band.name) for band in bands if band.year == year]
    grams, area = (
        np.sum([one[name] for one in shares], axis=0) for name in ("source_grams", "source_area")
    )
    with np.errstate(invalid="ignore"):
        means = (grams * GRAM_QUANTUM) / (area * AREA_QUANTUM)
    check_ornl_2377_year(dict(zip(FLUXES, means, strict=True)), year)


def _add_up(
    zones: xr.Dataset, time: xr.DataArray, ledger: Ledger, bands: Sequence[Band]
) -> xr.Dataset:
    """Totals of the whole map from those of its bands."""
    sizes = {"flux": len(FLUXES), "member": 1, "time": time.size, "atom_id": zones.sizes["atom_id"]}
    dims = {name: entry[0] for table in (LABELS, ADOPTED) for name, entry in table.items()}
    sums: dict[str, np.ndarray] = {}
    for band, shares in zip(bands, arrays_of(ledger, bands), strict=True):
        for name, share in shares.items():
            shape = [sizes[dim] for dim in dims[name]]
            whole = sums.setdefault(name, np.zeros(shape, np.int64))
            along = dims[name].index("time")
            np.moveaxis(whole, along, 0)[band.months] += np.moveaxis(share, along, 0)
    totals = label_totals(sums, fluxes=list(FLUXES), time=time, predictors=[], zones=zones)
    for name, (axes, what, unit, quantum) in ADOPTED.items():
        about = {"units": unit, "long_name": what}
        if quantum != 1:
            about = {"units": f"{quantum!r} {unit}", "long_name": f"{what}, in whole quanta"}
        totals[name] = (axes, sums[name], {**about, "scale": quantum})
    return totals
