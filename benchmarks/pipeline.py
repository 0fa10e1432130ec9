"""Time and memory of a whole run, stage by stage.

Runs a configuration from nothing in a temporary folder, then asks for it again. The last line is
one JSON object: wall seconds of the run, of the second request, the largest stage's peak memory,
and seconds per stage.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

CONFIGS = Path(__file__).resolve().parents[1] / "tasks" / "config"


def timed(command: list[str]) -> float:
    """Wall seconds of a command that has to succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the smallest run, not the demo")
    arguments = parser.parse_args()
    source = CONFIGS / ("ci.toml" if arguments.quick else "demo.toml")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.toml"
        config.write_text(f'output = "{folder}"\n{source.read_text("utf-8")}', "utf-8")
        command = [sys.executable, "-m", "abz.cli", "all", "--config", str(config)]
        first, second = timed(command), timed(command)
        name = tomllib.loads(config.read_text("utf-8"))["name"]
        manifest = json.loads((Path(folder) / name / "manifest.json").read_text("utf-8"))
    cost = manifest["cost"]
    for stage, found in cost.items():
        print(f"{stage:<24} {found['seconds']:8.1f} s {found['peak_mb']:8d} MB")
    summary = {
        "config": source.name,
        "wall_s": round(first, 1),
        "second_request_s": round(second, 1),
        "peak_mb": max(found["peak_mb"] for found in cost.values()),
        "stages_s": {stage: found["seconds"] for stage, found in cost.items()},
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
