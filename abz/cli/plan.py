"""`abz plan`: what upscaling a configured run will cost, before anyone commits to it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

from abz.cli.layout import Layout
from abz.cli.map_job import TILE_CELLS, YEAR_MONTHS
from abz.cli.patches import MEASURED_MEMBERS, patch_makers, zones_of
from abz.config import Config, load_config
from abz.digest import tree_bytes
from abz.errors import ConfigError
from abz.grid import Grid, polar_grid
from abz.upscaling.calibration import calibrate
from abz.upscaling.packing import Packing
from abz.upscaling.plan import (
    Cost,
    Workload,
    core_seconds,
    cube_bytes,
    flux_bytes,
    memory_bytes,
    totals_bytes,
    wall_seconds,
)
from abz.vocabulary import FLUXES, PREDICTORS, predictor_names

__all__ = ["make_plan", "print_plan"]

DOMAIN_M2 = 20.69e12
"""Area of the study's domain, m2, where the run has no zones yet."""
ATOMS = 500
"""Atoms, where the run has no zones yet."""
PYTHON_BYTES = 4e8
"""Memory of a process with its libraries loaded."""


@dataclass(frozen=True)
class _Extent:
    """Shape, domain and atoms of a model set's map; `blocks` with a cell of the domain."""

    shape: tuple[int, ...]
    cells: int
    blocks: int
    atoms: int
    known: bool


def print_plan(
    config_path: Path, *, workers: int | None = None, seconds: float = 10.0, as_json: bool = False
) -> None:
    """Print what upscaling all model sets of a run will cost.

    Parameters
    ----------
    config_path : Path
        TOML file of the run.
    workers : int, optional
        Cores to plan for; those of the configuration by default.
    seconds : float, optional
        Of calibration, shared by the model sets.
    as_json : bool, optional
        Print JSON in place of lines for people.
    """
    config = load_config(config_path)
    plan = make_plan(config, Layout(config.root), workers=workers, seconds=seconds)
    print(json.dumps(plan, indent=1) if as_json else _text(plan))


def make_plan(
    config: Config, layout: Layout, *, workers: int | None = None, seconds: float = 10.0
) -> dict[str, Any]:
    """What upscaling all model sets of a run will cost, as JSON types.

    Parameters
    ----------
    config, layout
        The run; what it has made so far is measured on, the rest is made up.
    workers, seconds
        As in `print_plan`.

    Returns
    -------
    dict
        `sets` holds for each model set its blocks and, for each kind of predictors that was
        measured, seconds and bytes; `total` the range over the kinds; `measured` and `assumed`
        say in words what the numbers rest on.

    Raises
    ------
    ConfigError
        If the run maps nothing with forests.
    """
    if config.kind == "published_maps":
        raise ConfigError(
            f"nothing is upscaled in the run `{config.name}`",
            rule="a plan is of a run that maps with forests",
            value=f'kind = "{config.kind}"',
            remedy="run it; its maps are read, not predicted",
        )
    begin = time.perf_counter()
    planned = workers or config.workers
    sets: dict[str, Any] = {
        name: _plan_set(config, layout, name, planned, seconds / len(config.sets))
        for name in config.sets
    }
    kinds = [list(each["estimates"].values()) for each in sets.values()]
    total = {
        key: [
            sum(min(estimate[key] for estimate in estimates) for estimates in kinds),
            sum(max(estimate[key] for estimate in estimates) for estimates in kinds),
        ]
        for key in ("core_hours", "wall_hours", "flux_bytes", "totals_bytes", "cube_bytes")
    }
    return {
        "run": config.name,
        "workers": planned,
        "calibration_seconds": round(time.perf_counter() - begin, 1),
        "calibration_threads": config.workers,
        "sets": sets,
        "total": total,
        **_grounds(config, sets),
    }


def _plan_set(
    config: Config, layout: Layout, model_set: str, workers: int, seconds: float
) -> dict[str, Any]:
    """The plan of one model set."""
    extent = _extent(config, layout, model_set)
    edge = min(config.upscaling.block_cells, TILE_CELLS, max(extent.shape))
    work = _workload(config, model_set, extent, edge)
    makers = patch_makers(config, layout, model_set)
    threads = config.workers if _is_here(config) else 1
    estimates = {
        kind: _estimate(
            work,
            calibrate(
                maker,
                edge=edge,
                seconds=seconds / len(makers),
                workers=threads,
                packing=Packing(config.upscaling.step),
            ),
            workers=workers,
            threads=config.workers,
        )
        for kind, maker in makers.items()
    }
    if extent.known and layout.cube(model_set).is_dir():
        for estimate in estimates.values():
            estimate["cube_bytes"] = tree_bytes(layout.cube(model_set))
    return {
        "cells": work.cells,
        "months": work.years * YEAR_MONTHS,
        "blocks": extent.blocks,
        "evaluations": work.evaluations,
        "extent_known": extent.known,
        "estimates": estimates,
    }


def _extent(config: Config, layout: Layout, model_set: str) -> _Extent:
    """Cells, blocks and atoms: from the run's zones, or what the study's domain would have."""
    settings = next(chosen for name, chosen in config.sets.items() if name == model_set)
    years, zones = len(settings.years), zones_of(config, layout, model_set)
    if zones is not None:
        domain = zones["domain"].values.astype(bool)
        tiles = sum(bool(domain[tile].any()) for tile in Grid.of(zones).blocks(TILE_CELLS))
        cells, atoms = int(domain.sum()), zones.sizes["atom_id"]
        return _Extent(domain.shape, cells, tiles * years, atoms, known=True)
    grid = polar_grid(settings.cell_m)
    cells, tiles = round(DOMAIN_M2 / settings.cell_m**2), len(list(grid.blocks(TILE_CELLS)))
    return _Extent(grid.shape, cells, tiles * years, ATOMS, known=False)


