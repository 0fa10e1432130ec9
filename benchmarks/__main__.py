"""Runs the benchmarks of this folder, each in its own process.

`python benchmarks --quick` runs all of them, `python -m benchmarks modelling --quick` the named.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run those named first, or all, with the arguments after; the number that failed."""
    known = {path.stem: path for path in sorted(Path(__file__).parent.glob("[!_]*.py"))}
    named = list(takewhile(known.__contains__, arguments))
    failed = 0
    for name in named or known:
        print(f"== {name}", flush=True)
        command = [sys.executable, known[name], *arguments[len(named) :]]
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
