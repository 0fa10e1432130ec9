"""Bytes of all files together, and the wish to stop, shared by all transfers of a fetch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from abz.fetching.answers import Stopped
from abz.fetching.http import Meter

__all__ = ["Progress"]


class Progress:
    """What one bar shows of many files; it may be told from any thread.

    Parameters
    ----------
    move : callable
        Takes the bytes that came since the last call, and all bytes that are expected so far.

    Examples
    --------
    >>> seen = []
    >>> progress = Progress(lambda count, total: seen.append((count, total)))
    >>> progress.meter("a.nc", 10).advance(4)
    >>> seen
    [(0, 10), (4, 10)]
    """

    def __init__(self, move: Callable[[int, int], None] = lambda count, total: None) -> None:
        self._move, self._guard = move, threading.Lock()
        self._sizes: dict[str, int] = {}
        self._total = 0
        self.stop = threading.Event()

    def meter(self, key: str, size: int | None = None) -> Meter:
        """Where one file tells how it goes on; its size, bytes, where it is known before."""
        if size is not None:
            self._expect(key, size)
        return Meter(self._advance, partial(self._expect, key), self.stop.is_set)

    def wait(self, seconds: float) -> None:
        """Wait, s; a wish to stop ends it.

        Raises
        ------
        Stopped
            If that came.
        """
        if self.stop.wait(seconds):
            raise Stopped

    def _advance(self, count: int) -> None:
        with self._guard:
            self._move(count, self._total)

    def _expect(self, key: str, size: int) -> None:
        with self._guard:
            self._total += size - self._sizes.get(key, 0)
            self._sizes[key] = size
            self._move(0, self._total)
