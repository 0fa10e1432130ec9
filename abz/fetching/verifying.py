"""Reading all bytes again: are they still the pinned ones; pinning what is not pinned yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from abz.catalog import Catalog, PinnedFile, forget, record
from abz.fetching.keeping import settle
from abz.fetching.needs import Need
from abz.fetching.progress import Progress
from abz.fetching.survey import Item, Survey, survey

__all__ = ["Finding", "lock", "verify"]


@dataclass(frozen=True)
class Finding:
    """What is wrong with a file.

    Parameters
    ----------
    name : str
        Entry of the catalog.
    path : str
        Below the data folder, or the pattern of which there is no file.
    kind : {"missing", "damaged", "changed", "unpinned"}
        Damaged by size or first bytes; changed by digest; unpinned if nothing holds it.
    words : str
        Both digests of a changed one, the fault of a damaged one.
    """

    name: str
    path: str
    kind: Literal["missing", "damaged", "changed", "unpinned"]
    words: str = ""


def verify(
    catalog: Catalog, needs: Iterable[Need], *, jobs: int = 4, progress: Progress | None = None
) -> tuple[int, list[Finding]]:
    """Compare every needed file with its pinned digest.

    Parameters
    ----------
    catalog : Catalog
        With its lock file and data folder.
    needs : iterable of Need
        Datasets and years.
    jobs : int, optional
        Files that are read at once.
    progress : Progress, optional
        Where bytes are told.

    Returns
    -------
    tuple = (files that are right, findings)
        Findings in order of datasets and paths.
    """
    surveys = [survey(catalog, need) for need in needs]
    right, findings = 0, list(_seen(surveys))
    pairs = [(s, item) for s in surveys for item in s.items if item.state == "there"]
    for state, item, found in _read(catalog, pairs, jobs, progress or Progress()):
        held = item.pinned
        if held == found:
            right += 1
        elif held is not None:
            words = (
                f"pinned sha256 {held.sha256}, {held.bytes} bytes; "
                f"found sha256 {found.sha256}, {found.bytes} bytes"
            )
            findings.append(Finding(state.need.name, item.path, "changed", words))
    return right, sorted(findings, key=lambda finding: (finding.name, finding.path))


def lock(
    catalog: Catalog,
    needs: Iterable[Need],
    *,
    renew: Iterable[str] = (),
    jobs: int = 4,
    progress: Progress | None = None,
) -> list[str]:
    """Pin in the lock file what is there and not pinned yet.

    Parameters
    ----------
    catalog : Catalog
        With its lock file and data folder.
    needs : iterable of Need
        Datasets and years.
    renew : iterable of str, optional
        Datasets whose earlier pins are given up first: the way to accept a change on purpose.
    jobs, progress
        As `verify` takes them.

    Returns
    -------
    list of str
        Paths that were pinned.
    """
    needs = list(needs)
    for name in renew:
        forget(catalog.path, name)
    fresh = Catalog.load(catalog.path, catalog.root)
    surveys = [survey(fresh, need) for need in needs]
    pairs = [(s, item) for s in surveys for item in s.items if item.state == "unpinned"]
    by_name: dict[str, tuple[Survey, list[PinnedFile]]] = {}
    for state, _, found in _read(fresh, pairs, jobs, progress or Progress()):
        by_name.setdefault(state.need.name, (state, []))[1].append(found)
    for name, (state, files) in by_name.items():
        record(fresh.path, name, state.pin, files)
    return sorted(file.path for _, files in by_name.values() for file in files)


def _seen(surveys: Iterable[Survey]) -> Iterator[Finding]:
    """What a look already shows to be wrong."""
    for state in surveys:
        name = state.need.name
        for item in state.items:
            if item.state != "there":
                yield Finding(name, item.path, item.state, item.fault)
        for glob in state.unlisted:
            yield Finding(name, glob, "missing")


def _read(
    catalog: Catalog, pairs: list[tuple[Survey, Item]], jobs: int, progress: Progress
) -> Iterator[tuple[Survey, Item, PinnedFile]]:
    """Digests of files, in their order, several read at once."""
    meters = [progress.meter(item.path, item.size) for _, item in pairs]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            digests = pool.map(lambda pair: settle(catalog.root, pair[1].path), pairs)
            for (state, item), meter, found in zip(pairs, meters, digests, strict=True):
                meter.advance(found.bytes)
                yield state, item, found
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
