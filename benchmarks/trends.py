"""Trends of many series beside pymannkendall, xarrayMannKendall and SciPy, in one run.

Series are red noise with a trend, 20 years; every engine gives slope and p. Rates are series per
CPU second, the middle of the rounds in which the engines take turns. The last line is one JSON
object; README.md beside this file says what its entries mean.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pymannkendall
import xarray as xr
from _summary import machine, rounded
from scipy.stats import kendalltau, theilslopes

from abz.trends import trend_series

YEARS = np.arange(2001, 2021)
CORRELATIONS = (0.0, 0.2, 0.4)
DEFINING = 0.2
"""Autocorrelation of the series whose rate is named in the summary."""
TREND = 0.05
"""Of the series, standard deviations a year."""
LIBRARIES = ("numpy", "numba", "scipy", "pymannkendall", "xarrayMannKendall")
STATUS, PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""Where Linux tells of the memory of a process, and forgets how large it was."""
RATE_ROWS = ("abz zhang", "abz yue_pilon", "abz none")
Found = dict[str, Any]
Engine = Callable[[np.ndarray], object]


@dataclass(frozen=True)
class Size:
    """Series that our kernels and the peers are asked, rounds, and series of the memory runs."""

    ours: int
    peers: int
    rounds: int
    memory: tuple[int, ...]


FULL = Size(200_000, 2_000, 5, (500_000, 1_000_000, 4_000_000))
QUICK = Size(40_000, 200, 2, (250_000, 1_000_000))


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="trends", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a sample, in under a minute")
    parser.add_argument("--memory", type=int, metavar="SERIES", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def red_noise(series: int, correlation: float, seed: int = 0) -> np.ndarray:
    """Series (n, 20) of first order, of unit variance, with a trend."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(series, YEARS.size))
    for year in range(1, YEARS.size):
        noise[:, year] *= np.sqrt(1 - correlation**2)
        noise[:, year] += correlation * noise[:, year - 1]
    return noise + TREND * np.arange(YEARS.size)


def by_pymannkendall(test: str) -> Engine:
    """One of its tests, series after series."""
    one = getattr(pymannkendall, test)
    return lambda rows: [(found.slope, found.p) for found in map(one, rows)]


def by_scipy(rows: np.ndarray) -> object:
    """Theil–Sen slope and Kendall's p, series after series."""
    return [(theilslopes(row, YEARS), kendalltau(YEARS, row)) for row in rows]


def by_xarray_mann_kendall(rows: np.ndarray) -> object:
    """Its modified test with Theil–Sen slopes, over a map."""
    from xarrayMannKendall import Mann_Kendall_test

    shape = (YEARS.size, 20, -1)
    cube = xr.DataArray(
        rows.T.reshape(shape), dims=("time", "y", "x"), coords={"time": YEARS.astype(float)}
    )
    names = {"time": "time", "x": "x", "y": "y"}
    return Mann_Kendall_test(
        cube, "time", MK_modified=True, method="theilslopes", coords_name=names
    ).compute()


def engines() -> dict[str, Engine]:
    """All that are installed."""
    found: dict[str, Engine] = {
        f"abz {method}": lambda rows, method=method: trend_series(rows, YEARS, method)
        for method in ("zhang", "yue_pilon", "none")
    }
    found |= {
        f"pymannkendall {test}": by_pymannkendall(test)
        for test in ("trend_free_pre_whitening_modification_test", "original_test")
    }
    if find_spec("xarrayMannKendall") is not None:
        found["xarrayMannKendall"] = by_xarray_mann_kendall
    return {**found, "scipy": by_scipy}


def rates(size: Size) -> list[Found]:
    """Series per CPU second of each engine at each autocorrelation."""
    found = []
    for correlation in CORRELATIONS:
        rows = red_noise(size.ours, correlation)
        asked = {
            name: (engine, rows if name in RATE_ROWS else rows[: size.peers])
            for name, engine in engines().items()
        }
        spent: dict[str, list[float]] = {name: [] for name in asked}
        for engine, part in asked.values():
            engine(part[:40])
        for _ in range(size.rounds):
            for name, (engine, part) in asked.items():
                start = time.process_time()
                engine(part)
                spent[name].append(time.process_time() - start)
        found += [
            {
                "correlation": correlation,
                "engine": name,
                "series": len(asked[name][1]),
                "rate": len(asked[name][1]) / float(np.median(seconds)),
            }
            for name, seconds in spent.items()
        ]
    return found


def by_threads(size: Size) -> Found:
    """Series per second by the clock, with one thread and with two, the best of the rounds."""
    rows = red_noise(size.ours, DEFINING)
    found = {}
    for threads in (1, 2):
        parts = np.array_split(rows, threads)
        spent = []
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(size.rounds):
                start = time.perf_counter()
                list(pool.map(lambda part: trend_series(part, YEARS), parts))
                spent.append(time.perf_counter() - start)
        found[str(threads)] = size.ours / min(spent)
    return {"series_per_s_by_threads": found}


def memory_kb(name: str) -> int:
    """A line of what Linux knows of this process."""
    lines = STATUS.read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def bytes_per_series(series: int) -> float:
    """Memory that a series takes: its own 80 bytes, and what the trends add at their peak."""
    rows = np.tile(red_noise(50_000, DEFINING).astype(np.float32), (-(-series // 50_000), 1))
    rows = rows[:series]
    trend_series(rows[:1000], YEARS)
    PEAK.write_text("5", "utf-8")
    before = memory_kb("VmRSS")
    trend_series(rows, YEARS)
    return (rows.nbytes + 1024 * (memory_kb("VmHWM") - before)) / series


def memory(size: Size) -> Found:
    """Bytes per series in processes of their own; None where the system does not tell."""
    if not PEAK.exists():
        return {"bytes_per_series": None}
    found = {}
    for series in size.memory:
        command = [sys.executable, str(Path(__file__).resolve()), "--memory", str(series)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        found[str(series)] = float(answer.stdout.split()[-1])
    return {"bytes_per_series": found[str(size.memory[-1])], "bytes_by_series": found}


def summary(found: list[Found]) -> Found:
    """The numbers that count, at the defining autocorrelation."""
    rate = {one["engine"]: one["rate"] for one in found if one["correlation"] == DEFINING}
    ours = rate["abz zhang"]
    free = rate["pymannkendall trend_free_pre_whitening_modification_test"]
    other = rate.get("xarrayMannKendall")
    return {
        "series_per_s_per_core": ours,
        "vs_pymannkendall": ours / free,
        "vs_xarraymannkendall": other and ours / other,
        "vs_scipy": rate["abz none"] / rate["scipy"],
        "rates": {
            name: {str(o["correlation"]): o["rate"] for o in found if o["engine"] == name}
            for name in rate
        },
    }


def main(words: list[str]) -> None:
    """Measure and print."""
    asked = options(words)
    if asked.memory:
        print(bytes_per_series(asked.memory))
        return
    size, begin = QUICK if asked.quick else FULL, time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = rates(size)
    for one in found:
        print(f"correlation {one['correlation']:<5}{one['engine']:<58}"
              f"{one['rate']:>12,.0f} series per CPU second")  # fmt: skip
    result = {
        "mode": "quick" if asked.quick else "full",
        **summary(found),
        **by_threads(size),
        **memory(size),
        **machine(LIBRARIES),
        "wall_s": time.perf_counter() - begin,
    }
    print(json.dumps(rounded(result)))


if __name__ == "__main__":
    main(sys.argv[1:])
