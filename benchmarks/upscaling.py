"""How fast forests answer over maps, beside scikit-learn, onnxruntime and R's ranger in one run.

Forests of the real tables, or of made-up ones where there are none; predictors of a synthetic 1-km
window, smooth, likely, rough or shuffled, and of the real 1-degree climatology. Engines take turns
on the very same rows; rates are rows per CPU second, the middle of the rounds. The last line is one
JSON object; README.md beside this file says what its entries mean.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _ranger_rows import Rows
from _summary import machine, rounded
from _upscaling_engines import Engine, onnxruntime, ours, ranger_rate, scikit_learn
from _upscaling_fields import MONTHS, MTRY, forest_of, training_rows, window_block
from threadpoolctl import threadpool_limits

from abz.harmonise.climatology import climatology_cube, climatology_zones
from abz.modelling import FluxForest, bootstrap_members, complete_cases, fit_forest
from abz.readers import read_arctic_climatology, read_flux_training
from abz.upscaling import Ensemble, ZoneMaps, predict_block, predict_windows
from abz.upscaling.made_up import made_up_block, made_up_forest
from abz.vocabulary import predictor_names

CELLS, STEPS = 20.7e6, 240
"""Cells and months of the study at 1 km."""
COARSE = 324 / 240 / 64
"""What the 8-km set adds: its months, and 64 cells in one."""
FORESTS = 63
"""One central forest and twenty members of three fluxes."""
TILE = 256
"""Edge of a block of the stage, cells; our engine is asked a whole one."""
LIBRARIES = ("numpy", "numba", "scikit-learn", "onnxruntime")
WINDOWS = ("smooth", "likely", "rough")

Found = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is run."""

    fluxes: tuple[str, ...]
    trees: int
    edge: int
    rounds: int
    threads: tuple[int, ...]
    memory_cells: tuple[int, ...]
    peer_rows: int


FULL = Size(("nee", "gpp"), 500, TILE, 3, (1, 2), (100_000, 1_000_000, 10_000_000), 100_000)
QUICK = Size(("nee",), 150, 96, 1, (1,), (100_000, 400_000), 20_000)


