"""Progress bars for long steps; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

__all__ = ["track"]

Item = TypeVar("Item")


def track(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """The items, with a bar on standard error if that is a terminal.

    Parameters
    ----------
    items : iterable
        What is worked through.
    label : str
        What the bar says.
    total : int, optional
        Number of items, where the iterable does not know it.

    Examples
    --------
    >>> list(track([1, 2], "blocks"))
    [1, 2]
    """
    yield from tqdm(items, desc=label, total=total, disable=not sys.stderr.isatty(), leave=False)
