"""A year of a 1-km window from end to end: forests, cube, upscaling, export, as a run has them.

Forests of the real tables (of made-up ones where there are none), one central and twenty members a
flux, map a synthetic window. The stage
is the one of `abz`, in a process of its own; the last line is one JSON object with seconds, core
seconds, peak memory and bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from _upscaling_fields import MTRY, forest_of, landscape, training_rows, values_of, window_months

from abz.cli.layout import Layout
from abz.cli.storage import write_zarr, write_zarr_pieces
from abz.config import Config, load_config
from abz.digest import tree_bytes
from abz.grid import polar_grid
from abz.harmonise import zones_of_classes
from abz.modelling import bootstrap_members, derive_seed, save_forest
from abz.upscaling import training_ranges
from abz.vocabulary import PERMAFROST, PREDICTORS, VEGETATION, predictor_names

CORNER = (300_000.0, 200_000.0)
"""South-western corner, m from the pole: Siberia's side."""
CHUNKS = {"time": 12, "year": 1, "y": 256, "x": 256}
CONFIG = """
name = "window"
title = "A synthetic window at 1 km"
output = "{output}"
workers = {workers}
[world]
[sets.fine]
cell_m = 1000.0
first_year = 2010
last_year = 2010
[fire]
first_year = 2010
last_year = 2010
[forest]
trees = {trees}
member_trees = {trees}
members = {members}
[upscaling]
precision = {precision}
"""


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="window", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="128 km, 2 members, 20 trees")
    parser.add_argument("--edge-km", type=int, default=2000)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--roughness", choices=("smooth", "likely", "rough"), default="likely")
    parser.add_argument("--precision", default="0.02", help="float32, or a step")
    parser.add_argument("--data", metavar="DIR", default=os.environ.get("ABZ_DATA"))
    parser.add_argument("--keep", metavar="DIR", help="work there and keep it; goes on with it")
    asked = parser.parse_args(words)
    if asked.quick:
        asked.edge_km, asked.members, asked.trees = 128, 2, 20
    return asked


def prepare_zones(layout: Layout, edge: int) -> None:
    """Zones of the window, all of it land: biomes by latitude, patches of vegetation."""
    west, south = CORNER
    grid = polar_grid(1000.0, (west, south, west + edge * 1000.0, south + edge * 1000.0))
    latitude = grid.lonlat()[1]
    rng = np.random.default_rng(1)
    ranks = np.clip((landscape(edge, 1, 0.05, rng) + 3) / 6, 0, 0.999)
    codes = np.array(sorted(VEGETATION))
    extents = np.array(sorted(PERMAFROST))
    zones = zones_of_classes(
        grid,
        np.where(latitude > 72, 11, 6),
        extents[np.clip((latitude - 60) / 15 * extents.size, 0, extents.size - 1).astype(int)],
        codes[(ranks * codes.size).astype(int)],
        np.ones(grid.shape),
    )
    write_zarr(zones, layout.zones("fine"), CHUNKS)


def cube_of(layout: Layout, rows: Any, edge: int, roughness: str) -> Iterator[xr.Dataset]:
    """The predictor cube in pieces, a predictor at a time."""
    coordinates = xr.open_zarr(layout.zones("fine"), consolidated=False)[["y", "x", "spatial_ref"]]
    time_axis = np.arange("2010-01", "2011-01", dtype="datetime64[M]").astype("datetime64[ns]")
    known = values_of(rows)
    monthly: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    yearly: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    static: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name in predictor_names("fine")[1:]:
        cadence = PREDICTORS[name].cadence
        if cadence == "series":
            middle = known[name].quantiles[:, 100].astype(np.float32)
            monthly[name] = (("time",), middle)
            continue
        maps = window_months(name, known[name], edge, roughness, 1)
        if cadence == "monthly":
            monthly[name] = (("time", "y", "x"), maps)
        elif cadence == "annual":
            yearly[name] = (("year", "y", "x"), maps[None])
        else:
            kind = np.int16 if cadence == "category" else np.float32
            static[name] = (("y", "x"), maps.astype(kind))
    place = {name: coordinates[name] for name in ("y", "x", "spatial_ref")}
    yield xr.Dataset(static, place)
    yield xr.Dataset({**monthly, **yearly}, {**place, "time": time_axis, "year": [2010]})