@dataclass(frozen=True, eq=False)
class Case:
    """One forest and the rows that it is asked, in the order of the map."""

    flux: str
    name: str
    forest: FluxForest
    rows: np.ndarray


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="upscaling", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a sample, in under a minute")
    parser.add_argument("--data", metavar="DIR", default=os.environ.get("ABZ_DATA"))
    parser.add_argument("--memory", type=int, metavar="CELLS", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def window_cases(size: Size, rows: dict[str, Rows]) -> list[Case]:
    """The forests of the study's predictors over windows of each roughness, and shuffled."""
    cases = []
    for flux in size.fluxes:
        forest = forest_of(rows[flux], flux, trees=size.trees)
        for name in WINDOWS:
            block = window_block(rows[flux], size.edge, name)
            asked = np.ascontiguousarray(forest.encode(block.reshape(-1, block.shape[-1])))
            cases.append(Case(flux, name, forest, asked))
        likely = next(case.rows for case in cases if (case.flux, case.name) == (flux, "likely"))
        shuffled = np.random.default_rng(0).permutation(likely)
        cases.append(Case(flux, "shuffled", forest, shuffled))
    return cases


def climatology_case(folder: Path, flux: str, trees: int) -> Case:
    """A forest of what the real climatology holds, over its cells and months."""
    climatology = read_arctic_climatology([folder / "real_arctic" / "arctic_predictors_real.nc"])
    zones = climatology_zones(climatology)
    series = np.arange(1, MONTHS + 1)
    co2 = pd.DataFrame({"year": 2010, "month": series, "co2": 390.0})
    cube = climatology_cube(climatology, co2, zones, 2010)
    names = [name for name in predictor_names("climatology", flux) if name != "co2"]
    tables = [folder / "flux_training" / f"train_{each}_1km.parquet" for each in ("NEE", "GPP")]
    cases = complete_cases(read_flux_training(tables), flux, names)
    forest = fit_forest(cases.X, cases.y, names, trees=trees, mtry=min(MTRY[flux], len(names)))
    shape = (MONTHS, *zones["domain"].shape)
    columns = [np.broadcast_to(series[:, None, None], shape)]
    columns += [np.broadcast_to(cube[name].values, shape) for name in names if name != "month"]
    asked = np.stack(columns, axis=-1, dtype=np.float32)[:, zones["domain"].values == 1]
    asked = asked.reshape(-1, len(names))
    asked = asked[~np.isnan(asked).any(axis=1)]
    return Case(flux, "one degree", forest, np.ascontiguousarray(forest.encode(asked)))


def engines_of(forest: FluxForest) -> dict[str, Engine]:
    """Those that are installed."""
    found = {
        "abz": ours(forest),
        "scikit-learn": scikit_learn(forest),
        "onnxruntime": onnxruntime(forest),
    }
    return {name: engine for name, engine in found.items() if engine is not None}


def compare(case: Case, size: Size) -> list[Found]:
    """Rates of all engines on one case, in turns, and how far each is from scikit-learn.

    Peers take row by row, so that a part of the rows, in the order of the map, gives their rate.
    """
    engines, found = engines_of(case.forest), []
    middle = max(len(case.rows) - size.peer_rows, 0) // 2
    part = slice(middle, middle + size.peer_rows)
    asked = {name: case.rows if name == "abz" else case.rows[part] for name in engines}
    for threads in size.threads:
        cpu: dict[str, list[float]] = {name: [] for name in engines}
        wall: dict[str, list[float]] = {name: [] for name in engines}
        answers = {}
        for engine in engines.values():
            engine(case.rows[part][:9000], threads)
        for _ in range(size.rounds):
            for name, engine in engines.items():
                start, begin = time.process_time(), time.perf_counter()
                answers[name] = engine(asked[name], threads)
                cpu[name].append(time.process_time() - start)
                wall[name].append(time.perf_counter() - begin)
        answers["abz"] = answers["abz"][part]
        for name in engines:
            found.append(
                {
                    "flux": case.flux,
                    "input": case.name,
                    "engine": name,
                    "threads": threads,
                    "rows": len(asked[name]),
                    "rate": len(asked[name]) / float(np.median(cpu[name])),
                    "wall_rate": len(asked[name]) / float(np.median(wall[name])),
                    "difference": float(np.abs(answers[name] - answers["scikit-learn"]).max()),
                }
            )
    return found


def ranger_rates(size: Size, cases: list[Case], rows: dict[str, Rows]) -> list[Found]:
    """Rates of ranger on the smooth, the rough and the shuffled rows of the first flux."""
    flux, found = size.fluxes[0], []
    for case in cases:
        if case.flux == flux and case.name in ("smooth", "rough", "shuffled"):
            for threads in size.threads:
                asked = case.rows[: size.peer_rows // 5]
                rate = ranger_rate(
                    rows[flux], asked, trees=size.trees, mtry=MTRY[flux], threads=threads
                )
                if rate is not None:
                    found.append(
                        {"flux": flux, "input": case.name, "engine": "ranger", "threads": threads,
                         "rows": len(asked), "rate": rate, "wall_rate": None,
                         "difference": None}
                    )  # fmt: skip
    return found


def whole_job(size: Size, rows: dict[str, Rows]) -> Found:
    """Core-hours of the study, from all that a block goes through but reading and writing.

    A block with two members beside the central forest, and one with four: the difference tells what
    a member takes, the rest what is done once a flux. Members see no categories, as in the study.
    """
    once, each = 0.0, 0.0
    for flux in size.fluxes:
        central = forest_of(rows[flux], flux, trees=size.trees)
        members = list(
            bootstrap_members(
                rows[flux].X, rows[flux].y, rows[flux].names, members=4, trees=size.trees,
                mtry=MTRY[flux], seed=448,
            )
        )  # fmt: skip
        block = window_block(rows[flux], size.edge, "likely")
        seconds = []
        for number in (2, 4):
            ensembles = {flux: Ensemble(central, tuple(members[:number]))}
            start = time.process_time()
            predict_block(ensembles, block, rows[flux].names, whole_land(size.edge))
            seconds.append(time.process_time() - start)
        member = (seconds[1] - seconds[0]) / 2
        per_tree = FULL.trees / size.trees / (size.edge**2 * MONTHS * len(size.fluxes))
        each += member * per_tree
        once += (seconds[0] - 2 * member) * per_tree
    fine = CELLS * STEPS * 3 * (once + 20 * each) / 3600
    print(
        f"\nthe study: {CELLS:g} cells x {STEPS} months x 3 fluxes x ({once * 1e6:.2f} us of a "
        "core for the central forest and all that is done once + 20 members x "
        f"{each * 1e6:.2f} us), "
        f"{FULL.trees} trees: {fine:.0f} core-hours at 1 km, {COARSE:.1%} more at 8 km"
    )
    evaluations = CELLS * STEPS * FORESTS * (1 + COARSE)
    hours = fine * (1 + COARSE)
    return {
        "job_core_hours": hours,
        "job_evaluations": evaluations,
        "evaluations_per_core_s": evaluations / hours / 3600,
    }


def whole_land(edge: int) -> ZoneMaps:
    """A window whose cells all count."""
    shape = (edge, edge)
    return ZoneMaps(np.ones(shape, bool), np.full(shape, 1e6), np.zeros(shape, np.int32), 1)


def peak_memory(cells: int) -> float:
    """Peak memory, MB, of a process that maps so many cells tile by tile as the stage does."""
    forest = made_up_forest(predictor_names("fine"), trees=4, mtry=6)
    ensembles = {"nee": Ensemble(forest, (forest, forest))}
    block = made_up_block(forest.predictors, TILE, smooth=True)
    total = 0
    for _ in range(-(-cells // TILE**2)):
        result = predict_windows(
            ensembles, lambda rows, columns: block[:1, rows, columns], forest.predictors,
            whole_land(TILE), windows=[(slice(0, TILE), slice(0, TILE))], steps=1,
        )  # fmt: skip
        total += int(result.grams[0, 0].sum())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(size: Size) -> Found:
    """Peak memory by the number of cells, each in a process of its own."""
    found = {}
    for cells in size.memory_cells:
        command = [sys.executable, str(Path(__file__).resolve()), "--memory", str(cells)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        found[f"{cells:.0e}".replace("e+0", "e")] = float(answer.stdout.split()[-1])
    print("\npeak memory, MB, by cells:", ", ".join(f"{k} {v:.0f}" for k, v in found.items()))
    return {"peak_mb_by_cells": found}


def show(found: list[Found]) -> None:
    """Rates as a table."""
    print(f"{'flux':<6}{'input':<12}{'threads':>7} {'engine':<14}{'rows':>9}"
          f"{'rows/CPU s':>12}{'rows/s':>12}{'difference':>12}")  # fmt: skip
    for one in sorted(found, key=lambda each: (each["flux"], each["input"], each["threads"])):
        gap = "own trees" if one["difference"] is None else f"{one['difference']:.1e}"
        wall = f"{one['wall_rate']:,.0f}" if one["wall_rate"] else "?"
        print(f"{one['flux']:<6}{one['input']:<12}{one['threads']:>7} {one['engine']:<14}"
              f"{one['rows']:>9}{one['rate']:>12,.0f}{wall:>12}{gap:>12}")  # fmt: skip


def summary(found: list[Found]) -> Found:
    """Ratios of the first number of threads, the smallest over the fluxes."""

    def ratio(peer: str, name: str) -> float | None:
        rates = {(one["flux"], one["engine"]): one["rate"] for one in found
                 if one["input"] == name and one["threads"] == 1}  # fmt: skip
        each = [rates[flux, "abz"] / rate for (flux, engine), rate in rates.items()
                if engine == peer]  # fmt: skip
        return min(each) if each else None

    inputs = dict.fromkeys(one["input"] for one in found)
    ratios = {
        f"vs_{peer.replace('-learn', '').replace('scikit', 'sklearn')}_{name.replace(' ', '_')}":
        ratio(peer, name)
        for peer in ("scikit-learn", "onnxruntime", "ranger")
        for name in inputs
    }  # fmt: skip
    ours_off = [one["difference"] for one in found if one["engine"] == "abz"]
    return {
        **{name: value for name, value in ratios.items() if value is not None},
        "vs_onnxruntime": ratio("onnxruntime", "smooth"),
        "vs_ranger": ratio("ranger", "smooth"),
        "max_abs_diff": max(ours_off),
    }


def main(words: list[str]) -> None:
    """Measure and print."""
    asked = options(words)
    if asked.memory:
        print(peak_memory(asked.memory))
        return
    size, begin = QUICK if asked.quick else FULL, time.perf_counter()
    folder = Path(asked.data) if asked.data else None
    rows = training_rows(folder and folder / "flux_training")
    cases = window_cases(size, rows)
    if folder:
        cases += [climatology_case(folder, flux, size.trees) for flux in size.fluxes]
    with threadpool_limits(1):
        found = [one for case in cases for one in compare(case, size)]
    found += ranger_rates(size, cases, rows)
    show(found)
    result = {
        "mode": "quick" if asked.quick else "full",
        "data": "real tables" if folder else "synthetic tables",
        "trees": size.trees,
        "nodes_per_tree": {c.flux: c.forest.feature.size / c.forest.trees for c in cases},
        **summary(found),
        **whole_job(size, rows),
        **memory(size),
        **machine(LIBRARIES),
        "wall_s": time.perf_counter() - begin,
    }
    print(json.dumps(rounded(result)))


if __name__ == "__main__":
    main(sys.argv[1:])
