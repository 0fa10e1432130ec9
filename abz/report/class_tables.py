"""Budgets by vegetation type, permafrost extent and region: the study's Supplementary Table 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from abz.budgets import mean_budgets
from abz.report.members import AT_SITES, MEMBERS, if_learned, members_text
from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text

__all__ = ["class_budgets"]

KEYS = ["model_set", "zone_set", "zone", "flux"]
OWN = ["budget", "budget_sd", "members_mean"]
HEAD = ["zone_set", "zone", "model_set"]
OF_TABLE1 = [
    "area_m2", "valid_share", "per_area", "interannual_sd", "insitu_mean", "insitu_sd",
    "insitu_sites", "summer_ratio", "source_area_share",
]  # fmt: skip


def class_budgets(zone_sets: Sequence[str], by: str) -> Callable[[Results], Table | None]:
    """Maker of the table of the zones of some sets: mean budgets, and what NEE is like.

    Parameters
    ----------
    zone_sets : sequence of str
        Whose zones, in this order.
    by : str
        What they are, in words.

    Examples
    --------
    >>> class_budgets(["region"], "region")(Results(name="empty")) is None
    True
    """

    def make(results: Results) -> Table | None:
        annual = results.tables.get("annual")
        rows = None if annual is None else annual[annual["zone_set"].isin(zone_sets)]
        if rows is None or rows.empty:
            return None
        bare = rows[KEYS].drop_duplicates().merge(mean_budgets(rows, KEYS)[KEYS + OWN], how="left")
        bare = bare.merge(_of_table1(results), how="left", on=KEYS)
        caption = (
            f"Mean annual budgets by {by}, Tg C yr⁻¹{if_learned(results, MEMBERS)}. NEE + fire is "
            f"over the years with fire{if_learned(results, ', and its SD that of NEE alone')}. Of "
            f"NEE also the mean per area (± SD between years){if_learned(results, AT_SITES)}, "
            "g C m⁻² yr⁻¹, the ratio of summer uptake to the release of the other months, and the "
            "land's area."
        )
        return Table(caption, bare, _shown(bare, zone_sets))

    return make


def _of_table1(results: Results) -> pd.DataFrame:
    """Areas, means and ratios of all zones, where the run has them."""
    table = results.tables.get("table1")
    return pd.DataFrame(columns=[*KEYS, *OF_TABLE1]) if table is None else table[KEYS + OF_TABLE1]


def _shown(bare: pd.DataFrame, zone_sets: Sequence[str]) -> pd.DataFrame:
    """A row a zone and set, a column a flux."""
    text = bare.assign(text=[_with_members(row) for row in records(bare)])
    wide = text.pivot_table(index=HEAD, columns="flux", values="text", aggfunc="first")
    wide = wide.reindex(columns=[flux for flux in FLUX_NAMES if flux in wide]).fillna("—")
    wide = wide.loc[sorted(wide.index, key=lambda key: _order(key, zone_sets))]
    nee = bare[bare["flux"] == "nee"].set_index(HEAD).reindex(wide.index)
    beside = pd.DataFrame([_beside_budgets(row) for row in records(nee)], index=wide.index)
    shown = wide.rename(columns=FLUX_NAMES).join(beside).reset_index()
    return shown.drop(columns="zone_set").rename(columns={"model_set": "set"})


def _order(key: tuple[str, str, str], zone_sets: Sequence[str]) -> tuple[int, str, bool]:
    """Place of a zone and model set, the fine set first."""
    zone_set, zone, model_set = key
    return zone_sets.index(zone_set), zone, model_set != "fine"


def _with_members(row: Any) -> str:
    """Central value ± SD, and the members' mean in brackets."""
    text = spread_text(row.budget, row.budget_sd)
    return f"{text} ({members_text(row)})" if np.isfinite(row.members_mean) else text


def _beside_budgets(row: Any) -> dict[str, str]:
    """What stands beside the budgets of a zone, from its row of NEE."""
    at_sites = "—"
    if pd.notna(row.insitu_mean):
        count = number_text(row.insitu_sites, 0)
        at_sites = f"{spread_text(row.insitu_mean, row.insitu_sd)} ({count})"
    return {
        "NEE per area": spread_text(row.per_area, row.interannual_sd),
        "NEE at the sites": at_sites,
        "summer / non-summer": number_text(row.summer_ratio, 1),
        "area, 10⁶ km²": number_text(row.area_m2 * 1e-12, 2),
    }
