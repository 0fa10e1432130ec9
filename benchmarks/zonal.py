"""Sums of map layers over zones, beside xarray's groupby, flox and NumPy's bincount, in one run.

Synthetic maps of 1-km cells. Rates are cells of a layer per CPU second, the middle of the rounds in
which the engines take turns. The last line is one JSON object; README.md beside this file says what
its entries mean.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import dask.array as dask_array
import numpy as np
import xarray as xr
from _summary import machine, rounded
from _zonal_engines import ATOMS, Case, engines, exact_sums, made_up, zone_maps

from abz.budgets import atom_totals
from abz.grid import zonal_sums
from abz.units import GRAM_QUANTUM, MONTHLY_FLUX

LIBRARIES = ("numpy", "numba", "xarray", "dask", "flox", "numpy_groupies")
PEERS = {"xarray groupby": "vs_xarray_groupby", "flox": "vs_flox", "bincount": "vs_bincount"}
STATUS, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""Where Linux tells of the memory of a process, and forgets how large it was."""
CHUNK = (1, 12, 512, 512)
"""Member, months, rows and columns that are made at a time."""
Found = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """Layers and edge of the map that is timed, rounds, rows whose sums are exact; the cube."""

    layers: int
    edge: int
    rounds: int
    exact_rows: int
    cube: tuple[int, int, int]


FULL = Size(48, 1000, 5, 100, (21, 240, 3163))
QUICK = Size(24, 1000, 3, 20, (2, 24, 1000))


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="zonal", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a sample, in under a minute")
    parser.add_argument("--part", choices=("memory", "stream"), help=argparse.SUPPRESS)
    return parser.parse_args(words)


def rates(size: Size, case: Case) -> Found:
    """Cells of a layer per CPU second of each engine."""
    spent: dict[str, list[float]] = {name: [] for name in engines()}
    for engine in engines().values():
        engine(case.layers(8).rows(16))
    for _ in range(size.rounds):
        for name, engine in engines().items():
            start = time.process_time()
            engine(case)
            spent[name].append(time.process_time() - start)
    return {name: case.flux.size / float(np.median(each)) for name, each in spent.items()}


def accuracy(size: Size, case: Case) -> Found:
    """Largest difference of an atom to the exact sum, g, and to the same cells turned round."""
    part = case.layers(1).rows(size.exact_rows)
    exact, turned = exact_sums(part), part.turned()
    error, order = {}, {}
    for name, engine in engines().items():
        sums = engine(part)[0]
        error[name] = float(max(abs(sums.astype(object) - exact)))
        order[name] = float(np.abs(engine(turned)[0] - sums).max())
    return {"error_g": error, "order_g": order}


def memory_kb(name: str) -> int:
    """A line of what Linux knows of this process."""
    lines = STATUS.read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def peaks(size: Size) -> dict[str, float | None]:
    """Memory, MB, that each engine takes on top of libraries and layers."""
    if not PEAK.exists():
        return dict.fromkeys(engines())
    case, found = made_up(size.layers, size.edge), {}
    for name, engine in engines().items():
        engine(case.layers(8).rows(16))
        before = forget_peak()
        engine(case)
        found[name] = (memory_kb("VmHWM") - before) / 1024
    return found


def forget_peak() -> int:
    """Memory of this process now, from which its peak counts from now on, kB."""
    PEAK.write_text("5", "utf-8")
    return memory_kb("VmRSS")


