"""Make the synthetic Arctic: its archive of product files, its catalog, its truth."""

from __future__ import annotations

from pathlib import Path

from abz.catalog import write_world_catalog
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import atomic_path, write_json, write_zarr
from abz.config import Config
from abz.errors import ConfigError
from abz.grid import lonlat_grid, polar_grid
from abz.vocabulary import FLUXES
from abz.world import (
    World,
    true_fluxes,
    true_parameters,
    write_archive,
    write_comparisons,
    write_published,
    write_winter,
    write_zone_maps,
)

__all__ = ["run"]

NORTH = (-180.0, 45.0, 180.0, 90.0)
M_A_DEGREE = 111e3
STEPS = (0.5, 1.0, 2.5, 5.0)
"""Cells that products for comparison can have, degrees."""
WINTER_CELLS = 2.0
"""Edge of the cells of the winter fluxes, in cells of the finest set."""


def run(config: Config, layout: Layout) -> list[Path]:
    """Write archive/ with its catalog.yaml, truth/SET.zarr of each set, truth/parameters.json."""
    if config.world is None:
        raise ConfigError(
            "the run has no synthetic world",
            rule="the stage `world` needs a table [world]",
            value=config.name,
            remedy="add [world], or leave this stage out: the run reads real files",
        )
    world = World.of(config.world)
    years = {str(name): settings.years for name, settings in config.sets.items()}
    fire = range(config.fire.first_year, config.fire.last_year + 1)
    with atomic_path(config.archive) as folder:
        if config.kind == "published_maps":
            _write_published(config, world, folder, fire)
        else:
            write_archive(world, folder, years, fire)
            _write_comparisons(config, world, folder)
        write_world_catalog(folder)
    truths = [
        write_zarr(
            true_fluxes(world, polar_grid(settings.cell_m), settings.years),
            layout.truth / f"{name}.zarr",
            {"time": 12},
        )
        for name, settings in track(config.sets.items(), "truth")
    ]
    parameters = write_json(true_parameters(world), layout.truth / "parameters.json")
    return [config.archive, *truths, parameters]


def _write_comparisons(config: Config, world: World, folder: Path) -> None:
    """Products that the finest set is laid beside, on cells about as wide as its own."""
    finest = min(config.sets.values(), key=lambda settings: settings.cell_m)
    step = min(STEPS, key=lambda degrees: abs(degrees * M_A_DEGREE - finest.cell_m))
    write_comparisons(world, folder, lonlat_grid(step, NORTH), finest.years)
    write_published(world, folder, polar_grid(finest.cell_m), finest.years)
    write_winter(world, folder, polar_grid(WINTER_CELLS * finest.cell_m), finest.years)


def _write_published(config: Config, world: World, folder: Path, fire: range) -> None:
    """The true fluxes as if they were published, and what a run on them needs."""
    settings = config.sets["fine"]
    write_zone_maps(world, folder, fire)
    truth = dict.fromkeys(FLUXES, 1.0)
    grid = polar_grid(settings.cell_m)
    write_published(world, folder, grid, settings.years, factors=truth, means=fire)
