"""In what two rows differ, and rows beside each other if they are alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from abz.errors import LedgerError
from abz.ledger.parts import PARTS, UNKNOWN
from abz.ledger.rows import Row
from abz.validation import check_choice

__all__ = ["Comparison", "Difference", "compare", "differences", "refuse"]

ASPECTS = ("parts", "zone", "mask", "period", "units")
"""What two rows can differ in."""


@dataclass(frozen=True)
class Difference:
    """One thing in which the definitions of two rows differ.

    Parameters
    ----------
    aspect : str
        parts, zone, mask, period or units.
    first, second : str
        What each row says.
    part : str, optional
        Which part of the balance, where the aspect is parts.

    Examples
    --------
    >>> print(Difference("parts", "included", "not included", "fire"))
    fire: included / not included
    """

    aspect: str
    first: str
    second: str
    part: str = ""

    def __str__(self) -> str:
        """In words, the first row's word first."""
        return f"{self.part or self.aspect}: {self.first} / {self.second}"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two rows beside each other.

    Parameters
    ----------
    first, second : Row
        The rows.
    accepted : tuple of Difference
        In what they differ and were compared all the same.

    Examples
    --------
    >>> from abz.ledger import Parts, Period, Place
    >>> place, nee = Place.of("abz", "ABZ", "study"), Parts.of("nee")
    >>> long = Row("2001 on", np.array(-548.0), nee, place, Period(2001, 2020))
    >>> short = Row("2002 on", np.array(-556.0), nee, place, Period(2002, 2020))
    >>> found = compare(short, long, accept=["period"])
    >>> float(found.difference), found.caveat
    (-8.0, 'period: 2002–2020 / 2001–2020')
    """

    first: Row
    second: Row
    accepted: tuple[Difference, ...]

    @property
    def difference(self) -> np.ndarray:
        """First − second."""
        return np.asarray(self.first.values - self.second.values)

    @property
    def ratio(self) -> np.ndarray:
        """First / second; NaN where the second is zero."""
        below = np.where(self.second.values == 0, np.nan, self.second.values)
        return np.asarray(self.first.values / below)

    @property
    def caveat(self) -> str:
        """The accepted differences in words; empty for like rows."""
        return "; ".join(map(str, self.accepted))


def differences(first: Row, second: Row) -> list[Difference]:
    """In what the definitions of two rows differ.

    Parameters
    ----------
    first, second : Row
        Any rows.

    Returns
    -------
    list of Difference
        Empty for like rows. A part that is unknown in either differs: nobody knows that it does
        not.
    """
    found = []
    for part in PARTS:
        states = first.parts.state(part), second.parts.state(part)
        if states[0] != states[1] or UNKNOWN in states:
            found.append(Difference("parts", *states, part=part))
    if not first.place.same_zone(second.place):
        found.append(Difference("zone", str(first.place), str(second.place)))
    for aspect, one, other in (
        ("mask", first.place.mask, second.place.mask),
        ("period", str(first.period), str(second.period)),
        ("units", first.units, second.units),
    ):
        if one != other:
            found.append(Difference(aspect, one, other))
    return found


def compare(first: Row, second: Row, accept: Collection[str] = ()) -> Comparison:
    """Two rows beside each other, if they are alike.

    Parameters
    ----------
    first, second : Row
        The rows; numbers of members that broadcast.
    accept : collection of str, optional
        Aspects in which they may differ: parts, zone, mask, period. The comparison names them.

    Returns
    -------
    Comparison

    Raises
    ------
    LedgerError
        Naming both rows and everything else in which they differ.
    """
    for aspect in accept:
        check_choice(aspect, ASPECTS[:-1], "accepted difference")
    found = differences(first, second)
    barred = [difference for difference in found if difference.aspect not in accept]
    if barred:
        refuse(first, second, "are not alike", "rows that are compared are defined alike", barred)
    return Comparison(first, second, tuple(found))


def refuse(
    first: Row,
    second: Row,
    how: str,
    rule: str,
    barred: Iterable[Difference],
    *,
    remedy: str = "bring both to one definition first: the same parts, years and zones",
) -> NoReturn:
    """Raise the error of two rows that do not fit together.

    Raises
    ------
    LedgerError
        Always.
    """
    raise LedgerError(
        f"{first} and {second} {how}",
        rule=rule,
        value="; ".join(map(str, barred)),
        remedy=remedy,
    )
