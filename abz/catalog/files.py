"""Finding the files of a dataset below the data folder, and checking them against their pins."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from abz.catalog.pins import Pin, verify
from abz.errors import MissingDataError, PinError

__all__ = ["locate"]

_HOW = {
    "open": "download it from {url}",
    "earthdata": "download it from {url} (needs a free NASA Earthdata account)",
    "cds": "request it from {url} (needs a free Copernicus Climate Data Store account)",
    "local": "it is not published as a download",
}


def locate(name: str, pin: Pin, root: Path, years: Sequence[int] | None = None) -> list[Path]:
    """Files of a dataset, all present and as pinned.

    Parameters
    ----------
    name : str
        Entry of the catalog.
    pin : Pin
        Its identity; an entry that pins files pins all of them.
    root : Path
        Folder of the product files.
    years : sequence of int, optional
        Years wanted from a dataset that is split by year; those the product never had are left
        out. All that are there where not given.

    Returns
    -------
    list of Path
        In order of the patterns, years and names.

    Raises
    ------
    MissingDataError
        If a pattern matches nothing, or a pinned file is not there.
    PinError
        If a file is not the pinned one, is not pinned while others are, or is one of another date
        under a second name.

    Examples
    --------
    >>> pin = Pin(
    ...     product="CAVM", version="1", provider="UAF", license="CC BY 4.0", access="open",
    ...     period="static", url="https://example.org/cavm", patterns=("cavm/a.tif",),
    ... )
    >>> locate("cavm", pin, Path("nowhere"))
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: cavm: CAVM 1 is not there
      rule:   nowhere holds cavm/a.tif
      got:    no such file; nowhere/cavm is not there
      remedy: download it from https://example.org/cavm; put the files into nowhere/cavm
    """
    found: list[Path] = []
    globs = pin.globs(years)
    for glob in globs:
        matches = sorted(path for path in root.glob(glob) if path.is_file())
        if not matches:
            raise _missing(name, pin, root, glob)
        found += matches
    paths = list(dict.fromkeys(found))
    _check_awaited(name, pin, root, globs)
    if pin.files:
        _check_pinned(name, pin, root, globs, paths)
    return paths


def _check_awaited(name: str, pin: Pin, root: Path, globs: Sequence[str]) -> None:
    """Nothing that the archive listed for the wanted years is still to come."""
    late = [path for path in pin.awaited if any(fnmatchcase(path, glob) for glob in globs)]
    if late:
        raise MissingDataError(
            f"{name}: {pin.product} {pin.version} is not complete",
            rule="all files that the archive listed are fetched before any is used",
            value=f"{len(late)} to come below {root}, such as {late[0]}",
            remedy="`abz data fetch --config FILE` gets the rest",
        )


def _check_pinned(
    name: str, pin: Pin, root: Path, globs: Sequence[str], paths: Sequence[Path]
) -> None:
    """Every pinned file that is wanted is there, and every file that is there is the pinned one."""
    pinned = {file.path: file for file in pin.files}
    present = {path.relative_to(root).as_posix(): path for path in paths}
    for relative in pinned:
        if relative not in present and any(fnmatchcase(relative, glob) for glob in globs):
            raise _missing(name, pin, root, relative)
    for relative, path in present.items():
        if relative not in pinned:
            raise PinError(
                f"{name}: a file is not pinned",
                rule="an entry that pins files pins all of them",
                value=path,
                remedy="remove the file, or pin it: `abz data lock --config FILE`",
            )
        verify(path, pinned[relative], name)
    _check_unlike(name, pin, set(present))


def _check_unlike(name: str, pin: Pin, present: set[str]) -> None:
    """No wanted file of a dataset that is split by year is another one under a second name."""
    if not any("{year}" in pattern for pattern in pin.patterns):
        return
    alike: dict[str, list[str]] = {}
    for file in pin.files:
        if file.bytes:
            alike.setdefault(file.sha256, []).append(file.path)
    twins = [paths for paths in alike.values() if len(paths) > 1 and not present.isdisjoint(paths)]
    if twins:
        raise PinError(
            f"{name}: files of different dates hold the same bytes",
            rule="each date has a file of its own",
            value=" and ".join(twins[0]),
            remedy="find out which of them it is, and remove the other; "
            "`abz data fetch --config FILE` gets it again",
        )


def _missing(name: str, pin: Pin, root: Path, pattern: str) -> MissingDataError:
    """What is missing, where it was looked for, and how to get it."""
    folder = root / PurePosixPath(pattern).parent
    state = "is not there"
    if folder.is_dir():
        state = f"holds {sum(1 for _ in folder.iterdir())} other files"
    how = _HOW[pin.access].format(url=pin.url or f"its provider, {pin.provider},")
    if pin.origins:
        how = f"`abz data fetch --config FILE` gets it; or {how}"
    note = f" ({pin.note})" if pin.note else ""
    return MissingDataError(
        f"{name}: {pin.product} {pin.version} is not there",
        rule=f"{root} holds {pattern}",
        value=f"no such file; {folder} {state}",
        remedy=f"{how}; put the files into {folder}{note}",
    )
