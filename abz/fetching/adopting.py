"""Files that are on disk already: found by name, and linked into the data folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from filecmp import cmp
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from abz.catalog import Catalog, PinnedFile, record
from abz.digest import sha256_file
from abz.errors import PinError
from abz.fetching.fetch import Failure, Outcome
from abz.fetching.keeping import settle
from abz.fetching.needs import Need
from abz.fetching.signatures import fault_of
from abz.fetching.survey import Survey, survey
from abz.validation import check_folder

__all__ = ["adopt"]


def adopt(catalog: Catalog, needs: Iterable[Need], folder: Path) -> Outcome:
    """Link files that are missing or damaged to those of the same name below a folder.

    Nothing is copied and nothing in `folder` is changed. Each file is read once: its digest has to
    be the pinned one, or is pinned now. Of several files of one name the pinned one counts; where
    none is pinned, they have to be alike.

    Parameters
    ----------
    catalog : Catalog
        Its folder receives the links, its lock file the digests.
    needs : iterable of Need
        Datasets and years.
    folder : Path
        Where the files lie, in whatever sub-folders.

    Returns
    -------
    Outcome
        Linked files, and those that are not what is pinned.

    Raises
    ------
    MissingDataError
        If there is no such folder.
    PinError
        Never: a wrong file is one of the failures.
    """
    places = _by_name(check_folder(folder, "the folder of files on disk").resolve())
    outcome = Outcome()
    for need in needs:
        state = survey(catalog, need)
        linked: list[PinnedFile] = []
        for path, found in _candidates(state, places):
            pinned = next((item.pinned for item in state.items if item.path == path), None)
            try:
                linked.append(_linked(catalog.root, path, _only(found, pinned), pinned))
            except PinError as error:
                outcome.failures.append(Failure(need.name, error))
        own = {file.path for file in catalog.document.pin(need.name).files}
        new = [file for file in linked if file.path not in own]
        if new:
            record(catalog.path, need.name, state.pin, new)
        outcome.fetched += [file.path for file in linked]
    return outcome


def _by_name(folder: Path) -> dict[str, list[Path]]:
    """Files below a folder by their names, in order of paths."""
    found: dict[str, list[Path]] = {}
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            found.setdefault(name, []).append(Path(here) / name)
    return found


def _candidates(state: Survey, places: dict[str, list[Path]]) -> Iterator[tuple[str, list[Path]]]:
    """Paths that want a file, each with those of its name; patterns take all that match."""
    there = {item.path for item in state.items if not item.is_wanted}
    for item in state.items:
        name = PurePosixPath(item.path).name
        if item.is_wanted and name in places:
            yield item.path, places[name]
    years = None if state.need.years is None else {*state.need.years} - {*state.beyond}
    named = {item.path for item in state.items if item.is_wanted}
    for glob in state.pin.globs(years):
        pattern = PurePosixPath(glob)
        for name in sorted(places):
            path = (pattern.parent / name).as_posix()
            if path not in there | named and fnmatchcase(name, pattern.name):
                yield path, places[name]


def _only(places: Sequence[Path], pinned: PinnedFile | None) -> Path:
    """The one file that a name means."""
    first, *others = places
    if pinned is not None and others:
        right = (place for place in places if place.stat().st_size == pinned.bytes)
        return next((place for place in right if sha256_file(place) == pinned.sha256), first)
    other = next((other for other in others if not cmp(first, other, shallow=False)), None)
    if other is not None:
        raise PinError(
            f"two files that differ are named {first.name}",
            rule="one file of a name, or a pinned digest that says which",
            value=f"{first} and {other}",
            remedy="give `--from` the folder that holds the right one; none was linked",
        )
    return first


def _linked(root: Path, path: str, place: Path, pinned: PinnedFile | None) -> PinnedFile:
    """A link to a file that is the pinned one, or none yet."""
    fault = fault_of(place)
    found = settle(place.parent, place.name).model_copy(update={"path": path})
    if fault is not None or (pinned is not None and found != pinned):
        rule = f"sha256 {pinned.sha256}, {pinned.bytes} bytes" if pinned else "a file of its format"
        raise PinError(
            f"{place} is not {path}",
            rule=rule,
            value=fault or f"sha256 {found.sha256}, {found.bytes} bytes",
            remedy="look for the right file; it was not linked",
        )
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.link")
    temporary.unlink(missing_ok=True)
    if place != target.resolve() or not target.exists():
        temporary.symlink_to(place)
        temporary.replace(target)
    return found
