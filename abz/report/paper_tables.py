"""The paper, number by number: tables of what print and a run say of each published number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import pandas as pd

from abz.published import (
    CONTRADICTIONS,
    FILE,
    TOPICS,
    Row,
    all_checks,
    unexpected,
    verification_table,
    verify_paper,
)
from abz.report.number import Number, Origin, Pairs
from abz.report.results import slug
from abz.report.table import Table
from abz.report.typography import decimals_of, number_text, unit_text

__all__ = [
    "contradictions_table",
    "paper_numbers",
    "paper_tables",
    "paper_text",
    "shown_value",
    "status_counts",
]

ORDER = (
    "consistent", "within bounds", "contradicted", "adopted", "stands alone",
    "reproduced", "near", "differs", "synthetic run", "needs data", "not made by abz",
)  # fmt: skip
"""Verdicts in print, and of a run, in the order of the page."""

TOPIC_WORDS = MappingProxyType(
    {
        "budgets": "Budgets", "domain": "Area and border", "table1": "Table 1",
        "sources": "Sources", "fire": "Fire", "trends": "Trends and seasons",
        "comparison": "Beside other products", "skill": "Forests", "data": "Site data",
        "postfire": "After fires",
    }
)  # fmt: skip


def paper_tables(numbers: Mapping[str, Number]) -> dict[str, Table]:
    """One table for each topic, that of the contradictions, and all in one.

    Parameters
    ----------
    numbers : mapping of {str: Number}
        Those of the run.

    Returns
    -------
    dict of {str: Table}
        `paper`, the statuses; `paper_all`, every row; `paper_TOPIC`; `paper_contradictions`.

    Examples
    --------
    >>> list(paper_tables({}))[:3]
    ['paper', 'paper_contradictions', 'paper_all']
    """
    plain = {key: {"value": n.value, "period": n.period} for key, n in numbers.items()}
    rows = verify_paper(plain)
    texts = {key: number.text for key, number in numbers.items()}
    tables = {
        "paper": _statuses(rows),
        "paper_contradictions": contradictions_table(),
        "paper_all": _rows_table(rows, texts, "All published numbers"),
    }
    for topic in TOPICS:
        chosen = [row for row in rows if row.topic == topic]
        tables[f"paper_{topic}"] = _rows_table(chosen, texts, TOPIC_WORDS[topic])
    if plain.get("run_data", {}).get("value") == "synthetic":
        note = " The data of this run are synthetic; it reproduces nothing."
        tables = {k: replace(t, caption=f"{t.caption}{note}") for k, t in tables.items()}
    return tables


def shown_value(row: Row, texts: Mapping[str, str]) -> str:
    """The number of the run beside a published one, or the nearest it has, in brackets.

    Parameters
    ----------
    row : Row
        Of the published number.
    texts : mapping of {str: str}
        Numbers of the run as they are shown, by key.

    Returns
    -------
    str
        An em dash where the run has none.
    """
    if math.isfinite(row.value):
        places = len(row.printed.partition(".")[2])
        return number_text(row.value, max(places, decimals_of(row.value, 2)))
    return f"({texts[row.beside]})" if row.beside in texts else "—"


def _rows_table(rows: list[Row], texts: Mapping[str, str], title: str) -> Table:
    """Rows as they are read."""
    shown = [
        {
            "number": f"{row.record}, {row.field}" if row.field != "v" else row.record,
            "edition": row.edition,
            "printed": f"{row.printed} {unit_text(row.units)}".rstrip().replace("-", "−")
            if row.tolerance else row.printed,
            "in print": row.in_print,
            "this run": shown_value(row, texts),
            "tolerance": _tolerance(row),
            "verdict on this run": row.in_run,
            "function": row.function or "—",
            "needs": row.needs or "—",
            "through": row.through or "—",
        }
        for row in rows
    ]  # fmt: skip
    caption = (
        f"{title}: each published number, whether others in print bear it out (and through what), "
        "what this run has, and whether both are one. A "
        "number in brackets is the nearest that this run has, of other data or another model, and "
        "is not compared. Tolerance: half a unit of the last printed digit for `reproduced`, and "
        "what another seed and library may change for `near`."
    )
    return Table(caption, verification_table(rows), pd.DataFrame(shown))


def _tolerance(row: Row) -> str:
    """How far a run may be off."""
    if not row.function or not row.tolerance:
        return "—"
    text = f"±{number_text(row.tolerance, decimals_of(row.tolerance, 1))}"
    if row.near > row.tolerance:
        text += f"; near: ±{number_text(row.near, decimals_of(row.near, 2))}"
    return text


def status_counts(rows: list[Row]) -> dict[str, int]:
    """How many numbers have each verdict, in print and of the run; what they need is left out.

    Examples
    --------
    >>> found = status_counts(verify_paper())
    >>> found["adopted"], found["contradicted"]
    (8, 24)
    """
    kinds = [row.in_print for row in rows] + [row.in_run.partition(": ")[0] for row in rows]
    return {kind: kinds.count(kind) for kind in ORDER if kind in kinds}


def _statuses(rows: list[Row]) -> Table:
    """Statuses by topic."""
    kinds = list(status_counts(rows))
    bare = pd.DataFrame(
        [
            {"topic": TOPIC_WORDS[topic], **dict.fromkeys(kinds, 0),
             **status_counts([row for row in rows if row.topic == topic])}
            for topic in TOPICS
        ]
    )  # fmt: skip
    shown = bare.assign(**{kind: bare[kind].astype(str) for kind in kinds})
    caption = "Published numbers by topic: what print says of them, and what this run does."
    return Table(caption, bare, shown)


def contradictions_table() -> Table:
    """Where the study contradicts itself."""
    bare = pd.DataFrame(
        [
            {"about": known.name, "where": known.where, "numbers": ", ".join(known.places),
             "explanation": known.explanation}
            for known in CONTRADICTIONS
        ]
    )  # fmt: skip
    caption = "What the paper, its preprint and their code print in two ways."
    return Table(caption, bare, bare[["about", "where", "explanation"]])


def paper_numbers(numbers: Mapping[str, Number]) -> Pairs:
    """How many published numbers there are, and how many have each status."""
    plain = {key: {"value": n.value, "period": n.period} for key, n in numbers.items()}
    rows = verify_paper(plain)
    origin = Origin(False, "abz.published.verify_paper", (FILE, "results/numbers.json"))
    yield "run_paper_rows", origin.number(len(rows), "1", "published numbers and words")
    records = len({row.record for row in rows})
    yield "run_paper_records", origin.number(records, "1", "records of published numbers")
    counts = status_counts(rows)
    for status in ORDER:
        number = origin.number(counts.get(status, 0), "1", f"published numbers that are {status}")
        yield f"run_paper_{slug(status)}", number
    count = origin.number(len(unexpected(all_checks())), "1", "contradictions that are not known")
    yield "run_paper_unexpected", count


def paper_text(rows: list[Row], texts: Mapping[str, str]) -> str:
    """Rows as a plain table for a terminal.

    Parameters
    ----------
    rows : list of Row
        From `abz.published.verify_paper`.
    texts : mapping of {str: str}
        Numbers of the run as they are shown, by key.

    Returns
    -------
    str
        A line for each number, with a head.

    Examples
    --------
    >>> print(paper_text(verify_paper()[:1], {}))
    number                            printed  in print      this run  verdict on this run
    abz_nee_budget                       -548  consistent           —  needs data: the study's ...
    """
    line = partial("{:<32}  {:>7}  {:<13}  {:>8}  {}".format)
    lines = [line("number", "printed", "in print", "this run", "verdict on this run")]
    for row in rows:
        name = row.record if row.field == "v" else f"{row.record}.{row.field}"
        lines.append(line(name, row.printed, row.in_print, shown_value(row, texts), row.in_run))
    return "\n".join(lines)
