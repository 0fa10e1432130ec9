"""Bring the products to the grid of one model set: its zones and its predictor cube."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import xarray as xr

from abz.catalog import Catalog
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import write_zarr, write_zarr_pieces
from abz.cli.zone_files import own_zones
from abz.config import Config
from abz.grid import Grid, polar_grid
from abz.harmonise import build_zones, cube_pieces

if TYPE_CHECKING:
    from abz.config import SetName

__all__ = ["run"]

CHUNKS = {"time": 12, "year": 1, "y": 256, "x": 256}
"""One year of one tile: what the upscaling reads together."""


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write zones/SET.zarr and cube/SET.zarr."""
    catalog = open_catalog(config)
    settings = config.sets[cast("SetName", model_set)]
    zones = _zones(config, catalog, polar_grid(settings.cell_m))
    pieces = track(
        cube_pieces(catalog, model_set, zones, settings.years, settings.air_temperature),
        f"harmonise {model_set}",
        len(settings.years) + 1,
    )
    return [
        write_zarr(zones, layout.zones(model_set), CHUNKS),
        write_zarr_pieces(pieces, layout.cube(model_set), CHUNKS, along=("time", "year")),
    ]


def _zones(config: Config, catalog: Catalog, grid: Grid) -> xr.Dataset:
    """Domain and zones on the grid."""
    return build_zones(
        grid,
        ecoregions=catalog.open("ecoregions2017"),
        permafrost=catalog.open("permafrost_map"),
        land_cover=catalog.open("esa_cci_lc"),
        cavm=catalog.open("cavm"),
        own=own_zones(config, grid),
    )
