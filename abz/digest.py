"""SHA-256 of files and of whole folders: how bytes are compared here."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["digest", "sha256_file", "sha256_tree", "tree_bytes"]


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, read in a stream.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "empty"
    ...     _ = path.write_bytes(b"")
    ...     sha256_file(path)[:8]
    'e3b0c442'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_tree(folder: Path) -> str:
    """SHA-256 over the names and digests of all files below a folder, in order of name."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0{sha256_file(path)}\n".encode())
    return total.hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file or of a folder."""
    return sha256_tree(path) if path.is_dir() else sha256_file(path)


def tree_bytes(path: Path) -> int:
    """Size of a file, or of all files below a folder, bytes."""
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
