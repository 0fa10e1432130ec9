"""The paper, number by number: what print says of each, and what a run makes of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from abz.published.checks import Check
from abz.published.claims import Claim, Made, paper_claims
from abz.published.contradictions import CONTRADICTIONS
from abz.published.paper import paper_checks
from abz.published.records import Record, published_numbers
from abz.published.rounding import LOSS, Rounded
from abz.published.run_numbers import Found, RunNumbers
from abz.published.settings import setting_checks

__all__ = [
    "ADOPTED",
    "ALONE",
    "BOUNDED",
    "CONSISTENT",
    "CONTRADICTED",
    "DIFFERS",
    "NEAR",
    "NOT_COMPARED",
    "REPRODUCED",
    "Found",
    "Row",
    "RunNumbers",
    "all_checks",
    "verification_table",
    "verify_paper",
]  # fmt: skip

CONTRADICTED, CONSISTENT, BOUNDED = "contradicted", "consistent", "within bounds"
ADOPTED, ALONE = "adopted", "stands alone"
REPRODUCED, NEAR, DIFFERS = "reproduced", "near", "differs"
NOT_COMPARED = "synthetic run: not compared"
NEEDS, NOTHING = "needs data", "not made by abz"

EDITIONS = (("PR", "both"), ("P", "paper"), ("R", "preprint"), ("fig", "figure of the code"),
            ("code", "public code"), ("derived", "derived"))  # fmt: skip
"""First letters of a source, and the edition they stand for."""


@dataclass(frozen=True)
class Row:
    """One published number, and all that is known of it.

    Parameters
    ----------
    record, field, topic : str
        Where it stands.
    edition : str
        Where it is printed.
    printed, units, region, period : str
        As printed.
    function : str
        What makes it in abz; empty where nothing does.
    needs : str
        What a run has to be.
    inputs : str
        Keys of the numbers of a run that it is, or is made of.
    value : float
        That of the run; NaN where it has none.
    beside : str
        Key of the nearest number of a run on other data, never compared.
    tolerance, near : float
        How far a run may be from the printed value to be `reproduced`, and to be `near`.
    in_print : str
        Contradicted, consistent, adopted, or stands alone.
    through : str
        Checks that bind it, or the contradiction.
    in_run : str
        Reproduced, near, differs, needs data, or not compared.
    note : str
        What a reader has to know.
    """

    record: str
    field: str
    topic: str
    edition: str
    printed: str
    units: str
    region: str
    period: str
    function: str
    needs: str
    inputs: str
    value: float
    beside: str
    tolerance: float
    near: float
    in_print: str
    through: str
    in_run: str
    note: str

    @property
    def status(self) -> str:
        """What print and run say together; a contradiction in print comes first."""
        if self.in_print == CONTRADICTED:
            return CONTRADICTED
        if self.in_run in (REPRODUCED, NEAR, DIFFERS):
            return self.in_run
        alone = self.in_print in (ALONE, BOUNDED) and self.in_run != NOTHING
        return self.in_run if alone else self.in_print


def all_checks() -> list[Check]:
    """Every check that needs no run: those of the paper's arithmetic and of its settings."""
    return [*paper_checks(), *setting_checks()]


def verify_paper(numbers: Mapping[str, Mapping[str, Any]] | None = None) -> list[Row]:
    """Each published number with what print and a run say of it.

    Parameters
    ----------
    numbers : mapping of {str: mapping}, optional
        Numbers of a run, from its numbers.json.

    Returns
    -------
    list of Row
        A row for each number and each word of the records, by topic.

    Notes
    -----
    `reproduced` is a number of a real run that rounds to the printed digits; `near` lies within a
    tolerance that the claim states, for what another seed and another library may change. Both
    need the study's data, cells, years and engine. A synthetic run is never compared.

    Examples
    --------
    >>> rows = {(row.record, row.field): row for row in verify_paper()}
    >>> rows["fire_abz", "v"].status, rows["t1_abz", "area_1e6km2"].status
    ('consistent', 'contradicted')
    """
    run, in_print = RunNumbers(numbers or {"run_data": {"value": "real"}}), _Print(all_checks())
    claims = paper_claims()
    records = published_numbers()
    return [
        row
        for name, (topic, claim) in claims.items()
        for row in _rows(records[name], topic, claim, run, in_print)
    ]


