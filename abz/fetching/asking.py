"""Sizes of files that are to come, asked of their servers; no answer is no harm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import requests

from abz.catalog import Http
from abz.fetching.survey import Item, Survey

__all__ = ["with_sizes"]

SECONDS = 10.0
"""Time that a server has for its answer."""


def with_sizes(surveys: Sequence[Survey], jobs: int = 8) -> list[Survey]:
    """Surveys whose missing files have the sizes that their servers state.

    Parameters
    ----------
    surveys : sequence of Survey
        What is known without asking.
    jobs : int, optional
        Servers that are asked at once.

    Returns
    -------
    list of Survey
        Sizes stay unknown where a server does not tell, as of packed archives and of files that
        are made on request.
    """
    asked = sorted({item.address for state in surveys for item in _open(state.items)})
    silent: set[str] = set()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        sizes = dict(zip(asked, pool.map(partial(_size, silent), asked), strict=True))
    return [
        replace(state, items=tuple(_sized(item, sizes) for item in state.items))
        for state in surveys
    ]


def _open(items: Iterable[Item]) -> Iterable[Item]:
    """Files that come alone from an open address and whose size is not known."""
    return (
        item
        for item in items
        if item.is_wanted and item.size is None and isinstance(item.origin, Http)
        and not item.origin.archive and not item.address.startswith("doi:")
    )  # fmt: skip


def _sized(item: Item, sizes: dict[str, int | None]) -> Item:
    """A file with its size, where a server told it."""
    return replace(item, size=sizes[item.address]) if list(_open([item])) else item


def _size(silent: set[str], url: str) -> int | None:
    """Size that a server states, bytes; None if it does not tell or does not answer.

    A server that does not answer is `silent` from then on, and asked no more.
    """
    server = urlsplit(url).netloc
    if server in silent:
        return None
    try:
        answer = requests.head(
            url, allow_redirects=True, timeout=SECONDS, headers={"Accept-Encoding": "identity"}
        )
    except (requests.ConnectionError, requests.Timeout):
        silent.add(server)
        return None
    except requests.RequestException:
        return None
    text = answer.headers.get("Content-Length", "")
    page = answer.headers.get("Content-Type", "").startswith("text/html")
    return int(text) if answer.ok and text.isdigit() and not page else None
