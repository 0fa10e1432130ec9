"""Sums and differences of rows, each refused where it would count something twice."""

from __future__ import annotations

from collections.abc import Sequence

from abz.errors import LedgerError
from abz.ledger.comparison import Difference, differences, refuse
from abz.ledger.parts import INCLUDED, NOT_INCLUDED, PARTS, UNKNOWN, Parts
from abz.ledger.rows import Row

__all__ = ["add", "redefine", "without"]


def add(first: Row, second: Row, name: str = "") -> Row:
    """Two rows as one: other parts of the same zone, or the same parts of another zone.

    Parameters
    ----------
    first, second : Row
        Of one mask and period, in one unit.
    name : str, optional
        Name of the sum; both names by default.

    Returns
    -------
    Row
        Sum of the values, member by member, with the definition of the sum. A part that either
        row does not know is unknown.

    Raises
    ------
    LedgerError
        Naming both rows, if they hold a part twice or may hold it twice, if their zones overlap or
        may overlap, or if they differ in anything else.

    Examples
    --------
    >>> import numpy as np
    >>> from abz.ledger import Parts, Period, Place
    >>> where, when = Place.of("abz", "ABZ", "GCB"), Period(2002, 2020)
    >>> nee = Row("NEE", np.array(-556.0), Parts.of("nee"), where, when)
    >>> fire = Row("GFED", np.array(237.0), Parts.of("fire"), where, when)
    >>> both = add(nee, fire)
    >>> both.central, str(both.parts)
    (-319.0, 'NEE + fire')
    >>> add(both, fire)
    Traceback (most recent call last):
        ...
    abz.errors.LedgerError: “NEE + GFED” (NEE + fire, ABZ, 2002–2020, GCB) and “GFED” (fire, ABZ, \
2002–2020, GCB) would count a part twice
      rule:   a part of the balance is in one row of a sum only
      got:    fire: included / included
      remedy: leave one of them out, or take the part from it with `without`
    """
    _check_addable(first, second)
    joint = name or f"{first.name} + {second.name}"
    if first.place.same_zone(second.place):
        parts = first.parts.joined(second.parts, (str(first), str(second)))
        place = first.place
    else:
        _check_zones_apart(first, second)
        parts, place = first.parts, first.place.union(second.place)
    return Row(joint, first.values + second.values, parts, place, first.period, first.units)


def without(row: Row, part: Row, name: str = "") -> Row:
    """A row with a part taken from it.

    Parameters
    ----------
    row : Row
        Holds all that `part` holds, such as the land flux of an inversion, fire included.
    part : Row
        Of the same zone, mask and period, in the same unit, such as the fire.
    name : str, optional
        Name of the result; that of `row` with what it is without by default.

    Returns
    -------
    Row
        Without these parts: they are not included.

    Raises
    ------
    LedgerError
        Naming both rows, if the row does not, or may not, hold the part, or the definitions differ.

    Examples
    --------
    >>> import numpy as np
    >>> from abz.ledger import Parts, Period, Place
    >>> where, when = Place.of("abz", "ABZ", "GCB"), Period(2002, 2020)
    >>> inversion = Row("inversion", np.array(-700.0), Parts.of("nee", "fire"), where, when)
    >>> fire = Row("GFED", np.array(237.0), Parts.of("fire"), where, when)
    >>> without(inversion, fire).central
    -937.0
    >>> without(without(inversion, fire), fire)
    Traceback (most recent call last):
        ...
    abz.errors.LedgerError: “inversion without GFED” (NEE, ABZ, 2002–2020, GCB) does not hold what
    “GFED” (fire, ABZ, 2002–2020, GCB) would take from it
      rule:   only what is known to be included can be taken out, and once
      got:    fire: not included / included
      remedy: leave it as it is, or state its parts where it is read
    """
    _check_addable(row, part)
    if not row.place.same_zone(part.place):
        barred = [Difference("zone", str(row.place), str(part.place))]
        refuse(row, part, "are of different zones", "both are of one zone", barred)
    if part.parts.unknown:
        barred = [Difference("parts", row.parts.state(n), UNKNOWN, n) for n in _named(part.parts)]
        rule = "what is taken out is known part by part"
        refuse(row, part, "cannot be told apart", rule, barred)
    absent = [name for name in _named(part.parts) if row.parts.state(name) != INCLUDED]
    if absent:
        raise LedgerError(
            f"{row} does not hold what {part} would take from it",
            rule="only what is known to be included can be taken out, and once",
            value="; ".join(
                str(Difference("parts", row.parts.state(n), INCLUDED, n)) for n in absent
            ),
            remedy="leave it as it is, or state its parts where it is read",
        )
    parts = Parts(row.parts.included - part.parts.included, row.parts.unknown)
    label = name or f"{row.name} without {part.name}"
    return Row(label, row.values - part.values, parts, row.place, row.period, row.units)


