"""Fire emission and burned fraction on the grid of the set whose years cover those of the fire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xarray as xr

from abz.catalog import Catalog
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import read_zarr, write_zarr_pieces
from abz.config import Config
from abz.fire import fire_on_grid
from abz.grid import Grid
from abz.grid.regrid import overlap

__all__ = ["run"]

STORED = {"time": 12, "y": 256, "x": 256}


def run(config: Config, layout: Layout) -> list[Path]:
    """Write fire/fine.zarr, year by year; nothing if no set covers the years of the fire."""
    years = range(config.fire.first_year, config.fire.last_year + 1)
    covering = [name for name, chosen in config.sets.items() if set(years) <= set(chosen.years)]
    if not covering:
        return []
    zones = read_zarr(layout.zones(covering[0])).load()
    pieces = _years(open_catalog(config), years, zones)
    return [write_zarr_pieces(pieces, layout.fire, STORED, along=("time",))]


def _years(catalog: Catalog, years: range, zones: xr.Dataset) -> Iterator[xr.Dataset]:
    """Fire of each year; the shared areas serve as long as the product keeps its grid."""
    target = Grid.of(zones)
    shared = None
    for year in track(years, "fire"):
        source = catalog.open("gfed500m", years=[year])
        if shared is None or shared.source != Grid.of(source):
            shared = overlap(Grid.of(source), target, whole=True)
        yield fire_on_grid(source, shared, zones)
