"""A record of the datasets and pinned files that a stage opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["Inputs", "note_input", "recorded_inputs"]

Inputs = dict[str, dict[str, Any]]
"""Entry of a catalog to its `product`, `version`, `doi`, and `files`: pinned path to sha256."""

_RECORDS: list[Inputs] = []


@contextmanager
def recorded_inputs() -> Iterator[Inputs]:
    """Everything that this process notes inside the block.

    Examples
    --------
    >>> with recorded_inputs() as inputs:
    ...     note_input("cavm", {"version": "1"}, {"cavm/a.tif": "0f"})
    >>> inputs
    {'cavm': {'version': '1', 'files': {'cavm/a.tif': '0f'}}}
    """
    record: Inputs = {}
    _RECORDS.append(record)
    try:
        yield record
    finally:
        _RECORDS.pop()


def note_input(name: str, identity: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """Note a dataset that was opened, and the sha256 of its pinned files."""
    for record in _RECORDS:
        record.setdefault(name, {**identity, "files": {}})["files"].update(files)