def _is_here(config: Config) -> bool:
    """Whether threads of one process share windows; those of Dask workers take one each."""
    return config.upscaling.scheduler is None and config.upscaling.cluster is None


def _workload(config: Config, model_set: str, extent: _Extent, edge: int) -> Workload:
    """How much there is to map."""
    settings = next(chosen for name, chosen in config.sets.items() if name == model_set)
    cadences = [PREDICTORS[name].cadence for name in predictor_names(model_set)]
    return Workload(
        cells=extent.cells,
        years=len(settings.years),
        fluxes=len(FLUXES),
        members=config.forest.members,
        trees=config.forest.trees,
        member_trees=config.forest.member_trees,
        atoms=extent.atoms,
        monthly_layers=cadences.count("monthly"),
        annual_layers=cadences.count("annual"),
        static_layers=cadences.count("static") + cadences.count("category"),
        tile_cells=prod(min(TILE_CELLS, side) for side in extent.shape),
        window_cells=prod(min(edge, side) for side in extent.shape),
    )


def _estimate(work: Workload, cost: Cost, *, workers: int, threads: int) -> dict[str, Any]:
    """Time with so many cores in all, memory of a process with so many threads, disk."""
    spent = core_seconds(work, cost)
    here, dask = (
        PYTHON_BYTES + memory_bytes(work, cost, threads=threads, blocks_at_once=blocks)
        for blocks in (1, threads)
    )
    return {
        "core_hours": spent / 3600,
        "wall_hours": wall_seconds(work, cost, workers) / 3600,
        "evaluations_per_core_second": work.evaluations / spent,
        "memory_bytes": here,
        "dask_worker_memory_bytes": dask,
        "flux_bytes": flux_bytes(work, cost),
        "totals_bytes": totals_bytes(work),
        "cube_bytes": cube_bytes(work),
        "cost": asdict(cost),
    }


def _grounds(config: Config, sets: dict[str, Any]) -> dict[str, list[str]]:
    """What was measured and what was assumed, in words."""
    measured = [
        f"{name}: predictors {', '.join(each['estimates'])}; "
        + ("cells, blocks and atoms of its zones" if each["extent_known"] else "nothing of its map")
        for name, each in sets.items()
    ]
    assumed = [
        "upscaling alone: the other stages are not in it",
        f"windows like those measured, and {MEASURED_MEMBERS} members like all the others",
        "cores like this one; "
        + (
            f"threads that share a window as {config.workers} did here"
            if _is_here(config)
            else "workers that do not slow each other down"
        ),
        "nothing for the start and the end of a stage, and none for other work on the machine",
        f"{PYTHON_BYTES / 1e9:g} GB for Python and its libraries; totals do not compress",
    ]
    if any("cube" not in each["estimates"] for each in sets.values()):
        assumed += [
            "made-up predictors and forests where the run has no cube or no forests: real fields "
            "lie between a landscape and noise; reading is free; cubes compress only outside the "
            "domain"
        ]
    if not all(each["extent_known"] for each in sets.values()):
        assumed += [
            f"where there are no zones, the study's domain of {DOMAIN_M2 / 1e12:g} million km2, "
            f"{ATOMS} atoms, and a cell of the domain in every block"
        ]
    return {"measured": measured, "assumed": assumed}


def _text(plan: dict[str, Any]) -> str:
    """The plan as lines for people."""
    lines = [
        f"{plan['run']}: upscaling on {plan['workers']} cores, from "
        f"{plan['calibration_seconds']:g} s on {plan['calibration_threads']} threads here"
    ]
    for name, each in plan["sets"].items():
        lines += [
            "",
            f"{name}: {each['cells']:,} cells × {each['months']} months in {each['blocks']:,} "
            f"blocks, {each['evaluations']:.3g} evaluations of a forest",
        ]
        for kind, found in each["estimates"].items():
            lines += [f"  {kind}", *_estimate_lines(found)]
    low, high = plan["total"]["core_hours"]
    first, last = plan["total"]["wall_hours"]
    disk = [
        sum(plan["total"][key][end] for key in ("flux_bytes", "totals_bytes", "cube_bytes"))
        for end in (0, 1)
    ]
    lines += [
        "",
        f"in all: {_range(low, high)} core-hours, {_range(first, last)} hours, "
        f"{_range(disk[0] / 1e9, disk[1] / 1e9)} GB of disk",
        *(f"  {word}: {line}" for word in ("measured", "assumed") for line in plan[word]),
    ]
    return "\n".join(lines)


def _estimate_lines(found: dict[str, Any]) -> list[str]:
    """One kind of predictors."""
    size = {key: value / 1e9 for key, value in found.items() if key.endswith("_bytes")}
    return [
        f"    time    {found['core_hours']:.3g} core-hours, {found['wall_hours']:.3g} hours; "
        f"{found['evaluations_per_core_second']:.3g} evaluations per core and second, and "
        f"{found['cost']['efficiency']:.0%} of a core for each thread",
        f"    memory  {size['memory_bytes']:.2g} GB in one process; "
        f"{size['dask_worker_memory_bytes']:.2g} GB for a Dask worker of as many threads",
        f"    disk    flux {size['flux_bytes']:.3g} GB, totals {size['totals_bytes']:.2g} GB, "
        f"cube {size['cube_bytes']:.3g} GB",
    ]


def _range(low: float, high: float) -> str:
    """One number, or two."""
    ends = [f"{low:.3g}", f"{high:.3g}"]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
