"""Bring the real site-months and the real climatology to a training table, a cube and zones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.storage import write_json, write_table, write_zarr
from abz.cli.zone_files import own_zones
from abz.config import Config
from abz.grid import Grid
from abz.harmonise.climatology import climatology_cube, climatology_zones
from abz.sites.public_rows import drop_larval_outbreak
from abz.vocabulary import FLUXES, predictor_names

__all__ = ["run"]

MODEL_SET: Final = "climatology"


def run(config: Config, layout: Layout) -> list[Path]:
    """Write cube, zones, training table and notes of the climatology."""
    catalog = open_catalog(config)
    rows = catalog.open("flux_training")
    kept, dropped = drop_larval_outbreak(rows, config.sites)
    climatology = catalog.open("arctic_climatology")
    zones = climatology_zones(climatology, own_zones(config, Grid.of(climatology)))
    year = config.sets[MODEL_SET].first_year
    cube = climatology_cube(climatology, catalog.open("barrow_co2_as_used"), zones, year)
    missing = {
        flux: [p for p in predictor_names("fine") if p not in predictor_names(MODEL_SET, flux)]
        for flux in FLUXES
    }
    notes = {
        "rows_read": len(rows),
        "rows_dropped_larval_outbreak": dropped,
        "rows_kept": len(kept),
        "predictors": {flux: predictor_names(MODEL_SET, flux) for flux in FLUXES},
        "missing_predictors": missing,
        "estimated": climatology.attrs["estimated"],
    }
    return [
        write_zarr(cube, layout.cube(MODEL_SET), {"time": 12}),
        write_zarr(zones, layout.zones(MODEL_SET)),
        write_table(kept, layout.training(MODEL_SET)),
        write_json(notes, layout.sites / "climatology.json"),
    ]