def redefine(row: Row, parts: Parts, using: Sequence[Row], name: str = "") -> Row:
    """A row brought to another definition: what it has too much is taken out, what lacks is added.

    Parameters
    ----------
    row : Row
        The row.
    parts : Parts
        What it shall hold.
    using : sequence of Row
        Rows to take out or to add, each of parts that are all wanted or all unwanted.
    name : str, optional
        Name of the result.

    Returns
    -------
    Row
        With these parts.

    Raises
    ------
    LedgerError
        If a part is unknown, or no row of `using` brings it.

    Examples
    --------
    >>> import numpy as np
    >>> from abz.ledger import Parts, Period, Place
    >>> where, when = Place.of("abz", "ABZ", "GCB"), Period(2002, 2020)
    >>> inversion = Row("inversion", np.array(-700.0), Parts.of("nee", "fire"), where, when)
    >>> fire = Row("GFED", np.array(237.0), Parts.of("fire"), where, when)
    >>> redefine(inversion, Parts.of("nee"), [fire]).central
    -937.0
    """
    made = row
    for other in using:
        held = other.parts.included
        if held and held <= made.parts.included - parts.included:
            made = without(made, other)
        elif held and held <= parts.included - made.parts.included:
            made = add(made, other)
    apart = [
        Difference("parts", made.parts.state(part), parts.state(part), part)
        for part in PARTS
        if made.parts.state(part) != parts.state(part)
    ]
    if apart:
        rows = ", ".join(f"“{other.name}”" for other in using) or "no row"
        raise LedgerError(
            f"{row} cannot be brought to {parts}",
            rule="each part that differs is known, and a row at hand holds it",
            value="; ".join(map(str, apart)),
            remedy=f"give rows of these parts; at hand: {rows}",
        )
    return Row(name or made.name, made.values, made.parts, made.place, made.period, made.units)


def _named(parts: Parts) -> list[str]:
    """Included and unknown parts, in the order of the ledger."""
    return [name for name in PARTS if parts.state(name) != NOT_INCLUDED]


def _check_addable(first: Row, second: Row) -> None:
    """Nothing, if mask, period and units are one and the members fit."""
    barred = [d for d in differences(first, second) if d.aspect in ("mask", "period", "units")]
    if barred:
        refuse(first, second, "cannot be added", "sums are of one mask, period and unit", barred)
    shapes = first.values.shape, second.values.shape
    if shapes[0] != shapes[1] and () not in shapes and (1,) not in shapes:
        barred = [Difference("members", str(shapes[0]), str(shapes[1]))]
        refuse(first, second, "cannot be added", "both have the same members, or one has", barred)


def _check_zones_apart(first: Row, second: Row) -> None:
    """Nothing, if both rows hold the same parts of zones that are known to be apart."""
    barred = [d for d in differences(first, second) if d.aspect == "parts"]
    barred = [d for d in barred if d.first != d.second]
    if barred:
        rule = "rows of different zones hold the same parts"
        refuse(first, second, "cannot be added", rule, barred)
    overlap = first.place.overlaps(second.place)
    if overlap is not False:
        how = "overlap" if overlap else "may overlap"
        barred = [Difference("zone", str(first.place), str(second.place))]
        remedy = "add zones of one set, or give both rows their atoms (`zone_atoms`), which decide"
        if overlap:
            remedy = "leave one of them out: their land would count twice"
        rule = "zones of a sum are apart"
        refuse(first, second, f"are of zones that {how}", rule, barred, remedy=remedy)
