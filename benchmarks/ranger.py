"""The same forest as R's? Leaving out sites of the public tables, beside ranger on the same folds.

Reads `flux_training` below $ABZ_DATA and writes one record, docs/records/ranger.json, that the site
shows. Runs that the record holds are not repeated, so it can be stopped and started again; the
whole takes about two hours of one core. Runs of R are left out where there is no Rscript with
ranger and randomForest. `--quick` runs small forests and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from _ranger_rows import FLUXES, digests
from _ranger_runs import Run, execute, plan, rows_of

from abz.cli.storage import read_json, write_json
from abz.modelling import scores

RECORD = Path(__file__).resolve().parents[1] / "docs" / "records" / "ranger.json"
LIBRARIES = ("abz", "numpy", "pandas", "scikit-learn")
R_VERSIONS = (
    "cat(R.version$major, '.', R.version$minor, ' ', format(packageVersion('ranger')), ' ', "
    "format(packageVersion('randomForest')), sep='')"
)


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="ranger", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small forests; nothing is written")
    parser.add_argument("--flux", choices=("nee", "gpp", "reco"), help="runs of this flux only")
    parser.add_argument("--engine", help="runs of this engine only: abz, ranger, randomForest")
    parser.add_argument("--workers", type=int, default=1, help="threads of a forest")
    parser.add_argument("--fresh", action="store_true", help="forget the runs of the record")
    parser.add_argument("--record", type=Path, default=RECORD, help="the file that is written")
    return parser.parse_args()


def main() -> None:
    """Do what is missing in the record, run by run."""
    asked = options()
    folder = Path(os.environ.get("ABZ_DATA", "")) / "flux_training"
    if not folder.is_dir():
        print("skipped: $ABZ_DATA names no folder that holds flux_training")
        return
    if asked.fresh:
        asked.record.unlink(missing_ok=True)
    if not asked.quick:
        write_json({**current(asked.record, folder), "oracle": oracle_scores(folder)}, asked.record)
    for run in plan(quick=asked.quick):
        wanted = asked.flux in (None, run.flux) and asked.engine in (None, run.engine)
        if not wanted or (run.engine != "abz" and not r_versions()):
            continue
        if asked.quick:
            print(json.dumps(execute(run, folder, asked.workers)))
        elif not holds(current(asked.record, folder), run):
            print(run, flush=True)
            found = execute(run, folder, asked.workers)
            add(found, asked.record, folder)


def current(path: Path, folder: Path) -> dict[str, Any]:
    """The planned runs that the record holds now; none if it rests on other tables."""
    inputs = digests(folder)
    record: dict[str, Any] = read_json(path) if path.is_file() else {"inputs": {}}
    if record["inputs"] != inputs:
        return {"inputs": inputs, "runs": []}
    planned = {key(asdict(run)) for run in plan(quick=False)}
    kept = {key(run): run for run in record["runs"] if key(run) in planned}
    return {**record, "runs": list(kept.values())}


def oracle_scores(folder: Path) -> dict[str, Any]:
    """Scores of the stored held-out predictions of R's ranger, each site left out."""
    rows = {flux: rows_of(folder, flux, "oracle") for flux in FLUXES}
    return {flux: asdict(scores(r.y, r.oracle["sites"])) for flux, r in rows.items()}


def key(run: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a run from all others."""
    return tuple(run[name] for name in Run.__dataclass_fields__)


def holds(record: dict[str, Any], run: Run) -> bool:
    """Whether the record holds the run."""
    return key(asdict(run)) in map(key, record["runs"])


def add(found: dict[str, Any], path: Path, folder: Path) -> None:
    """Put a run in the record, in the place of an equal one that another process has added."""
    record = current(path, folder)
    others = [run for run in record["runs"] if key(run) != key(found)]
    runs = sorted([*others, found], key=lambda run: [str(value) for value in key(run)])
    write_json({**record, "about": about(), "runs": runs}, path)


def about() -> dict[str, Any]:
    """When, with what and on what the runs were made."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "r": r_versions(),
        "cpu": cpu_model(),
    }


@cache
def r_versions() -> dict[str, str]:
    """Versions of R, ranger and randomForest; empty where one of them is not there."""
    if not shutil.which("Rscript"):
        return {}
    done = subprocess.run(
        ["Rscript", "-e", R_VERSIONS], capture_output=True, text=True, check=False
    )
    words = done.stdout.split()
    names = ("R", "ranger", "randomForest")
    return dict(zip(names, words, strict=True)) if done.returncode == 0 else {}


def cpu_model() -> str:
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
