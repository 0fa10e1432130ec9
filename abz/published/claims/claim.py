"""What a claim is: how abz makes a published number, and what a run needs to be held against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

__all__ = [
    "ALONE", "COARSE", "FINE", "INVERSIONS", "MODELS", "RERUN", "SITES", "SLOPE", "SPREAD",
    "STUDY_YEARS", "Claim", "Made", "Need", "outside", "same",
]  # fmt: skip

RERUN = 0.05
"""Part of a value by which another seed and another forest library may move it."""

SLOPE = 0.10
"""The same of a trend, which a few years decide."""

SPREAD = 0.32
"""The same of an SD of 20 members: two of its standard errors, 2 / √(2 · 19)."""

STUDY_YEARS = MappingProxyType({"fine": (2001, 2020), "coarse": (1990, 2016)})
"""Years that the study maps with each model set."""


@dataclass(frozen=True)
class Need:
    """What a run has to be so that its numbers are those of the study.

    Parameters
    ----------
    words : str
        In words.
    model_set : str, optional
        The set whose cells have the size below.
    cell_km : float, optional
        Edge of these cells.
    engine : str, optional
        What grows the forests.
    runs : bool, optional
        Whether any run of abz can be that.
    counts : mapping of {str: int}, optional
        Numbers of a run that have to be just these, such as the members of an ensemble.
    """

    words: str
    model_set: str = ""
    cell_km: float = 0.0
    engine: str = ""
    runs: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)


FINE = Need("the study's data at 1 km", "fine", 1.0, "random_forest")
COARSE = Need("the study's data at 8 km, quantile forests", "coarse", 8.0, "quantile_forest")
SITES = Need("the site-months of the study")
INVERSIONS = replace(
    FINE, words="the study's data at 1 km and five inversions of 2001–2020",
    counts={"product_gcb2022_inversions_members": 5},
)  # fmt: skip
MODELS = Need("CMIP6 models of 2001–2014")
ALONE = Need("", runs=False)
"""Nothing: abz makes no such number."""


def outside(words: str) -> Need:
    """Data that no run of abz holds against this number.

    Examples
    --------
    >>> outside("five inversions").runs
    False
    """
    return Need(words, runs=False)


def same(value: float) -> float:
    """The value itself, of a number that stands under one key."""
    return value


@dataclass(frozen=True)
class Made:
    """How abz makes a number.

    Parameters
    ----------
    function : str
        Dotted name of the function that computes it.
    keys : tuple of str
        Where it stands among the numbers of a run, or what it is made of.
    of : callable, optional
        Several numbers to the one that is published.
    near : float, optional
        Part of the published value by which a run may miss it beyond rounding and still be near.
    period : str, optional
        Years that the number of the run has to stand for; those of the record by default.
    """

    function: str
    keys: tuple[str, ...]
    of: Callable[..., float] = same
    near: float = RERUN
    period: str | None = None


@dataclass(frozen=True)
class Claim:
    """What abz has to say of one record.

    Parameters
    ----------
    record : str
        Its id.
    need : Need
        What a run has to be.
    made : mapping of {str: Made}, optional
        By field of the record, and `p` for its p; fields that abz does not make are absent.
    beside : str, optional
        Key of the nearest number that a run on other data has; it is shown and never compared.
    note : str, optional
        What a reader has to know of it.
    """

    record: str
    need: Need
    made: Mapping[str, Made] = field(default_factory=dict)
    beside: str = ""
    note: str = ""
