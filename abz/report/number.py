"""A number as the site shows it, and what numbers of one table have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from abz.report.typography import quantity_text

__all__ = ["FLUX_NAMES", "Number", "Origin", "Pairs", "years_text"]

FLUX_NAMES = {
    "nee": "NEE",
    "gpp": "GPP",
    "reco": "Reco",
    "fire": "fire emission",
    "nee_fire": "NEE + fire",
}


@dataclass(frozen=True)
class Number:
    """One number as the site shows it.

    Parameters
    ----------
    value : float, int or str
        The bare value in `units`.
    text : str
        The value as it is printed: rounded, ± its spread where it has one, with its unit.
    units : str
        UDUNITS spelling; `1` for plain numbers and words.
    label : str
        What it is, in words.
    period : str
        Years it stands for, or an empty text.
    synthetic : bool
        Whether it comes from a synthetic world.
    function : str
        Dotted name of the function that computed it.
    inputs : tuple of str
        Files of the run that it was read from.
    """

    value: float | int | str
    text: str
    units: str
    label: str
    period: str
    synthetic: bool
    function: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """What the numbers of one table have in common."""

    synthetic: bool
    function: str
    inputs: tuple[str, ...]

    def number(
        self, value: Any, units: str, label: str, *, period: str = "",
        spread: float | None = None, decimals: int | None = None, text: str | None = None,
    ) -> Number:  # fmt: skip
        """A number of this origin; `text` overrides how it is printed."""
        if not isinstance(value, str):
            value = int(value) if isinstance(value, int | np.integer) else float(value)
            if text is None:
                places = 0 if isinstance(value, int) and decimals is None else decimals
                text = quantity_text(value, units, spread, places)
        return Number(
            value, text or str(value), units, label, period, self.synthetic, self.function,
            self.inputs,
        )  # fmt: skip


Pairs = Iterator[tuple[str, Number]]
"""Keys and their numbers, as each part of the report yields them."""


def years_text(first: int, last: int, held: int | None = None) -> str:
    """A period in years; where not all of them count, how many do.

    Examples
    --------
    >>> years_text(2001, 2020), years_text(2001, 2020, 20), years_text(2001, 2020, 19)
    ('2001–2020', '2001–2020', '19 years of 2001–2020')
    """
    period = f"{int(first)}–{int(last)}"
    return period if held in (None, last - first + 1) else f"{held} years of {period}"
