"""Fetching what a run lacks: all archives at once, each file alone, the lock file kept up.

A file that cannot be had does not stop the others; what went wrong is told at the end. A stop by
the user, or a full disk, stops all, and the next call goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial

from abz.catalog import WHOLE, Catalog, Copernicus, Http, Pin, PinnedFile, record
from abz.errors import AbzError, FetchError
from abz.fetching.asking import with_sizes
from abz.fetching.earthdata import Listed, list_files, sign_in
from abz.fetching.errands import Errand, Runner
from abz.fetching.http import PATIENT, Patience
from abz.fetching.needs import Need
from abz.fetching.progress import Progress
from abz.fetching.room import check_room
from abz.fetching.survey import Item, Survey, survey

__all__ = ["Failure", "Outcome", "fetch"]

SAVE_SECONDS = 30.0
"""Between two writings of the lock file."""


@dataclass(frozen=True)
class Failure:
    """Something of a dataset that could not be had, and why."""

    name: str
    error: AbzError


@dataclass
class Outcome:
    """What a fetch has done.

    Parameters
    ----------
    fetched : list of str
        Paths that are there and were not, or not whole, before.
    failures : list of Failure
        What could not be had.
    """

    fetched: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass
class _Plan:
    """A survey, with what its archive lists."""

    survey: Survey
    listed: dict[str, Listed] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Entry of the catalog."""
        return self.survey.need.name

    @property
    def unseen(self) -> list[Listed]:
        """Files that the archive lists and the survey did not know."""
        known = {item.path for item in self.survey.items}
        return [file for path, file in self.listed.items() if path not in known]

    @property
    def to_come(self) -> int:
        """Bytes to come, as far as sizes are known."""
        return self.survey.to_come[0] + sum(file.size or 0 for file in self.unseen)


def fetch(
    catalog: Catalog,
    needs: Iterable[Need],
    *,
    jobs: int = 4,
    patience: Patience = PATIENT,
    progress: Progress | None = None,
) -> Outcome:
    """Fetch all files that are missing or damaged, and pin those that are there unpinned.

    Parameters
    ----------
    catalog : Catalog
        Its folder receives the files, its lock file their digests.
    needs : iterable of Need
        Datasets and years.
    jobs : int, optional
        Files at once.
    patience : Patience, optional
        Limits and pauses of each transfer.
    progress : Progress, optional
        Where bytes are told.

    Returns
    -------
    Outcome
        What was fetched and what could not be had.

    Raises
    ------
    FetchError
        If the disk has no room for what is to come.
    Stopped
        If the user wanted to stop: what has come stays.
    OSError
        If the disk is full or closed.
    """
    progress, outcome = progress or Progress(), Outcome()
    plans = [_Plan(state) for state in with_sizes([survey(catalog, need) for need in needs])]
    _ask(catalog, plans, outcome)
    check_room(catalog.root, sum(plan.to_come for plan in plans))
    runner = Runner(catalog.root, patience, progress)
    errands: list[Errand] = []
    for plan in plans:
        outcome.failures += [Failure(plan.name, error) for error in _hopeless(catalog, plan)]
        errands += _errands(plan, runner)
        _announce(plan, progress)
    _run(catalog, errands, jobs, progress, outcome)
    outcome.fetched.sort()
    outcome.failures.sort(key=lambda failure: (failure.name, str(failure.error)))
    return outcome


def _ask(catalog: Catalog, plans: Sequence[_Plan], outcome: Outcome) -> None:
    """Ask Earthdata for its files, and note them in the lock file before any is fetched."""
    asked = [p for p in plans if p.survey.earthdata is not None and not _is_settled(p.survey)]
    if not asked:
        return
    try:
        earthaccess = sign_in()
    except AbzError as error:
        outcome.failures += [Failure(plan.name, error) for plan in asked]
        return
    for plan in asked:
        need, pin = plan.survey.need, plan.survey.pin
        years = None if need.years is None else sorted({*need.years} - {*plan.survey.beyond})
        try:
            files = list_files(earthaccess, need.name, pin, years)
        except AbzError as error:
            outcome.failures.append(Failure(plan.name, error))
            continue
        plan.listed = {file.path: file for file in files}
        own = {file.path for file in catalog.document.pin(need.name).files}
        late = {file.path: file.size for file in files if file.path not in own}
        record(catalog.path, need.name, pin, awaited=late, listed=years or [WHOLE])


def _is_settled(state: Survey) -> bool:
    """Whether all files that the archive listed are there and pinned."""
    return state.is_complete and not state.unasked and state.count("unpinned") == 0


