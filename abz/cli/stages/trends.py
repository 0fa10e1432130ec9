"""Annual means and trends per cell of one model set, band by band."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xarray as xr

from abz.budgets.zones import same_atoms
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import read_zarr, write_zarr_pieces
from abz.config import Config, Trends
from abz.fire import nee_plus_fire
from abz.grid import Grid
from abz.trends import annual_sums, flux_trends
from abz.vocabulary import FLUXES

__all__ = ["run"]

TILE_CELLS = 256


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write trends/SET.zarr, with NEE + fire where the fire lies on the atoms of the set."""
    zones = read_zarr(layout.zones(model_set))
    fire = read_zarr(layout.fire) if layout.fire.exists() else None
    if fire is not None and not same_atoms(zones, fire):
        fire = None
    pieces = _bands(read_zarr(layout.flux(model_set)), zones, fire, config.trends)
    chunks = {"flux": 1, "y": TILE_CELLS, "x": TILE_CELLS}
    return [write_zarr_pieces(pieces, layout.trends(model_set), chunks, along=("y",))]


def _bands(
    flux: xr.Dataset, zones: xr.Dataset, fire: xr.Dataset | None, settings: Trends
) -> Iterator[xr.Dataset]:
    """Trends of some rows of the map at a time."""
    grid = Grid.of(zones)
    for top in track(range(0, grid.shape[0], TILE_CELLS), "trends"):
        rows = slice(top, min(top + TILE_CELLS, grid.shape[0]))
        annual = {name: annual_sums(flux[name].isel(y=rows)) for name in FLUXES}
        if fire is not None:
            burning = annual_sums(fire["emission"].isel(y=rows))
            land = zones["land_fraction"].isel(y=rows)
            annual["nee_fire"] = nee_plus_fire(annual["nee"], burning, land)
        band = flux_trends(annual, settings.method, settings.preserve_range)
        band = band.assign_coords(grid.window(rows, slice(None)).coords())
        yield band.assign_coords(spatial_ref=grid.coords()["spatial_ref"])
