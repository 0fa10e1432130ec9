"""What it costs to choose mtry for one flux, to rank its predictors and to judge a map.

Every number stands beside scikit-learn's in the same run and on the same rows: the real monthly
table of NEE where there is one, else a synthetic table of its shape. Each part runs in a process of
its own with one thread, two at a time, so that CPU seconds and peak memory are its own. The last
line is one JSON object; README.md beside this file says what its entries mean.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from _modelling_rows import FULL, QUICK, TABLE, TINY, Size
from _summary import machine, rounded

HERE = str(Path(__file__).resolve().parent)
LIBRARIES = ("numpy", "scikit-learn", "numba")
ROWS = ("data", "rows", "sites", "predictors")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}

Found = dict[str, Any]


def options(words: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="modelling", description=(__doc__ or "").split("\n")[0])
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="a sample, in under a minute")
    sizes.add_argument("--tiny", action="store_true", help="seconds; the numbers mean nothing")
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument("--data", metavar="DIR", help=f"holds {TABLE}; $ABZ_DATA by default")
    rows.add_argument("--synthetic", action="store_true", help="made-up rows in any case")
    parser.add_argument("--folds", type=int, help="sites that scikit-learn leaves out; 0: all")
    parser.add_argument("--loso-trees", type=int, help="our trees for each left-out site")
    parser.add_argument("--resume", metavar="DIR", help="keep finished folds there and go on")
    return parser.parse_args(words)


def folder_of_rows(asked: argparse.Namespace) -> str | None:
    """Folder of the real table; None stands for synthetic rows."""
    if asked.synthetic or asked.tiny:
        return None
    if asked.data:
        if not (Path(asked.data) / TABLE).is_file():
            raise SystemExit(f"{Path(asked.data) / TABLE} is not there")
        return str(asked.data)
    found = os.environ.get("ABZ_DATA")
    return found if found and (Path(found) / TABLE).is_file() else None


def run_part(*order: Any) -> Found:
    """What one part finds; called where the parts are imported already."""
    found: Found = import_module("_modelling_parts").run_part(*order)
    return found


def run_all(size: Size, asked: argparse.Namespace) -> dict[str, Found]:
    """All parts, two at a time; our leave-one-site-out waits for the mtry of the search.

    A server that has imported the libraries forks a fresh process for each part.
    """
    os.environ |= ONE_THREAD
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, os.getenv("PYTHONPATH")]))
    context = get_context("forkserver")
    context.set_forkserver_preload(["_modelling_parts"])
    with ProcessPoolExecutor(2, mp_context=context, max_tasks_per_child=1) as pool:
        run = partial(run_part, size, folder_of_rows(asked), asked.resume)
        plain, search = pool.submit(run, "plain_loso"), pool.submit(run, "search").result()
        waited = {"our_loso": pool.submit(run, "our_loso", search["mtry"]), "plain_loso": plain}
        waited |= {part: pool.submit(run, part) for part in ("importance", "applicability")}
        return {"search": search, **{part: found.result() for part, found in waited.items()}}


def summary(size: Size, found: dict[str, Found]) -> Found:
    """The numbers that count, by name."""
    search, plain, ours = found["search"], found["plain_loso"], found["our_loso"]
    best = search["mtry"]
    confirmed = ours["cpu_s"] * size.trees / size.loso_trees
    own = plain["skill"][best]
    return {
        **{name: search[name] for name in (*ROWS, "mtry")},
        "search_cpu_vs_sklearn_loso": plain["cpu_s_all"] / search["cpu_s"],
        "tuning_cpu_vs_sklearn_loso": plain["cpu_s_all"] / (search["cpu_s"] + confirmed),
        "trees": size.trees,
        "search_cpu_s": search["cpu_s"],
        "confirmation_cpu_s": confirmed,
        "sklearn_cpu_s_measured": plain["cpu_s"],
        "sklearn_cpu_s_extrapolated": plain["cpu_s_all"],
        "sklearn_folds_run": plain["folds"],
        "sklearn_folds_all": plain["folds_all"],
        "search_peak_mb": search["peak_mb"],
        "search_growth_mb": search["growth_mb"],
        "sklearn_peak_mb": plain["peak_mb"],
        "sklearn_growth_mb": plain["growth_mb"],
        "search_by_mtry": search["each"],
        "r2_search": search["each"][best]["r2"],
        "rmse_search": search["each"][best]["rmse"],
        "r2_loso": ours["r2"],
        "rmse_loso": ours["rmse"],
        "loso_trees": size.loso_trees,
        "loso_corrected_to_trees": max(size.loso_trees, FULL.trees),
        "r2_loso_as_grown": ours["as_grown"]["r2"],
        "rmse_loso_as_grown": ours["as_grown"]["rmse"],
        "r2_sklearn_loso": own and own["r2"],
        "rmse_sklearn_loso": own and own["rmse"],
        **facts_of("importance", found),
        **facts_of("applicability", found),
    }


def facts_of(part: str, found: dict[str, Found]) -> Found:
    """What a part found, named by it, without what all parts say of the rows."""
    return {f"{part}_{name}": value for name, value in found[part].items() if name not in ROWS}


def show(s: Found) -> None:
    """The numbers as a table: ours, scikit-learn's, and theirs by ours."""
    print(f"{s['data']} rows: {s['rows']} x {s['predictors']}, {s['sites']} sites; {s['cpu']}")
    print(f"{'':<44}{'here':>12}{'scikit-learn':>14}{'ratio':>8}")
    for mtry, one in s["search_by_mtry"].items():
        print(f"search, mtry {mtry:<3} R2, RMSE, mean site RMSE     "
              f"{one['r2']:.3f} {one['rmse']:.2f} {one['site_rmse']:.2f}")  # fmt: skip
    lines = (
        ("search, CPU s", "search_cpu_s", "sklearn_cpu_s_extrapolated"),
        ("confirmation of the chosen mtry, CPU s", "confirmation_cpu_s", None),
        ("search, memory on top of the rows, MB", "search_growth_mb", "sklearn_growth_mb"),
        ("leave-one-site-out, R2", "r2_loso", "r2_sklearn_loso"),
        ("leave-one-site-out, RMSE", "rmse_loso", "rmse_sklearn_loso"),
        *((f"{part}, CPU s a million", f"{part}_cpu_s_per_million",
           f"{part}_sklearn_cpu_s_per_million") for part in ("importance", "applicability")),
    )  # fmt: skip
    for label, ours, theirs in lines:
        other = s[theirs] if theirs else None
        beside = f"{other:14.4g}" if other else f"{'':>14}"
        by = f"{other / s[ours]:8.1f}" if other and "CPU" in label else ""
        print(f"{label:<44}{s[ours]:12.4g}{beside}{by}")
    print(correction(s))


def correction(s: Found) -> str:
    """How many trees the shown skill of leaving sites out rests on."""
    grown, shown = s["loso_trees"], s["loso_corrected_to_trees"]
    if grown == shown:
        return f"leave-one-site-out skill: of {grown} trees a site, as grown"
    return (
        f"leave-one-site-out skill: corrected from {grown} trees a site to {shown}; "
        f"as grown R2 {s['r2_loso_as_grown']:.3f}, RMSE {s['rmse_loso_as_grown']:.2f}"
    )


def main(words: list[str]) -> None:
    """Measure and print."""
    asked = options(words)
    size = QUICK if asked.quick else TINY if asked.tiny else FULL
    given = {"folds": asked.folds, "loso_trees": asked.loso_trees}
    size = replace(size, **{name: value for name, value in given.items() if value is not None})
    start = time.perf_counter()
    found = run_all(size, asked)
    wall = time.perf_counter() - start
    modes = ((FULL, "full"), (QUICK, "quick"), (TINY, "tiny"))
    mode = next((name for preset, name in modes if preset == size), "other")
    result = rounded({"mode": mode, **summary(size, found), **machine(LIBRARIES), "wall_s": wall})
    show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
