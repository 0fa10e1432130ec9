"""Progress bars for long steps; silent where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

__all__ = ["track"]

Item = TypeVar("Item")


def track(
    items: Iterable[Item],
    label: str,
    total: float | None = None,
    *,
    amount: Callable[[Item], float] | None = None,
    unit: str = "it",
) -> Iterator[Item]:
    """The items, with a bar on standard error if that is a terminal: share, rate and time left.

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
        for item in items:
            yield item
            bar.update(amount(item))
