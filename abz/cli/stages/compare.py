"""Lay fluxes of a run beside each other: NEE beside Reco − GPP, one model set beside a coarser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import annual_budgets, zone_totals
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.run_zones import zones_of_run
from abz.cli.storage import read_zarr, write_table, write_zarr_pieces
from abz.compare import (
    aggregated_years,
    closure_budgets,
    closure_maps,
    common_years,
    pattern_table,
    resolution_maps,
    resolution_summary,
    resolution_years,
    shared_cells,
)
from abz.config import Config
from abz.grid import Grid
from abz.trends import annual_sums
from abz.vocabulary import FLUXES

__all__ = ["run"]

TILE_CELLS = 256
"""Rows of a map that are read at a time, and edge of its chunks."""


def run(config: Config, layout: Layout) -> list[Path]:
    """Write compare/: closure of each set, and of the finest set beside the coarsest."""
    paths = [_closure_maps(layout, name) for name in config.sets]
    tables = [closure_budgets(_zone_totals(config, layout, name), name) for name in config.sets]
    closure = pd.concat(tables, ignore_index=True)
    paths.append(write_table(closure, layout.compare / "closure.parquet"))
    by_size = sorted(config.sets, key=lambda name: config.sets[name].cell_m)
    if len(by_size) > 1:
        paths += _resolutions(config, layout, by_size[0], by_size[-1])
    return paths


def _zone_totals(config: Config, layout: Layout, model_set: str) -> xr.Dataset:
    """Monthly quanta of each zone of a set."""
    totals = read_zarr(layout.totals(model_set))[["grams", "valid_area"]].load()
    return zone_totals(totals, zones_of_run(config, totals))


def _closure_maps(layout: Layout, model_set: str) -> Path:
    """Write the maps of the gap of a set, band by band."""
    flux, grid = read_zarr(layout.flux(model_set)), Grid.of(read_zarr(layout.zones(model_set)))

    def bands() -> Iterator[xr.Dataset]:
        for rows in track(_bands(grid.shape[0], TILE_CELLS), f"closure {model_set}"):
            yield _placed(closure_maps(flux[list(FLUXES)].isel(y=rows)), grid, rows)

    return _write(bands(), layout.compare / f"closure_{model_set}.zarr")


def _resolutions(config: Config, layout: Layout, fine: str, coarse: str) -> list[Path]:
    """Write maps and tables of two sets beside each other; nothing if they share no year."""
    flux = [read_zarr(layout.flux(name)) for name in (fine, coarse)]
    years = common_years(flux[0]["time"], flux[1]["time"])
    if not years:
        return []
    zones = [read_zarr(layout.zones(name)) for name in (fine, coarse)]
    path = _write(_resolution_bands(flux, zones, years), layout.compare / "resolutions.zarr")
    patterns = pattern_table(
        read_zarr(path).load(), zones[1]["atom"].values, zones_of_run(config, zones[1])
    )
    annual = [_annual(config, layout, name, years) for name in (fine, coarse)]
    tables = {
        "resolutions": resolution_summary(annual[0], annual[1], patterns),
        "resolutions_years": resolution_years(annual[0], annual[1]),
    }
    return [path] + [
        write_table(
            table.assign(fine_set=fine, coarse_set=coarse), layout.compare / f"{name}.parquet"
        )
        for name, table in tables.items()
    ]


def _annual(config: Config, layout: Layout, model_set: str, years: Sequence[int]) -> pd.DataFrame:
    """Annual budgets of a set in some years."""
    annual = annual_budgets(_zone_totals(config, layout, model_set), model_set)
    return annual[annual["year"].isin(years)]


def _resolution_bands(
    flux: Sequence[xr.Dataset], zones: Sequence[xr.Dataset], years: Sequence[int]
) -> Iterator[xr.Dataset]:
    """Maps of all fluxes, some rows of the coarse grid at a time."""
    fine, coarse = (Grid.of(dataset) for dataset in zones)
    shared = shared_cells(fine, coarse)
    coarse_area = zones[1]["area"].values
    step = max(1, int(TILE_CELLS * -fine.transform.e // -coarse.transform.e))
    wanted = np.isin(flux[1]["time"].dt.year.values, years)
    for rows in track(_bands(coarse.shape[0], step), "resolutions"):
        reached = shared.reach(rows)
        area = zones[0]["area"].isel(y=reached).values
        layers = []
        for name in FLUXES:
            monthly = flux[0][name].isel(y=reached)
            found = aggregated_years(monthly, area, shared, rows, years)
            sums = annual_sums(flux[1][name].isel(time=wanted, y=rows))
            layers.append(resolution_maps(found, sums, coarse_area[rows]))
        band = xr.concat(
            layers, pd.Index(list(FLUXES), name="flux"), coords="minimal", combine_attrs="override"
        )
        yield _placed(band, coarse, rows)


def _bands(rows: int, size: int) -> list[slice]:
    """Rows of a map, so many at a time."""
    return [slice(top, min(top + size, rows)) for top in range(0, rows, size)]


def _placed(band: xr.Dataset, grid: Grid, rows: slice) -> xr.Dataset:
    """The band with the coordinates of its rows, and the grid mapping of the whole map."""
    band = band.assign_coords(grid.window(rows, slice(None)).coords())
    return band.assign_coords(spatial_ref=grid.coords()["spatial_ref"])


def _write(bands: Iterator[xr.Dataset], path: Path) -> Path:
    """Write maps band by band."""
    chunks = {"flux": 1, "y": TILE_CELLS, "x": TILE_CELLS}
    return write_zarr_pieces(bands, path, chunks, along=("y",))