def verification_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a table, with their status.

    Examples
    --------
    >>> table = verification_table(verify_paper())
    >>> table.loc[table["record"] == "bias_gain", "status"].item()
    'consistent'
    """
    return pd.DataFrame([{**row.__dict__, "status": row.status} for row in rows])


def _rows(
    record: Record, topic: str, claim: Claim, run: RunNumbers, others: _Print
) -> Iterator[Row]:
    """Rows of one record: its numbers, its words, its p."""
    fields: dict[str, Rounded | str] = {**record.numbers, **record.words}
    if "p" in claim.made and record.p_value:
        fields["p"] = record.p_value
    for field, printed in fields.items():
        made = claim.made.get(field)
        found = run.find(made) if made else None
        number = printed if isinstance(printed, Rounded) else None
        near = made.near * abs(number.value) if made and number else 0.0
        half = number.half_unit if number else 0.0
        notes = dict.fromkeys(text for text in (claim.note, record.note) if text)
        place = f"{record.id}.{field}"
        wanted = record.years if made is None or made.period is None else made.period
        in_run = _in_run(claim, made, wanted, found, run)
        if found is not None and not in_run:
            in_run = _verdict(printed, found.value, half + near)
        in_print, through = others.verdict(place)
        yield Row(
            record=record.id, field=field, topic=topic, edition=edition(record.source),
            printed=number.text if number else str(printed),
            units="1" if field == "p" else record.units, region=record.region,
            period=record.years, function=_function(made, others.bound.get(place, [])),
            needs=claim.need.words, inputs=", ".join(made.keys) if made else "",
            value=found.value if found else math.nan,
            beside=claim.beside if field in ("v", "R2") else "",
            tolerance=half, near=half + near, in_print=in_print, through=through,
            in_run=in_run,
            note="; ".join(notes),
        )  # fmt: skip


def _function(made: Made | None, checks: Iterable[Check]) -> str:
    """What makes a number: of a run, or the default of abz."""
    if made:
        return made.function
    return next((check.function for check in checks if not check.inputs), "")


def edition(source: str) -> str:
    """Where a number is printed.

    Examples
    --------
    >>> edition("PR"), edition("R (abstract, Table 1)"), edition("fig")
    ('both', 'preprint', 'figure of the code')
    """
    word = source.split(maxsplit=1)[0]
    return next((name for start, name in EDITIONS if word.startswith(start)), source)


class _Print:
    """What published numbers say of each other."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self.bound: dict[str, list[Check]] = {}
        failing = set()
        for check in checks:
            failing |= set() if check.agrees else {check.statement}
            for place in (*check.inputs, *check.against.split(", ")):
                self.bound.setdefault(place, []).append(check)
        self.undeclared = failing - {s for known in CONTRADICTIONS for s in known.checks}
        # A contradiction of words has no check that could fail.
        self.known = {
            place: known
            for known in CONTRADICTIONS
            if not known.checks or failing & set(known.checks)
            for place in known.places
        }

    def verdict(self, place: str) -> tuple[str, str]:
        """Whether a number is contradicted, consistent or adopted, and through what."""
        checks = self.bound.get(place, [])
        failed = [check.statement for check in checks if check.statement in self.undeclared]
        if failed:
            return CONTRADICTED, "; ".join(failed)
        if place in self.known:
            return CONTRADICTED, f"{self.known[place].name}: {self.known[place].where}"
        held = [check for check in checks if check.agrees]
        if not held:
            return ALONE, ""
        through = "; ".join(check.statement for check in held)
        if all(not check.inputs for check in held):
            return ADOPTED, through
        return (CONSISTENT if any(_binds(check, place) for check in held) else BOUNDED), through


def _binds(check: Check, place: str) -> bool:
    """Whether a check fixes a number, and does not only bound it."""
    if check.function in {"min", "max"} and place in check.inputs:
        name, _, field = place.partition(".")
        return published_numbers()[name].number(field).value == check.computed.value
    return check.function not in {"implied_correlation", "release_outside_summer"}


def _in_run(
    claim: Claim, made: Made | None, wanted: str, found: Found | None, run: RunNumbers
) -> str:
    """What keeps a number of a run from being held against the published one; empty if nothing."""
    need = claim.need
    if made is None:
        return f"{NEEDS}: {need.words}" if need.words and not need.runs else NOTHING
    if found is not None and run.synthetic:
        return NOT_COMPARED
    if found is None or not run.meets(need):
        return f"{NEEDS}: {need.words}"
    if wanted and found.period and found.period != wanted:
        return f"{NEEDS}: {wanted}; the run has {found.period}"
    return ""


def _verdict(printed: Rounded | str, value: float, near: float) -> str:
    """How a number of a run of the study's data compares with the published one."""
    if isinstance(printed, str):
        return REPRODUCED if _holds(printed, value) else DIFFERS
    distance = abs(value - printed.value)
    if distance <= printed.half_unit * (1 + LOSS):
        return REPRODUCED
    return NEAR if distance <= near else DIFFERS


def _holds(printed: str, value: float) -> bool:
    """Whether a value is as an inequality has it, such as "<0.05" or ">=5"."""
    match = re.fullmatch(r"(<|>=?)\s*([\d.]+)", printed)
    if match is None:
        number = Rounded.of(printed)
        return abs(value - number.value) <= number.half_unit
    bound = float(match[2])
    return {"<": value < bound, ">": value > bound, ">=": value >= bound}[match[1]]