class Cube:
    """A cube (member, time, y, x) that is made chunk by chunk, and tells how long that took."""

    def __init__(self, members: int, months: int, edge: int) -> None:
        self.shape = (members, months, edge, edge)
        self.area, self.atom = zone_maps(edge)
        self.cpu_s = 0.0
        self._lock = Lock()
        rng = np.random.default_rng(5)
        self._noise = rng.normal(0, 40, (CHUNK[1] + 16, *CHUNK[2:])).astype(np.float32)
        self._noise[rng.random(self._noise.shape) < 0.01] = np.nan

    def make(self, block_info: Any) -> np.ndarray:
        """Noise, shifted by month and scaled by member."""
        start = time.thread_time()
        ends = block_info[None]["array-location"]
        months, rows, columns = (stop - first for first, stop in ends[1:])
        member, first = ends[0][0], ends[1][0]
        part = self._noise[first // CHUNK[1] % 16 :][:months, :rows, :columns]
        made = part * np.float32(1 + member / 100)
        with self._lock:
            self.cpu_s += time.thread_time() - start
        return made[None]

    def lazy(self) -> xr.DataArray:
        """All of it, nothing made yet."""
        chunks = dask_array.core.normalize_chunks(CHUNK, self.shape)
        values = dask_array.map_blocks(
            self.make, chunks=chunks, dtype=np.float32, meta=np.empty((0,) * 4, np.float32)
        )
        return xr.DataArray(
            values, dims=("member", "time", "y", "x"), attrs={"units": MONTHLY_FLUX}
        )

    def zones(self) -> xr.Dataset:
        """Areas and atoms."""
        return xr.Dataset(
            {"area": (("y", "x"), self.area), "atom": (("y", "x"), self.atom)},
            coords={"atom_area": ("atom_id", np.ones(ATOMS))},
        )


def stream(size: Size) -> Found:
    """One pass over the cube: seconds, with those of its making told apart, memory, exactness."""
    cube, workers = Cube(*size.cube), os.cpu_count() or 1
    atom_totals(cube.lazy()[:1, :12, :64, :64], cube.zones().isel(y=slice(64), x=slice(64)))
    cube.cpu_s = 0.0
    before = forget_peak() if PEAK.exists() else 0
    begin, start = time.perf_counter(), time.process_time()
    totals = atom_totals(cube.lazy(), cube.zones(), workers=workers)
    cpu, wall = time.process_time() - start, time.perf_counter() - begin
    peak = (memory_kb("VmHWM") - before) / 1024 if PEAK.exists() else None
    cells = int(np.prod(cube.shape))
    layer = cube.lazy()[-1, -1].values
    whole = zonal_sums(layer, cube.area, cube.atom, ATOMS)
    same = all(np.array_equal(totals[name][-1, -1], sums)
               for name, sums in zip(("grams", "valid_area"), whole, strict=True))  # fmt: skip
    return {
        "shape": list(cube.shape),
        "cells": cells,
        "workers": workers,
        "wall_s": wall,
        "cpu_s": cpu,
        "making_cpu_s": cube.cpu_s,
        "cells_per_core_s": cells / (cpu - cube.cpu_s),
        "peak_mb": peak,
        "totals_mb": 2 * totals["grams"].nbytes / 1e6,
        "cube_gb": 4 * cells / 1e9,
        "last_layer_exact": same,
        "total_pg": float(totals["grams"].sum()) * GRAM_QUANTUM / 1e15,
    }


def apart(*words: str) -> Any:
    """The last line of this benchmark in a process of its own, as JSON.

    It gives back what it does not need, so that no memory of earlier work hides what it takes.
    """
    command = [sys.executable, str(Path(__file__).resolve()), *words]
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def main(words: list[str]) -> None:
    """Measure and print."""
    asked = options(words)
    size, begin = QUICK if asked.quick else FULL, time.perf_counter()
    mode = ("--quick",) if asked.quick else ()
    if asked.part:
        print(json.dumps(peaks(size) if asked.part == "memory" else stream(size)))
        return
    case = made_up(size.layers, size.edge)
    rate, exactness = rates(size, case), accuracy(size, case)
    peak, passed = (apart("--part", part, *mode) for part in ("memory", "stream"))
    for name in engines():
        print(f"{name:<16}{rate[name]:>16,.0f} cells per CPU second{peak[name] or 0:>8,.0f} MB"
              f"{exactness['error_g'][name]:>12.2g} g from exact"
              f"{exactness['order_g'][name]:>12.2g} g by order")  # fmt: skip
    print(f"one pass over {passed['cells']:.3g} cells: {passed['wall_s']:.1f} s, "
          f"{passed['cells_per_core_s']:,.0f} cells per core second, "
          f"{passed['peak_mb'] or 0:,.0f} MB")  # fmt: skip
    result = {
        "mode": "quick" if asked.quick else "full",
        "cells_per_s": rate["abz"],
        **{word: rate["abz"] / rate[name] if name in rate else None
           for name, word in PEERS.items()},
        "peak_mb": passed["peak_mb"],
        "rates": rate,
        "peak_mb_by_engine": peak,
        **exactness,
        "stream": passed,
        **machine(LIBRARIES),
        "wall_s": time.perf_counter() - begin,
    }  # fmt: skip
    print(json.dumps(rounded(result)))


if __name__ == "__main__":
    main(sys.argv[1:])
