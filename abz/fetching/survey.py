"""What of a dataset is there, missing or damaged, and where the rest can be had.

A survey fetches nothing. It reads names, sizes and first bytes; digests are compared when a file is
fetched, opened, or verified on purpose.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase, translate
from pathlib import Path, PurePosixPath
from typing import Literal

from abz.catalog import WHOLE, Catalog, Copernicus, Earthdata, Http, Pin, PinnedFile
from abz.fetching.http import part_of
from abz.fetching.needs import Need
from abz.fetching.signatures import fault_of

__all__ = ["Item", "Survey", "survey"]

State = Literal["there", "unpinned", "damaged", "missing"]


@dataclass(frozen=True)
class Item:
    """One file of a dataset.

    Parameters
    ----------
    path : str
        Below the data folder.
    state : {"there", "unpinned", "damaged", "missing"}
        Unpinned is there, but with no digest to hold it to.
    pinned : PinnedFile or None
        Size and digest, where they are known.
    size : int or None
        Bytes that it has or shall have, where that is known.
    partly : int
        Bytes of it that have come already.
    origin : Http, Copernicus or None
        Where it can be had; files of Earthdata are found by asking.
    year : int or None
        The year that stands in the origin's address or request.
    fault : str
        What is wrong with a damaged one.
    """

    path: str
    state: State
    pinned: PinnedFile | None = None
    size: int | None = None
    partly: int = 0
    origin: Http | Copernicus | None = None
    year: int | None = None
    fault: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether it has to be fetched."""
        return self.state in ("missing", "damaged")

    @property
    def address(self) -> str:
        """Where its origin has it, for its year; empty where it has no address."""
        if not isinstance(self.origin, Http):
            return ""
        year = "" if self.year is None else str(self.year)
        return self.origin.url.replace("{year}", year)


