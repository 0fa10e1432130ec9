"""Harmonising a year of a 1-km window of all predictors from product files, and filling its NDVI.

Synthetic files in the formats and resolutions of the products are written first; that is told
apart. Tiles are then made as the stage makes them, in one process and in two. The last line is one
JSON object; README.md beside this file says what its entries mean.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import xarray as xr
from _harmonise_archive import YEAR, window_grid, write_archive
from _summary import machine, rounded
from scipy.linalg import solveh_banded

from abz.catalog import write_world_catalog
from abz.cli.cluster import Place, completed
from abz.cli.cube_job import job_of, start, tiles_of, work
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr, write_zarr
from abz.config import Config
from abz.digest import tree_bytes
from abz.grid import WindowWeights
from abz.harmonise import sources, zones_of_classes
from abz.harmonise.gapfill import SMOOTHNESS, WEIGHTS, fill_ndvi
from abz.readers.modis_layers import composite_calendar

LIBRARIES = ("numpy", "scipy", "numba", "pyproj", "xarray", "dask", "zarr", "rasterio", "netCDF4")
CHUNKS = {"y": 256, "x": 256}
SEA = 0.1
"""Share of the window that is no land."""
QUICK_KM, FULL_KM = 128, 1200
SERIES = {"quick": (100_000, 1000), "full": (1_000_000, 5000)}
"""Series that we fill, and that the peer solves."""
TIMED_TILES = 2
"""Tiles that one process makes, of which seconds by dataset are told; two make all."""
IO = Path("/proc/self/io")
"""Where Linux tells how much a process has read."""
Found = dict[str, Any]


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="harmonise", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="128 km, in under a minute")
    parser.add_argument("--edge-km", type=int, help="edge of the window")
    parser.add_argument("--keep", metavar="DIR", help="the files are there, or are kept there")
    parser.add_argument("--part", choices=("cube", "gapfill"), help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--tiles", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    asked.edge_km = asked.edge_km or (QUICK_KM if asked.quick else FULL_KM)
    return asked


def configured(folder: Path) -> Config:
    """A run of one year whose product files lie in its archive."""
    years = {"first_year": YEAR, "last_year": YEAR}
    content: Found = {"name": "window", "output": folder, "fire": years,
                      "world": {"resolution_km": 5.0}}  # fmt: skip
    return Config(**content, sets={"fine": {"cell_m": 1000.0, **years}})


def prepare(folder: Path, edge_km: int) -> Found:
    """Product files, their catalog and the zones, where they are not there yet."""
    config, target = configured(folder), window_grid(edge_km)
    layout, begin, found = Layout(config.root), time.perf_counter(), {}
    if not (config.archive / "catalog.yaml").exists():
        write_archive(config.archive, target)
        write_world_catalog(config.archive)
        found["s"] = time.perf_counter() - begin
    if not layout.zones("fine").exists():
        write_zarr(zones_of(target), layout.zones("fine"), CHUNKS)
    sizes = {path.name: tree_bytes(path) / 1e6 for path in config.archive.iterdir()}
    return {**found, "mb": {name: sizes[name] for name in sorted(sizes)}}


def zones_of(target: Any) -> xr.Dataset:
    """Zones of the window: one class of each, and lakes in it."""
    ones = np.ones(target.shape, np.int16)
    x, y = target.x / 1000, target.y / 1000
    waves = np.sin(y / 23)[:, None] * np.sin(x / 19)
    land = np.where(waves > np.quantile(waves, 1 - SEA), 0, ones)
    return zones_of_classes(target, 6 * ones, ones, np.where(land == 1, 80, -1), land)


def cube(folder: Path, workers: int, count: int | None) -> Found:
    """Make so many tiles, or all; seconds, memory, bytes that were read."""
    config = configured(folder)
    layout = Layout(config.root)
    shutil.rmtree(layout.cube("fine"), ignore_errors=True)
    zones = read_zarr(layout.zones("fine"))
    job, tiles = job_of(config, layout, "fine"), list(tiles_of(zones))[:count]
    job.ledger.close()
    start(job)
    place = Place(cluster="local", workers=workers) if workers > 1 else Place()
    libraries, read, peaks = memory_mb("VmRSS"), bytes_read(), []
    begin, core = time.perf_counter(), core_s()
    with measured() as spent:
        for _ in completed(partial(work, job), tiles, place):
            peaks.append(memory_mb("VmHWM"))
    wall, core = time.perf_counter() - begin, core_s() - core
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cells = sum(tile.domain_cells for tile in tiles) * 12
    job.ledger.close()
    found: Found = {
        "wall_s": wall,
        "core_s": core,
        "cell_months": cells,
        "cell_months_per_s": cells / wall,
        "cell_months_per_core_s": cells / core,
        "libraries_mb": libraries,
        "peak_mb": children if workers > 1 else peaks[-1],
        "tiles": len(tiles),
    }
    if workers == 1:
        found |= {
            "peak_mb_after_tile": peaks,
            "read_mb": (bytes_read() - read) / 1e6,
            "cube_mb": tree_bytes(job.store) / 1e6,
            **spent,
        }
    return found


@contextmanager
def measured() -> Iterator[dict[str, dict[str, float]]]:
    """Seconds in this process by dataset, and by what is done."""
    datasets: dict[str, float] = defaultdict(float)
    steps: dict[str, float] = defaultdict(float)

    def timed(function: Callable[..., Any], into: dict[str, float], name: str) -> Any:
        @wraps(function)
        def wrapper(*words: Any, **named: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*words, **named)
            finally:
                into[name or words[1]] += time.perf_counter() - begin

        return wrapper

    parts = {"values_at": "reading", "window_areas": "weights", "window_bilinear": "weights",
             "fill_ndvi": "gap filling", "to_months": "months", "coast_fill": "coasts",
             "check_predictor": "checks"}  # fmt: skip
    watched = [
        *((sources.WindowSources, each, datasets, "") for each in ("static", "annual", "monthly")),
        *((sources, each, steps, name) for each, name in parts.items()),
        (WindowWeights, "means", steps, "means"),
    ]
    with ExitStack() as stack:
        for place, each, into, name in watched:
            stack.enter_context(patch.object(place, each, timed(getattr(place, each), into, name)))
        found: dict[str, dict[str, float]] = {"s_by_dataset": datasets, "s_by_step": steps}
        yield found


def memory_mb(name: str) -> float:
    """A line of what Linux knows of the memory of this process; zero elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


