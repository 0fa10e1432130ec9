"""The lock file of a catalog: the bytes that were first fetched, held to from then on.

Few archives publish checksums. What the catalog itself does not pin is therefore recorded when it
is first there and found whole: size and SHA-256 of each file, in `catalog.lock` beside
`catalog.yaml`. Also there: the files that an archive listed and that are still to come, so that
half a year of tiles never passes for a year.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from abz.catalog.paths import below
from abz.catalog.pins import Pin, PinnedFile
from abz.errors import ConfigError, PinError

__all__ = ["WHOLE", "Lock", "LockedEntry", "forget", "lock_path", "read_lock", "record"]

WHOLE = 0
"""In place of a year, for a dataset that is not split by year."""

RelativePath = Annotated[str, Field(pattern=r"^[^/{}:\\][^{}:\\]*$"), AfterValidator(below)]
Bytes = Annotated[str, Field(pattern=r"^[0-9a-f]{64} \d+$")]


class _Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LockedEntry(_Record):
    """What is held to of one dataset.

    Parameters
    ----------
    product, version : str
        As the catalog named them at that time.
    retrieved : str
        Day on which something was last added, YYYY-MM-DD, UTC.
    files : dict of {str: str}
        Path below the data folder to "SHA-256 bytes".
    awaited : dict of {str: int or None}
        Path to the size that the archive states, of files that are still to come.
    listed : list of int
        Years for which the archive was asked which files there are; `WHOLE` for a dataset that is
        not split by year.

    Examples
    --------
    >>> entry = LockedEntry(product="P", version="1", files={"p/a.nc": "0" * 64 + " 3"})
    >>> entry.pinned()[0].bytes
    3
    """

    product: str
    version: str
    retrieved: str = ""
    files: dict[RelativePath, Bytes] = Field(default_factory=dict)
    awaited: dict[RelativePath, int | None] = Field(default_factory=dict)
    listed: list[int] = Field(default_factory=list)

    def pinned(self) -> tuple[PinnedFile, ...]:
        """The files as a pin holds them."""
        split = ((path, *text.split()) for path, text in self.files.items())
        return tuple(
            PinnedFile.model_construct(path=path, sha256=sha256, bytes=int(size))
            for path, sha256, size in split
        )


class Lock(_Record):
    """All entries of a lock file.

    Examples
    --------
    >>> Lock().pin("cavm", Pin(
    ...     product="P", version="1", provider="me", license="CC0", access="open", period="static"
    ... )).files
    ()
    """

    version: int = Field(default=1, ge=1, le=1)
    entries: dict[str, LockedEntry] = Field(default_factory=dict)

    def pin(self, name: str, pin: Pin) -> Pin:
        """A pin with what is locked of it; the files that the catalog pins itself come first."""
        entry = self.entries.get(name)
        if entry is None or pin.files:
            return pin
        awaited = tuple(path for path in entry.awaited if path not in entry.files)
        return pin.model_copy(update={"files": entry.pinned(), "awaited": awaited})


def lock_path(catalog: Path) -> Path:
    """The lock file that belongs to a catalog.

    Examples
    --------
    >>> lock_path(Path("data/catalog.yaml")).name
    'catalog.lock'
    """
    return catalog.with_suffix(".lock")


def read_lock(catalog: Path) -> Lock:
    """The lock of a catalog; an empty one where there is no file.

    Raises
    ------
    ConfigError
        If the file is damaged.
    """
    path = lock_path(catalog)
    if not path.is_file():
        return Lock()
    state = path.stat()
    return _parsed(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _parsed(path: Path, size: int, changed_ns: int) -> Lock:
    """A lock file in one state."""
    try:
        return Lock.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ConfigError(
            f"{path} is damaged",
            rule="a lock file is written by `abz data lock` and `abz data fetch` only",
            value=f"{'.'.join(map(str, first['loc'])) or 'whole file'}: {first['msg']}",
            remedy="restore it from a copy; without one, remove it, and the files that are on disk "
            "are recorded anew",
        ) from error


def record(
    catalog: Path,
    name: str,
    pin: Pin,
    files: Iterable[PinnedFile] = (),
    *,
    awaited: Mapping[str, int | None] | None = None,
    listed: Iterable[int] = (),
) -> Lock:
    """Add files to a lock file; those that are there already have to be the same.

    Parameters
    ----------
    catalog : Path
        The catalog; the lock file is written beside it, whole or not at all.
    name : str
        Entry of the catalog.
    pin : Pin
        Its identity.
    files : iterable of PinnedFile
        Files that were found whole.
    awaited : mapping of {str: int or None}, optional
        Files that the archive lists, with their sizes where it states them.
    listed : iterable of int, optional
        Years for which it was asked.

    Returns
    -------
    Lock
        What the file now holds.

    Raises
    ------
    PinError
        If another digest is locked for a file.
    """
    lock = read_lock(catalog)
    known = lock.entries.get(name, LockedEntry(product=pin.product, version=pin.version))
    held, late = dict(known.files), {**known.awaited, **(awaited or {})}
    for file in files:
        text = f"{file.sha256} {file.bytes}"
        if held.setdefault(file.path, text) != text:
            raise locked_otherwise(name, file, held[file.path])
    late = {path: size for path, size in late.items() if path not in held}
    asked = sorted({*known.listed, *listed})
    if name in lock.entries and (held, late, asked) == (known.files, known.awaited, known.listed):
        return lock
    entry = LockedEntry.model_construct(
        product=pin.product, version=pin.version, files=held, awaited=late, listed=asked,
        retrieved=datetime.now(UTC).date().isoformat(),
    )  # fmt: skip
    return _write(catalog, {**lock.entries, name: entry})


def forget(catalog: Path, name: str) -> Lock:
    """Remove a dataset from a lock file: what is there next time is recorded anew."""
    lock = read_lock(catalog)
    if name not in lock.entries:
        return lock
    return _write(catalog, {key: entry for key, entry in lock.entries.items() if key != name})


def locked_otherwise(name: str, file: PinnedFile, held: str) -> PinError:
    """A file that is not the one first fetched."""
    sha256, size = held.split()
    return PinError(
        f"{name}: {file.path} is not the file that was first fetched",
        rule=f"sha256 {sha256}, {size} bytes",
        value=f"sha256 {file.sha256}, {file.bytes} bytes",
        remedy="bring the first file back; if the change is meant, accept it: "
        f"`abz data lock {name} --renew --config FILE`",
    )


def _write(catalog: Path, entries: Mapping[str, LockedEntry]) -> Lock:
    """Write a lock file beside its catalog: aside, to the disk, then under its name."""
    lock = Lock.model_construct(version=1, entries=dict(entries))
    text = json.dumps(lock.model_dump(), indent=1, sort_keys=True, ensure_ascii=False)
    path = lock_path(catalog)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return lock
