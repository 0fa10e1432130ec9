"""Annual means and trends per cell of one model set, band by band, and the tables beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xarray as xr

from abz.budgets.zones import same_atoms
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr, write_zarr_pieces
from abz.cli.trend_layers import BAND_ROWS, Sample, bands, write_season_trends
from abz.cli.trend_tables import write_trend_tables, zone_masks
from abz.config import Config, Trends
from abz.fire import nee_plus_fire
from abz.grid import Grid
from abz.trends import annual_sums, flux_trends
from abz.vocabulary import FLUXES

__all__ = ["run"]


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write trends/SET.zarr, with NEE + fire where the fire lies on the atoms of the set.

    Beside it SET_seasons.zarr, and SET_*.parquet with what the maps say in numbers.
    """
    zones = read_zarr(layout.zones(model_set))
    fire = read_zarr(layout.fire) if layout.fire.exists() else None
    if fire is not None and not same_atoms(zones, fire):
        fire = None
    sample = Sample.of(zones, zone_masks(zones))
    pieces = _bands(read_zarr(layout.flux(model_set)), zones, fire, config.trends, sample)
    chunks = {"flux": 1, "y": BAND_ROWS, "x": BAND_ROWS}
    maps = write_zarr_pieces(pieces, layout.trends(model_set), chunks, along=("y",))
    seasons = write_season_trends(layout, model_set, zones, config.trends, sample)
    return [maps, seasons, *write_trend_tables(config, layout, model_set, sample)]


def _bands(
    flux: xr.Dataset, zones: xr.Dataset, fire: xr.Dataset | None, settings: Trends, sample: Sample
) -> Iterator[xr.Dataset]:
    """Trends of some rows of the map at a time; the sample takes its share of their series."""
    grid = Grid.of(zones)
    for top, rows in bands(grid, "trends"):
        annual = {name: annual_sums(flux[name].isel(y=rows)) for name in FLUXES}
        if fire is not None:
            burning = annual_sums(fire["emission"].isel(y=rows))
            land = zones["land_fraction"].isel(y=rows)
            annual["nee_fire"] = nee_plus_fire(annual["nee"], burning, land)
        sample.add({(name, "annual"): sums for name, sums in annual.items()}, top)
        band = flux_trends(annual, settings.method, settings.preserve_range)
        band = band.assign_coords(grid.window(rows, slice(None)).coords())
        yield band.assign_coords(spatial_ref=grid.coords()["spatial_ref"])
