"""Whether numbers of a table of budgets fit each other: one set of checks for any such table.

A check computes a number from others by the functions of `abz.budgets.arithmetic`, which make the
tables of a run, and holds it against the number that stands there. Printed numbers stand for all
that rounds to them, numbers of a run for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import pandas as pd

from abz.budgets.arithmetic import (
    flux_per_area,
    net_with_fire,
    release_outside_summer,
    sum_of_parts,
)
from abz.budgets.covariance import implied_correlation
from abz.published.rounding import Range, Rounded, computed_range
from abz.published.table1 import Cell
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["Check", "Term", "check_table", "equals", "lies_within", "table1_checks"]

PARTS, WHOLE = ("boreal", "tundra"), "ABZ"
"""Zones that make up another."""

NAMES = {"nee": "NEE", "gpp": "GPP", "reco": "Reco", "nee_fire": "NEE + fire"}
AREA = "1e6 km2"


@dataclass(frozen=True)
class Term:
    """A number with the name of the place where it stands.

    Examples
    --------
    >>> Term("fire_abz.v", Rounded.of("237")).number.value
    237.0
    """

    name: str
    number: Rounded


@dataclass(frozen=True)
class Check:
    """A number from others beside the one that stands there.

    Parameters
    ----------
    statement : str
        What ought to hold, in words.
    function : str
        Name of the function that computes it.
    inputs : tuple of str
        Where its arguments stand.
    against : str
        Where the other number stands, or a rule.
    computed, expected : Range
        Both, with all that they may be.
    units : str, optional
        Of both.
    """

    statement: str
    function: str
    inputs: tuple[str, ...]
    against: str
    computed: Range
    expected: Range
    units: str = "1"

    @property
    def agrees(self) -> bool:
        """Whether both may be the same number."""
        return self.computed.overlaps(self.expected)

    @property
    def difference(self) -> float:
        """Computed − expected, at the digits that stand there; 0 inside a range that is a rule."""
        return self.computed.value - self.expected.value


def equals(
    statement: str,
    function: Callable[..., float],
    terms: Sequence[Term],
    printed: Term,
    units: str = "1",
) -> Check:
    """A check that a function of some numbers gives another.

    Examples
    --------
    >>> parts = [Term("siberia", Rounded.of("160")), Term("north_america", Rounded.of("76"))]
    >>> found = equals("fire", sum_of_parts, parts, Term("abz", Rounded.of("237")))
    >>> found.agrees, found.difference
    (True, -1.0)
    """
    computed = computed_range(function, [term.number for term in terms])
    inputs = tuple(term.name for term in terms)
    name = function.__name__
    return Check(statement, name, inputs, printed.name, computed, printed.number.range, units)


def lies_within(
    statement: str,
    function: Callable[..., float],
    terms: Sequence[Term],
    bounds: tuple[float, float],
    units: str = "1",
) -> Check:
    """A check that a function of some numbers lies between two bounds.

    Examples
    --------
    >>> sds = [Term(name, Rounded.of(name)) for name in ("140", "101", "53")]
    >>> found = lies_within("errors", implied_correlation, sds, (-1, 1))
    >>> found.agrees, round(found.computed.value, 2)
    (True, 0.62)
    """
    computed = computed_range(function, [term.number for term in terms])
    low, high = bounds
    expected = Range(min(max(computed.value, low), high), low, high)
    rule = f"above {low:g}" if high == inf else f"{low:g} to {high:g}"
    inputs = tuple(term.name for term in terms)
    return Check(statement, function.__name__, inputs, rule, computed, expected, units)


def table1_checks(cells: Mapping[Cell, Term]) -> list[Check]:
    """All checks of a Table 1 that its numbers allow.

    Parameters
    ----------
    cells : mapping of {(zone, flux, column): Term}
        `budget`, `budget_sd`, Tg C yr-1; `per_area`, g C m-2 yr-1; of NEE `summer_ratio` and
        `area`, 1e6 km2; also of the flux `nee_same_years`, NEE in the years of NEE + fire. Cells
        that are not there are not checked.

    Returns
    -------
    list of Check
        Biomes add up to the ABZ, in budgets, areas and what they release outside summer; a flux
        per area is the budget over the area; NEE + fire is the sum of both; the summer ratio is
        below 1 exactly in a source; errors of the biomes correlate by −1 to 1.

    Examples
    --------
    >>> numbers = {("ABZ", "nee", "budget"): "-548", ("boreal", "nee", "budget"): "-593",
    ...            ("tundra", "nee", "budget"): "45"}
    >>> cells = {cell: Term(" ".join(cell), Rounded.of(v)) for cell, v in numbers.items()}
    >>> [(check.statement, check.agrees) for check in table1_checks(cells)]
    [('NEE: boreal + tundra = ABZ', True)]
    """
    makers = (_sums, _per_area, _with_fire, _ratios, _correlations)
    return [check for make in makers for check in make(cells)]


def _sums(cells: Mapping[Cell, Term]) -> Iterator[Check]:
    """Budgets and areas of the biomes add up."""
    for flux, column, units in (*((flux, "budget", BUDGET) for flux in NAMES),
                                ("nee", "area", AREA)):  # fmt: skip
        terms = _all(cells, [(zone, flux, column) for zone in (*PARTS, WHOLE)])
        if terms:
            what = "area" if column == "area" else NAMES[flux]
            statement = f"{what}: {' + '.join(PARTS)} = {WHOLE}"
            yield equals(statement, sum_of_parts, terms[:-1], terms[-1], units)


def _per_area(cells: Mapping[Cell, Term]) -> Iterator[Check]:
    """Fluxes per area are budgets over areas."""
    for zone in _zones(cells):
        for flux, name in NAMES.items():
            places = [(zone, flux, "budget"), (zone, "nee", "area"), (zone, flux, "per_area")]
            terms = _all(cells, places)
            if terms:
                statement = f"{name}, {zone}: budget / area = flux per area"
                yield equals(statement, flux_per_area, terms[:-1], terms[-1], ANNUAL_FLUX)


def _with_fire(cells: Mapping[Cell, Term]) -> Iterator[Check]:
    """NEE + fire is the sum of both over the same years."""
    for zone in _zones(cells):
        terms = _all(cells, [(zone, f, "budget") for f in ("nee_same_years", "fire", "nee_fire")])
        if terms:
            statement = f"{zone}, same years: NEE + fire emission = NEE + fire"
            yield equals(statement, net_with_fire, terms[:-1], terms[-1], BUDGET)


def _ratios(cells: Mapping[Cell, Term]) -> Iterator[Check]:
    """The ratio is below 1 exactly in a source, and what it implies adds up."""
    pairs = {
        zone: _all(cells, [(zone, "nee", "budget"), (zone, "nee", "summer_ratio")])
        for zone in _zones(cells)
    }
    # A ratio that may be 1 leaves the sign open.
    told = {z: t for z, t in pairs.items() if t and not _may_be_one(t[1].number)}
    for zone, terms in told.items():
        statement = f"{zone}: summer ratio below 1 exactly if a source (release outside summer)"
        yield lies_within(statement, release_outside_summer, terms, (0, inf), BUDGET)
    if all(zone in told for zone in (*PARTS, WHOLE)):
        terms = [term for zone in PARTS for term in told[zone]]
        whole = told[WHOLE]
        yield Check(
            f"release outside summer: {' + '.join(PARTS)} = {WHOLE}",
            release_outside_summer.__name__,
            tuple(term.name for term in terms),
            ", ".join(term.name for term in whole),
            computed_range(_release_of_parts, [term.number for term in terms]),
            computed_range(release_outside_summer, [term.number for term in whole]),
            BUDGET,
        )


def _may_be_one(ratio: Rounded) -> bool:
    return ratio.range.low <= 1 <= ratio.range.high


def _release_of_parts(*numbers: float) -> float:
    """Release of all parts outside summer, from pairs of budget and ratio."""
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return float(sum_of_parts(*(release_outside_summer(*pair) for pair in pairs)))


def _correlations(cells: Mapping[Cell, Term]) -> Iterator[Check]:
    """SDs of the ABZ and of its biomes belong together."""
    for flux, name in NAMES.items():
        terms = _all(cells, [(zone, flux, "budget_sd") for zone in (WHOLE, *PARTS)])
        if terms and min(term.number.range.low for term in terms) > 0:
            statement = f"{name}: correlation of {' and '.join(PARTS)} that the SDs imply"
            yield lies_within(statement, implied_correlation, terms, (-1, 1))


def _all(cells: Mapping[Cell, Term], places: Sequence[Cell]) -> list[Term]:
    """The cells, or none if one is not there."""
    return [cells[place] for place in places] if all(place in cells for place in places) else []


def _zones(cells: Mapping[Cell, Term]) -> list[str]:
    return list(dict.fromkeys(zone for zone, _, _ in cells))


def check_table(checks: Iterable[Check]) -> pd.DataFrame:
    """Checks as a table.

    Returns
    -------
    pandas.DataFrame
        statement; computed, computed_low, computed_high; expected, expected_low, expected_high;
        units, difference, agrees; function, inputs, against, where the numbers stand.

    Examples
    --------
    >>> parts = [Term("a", Rounded.of("1")), Term("b", Rounded.of("2"))]
    >>> check = equals("sum", sum_of_parts, parts, Term("c", Rounded.of("5")))
    >>> check_table([check])[["computed", "expected", "difference", "agrees"]].values.tolist()
    [[3.0, 5.0, -2.0, False]]
    """
    columns = ["statement", "computed", "computed_low", "computed_high", "expected",
               "expected_low", "expected_high", "units", "difference", "agrees", "function",
               "inputs", "against"]  # fmt: skip
    rows = [
        (c.statement, c.computed.value, c.computed.low, c.computed.high, c.expected.value,
         c.expected.low, c.expected.high, c.units, c.difference, c.agrees, c.function,
         ", ".join(c.inputs), c.against)
        for c in checks
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