def bytes_read() -> int:
    """Bytes that this process has read from files so far; zero where the system does not tell."""
    return int(IO.read_text("utf-8").split()[1]) if IO.exists() else 0


def core_s() -> float:
    """Core seconds of this process and of those that it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def gapfill(mode: str) -> Found:
    """Seconds for a million series of a year, ours and SciPy's, and how far they differ."""
    ours, theirs = SERIES[mode]
    composites = series(ours)
    fill_ndvi(composites.isel(cell=slice(1000)))
    begin = time.process_time()
    filled = fill_ndvi(composites)
    our_s = time.process_time() - begin
    begin = time.process_time()
    expected = by_solveh_banded(composites.isel(cell=slice(theirs)))
    their_s = time.process_time() - begin
    error = np.abs(filled["ndvi"].values[:, :theirs] - expected)
    return {
        "s_per_million_pixel_years": our_s / ours * 1e6,
        "solveh_banded_s_per_million": their_s / theirs * 1e6,
        "max_difference": float(np.nanmax(error)),
    }


def series(count: int) -> xr.Dataset:
    """NDVI (time, cell) of a year in 16-day composites with noise, snow and gaps."""
    rng = np.random.default_rng(3)
    starts, days = composite_calendar([YEAR], 16)
    cycle = 0.3 - 0.35 * np.cos(2 * np.pi * np.arange(len(starts)) / len(starts))
    shape = (len(starts), count)
    ndvi = (cycle[:, None] + rng.normal(0, 0.05, shape)).astype(np.float32)
    gone = rng.random(shape) < 0.15
    ndvi[gone] = np.nan
    codes = np.where(gone, -1, rng.choice(4, shape, p=(0.6, 0.2, 0.1, 0.1))).astype(np.int8)
    return xr.Dataset(
        {"ndvi": (("time", "cell"), ndvi), "reliability": (("time", "cell"), codes)},
        {"time": starts.astype("datetime64[ns]"), "days": ("time", days)},
    )


