"""Pinning what lies on disk: a catalog with the SHA-256 and the size of every file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from abz.catalog.catalog import CATALOG
from abz.catalog.document import load_yaml, read_document
from abz.catalog.files import locate
from abz.digest import sha256_file
from abz.errors import MissingDataError

__all__ = ["write_pinned_catalog", "write_world_catalog"]

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Content = dict[str, Any]


def write_pinned_catalog(root: Path, target: Path, catalog: Path = CATALOG) -> Path:
    """Write a catalog that pins every file found below a folder.

    A study on real data runs it once after the files were fetched: providers do not promise the
    same bytes for the same request, so the digests of what was first used are kept.

    Parameters
    ----------
    root : Path
        Folder of the product files.
    target : Path
        Catalog to write: the entries of `catalog` whose files are all there.
    catalog : Path, optional
        Catalog with names, patterns and identities.

    Returns
    -------
    Path
        `target`; the same files give the same bytes.

    Raises
    ------
    PinError
        If `catalog` pins other bytes already.
    """
    return _write(root, target, catalog, lambda pin: pin)


def write_world_catalog(folder: Path, catalog: Path = CATALOG) -> Path:
    """Write the catalog of a synthetic archive: its own digests, and no claim to be the product.

    Parameters
    ----------
    folder : Path
        The archive: one folder a dataset, files named as the products name them.
    catalog : Path, optional
        Catalog with names, patterns and identities.

    Returns
    -------
    Path
        folder/catalog.yaml; the same archive gives the same bytes.
    """
    return _write(folder, folder / "catalog.yaml", catalog, _stand_in)


def _write(root: Path, target: Path, catalog: Path, rename: Callable[[Content], Content]) -> Path:
    """A copy of `catalog` with the files below `root` pinned, written whole or not at all."""
    document = read_document(catalog)
    content = load_yaml(catalog)
    entries: Content = {}
    for name, entry in content["entries"].items():
        try:
            paths = locate(name, document.pin(name), root)
        except MissingDataError:
            continue
        files = [_pinned(path, root) for path in sorted(paths)]
        pin = rename(entry["metadata"]["pin"]) | {"files": files}
        entries[name] = entry | {"metadata": {"pin": pin}}
    described = {document.entries[name].kwargs.reference for name in entries}
    content |= {
        "entries": entries,
        "aliases": {name: name for name in entries},
        "data": {name: data for name, data in content["data"].items() if name in described},
    }
    temporary = target.with_suffix(".partial")
    with temporary.open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump(content, stream, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=100)
    return temporary.replace(target)


def _pinned(path: Path, root: Path) -> Content:
    """Path below the folder, size and digest of one file."""
    return {
        "path": path.relative_to(root).as_posix(),
        "sha256": sha256_file(path),
        "bytes": path.stat().st_size,
    }


def _stand_in(pin: Content) -> Content:
    """Identity of a synthetic dataset: the product's names and form, nobody's measurement."""
    return pin | {
        "product": f"Synthetic stand-in for {pin['product']}",
        "provider": "synthetic",
        "license": "BSD-3-Clause",
        "access": "local",
        "doi": None,
        "reference": None,
        "url": None,
        "note": "made by abz.world; no measurement",
    }