def prepare_forests(layout: Layout, rows: Any, config: Config) -> None:
    """Central forest and members of each flux."""
    for flux in MTRY:
        folder = layout.models("fine", flux)
        folder.mkdir(parents=True, exist_ok=True)
        seed = derive_seed(448, "window", flux)
        central = forest_of(rows[flux], flux, trees=config.forest.trees)
        ranges = training_ranges(rows[flux].X, rows[flux].names)
        stated = {name: [each.low, each.high] for name, each in ranges.items()}
        save_forest(central, folder / "central.npz", {"flux": flux, "member": 0, "ranges": stated})
        members = bootstrap_members(
            rows[flux].X, rows[flux].y, rows[flux].names, members=config.forest.members,
            trees=config.forest.member_trees, mtry=MTRY[flux], seed=seed, workers=config.workers,
        )  # fmt: skip
        for number, member in enumerate(members, 1):
            about = {"flux": flux, "member": number}
            save_forest(member, folder / f"member_{number:02d}.npz", about)


def abz(*words: str) -> dict[str, float]:
    """Run a command of `abz`; its seconds, core seconds and peak memory."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "abz.cli", *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {
        "wall_s": time.perf_counter() - begin,
        "core_s": spent,
        "peak_mb": after.ru_maxrss / 1024,
    }


def here(work: Callable[[], object]) -> dict[str, float]:
    """Do something in this process; its seconds and core seconds."""
    start, begin = time.process_time(), time.perf_counter()
    work()
    return {"wall_s": time.perf_counter() - begin, "core_s": time.process_time() - start}


def measure(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All steps, one after the other; those of the preparation only where they are not done."""
    file = folder / "window.toml"
    precision = asked.precision if asked.precision[:1].isdigit() else f'"{asked.precision}"'
    text = CONFIG.format(
        output=folder, workers=asked.workers, trees=asked.trees, members=asked.members,
        precision=precision,
    )  # fmt: skip
    file.write_text(text, "utf-8")
    config = load_config(file)
    layout = Layout(config.root)
    found: dict[str, Any] = {}
    rows = training_rows(Path(asked.data) / "flux_training" if asked.data else None)
    if not layout.cube("fine").exists():
        prepare_zones(layout, asked.edge_km)
        pieces = cube_of(layout, rows["gpp"], asked.edge_km, asked.roughness)
        found["cube"] = here(
            lambda: write_zarr_pieces(pieces, layout.cube("fine"), CHUNKS, along=("time", "year"))
        )
    if not (layout.models("fine", "reco") / f"member_{asked.members:02d}.npz").exists():
        found["forests"] = here(lambda: prepare_forests(layout, rows, config))
    found["upscale"] = abz("upscale", "--set", "fine", "--config", str(file))
    found["export"] = abz("export", "--config", str(file), "--format", "netcdf", "cog")
    sizes = {
        "cube": layout.cube("fine"), "flux": layout.flux("fine"), "totals": layout.totals("fine"),
        "export": layout.root / "export",
    }  # fmt: skip
    found["bytes"] = {name: tree_bytes(path) for name, path in sizes.items()}
    return found


def main(words: list[str]) -> None:
    """Measure and print."""
    asked = options(words)
    with TemporaryDirectory() as temporary:
        folder = Path(asked.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(asked, folder)
    evaluations = asked.edge_km**2 * 12 * len(MTRY) * (1 + asked.members)
    spent = found["upscale"]["core_s"]
    print(
        json.dumps(
            {
                "data": "real tables" if asked.data else "synthetic tables",
                "edge_km": asked.edge_km,
                "evaluations": evaluations,
                "trees": asked.trees,
                "roughness": asked.roughness,
                "workers": asked.workers,
                "evaluations_per_core_s": round(evaluations / spent),
                **{name: _rounded(each) for name, each in found.items()},
            }
        )
    )


def _rounded(found: dict[str, float]) -> dict[str, float]:
    """Numbers with a digit after the point at most."""
    return {name: round(value, 1) for name, value in found.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
