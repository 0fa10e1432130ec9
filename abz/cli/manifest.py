"""The manifest of a run: what made it, from which bytes, to which bytes; its verification."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import abz
from abz.catalog import lock_path
from abz.cli.crate import run_crate
from abz.cli.inputs import Inputs
from abz.cli.layout import Layout
from abz.cli.receipts import expected_receipts
from abz.cli.sources import PACKAGE, repository
from abz.cli.storage import read_json, write_json
from abz.config import Config
from abz.digest import digest, sha256_file
from abz.errors import MissingDataError

__all__ = ["Difference", "verify", "write_manifest"]

Difference = tuple[str, str, str]
"""Path, pinned sha256, found sha256 or 'missing'."""


def write_manifest(config: Config, layout: Layout) -> Path:
    """Collect receipts, inputs, versions and times of a finished run into `manifest.json`.

    The manifest is left alone if the run's inputs, outputs and code are those it says already.
    Beside it stands `ro-crate-metadata.json`.

    Returns
    -------
    Path
        The manifest.
    """
    receipts = [_receipt(layout, name) for name in expected_receipts(config)]
    document: dict[str, Any] = {
        "run": config.name,
        "synthetic": config.synthetic,
        "config": config.model_dump(mode="json", exclude={"data", "output", "catalog"}),
        "seeds": {"run": config.seed, "world": config.world.seed if config.world else None},
        "software": _software(),
        "catalogs": _catalogs(config),
        "inputs": _inputs(layout),
        "outputs": {path: pin for receipt in receipts for path, pin in receipt["outputs"].items()},
    }
    write_json(run_crate(document), layout.crate)
    if layout.manifest.is_file():
        found = read_json(layout.manifest)
        if {key: found.get(key) for key in document} == document:
            return layout.manifest
    document["cost"] = {path.stem: read_json(path) for path in sorted(layout.costs.glob("*.json"))}
    return write_json(document, layout.manifest)


def _receipt(layout: Layout, name: str) -> dict[str, Any]:
    """The receipt of a stage that has to be finished."""
    if not (layout.receipts / name).is_file():
        raise MissingDataError(
            "a stage of the run has no receipt",
            rule="every stage is finished before the manifest is written",
            value=layout.receipts / name,
            remedy="`abz all --config FILE` runs what is missing",
        )
    found: dict[str, Any] = read_json(layout.receipts / name)
    return found


def verify(root: Path) -> list[Difference]:
    """Outputs of a run that are no longer the bytes its manifest pins.

    Parameters
    ----------
    root : Path
        Folder of the run.

    Returns
    -------
    list of Difference
        Empty if every output is there and unchanged.

    Raises
    ------
    MissingDataError
        If the folder holds no manifest.
    """
    layout = Layout(root)
    if not layout.manifest.is_file():
        raise MissingDataError(
            "the run has no manifest",
            rule="a finished run holds manifest.json",
            value=layout.manifest,
            remedy="finish it with `abz all --config FILE`",
        )
    return [
        (path, pin["sha256"], found)
        for path, pin in read_json(layout.manifest)["outputs"].items()
        if (found := _found(root / path)) != pin["sha256"]
    ]


def _found(path: Path) -> str:
    """Digest of what is there."""
    return digest(path) if path.exists() else "missing"


def _software() -> dict[str, Any]:
    """Versions of the interpreter and of every installed distribution, and digests of our code."""
    lock = repository() / "tasks" / "requirements.lock"
    return {
        "abz": abz.__version__,
        "abz_sha256": _code_digest(),
        "python": platform.python_version(),
        "platform": f"{platform.system()}-{platform.machine()}",
        "lock_sha256": sha256_file(lock) if lock.is_file() else None,
        "packages": {d.metadata["Name"]: d.version for d in distributions()},
    }


def _code_digest() -> str:
    """Digest of the package's source files, compiled files left out."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(f"{path.relative_to(PACKAGE).as_posix()}\0{sha256_file(path)}\n".encode())
    return total.hexdigest()


def _inputs(layout: Layout) -> Inputs:
    """Datasets that the stages opened, each with the sha256 of every pinned file."""
    merged: Inputs = {}
    for path in sorted(layout.inputs.glob("*.json")):
        for name, found in read_json(path).items():
            files = merged.setdefault(name, {**found, "files": {}})["files"]
            files.update(found["files"])
    return merged


def _catalogs(config: Config) -> dict[str, str]:
    """Digests of the catalogs that describe the inputs: the configured one, the archive's own."""
    lock = lock_path(config.catalog)
    catalogs = {config.catalog.name: config.catalog, lock.name: lock}
    if config.synthetic:
        catalogs["archive/catalog.yaml"] = config.archive / "catalog.yaml"
    return {name: sha256_file(path) for name, path in catalogs.items() if path.is_file()}
