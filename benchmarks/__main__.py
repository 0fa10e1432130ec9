"""Runs every benchmark of this folder in its own process: `python benchmarks --quick`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run all benchmarks with the same arguments; the number of those that failed."""
    failed = 0
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        print(f"== {path.stem}", flush=True)
        failed += subprocess.run([sys.executable, path, *arguments], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