def by_solveh_banded(composites: xr.Dataset) -> np.ndarray:
    """The same smoother, series by series with SciPy's banded Cholesky solver."""
    ndvi, codes = composites["ndvi"].values, composites["reliability"].values
    trust = np.zeros(ndvi.shape)
    for code, weight in WEIGHTS.items():
        trust[codes == code] = weight
    trust[np.isnan(ndvi)] = 0.0
    steps = np.diff(np.eye(len(ndvi)), n=2, axis=0)
    penalty = SMOOTHNESS * steps.T @ steps
    bands = np.zeros((3, len(ndvi)))
    for k in range(3):
        bands[k, : len(ndvi) - k] = np.diag(penalty, k)
    smooth = np.empty(ndvi.shape)
    for column in range(ndvi.shape[1]):
        held = bands.copy()
        held[0] += trust[:, column]
        right = trust[:, column] * np.nan_to_num(ndvi[:, column])
        smooth[:, column] = solveh_banded(held, right, lower=True)
    return np.clip(smooth, -1, 1)


def apart(*words: str) -> Any:
    """The last line of this benchmark in a process of its own, as JSON."""
    command = [sys.executable, str(Path(__file__).resolve()), *words]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ)
    return json.loads(answer.stdout.splitlines()[-1])


def main(words: list[str]) -> None:
    """Measure and print."""
    asked, begin = options(words), time.perf_counter()
    mode = "quick" if asked.quick else "full"
    if asked.part == "gapfill":
        print(json.dumps(gapfill(mode)))
        return
    if asked.part == "cube":
        print(json.dumps(cube(Path(asked.keep), asked.workers, asked.tiles)))
        return
    with TemporaryDirectory() as temporary:
        folder = Path(asked.keep or temporary).resolve()
        written = prepare(folder, asked.edge_km)
        flags = ("--quick",) if asked.quick else ()
        where = ("--part", "cube", "--keep", str(folder), *flags)
        runs = {1: apart(*where, "--tiles", str(TIMED_TILES))}
        if not asked.quick:
            runs[2] = apart(*where, "--workers", "2")
        filled = apart("--part", "gapfill", *flags)
    show(runs, filled)
    above = [run["peak_mb"] - run["libraries_mb"] for run in runs.values()]
    result = {
        "mode": mode,
        "data": "synthetic",
        "edge_km": asked.edge_km,
        "cell_months_per_s": runs[max(runs)]["cell_months_per_s"],
        "peak_mb": max(above),
        "gapfill_s_per_million_pixel_years": filled["s_per_million_pixel_years"],
        "gapfill": filled,
        "runs": {str(workers): run for workers, run in runs.items()},
        "archive": written,
        **machine(LIBRARIES),
        "wall_s": time.perf_counter() - begin,
    }
    print(json.dumps(rounded(result)))


def show(runs: dict[int, Found], filled: Found) -> None:
    """A table."""
    for workers, run in runs.items():
        print(f"{workers} process{'es' * (workers > 1)}: {run['wall_s']:.1f} s, "
              f"{run['cell_months_per_s']:,.0f} cell-months a second, "
              f"{run['peak_mb'] - run['libraries_mb']:,.0f} MB above the libraries")  # fmt: skip
    for kind in ("s_by_dataset", "s_by_step"):
        for name, seconds in sorted(runs[1][kind].items(), key=lambda item: -item[1]):
            print(f"    {name:<16}{seconds:>8.1f} s")
    print(f"gap filling: {filled['s_per_million_pixel_years']:.2f} s a million pixel-years, "
          f"solveh_banded {filled['solveh_banded_s_per_million']:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
