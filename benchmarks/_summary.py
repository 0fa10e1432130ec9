"""What all benchmarks say at their end: where they ran, and numbers no finer than they are."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FACTS = Path("/proc/cpuinfo")


def machine(libraries: Iterable[str]) -> dict[str, Any]:
    """Processor, cores and versions; None for a library that is not installed."""
    lines = FACTS.read_text("utf-8").splitlines() if FACTS.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: _version(name) for name in libraries},
    }


def _version(library: str) -> str | None:
    """Version of a library, if it is there."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def rounded(value: Any) -> Any:
    """Numbers with four digits that count."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value
