"""Progress of long steps: a bar on a terminal, a line a minute where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

__all__ = ["gauge", "track"]

Item = TypeVar("Item")

LINE_SECONDS = 60.0
"""Between two lines of a log."""


def track(
    items: Iterable[Item],
    label: str,
    total: float | None = None,
    *,
    amount: Callable[[Item], float] | None = None,
    unit: str = "it",
) -> Iterator[Item]:
    """The items, with share, rate and time left on standard error.

    A bar if that is a terminal. Else, for work that has amounts, a line at most once a minute, for
    the log of a batch job.

    Parameters
    ----------
    items : iterable
        What is worked through.
    label : str
        What the bar says.
    total : float, optional
        Sum of the amounts, where the iterable does not know how many items it has.
    amount : callable, optional
        How much work an item was; each counts as one by default.
    unit : str, optional
        Of the amounts.

    Examples
    --------
    >>> list(track([1, 2], "blocks"))
    [1, 2]
    >>> list(track([10, 90], "blocks", 100, amount=float, unit="cell"))
    [10, 90]
    """
    watched = sys.stderr.isatty()
    if amount is None:
        yield from tqdm(items, desc=label, total=total, unit=unit, disable=not watched, leave=False)
        return
    with tqdm(
        desc=label, total=total, unit=unit, unit_scale=True, disable=not watched, leave=False
    ) as bar:
        log = _Log(label, total, unit)
        for item in items:
            yield item
            bar.update(amount(item))
            if not watched:
                log.add(amount(item))


@contextmanager
def gauge(label: str, *, unit: str = "it") -> Iterator[Callable[[float, float], None]]:
    """What tells progress of work whose total grows while it goes on.

    Parameters
    ----------
    label : str
        What the bar says.
    unit : str, optional
        Of the amounts.

    Yields
    ------
    callable
        Takes the amount done since the last call and the total that is known so far.

    Examples
    --------
    >>> with gauge("fetch", unit="B") as move:
    ...     move(10, 100)
    """
    watched = sys.stderr.isatty()
    with tqdm(
        desc=label, unit=unit, unit_scale=True, disable=not watched, leave=False, total=0
    ) as bar:
        log = _Log(label, None, unit)

        def move(amount: float, total: float) -> None:
            bar.total = log.total = total
            bar.update(amount)
            if not watched:
                log.add(amount)

        yield move


class _Log:
    """Lines for a log that nobody watches."""

    def __init__(self, label: str, total: float | None, unit: str) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.done, self.begin = 0.0, time.monotonic()
        self.said = self.begin

    def add(self, amount: float) -> None:
        """Count, and say so if the last line is a minute old."""
        self.done += amount
        now = time.monotonic()
        if now - self.said >= LINE_SECONDS:
            self.said = now
            print(self._line(now - self.begin), file=sys.stderr, flush=True)

    def _line(self, elapsed: float) -> str:
        """Share, rate and time left."""
        rate = self.done / elapsed
        line = f"{self.label}: {self.done:.3g}{self.unit} in {elapsed:.0f} s, {rate:.3g} a second"
        if self.total:
            left = (self.total - self.done) / rate
            line += f", {self.done / self.total:.1%}, {left:.0f} s left"
        return line
