"""Every error that abz raises on purpose, under one root.

A message names the problem, the rule that was broken, the value that broke it and the remedy.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AbzError",
    "CategoryError",
    "ConfigError",
    "FetchError",
    "GridError",
    "InputError",
    "LedgerError",
    "MissingDataError",
    "ModelFileError",
    "PinError",
    "UnitsError",
]

_UNSET: Any = object()


class AbzError(Exception):
    """Root of all errors raised on purpose.

    Parameters
    ----------
    problem : str
        What is wrong, in one clause.
    rule : str, optional
        The rule that was broken.
    value : object, optional
        The value that broke it.
    remedy : str, optional
        What to do about it.

    Examples
    --------
    >>> print(AbzError("no trees", rule="trees >= 1", value=0, remedy="set [forest] trees"))
    no trees
      rule:   trees >= 1
      got:    0
      remedy: set [forest] trees
    """

    def __init__(
        self, problem: str, *, rule: str = "", value: object = _UNSET, remedy: str = ""
    ) -> None:
        lines = [problem]
        if rule:
            lines.append(f"  rule:   {rule}")
        if value is not _UNSET:
            lines.append(f"  got:    {value}")
        if remedy:
            lines.append(f"  remedy: {remedy}")
        super().__init__("\n".join(lines))


class InputError(AbzError):
    """An argument or a table breaks the contract of the function that received it."""


class ConfigError(AbzError):
    """A configuration file holds a wrong key, type, range or path."""


class UnitsError(AbzError):
    """A quantity carries no unit, or not the one that is needed."""


class CategoryError(AbzError):
    """A code stands outside its declared vocabulary."""


class GridError(AbzError):
    """Arrays do not lie on the grid they claim, or grids do not fit together."""


class LedgerError(AbzError):
    """Rows of budgets are added or compared that do not fit together."""


class MissingDataError(AbzError):
    """A file or variable that is needed is not there."""


class FetchError(AbzError):
    """A file could not be had from its archive; nothing of it is kept under its name."""


class PinError(AbzError):
    """A file is not the one that the catalog pins."""


class ModelFileError(AbzError):
    """A stored model is damaged, truncated or foreign."""
