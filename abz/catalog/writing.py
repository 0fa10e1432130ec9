"""The catalog of a synthetic archive: the SHA-256 and the size of every file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from abz.catalog.catalog import CATALOG
from abz.catalog.document import load_yaml, read_document
from abz.catalog.files import locate
from abz.digest import sha256_file
from abz.errors import MissingDataError

__all__ = ["write_world_catalog"]

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Content = dict[str, Any]


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
    return _write(folder, folder / "catalog.yaml", catalog)


def _write(root: Path, target: Path, catalog: Path) -> Path:
    """`catalog` for the stand-ins below `root`, all pinned, written whole or not at all."""
    document = read_document(catalog)
    content = load_yaml(catalog)
    entries: Content = {}
    for name, entry in content["entries"].items():
        try:
            paths = locate(name, document.pin(name), root)
        except MissingDataError:
            continue
        files = [_pinned(path, root) for path in sorted(paths)]
        pin = _stand_in(entry["metadata"]["pin"]) | {"files": files}
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
    kept = {key: value for key, value in pin.items() if key != "origins"}
    return kept | {
        "product": f"Synthetic stand-in for {pin['product']}",
        "provider": "synthetic",
        "license": "BSD-3-Clause",
        "access": "local",
        "doi": None,
        "reference": None,
        "url": None,
        "note": "made by abz.world; no measurement",
    }