def _errands(plan: _Plan, runner: Runner) -> Iterator[Errand]:
    """What there is to do for a dataset."""
    archives: dict[Http, list[Item]] = {}
    for item in plan.survey.items:
        file = plan.listed.get(item.path)
        if item.state == "there":
            continue
        if file is not None:
            brings = partial(runner.from_earthdata, file, item.pinned)
            yield Errand(plan.name, item.is_wanted, brings)
        elif item.state == "unpinned":
            yield Errand(plan.name, False, partial(runner.settled, item))
        elif isinstance(item.origin, Copernicus):
            yield Errand(plan.name, True, partial(runner.from_copernicus, item))
        elif isinstance(item.origin, Http) and item.origin.archive:
            archives.setdefault(item.origin, []).append(item)
        elif isinstance(item.origin, Http):
            yield Errand(plan.name, True, partial(runner.from_address, item))
    for file in plan.unseen:
        yield Errand(plan.name, True, partial(runner.from_earthdata, file, None))
    for items in archives.values():
        for year in sorted({item.year for item in items}, key=str):
            same = [item for item in items if item.year == year]
            yield Errand(plan.name, True, partial(runner.from_archive, same))


def _announce(plan: _Plan, progress: Progress) -> None:
    """Tell the sizes that are known before anything comes."""
    wanted = {item.path: item.size for item in plan.survey.items if item.is_wanted}
    for path, size in {**wanted, **{file.path: file.size for file in plan.unseen}}.items():
        progress.meter(path, size)


def _hopeless(catalog: Catalog, plan: _Plan) -> Iterator[FetchError]:
    """Files that no errand brings."""
    state = plan.survey
    if state.beyond:
        yield _beyond(state.pin, state.beyond)
    if state.earthdata is not None and not plan.listed:
        return  # why it could not be asked is told already
    lacking = [
        item.path
        for item in state.items
        if item.is_wanted and item.origin is None and item.path not in plan.listed
    ]
    if state.earthdata is None:
        lacking += state.unlisted
    if lacking:
        yield _by_hand(catalog, state.pin, lacking)


def _run(
    catalog: Catalog, errands: Sequence[Errand], jobs: int, progress: Progress, outcome: Outcome
) -> None:
    """Run errands, several at once; note what they bring and what went wrong."""
    books = _Books(catalog)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(errand.run): errand for errand in errands}
        try:
            for done in as_completed(waiting):
                errand = waiting[done]
                try:
                    files = done.result()
                    books.enter(errand.name, files)
                except AbzError as error:
                    outcome.failures.append(Failure(errand.name, error))
                else:
                    outcome.fetched += [file.path for file in files] * errand.brings
        except BaseException:
            progress.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        finally:
            books.write()


class _Books:
    """The lock file, kept up while files come, and written now and then."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.written = catalog, time.monotonic()
        self.waiting: dict[str, list[PinnedFile]] = {}

    def enter(self, name: str, files: Iterable[PinnedFile]) -> None:
        """Note files that came; those that the catalog itself pins need no lock."""
        own = {file.path for file in self.catalog.document.entries[name].metadata.pin.files}
        self.waiting.setdefault(name, []).extend(file for file in files if file.path not in own)
        if time.monotonic() - self.written > SAVE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write what is noted."""
        while self.waiting:
            name, files = self.waiting.popitem()
            if files:
                record(self.catalog.path, name, self.catalog.document.pin(name), files)
        self.written = time.monotonic()


def _by_hand(catalog: Catalog, pin: Pin, paths: Sequence[str]) -> FetchError:
    """Files that no tool can fetch."""
    note = f" ({pin.note})" if pin.note else ""
    where = pin.url or f"its provider, {pin.provider}"
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return FetchError(
        f"{pin.product} {pin.version} has to be had by hand",
        rule=f"{catalog.root} holds {', '.join(paths[:3])}{more}",
        value="no such file, and no address that a tool may use",
        remedy=f"get it from {where}{note}; put it there, or name a folder that holds it: "
        "`abz data fetch --from FOLDER --config FILE`",
    )


def _beyond(pin: Pin, years: Sequence[int]) -> FetchError:
    """Years that a product never had."""
    first, last = pin.years or (0, 0)
    return FetchError(
        f"{pin.product} {pin.version} does not cover years that the run asks for",
        rule=f"{first} to {last}",
        value=", ".join(map(str, years)),
        remedy="shorten the years of the model set, or name a later release in a catalog of your "
        "own",
    )
