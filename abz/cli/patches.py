"""Where a plan is measured: windows of the run's own cube with its forests, or made-up ones."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.map_job import TILE_CELLS, YEAR_MONTHS, Inputs, ensembles_of, forest_files
from abz.cli.storage import read_zarr
from abz.config import Config
from abz.digest import sha256_file
from abz.grid import Grid, polar_grid
from abz.harmonise import predictor_block
from abz.modelling import FluxForest
from abz.upscaling.calibration import Patch
from abz.upscaling.engine import ZoneMaps
from abz.upscaling.made_up import made_up_block, made_up_forest
from abz.vocabulary import predictor_names

__all__ = ["MEASURED_MEMBERS", "patch_makers", "zones_of"]

MEASURED_MEMBERS = 2
"""Members that are evaluated beside the central forest of a flux."""

PatchMaker = Callable[[int, int], Patch]
"""From the edge of a window, in cells, and the number of the measurement."""


def patch_makers(config: Config, layout: Layout, model_set: str) -> dict[str, PatchMaker]:
    """What to measure on.

    Returns
    -------
    dict of {str: callable}
        `cube` where the run has its cube, zones and forests; else `landscape` and `noise`, both
        made up.
    """
    files = forest_files(layout, model_set, MEASURED_MEMBERS)
    wanted = [layout.cube(model_set), *(path for _, path in files)]
    if zones_of(config, layout, model_set) is not None and all(path.exists() for path in wanted):
        return {"cube": _own_patches(config, layout, model_set)}
    forests = _made_up_forests(config, model_set)
    return {
        "landscape": _made_up_patches(model_set, forests, smooth=True),
        "noise": _made_up_patches(model_set, forests, smooth=False),
    }


def zones_of(config: Config, layout: Layout, model_set: str) -> xr.Dataset | None:
    """The zones of the run, if they lie on the grid that is configured now."""
    if not layout.zones(model_set).is_dir():
        return None
    zones = read_zarr(layout.zones(model_set))
    settings = next(chosen for name, chosen in config.sets.items() if name == model_set)
    if config.kind == "study" and Grid.of(zones) != polar_grid(settings.cell_m):
        return None
    return zones


def _own_patches(config: Config, layout: Layout, model_set: str) -> PatchMaker:
    """Windows of the run's cube around cells of the domain, with the forests of one flux."""
    files = forest_files(layout, model_set, MEASURED_MEMBERS)
    ensembles = ensembles_of(
        [(flux, path, sha256_file(path)) for flux, path in files], config.upscaling.engine
    )
    cube, zones = read_zarr(layout.cube(model_set)), read_zarr(layout.zones(model_set))
    inputs = Inputs(model_set, cube, zones, ensembles)
    rows, columns = np.nonzero(zones["domain"].values)
    years = cube.sizes["time"] // YEAR_MONTHS

    def patch(edge: int, number: int) -> Patch:
        rng = np.random.default_rng([config.seed, number])
        cell, year = rng.integers(rows.size), int(rng.integers(years))
        place = [_window(int(where[cell]), edge) for where in (rows, columns)]
        months = slice(year * YEAR_MONTHS, (year + 1) * YEAR_MONTHS)
        start = time.process_time()
        block = predictor_block(cube, months, place[0], place[1], inputs.predictors)
        read_s = time.process_time() - start
        forests = list(ensembles.values())[number % len(ensembles)].forests
        return Patch(inputs.predictors, block, inputs.zone_maps(*place), forests, read_s)

    return patch


def _window(cell: int, edge: int) -> slice:
    """A window of the cell's tile that holds the cell."""
    start = cell // TILE_CELLS * TILE_CELLS + cell % TILE_CELLS // edge * edge
    return slice(start, start + edge)


def _made_up_forests(config: Config, model_set: str) -> tuple[FluxForest, ...]:
    """Forests of the configured size."""
    chosen = config.forest
    mtry = sorted(chosen.mtry)[len(chosen.mtry) // 2]
    sizes = [chosen.trees, *[chosen.member_trees] * MEASURED_MEMBERS]
    return tuple(
        made_up_forest(
            predictor_names(model_set), trees=trees, mtry=mtry, node_size=chosen.node_size, seed=k
        )
        for k, trees in enumerate(sizes)
    )


def _made_up_patches(
    model_set: str, forests: tuple[FluxForest, ...], *, smooth: bool
) -> PatchMaker:
    """Made-up predictors, all in the domain."""
    predictors = predictor_names(model_set)

    def patch(edge: int, number: int) -> Patch:
        block = made_up_block(predictors, edge, smooth=smooth, seed=number)
        shape = block.shape[1:3]
        zones = ZoneMaps(np.ones(shape, bool), np.ones(shape), np.zeros(shape, np.int32), 1)
        return Patch(predictors, block, zones, forests)

    return patch