@dataclass(frozen=True)
class Survey:
    """State of a dataset, as far as a run needs it.

    Parameters
    ----------
    need : Need
        What is needed.
    pin : Pin
        Identity of the dataset.
    items : tuple of Item
        All files that are known by name.
    unlisted : tuple of str
        Patterns of which no file is known by name: the archive has to be asked.
    beyond : tuple of int
        Years that the product does not cover.
    unasked : tuple of int
        Years for which the archive has not been asked which files there are, though it could be:
        what is there may not be all.
    """

    need: Need
    pin: Pin
    items: tuple[Item, ...]
    unlisted: tuple[str, ...] = ()
    beyond: tuple[int, ...] = ()
    unasked: tuple[int, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or damaged, as far as is known."""
        return not (self.unlisted or self.beyond or any(item.is_wanted for item in self.items))

    def count(self, *states: State) -> int:
        """Files in one of some states."""
        return sum(item.state in states for item in self.items)

    @property
    def here(self) -> int:
        """Bytes of the files that are there."""
        return sum(item.size or 0 for item in self.items if not item.is_wanted)

    @property
    def mean_size(self) -> float | None:
        """Mean size of the files whose size is known, bytes."""
        known = [item.size for item in self.items if item.size]
        return sum(known) / len(known) if known else None

    @property
    def to_come(self) -> tuple[int, int]:
        """Bytes to come of files whose size is known, and the number of those without."""
        wanted = [item for item in self.items if item.is_wanted]
        known = sum(max(item.size - item.partly, 0) for item in wanted if item.size is not None)
        return known, sum(item.size is None for item in wanted) + len(self.unlisted)

    @property
    def earthdata(self) -> Earthdata | None:
        """The collection that lists its files, where it has one."""
        return next((o for o in self.pin.origins if isinstance(o, Earthdata)), None)


def survey(catalog: Catalog, need: Need) -> Survey:
    """Look at the files of a dataset.

    Parameters
    ----------
    catalog : Catalog
        With its lock file and data folder.
    need : Need
        Dataset and years.

    Returns
    -------
    Survey
        Its items in order of their paths.

    Raises
    ------
    InputError
        If the catalog has no such entry.
    """
    pin = catalog.pin(need.name)
    beyond = _beyond(pin, need.years)
    years = None if need.years is None else [y for y in need.years if y not in beyond]
    globs = pin.globs(years)
    wanted = re.compile("|".join(map(translate, globs)) or "(?!)").match
    pinned = {file.path: file for file in pin.files if wanted(file.path)}
    there = {path for path in _present(catalog.root, globs) if wanted(path)}
    origins = dict(_addresses(pin, years, globs, there | {*pinned}))
    locked = catalog.locked(need.name)
    named = {*pinned, *origins, *there, *filter(wanted, pin.awaited)}
    named |= {glob for glob in globs if "*" not in glob and "[" not in glob}
    items = tuple(
        _item(catalog.root, path, pinned.get(path), locked.awaited.get(path), origins.get(path))
        for path in sorted(named)
    )
    unlisted = tuple(glob for glob in globs if not any(map(_matcher(glob), named)))
    state = Survey(need, pin, items, unlisted, tuple(beyond))
    if state.earthdata is None or catalog.document.pin(need.name).files:
        return state
    asked = [WHOLE] if years is None else years
    return replace(state, unasked=tuple(sorted({*asked} - {*locked.listed, *pin.absent_years})))


def _beyond(pin: Pin, years: Sequence[int] | None) -> list[int]:
    """Wanted years that lie outside those of the product."""
    if pin.years is None or not any("{year}" in pattern for pattern in pin.patterns):
        return []
    return [year for year in years or () if not pin.years[0] <= year <= pin.years[1]]


def _matcher(glob: str) -> Callable[[str], object]:
    """What says whether a path matches a pattern."""
    return re.compile(translate(glob)).match


def _present(root: Path, globs: Sequence[str]) -> Iterator[str]:
    """Files in the folders of some patterns; each folder is listed once."""
    for parent in dict.fromkeys(PurePosixPath(glob).parent for glob in globs):
        folder = root / parent
        if folder.is_dir():
            names = (entry.name for entry in os.scandir(folder) if entry.is_file())
            yield from ((parent / name).as_posix() for name in names)


def _addresses(
    pin: Pin, years: Sequence[int] | None, globs: Sequence[str], there: Collection[str]
) -> Iterator[tuple[str, tuple[Http | Copernicus, int | None]]]:
    """Files that an address or a request stands for, each with its origin and year.

    Of a pattern that any one file fulfils, such as the map of some year, the address counts only
    where none is there.
    """
    if years is None:
        first, last = pin.years or (0, -1)
        years = [year for year in range(first, last + 1) if year not in pin.absent_years]
    for origin in pin.origins:
        if isinstance(origin, Earthdata):
            continue
        templates = origin.paths if isinstance(origin, Http) else (origin.path,)
        for template in templates:
            if "{year}" not in template:
                serving = [glob for glob in globs if "*" in glob and fnmatchcase(template, glob)]
                rivals = {path for glob in serving for path in there if fnmatchcase(path, glob)}
                if template in rivals or not rivals:
                    yield template, (origin, None)
                continue
            for year in years:
                path = template.replace("{year}", str(year))
                served = not isinstance(origin, Http) or origin.serves(year)
                if served and any(fnmatchcase(path, glob) for glob in globs):
                    yield path, (origin, year)


def _item(
    root: Path, path: str, pinned: PinnedFile | None, stated: int | None,
    source: tuple[Http | Copernicus, int | None] | None,
) -> Item:  # fmt: skip
    """State of one file, by its size and first bytes."""
    origin, year = source or (None, None)
    size = pinned.bytes if pinned else stated
    place = root / path
    if not place.is_file():
        part = part_of(place)
        partly = part.stat().st_size if part.is_file() else 0
        return Item(path, "missing", pinned, size, partly, origin, year)
    found = place.stat().st_size
    fault = fault_of(place) or ""
    if size is not None and found != size:
        fault = f"{found} bytes in place of {size}"
    if fault:
        return Item(path, "damaged", pinned, size, 0, origin, year, fault)
    return Item(path, "there" if pinned else "unpinned", pinned, found, 0, origin, year)
