"""Whether numbers fit each other: the published ones, and by the same checks those of the run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from abz.published import (
    FILE,
    Cell,
    Check,
    Rounded,
    Term,
    check_table,
    paper_checks,
    table1_checks,
    term,
)
from abz.report.number import Origin, Pairs
from abz.report.results import Results, records
from abz.report.table import Table
from abz.report.typography import decimals_of, number_text
from abz.units import ANNUAL_FLUX

__all__ = ["ARITHMETIC_TABLES", "arithmetic_numbers", "run_cells", "run_checks"]

PUBLISHED = "published"
COLUMNS = ("budget", "budget_sd", "per_area", "summer_ratio")
FULL = 1 - 1e-9
"""Share of the land with a value above which a budget is the flux per area times the area."""


def run_cells(table1: pd.DataFrame) -> dict[Cell, Term]:
    """The numbers of Table 1 of one model set as `abz.published.table1_checks` takes them.

    Parameters
    ----------
    table1 : pandas.DataFrame
        Rows of one model set, from `abz.budgets.table1`.

    Returns
    -------
    dict of {(zone, flux, column): Term}
        Nothing is rounded. A flux per area where some land has no value is left out, since it is
        the mean over the rest; so is fire in other years than NEE + fire.

    Examples
    --------
    >>> row = {"zone": "ABZ", "flux": "nee", "budget": -500.0, "budget_sd": 9.0, "per_area": -25.0,
    ...        "summer_ratio": 1.4, "area_m2": 2e13, "valid_share": 1.0, "same_years_nee": None,
    ...        "first_year": 2001, "last_year": 2020}
    >>> run_cells(pd.DataFrame([row]))["ABZ", "nee", "area"].number.value
    20.0
    """
    main = table1[table1["zone"].isin(["ABZ", "boreal", "tundra", "permafrost"])]
    years = {(row.zone, row.flux): (row.first_year, row.last_year) for row in records(main)}
    found: dict[Cell, float] = {}
    for row in records(main):
        if row.flux == "fire" and years.get((row.zone, "nee_fire")) != years[row.zone, row.flux]:
            continue
        for column in COLUMNS:
            if column != "per_area" or row.valid_share > FULL:
                found[row.zone, row.flux, column] = getattr(row, column)
        if row.flux == "nee":
            found[row.zone, "nee", "area"] = row.area_m2 * 1e-12
        if row.flux == "nee_fire":
            found[row.zone, "nee_same_years", "budget"] = row.same_years_nee
    return {
        cell: Term(", ".join(cell), Rounded(float(value)))
        for cell, value in found.items()
        if value is not None and math.isfinite(value)
    }


def run_checks(results: Results) -> dict[str, list[Check]]:
    """Checks of Table 1 of each model set of a run."""
    table = results.tables.get("table1")
    if table is None:
        return {}
    sets = table["model_set"].unique()
    return {name: table1_checks(run_cells(table[table["model_set"] == name])) for name in sets}


def arithmetic_table(results: Results) -> Table | None:
    """Checks of the published numbers, and the same checks of the run."""
    own = run_checks(results)
    if not own:
        return None
    paper = paper_checks()
    whose = {PUBLISHED: paper, **own}
    bare = pd.concat(
        [check_table(checks).assign(whose=name) for name, checks in whose.items()],
        ignore_index=True,
    )
    printed = {check.statement: check for check in paper}
    verdicts = {
        f"this run, {name} set{' (synthetic)' if results.synthetic else ''}": {
            check.statement: _verdict(check) for check in checks
        }
        for name, checks in own.items()
    }
    statements = dict.fromkeys(
        check.statement for checks in (paper, *own.values()) for check in checks
    )
    rows = [
        {
            "what ought to hold": statement,
            "computed": _range_text(printed.get(statement)),
            "printed": _expected_text(printed.get(statement)),
            "published (real)": _verdict(printed.get(statement)),
            **{head: found.get(statement, "—") for head, found in verdicts.items()},
        }
        for statement in statements
    ]
    caption = (
        "The arithmetic of the published numbers, and of this run's Table 1 by the same functions. "
        "Each printed number stands for all that rounds to it, so that what is computed of them is "
        "a range (in brackets); it agrees if it overlaps that of the number that is printed. "
        "Differences are computed − printed. Numbers of the run are not rounded, and agree to what "
        "floating point loses. A flux per area is checked where all land has a value, and NEE + "
        "fire where the parts are there."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _verdict(check: Check | None) -> str:
    """Whether a check agrees, or by how much it does not."""
    if check is None:
        return "—"
    if check.agrees:
        return "agrees"
    return f"differs by {number_text(check.difference, decimals_of(check.difference, 2))}"


def _range_text(check: Check | None) -> str:
    """What is computed, with its range."""
    if check is None:
        return "—"
    width = check.computed.high - check.computed.low
    places = decimals_of(width or check.computed.value, 1)
    low, high = (number_text(end, places + 1) for end in (check.computed.low, check.computed.high))
    return f"{number_text(check.computed.value, places)} ({low} to {high})"


def _expected_text(check: Check | None) -> str:
    """What is printed, or the rule."""
    if check is None:
        return "—"
    expected = check.expected
    if not math.isfinite(expected.high) or check.function == "implied_correlation":
        return check.against.replace("-", "\N{MINUS SIGN}")
    half = (expected.high - expected.low) / 2
    return number_text(expected.value, max(0, round(-math.log10(2 * half))) if half else None)


_TWICE = MappingProxyType(
    {
        "area_paper": ("domain_area.v", "1e6 km2", "area of the ABZ, paper"),
        "area_preprint": ("domain_area_text.v", "1e6 km2", "area of the ABZ, text of the preprint"),
        "area_table1": ("t1_abz.area_1e6km2", "1e6 km2", "area of the ABZ, Table 1"),
        "boreal_insitu_paper": ("boreal_insitu_nee.v", ANNUAL_FLUX, "NEE at boreal sites, paper"),
        "boreal_insitu_table1": ("t1_boreal.insitu.NEE.mean", ANNUAL_FLUX,
                                 "NEE at boreal sites, Table 1"),
    }
)  # fmt: skip
"""Numbers that are printed in two ways: key to their place, unit and name."""


def arithmetic_numbers(results: Results) -> Pairs:
    """How many checks there are, how many numbers do not fit, and which are printed in two ways."""
    paper = Origin(False, "abz.published.paper_checks", (FILE,))
    for key, (path, units, words) in _TWICE.items():
        number = term(path).number
        label = f"published: {words}"
        places = number.decimals
        yield f"published_{key}", paper.number(number.value, units, label, decimals=places)
    for name, checks, origin in (
        (PUBLISHED, paper_checks(), paper),
        *(
            (name, checks, Origin(results.synthetic, "abz.published.table1_checks",
                                  ("budgets/table1.parquet",)))
            for name, checks in run_checks(results).items()
        ),
    ):  # fmt: skip
        words = "of published numbers" if name == PUBLISHED else f"of Table 1, {name} set"
        label = f"checks of the arithmetic {words}"
        yield f"{name}_checks", origin.number(len(checks), "1", label)
        differing = sum(not check.agrees for check in checks)
        label = f"{label} that do not agree within rounding"
        yield f"{name}_checks_differing", origin.number(differing, "1", label)


ARITHMETIC_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"arithmetic": arithmetic_table}
)
"""Name to what makes the table."""
