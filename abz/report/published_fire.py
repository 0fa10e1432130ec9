"""What the study published of fire, brought to one period through the ledger."""

from __future__ import annotations

from functools import cache

import numpy as np

from abz.ledger import Parts, Period, Place, Row, compare, without
from abz.published import published_record

__all__ = ["published_periods", "published_row"]

_PARTS = {
    "abz_nee_budget": Parts.of("nee"),
    "abz_neefire_budget": Parts.of("nee", "fire"),
    "fire_abz": Parts.of("fire"),
}
"""Published budgets of the whole zone, and what they hold."""


def published_row(name: str) -> Row:
    """A published budget of the whole zone with its definition.

    Parameters
    ----------
    name : str
        `abz_nee_budget`, `abz_neefire_budget` or `fire_abz`.

    Returns
    -------
    Row
        Tg C yr-1.

    Examples
    --------
    >>> print(published_row("fire_abz"))
    “fire_abz” (fire, ABZ, 2002–2020, land of the study)
    """
    record = published_record(name)
    assert record.period is not None
    place = Place.of("abz", "ABZ", "land of the study")
    return Row(name, np.array(record.value), _PARTS[name], place, Period(*record.period))


@cache
def published_periods() -> dict[str, float]:
    """NEE, fire and NEE + fire as published, over both periods.

    Returns
    -------
    dict of {str: float}
        `nee_long` (2001–2020), `nee`, `fire`, `nee_fire` (2002–2020), `apparent_fire`,
        `period_effect`, Tg C yr-1, as `abz.fire.matched_periods` names them. NEE of 2002–2020 is
        not printed: it is NEE + fire without the fire.

    Examples
    --------
    >>> found = published_periods()
    >>> found["nee"], found["apparent_fire"], found["period_effect"]
    (-556.0, 229.0, -8.0)
    """
    long, net, fire = map(published_row, _PARTS)
    short = without(net, fire)
    return {
        "nee_long": long.central, "nee": short.central, "fire": fire.central,
        "nee_fire": net.central,
        "apparent_fire": float(compare(net, long, accept=["parts", "period"]).difference),
        "period_effect": float(compare(short, long, accept=["period"]).difference),
    }  # fmt: skip
