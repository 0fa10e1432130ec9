"""Tables of zones: budgets of zones of one's own, and the land that budgets leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.budgets.land_account import HELD, NO_ZONE, OUTSIDE, WITHOUT_LAND
from abz.report.class_tables import class_budgets
from abz.report.members import MEMBERS, if_learned
from abz.report.results import Results, records
from abz.report.table import Table
from abz.report.typography import number_text
from abz.vocabulary import BUILT_IN_SETS

__all__ = ["ZONE_TABLES"]

KM2 = 1e6


def own_budgets_table(results: Results) -> Table | None:
    """Mean annual budgets of the zones of sets that are not built in."""
    annual = results.tables.get("annual")
    if annual is None:
        return None
    own = [str(name) for name in annual["zone_set"].unique() if name not in BUILT_IN_SETS]
    bare, shown = [], []
    for name in own:
        made = class_budgets((name,), "")(results)
        if made is not None:
            bare.append(made.bare.drop(columns="area_m2").assign(zone_set=name))
            text = made.shown.drop(columns="area, 10⁶ km²")
            shown.append(text.assign(**{"zone set": name}))
    if not bare:
        return None
    keys = ["zone_set", "zone", "model_set"]
    area = annual[[*keys, "area_m2"]].drop_duplicates(keys)
    numbers = pd.concat(bare, ignore_index=True).merge(area, how="left", on=keys)
    text = pd.concat(shown, ignore_index=True)
    wide = text.merge(area, left_on=["zone set", "zone", "set"], right_on=keys, how="left")
    text.insert(2, "area, km²", [number_text(v / KM2, 0) for v in wide["area_m2"]])
    front = ["zone set", *(name for name in text if name != "zone set")]
    caption = (
        f"Mean annual budgets of the run's own zones, Tg C yr⁻¹{if_learned(results, MEMBERS)}. "
        "Land of the domain that a set leaves out stands beside its zones, so "
        "that each set adds up to the whole."
    )
    return Table(caption, numbers, text[front])


def left_out_table(results: Results) -> Table | None:
    """Land of the map that is in a zone, in none, or outside the domain, and why."""
    bare = results.tables.get("left_out")
    if bare is None:
        return None
    whole = bare[bare["part"] != WITHOUT_LAND].groupby(["model_set", "zone_set"])["area_m2"].sum()
    rows = [
        {
            "set": row.model_set,
            "zone set": "all" if row.zone_set == "abz" else row.zone_set,
            "land": _words(row),
            "cells": number_text(row.cells, 0),
            "land area, km²": number_text(row.area_m2 / KM2, 0),
            "share of all land,\N{NO-BREAK SPACE}%": number_text(
                100 * row.area_m2 / whole[row.model_set, row.zone_set], 2
            ),
        }
        for row in records(bare)
        if _tells(row)
    ]
    caption = (
        "Land of the map at or north of 49° N: the domain, the rest by the first reason that "
        "keeps a cell out, and, of the domain, what no zone of a set holds. The parts of each set "
        "add up to all land; the CSV file has them for every set."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _tells(row: Any) -> bool:
    """Whether a row says more than that of the whole domain."""
    return row.zone_set == "abz" or row.part in (NO_ZONE, WITHOUT_LAND) or row.overlap_m2 > 0


def _words(row: Any) -> str:
    """What a row counts."""
    if row.part == HELD:
        claimed = f"{number_text(row.overlap_m2 / KM2, 0)} km² claimed by two zones"
        held = "the domain" if row.zone_set == "abz" else "in a zone"
        return f"{held}; {claimed}" if row.overlap_m2 > 0 else held
    if row.part == WITHOUT_LAND:
        return f"zone without a cell of the domain: {row.reason}"
    return f"{row.part}: {row.reason}" if row.part == OUTSIDE else str(row.reason)


ZONE_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"budgets_own": own_budgets_table, "left_out": left_out_table}
)
