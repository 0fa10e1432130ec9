"""Numbers as they were printed: rounded, so that each stands for a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from math import nan
from typing import Any

from abz.errors import InputError

__all__ = ["Range", "Rounded", "computed_range", "is_number"]

LOSS = 1e-9
"""What floating point may lose, relative to the numbers."""


@dataclass(frozen=True)
class Rounded:
    """A number that is known to half a unit of its last digit.

    Parameters
    ----------
    value : float
        As printed.
    half_unit : float, optional
        Half a unit of the last digit; 0 for a number that nobody rounded.
    text : str, optional
        The digits as they were printed.

    Examples
    --------
    >>> Rounded.of("-548"), Rounded.of("0.50").half_unit
    (Rounded(value=-548.0, half_unit=0.5, text='-548'), 0.005)
    """

    value: float
    half_unit: float = 0.0
    text: str = ""

    @classmethod
    def of(cls, text: str) -> Rounded:
        """A number from its digits.

        Raises
        ------
        InputError
            If they are no finite number.
        """
        if not is_number(text):
            raise InputError(
                "a printed number is no number",
                rule="digits with an optional sign and point",
                value=repr(text),
                remedy="write it as it is printed, without its unit",
            )
        digits = Decimal(text)
        unit = digits.as_tuple().exponent
        return cls(float(digits), float(Decimal(5).scaleb(int(unit) - 1)), text)

    @property
    def decimals(self) -> int:
        """Digits behind the point."""
        return len(self.text.partition(".")[2])

    @property
    def range(self) -> Range:
        """All that rounds to it."""
        return Range(self.value, self.value - self.half_unit, self.value + self.half_unit)


@dataclass(frozen=True)
class Range:
    """A value and the numbers that it stands for.

    Parameters
    ----------
    value : float
        The best guess.
    low, high : float
        Smallest and largest number that it may be.

    Examples
    --------
    >>> Rounded.of("9970").range.overlaps(Range(9969.0, 9968.0, 9970.0))
    True
    """

    value: float
    low: float
    high: float

    def overlaps(self, other: Range) -> bool:
        """Whether both may be the same number.

        Notes
        -----
        Two ranges of rounding that only touch do not overlap: no number but their common end,
        which rounds to one of the two, lies in both. An exact number may lie at an end.
        """
        gap = max(self.low, other.low) - min(self.high, other.high)
        ends = [self.low, self.high, other.low, other.high]
        loss = LOSS * max(abs(end) for end in ends if abs(end) != float("inf"))
        rounded = self.high > self.low and other.high > other.low
        return gap < -loss if rounded else gap <= loss


def computed_range(function: Callable[..., float], inputs: Sequence[Rounded]) -> Range:
    """What a function gives of rounded numbers.

    Parameters
    ----------
    function : callable
        Of as many numbers; monotone in each of them over its range of rounding.
    inputs : sequence of Rounded
        Its arguments.

    Returns
    -------
    Range
        Its value at the printed digits, and its smallest and largest one; NaN, which agrees with
        no number, where it would divide by zero.

    Notes
    -----
    A function that rises or falls throughout in each argument has its extremes at corners of the
    box of all arguments, so the 2ⁿ corners give the range exactly.

    Examples
    --------
    >>> computed_range(lambda a, b: a + b, [Rounded.of("2049"), Rounded.of("7920")])
    Range(value=9969.0, low=9968.0, high=9970.0)
    """
    ends = [(x.range.low, x.range.high) if x.half_unit else (x.value,) for x in inputs]
    try:
        corners = [float(function(*corner)) for corner in product(*ends)]
        return Range(float(function(*(x.value for x in inputs))), min(corners), max(corners))
    except ZeroDivisionError:
        return Range(nan, nan, nan)


def is_number(text: Any) -> bool:
    """Whether a text is a finite number.

    Examples
    --------
    >>> is_number("-0.3"), is_number("2001-2020"), is_number("nan")
    (True, False, False)
    """
    try:
        return isinstance(text, str) and Decimal(text).is_finite()
    except InvalidOperation:
        return False
