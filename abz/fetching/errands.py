"""One errand brings the files of one address, request or archive; errands run beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from abz.catalog import Copernicus, PinnedFile
from abz.errors import AbzError
from abz.fetching.copernicus import connect, order
from abz.fetching.earthdata import Listed, sign_in
from abz.fetching.http import Patience
from abz.fetching.keeping import Hold, keep, resolve, settle
from abz.fetching.progress import Progress
from abz.fetching.servers import Servers
from abz.fetching.survey import Item
from abz.fetching.unpacking import unpack

__all__ = ["Errand", "Runner"]


@dataclass(frozen=True)
class Errand:
    """Something to do for a dataset.

    Parameters
    ----------
    name : str
        Entry of the catalog.
    brings : bool
        Whether files come by it; else they are there and only read.
    run : callable
        Does it, and returns what is there afterwards.
    """

    name: str
    brings: bool
    run: Callable[[], list[PinnedFile]]


@dataclass
class Runner:
    """Does errands into one folder.

    Parameters
    ----------
    root : Path
        The data folder.
    patience : Patience
        Limits and pauses of each transfer.
    progress : Progress
        Where bytes are told.
    """

    root: Path
    patience: Patience
    progress: Progress
    _local: threading.local = field(default_factory=threading.local, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _earthaccess: Any = field(default=None, repr=False)
    _store_guard: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _store_refusal: AbzError | None = field(default=None, repr=False)
    _servers: Servers = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Nothing is known of any server."""
        self._servers = Servers(self.patience, self.progress.wait)

    def settled(self, item: Item) -> list[PinnedFile]:
        """Digest of a file that was put there."""
        return [settle(self.root, item.path)]

    def from_address(self, item: Item) -> list[PinnedFile]:
        """One file from an open address."""
        url, published = resolve(item.address)
        return [self._kept(item.path, url, Hold(item.pinned, None, published))]

    def from_earthdata(self, file: Listed, pinned: PinnedFile | None) -> list[PinnedFile]:
        """One file of Earthdata, over a session of this thread."""
        if not hasattr(self._local, "session"):
            with self._guard:
                self._earthaccess = self._earthaccess or sign_in()
                self._local.session = self._earthaccess.get_requests_https_session()
        hold = Hold(pinned, file.size, file.published)
        return [self._kept(file.path, file.url, hold, self._local.session)]

    def from_archive(self, items: Sequence[Item]) -> list[PinnedFile]:
        """Files from a ZIP archive, which is removed afterwards."""
        address, folder = items[0].address, PurePosixPath(items[0].path).parent
        name = f".{PurePosixPath(address).name.removesuffix('.zip')}.zip"
        path = (folder / name).as_posix()
        url, published = resolve(address)
        self._kept(path, url, Hold(None, None, published))
        try:
            pinned = [item.pinned for item in items if item.pinned is not None]
            return unpack(self.root / path, self.root, [item.path for item in items], pinned)
        finally:
            (self.root / path).unlink(missing_ok=True)

    def from_copernicus(self, item: Item) -> list[PinnedFile]:
        """One file that the Climate Data Store makes."""
        assert isinstance(item.origin, Copernicus)
        assert item.year is not None
        request, target = item.origin.asked(item.year), self.root / item.path
        waits = (self.progress.wait, self.progress.stop.is_set)
        url, size, published = order(self._store(), (item.origin.dataset, request), target, *waits)
        note = target.with_name(f".{target.name}.request")
        try:
            found = self._kept(item.path, url, Hold(item.pinned, size, published))
        except AbzError:  # the next fetch shall hand in a request anew
            note.unlink(missing_ok=True)
            raise
        note.unlink(missing_ok=True)
        return [found]

    def _store(self) -> Any:
        """A client of the Climate Data Store; where one was refused, no other is tried."""
        with self._store_guard:
            if self._store_refusal is not None:
                raise self._store_refusal
            try:
                return connect()
            except AbzError as error:
                self._store_refusal = error
                raise

    def _kept(self, path: str, url: str, hold: Hold, session: Any = None) -> PinnedFile:
        """One file over HTTP."""
        self._servers.check(url)
        meter = self.progress.meter(path)
        return keep(
            self.root, path, url, hold, session=session, patience=self.patience, meter=meter,
            sleep=self.progress.wait,
        )  # fmt: skip
