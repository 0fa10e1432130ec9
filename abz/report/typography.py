"""How numbers and units are set: true minus signs, superscripts, no false precision."""

from __future__ import annotations

import math
import re

import pandas as pd

__all__ = ["decimals_of", "number_text", "p_text", "quantity_text", "unit_text"]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def unit_text(units: str) -> str:
    r"""A unit with its exponents raised and spaces that do not break; the unit one is empty.

    Examples
    --------
    >>> unit_text("g C m-2 yr-1").replace("\xa0", " "), unit_text("1")
    ('g C m⁻² yr⁻¹', '')
    >>> unit_text("1e6 km2").replace("\xa0", " ")
    '10⁶ km²'
    """
    if units == "1":
        return ""
    units = re.sub(r"\b1e(\d+)", lambda m: "10" + m[1].translate(_SUPERSCRIPTS), units)
    return re.sub(r"(?<=[A-Za-z])-?\d+", lambda m: m[0].translate(_SUPERSCRIPTS), units).replace(
        " ", _NO_BREAK
    )


def decimals_of(value: float, significant: int = 3) -> int:
    """Decimals that show so many significant digits; never digits left of the point.

    Examples
    --------
    >>> decimals_of(-548.2), decimals_of(4.31), decimals_of(0.0)
    (0, 2, 0)
    """
    if value == 0 or not math.isfinite(value):
        return 0
    return min(6, max(0, significant - 1 - math.floor(math.log10(abs(value)))))


def number_text(value: float, decimals: int | None = None) -> str:
    """A number with a true minus sign and grouped thousands; an em dash where it is missing.

    Examples
    --------
    >>> number_text(-548.2), number_text(9970.4), number_text(float("nan"))
    ('−548', '9,970', '—')
    """
    if pd.isna(value) or not math.isfinite(value):
        return "—"
    places = decimals_of(value) if decimals is None else decimals
    text = f"{value:,.{places}f}"
    return text.lstrip("-") if not float(text.replace(",", "")) else text.replace("-", _MINUS)


def quantity_text(
    value: float, units: str, spread: float | None = None, decimals: int | None = None
) -> str:
    r"""A number, ± its spread where there is one, and its unit.

    With a spread, both show the decimals that give the spread two significant digits.

    Examples
    --------
    >>> quantity_text(-548.2, "Tg C yr-1", 140.3).replace("\xa0", " ")
    '−548 ± 140 Tg C yr⁻¹'
    """
    if spread is not None and math.isfinite(spread) and spread > 0:
        places = decimals_of(spread, 2) if decimals is None else decimals
        number = f"{number_text(value, places)}{_NO_BREAK}±{_NO_BREAK}{number_text(spread, places)}"
    else:
        number = number_text(value, decimals)
    unit = unit_text(units)
    return f"{number}{_NO_BREAK}{unit}" if unit else number


def p_text(p_value: float) -> str:
    """A p-value as it is written in a sentence.

    Examples
    --------
    >>> p_text(0.0004), p_text(0.018), p_text(0.4)
    ('p < 0.001', 'p = 0.018', 'p = 0.40')
    """
    if not math.isfinite(p_value):
        return "p —"
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"
