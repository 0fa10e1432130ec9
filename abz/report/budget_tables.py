"""Tables of budgets: Table 1, zones and classes, the known truth, a climatology."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abz.published import PUBLISHED_TABLE1, published_cells, published_table1
from abz.report.members import (
    MEMBERS_NOTE,
    OVER_MEMBERS,
    if_learned,
    member_means,
    members_text,
    omitted_vegetation,
)
from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.truth import recovery
from abz.report.typography import number_text
from abz.vocabulary import BUILT_IN_SETS, FLUXES

__all__ = [
    "budget_table",
    "climatology_table",
    "per_area_table",
    "truth_table",
    "zones_table",
]


def budget_table(results: Results) -> Table | None:
    """Budgets of Table 1 beside the published ones."""
    bare = results.tables.get("table1")
    if bare is None:
        return None
    bare = bare.merge(member_means(results), how="left")
    rows = [
        {
            **_row_head(row),
            "area with a value,\N{NO-BREAK SPACE}%": number_text(100 * row.valid_share, 1),
            f"budget, {_origin(results)}": spread_text(row.budget, row.budget_sd),
            "members' mean": members_text(row),
            "NEE of the same years": number_text(row.same_years_nee, 0),
            "published budget (real)": _printed(row, "budget", "budget_sd"),
        }
        for row in records(_main_rows(bare))
    ]
    caption = (
        f"Mean annual budgets in Tg C yr⁻¹{if_learned(results, OVER_MEMBERS)}. Those of NEE + fire "
        f"are of the years with fire{if_learned(results, ', with the SD of NEE alone')}; the NEE "
        f"of just these years stands beside them. {if_learned(results, MEMBERS_NOTE + ' ')}"
        f"{_coverage_note(results)} Published values are those of the 1-km models and stand beside "
        "the fine set only."
    )
    return Table(f"{caption}{_two_worlds(results)}", bare, pd.DataFrame(rows))


def per_area_table(results: Results) -> Table | None:
    """Fluxes per area and at the sites of Table 1 beside the published ones."""
    bare = results.tables.get("table1")
    if bare is None:
        return None
    rows = [
        {
            **_row_head(row),
            f"per area, {_origin(results)}": spread_text(row.per_area, row.interannual_sd),
            "published per area (real)": _printed(row, "per_area", "interannual_sd"),
            f"at the sites, {_origin(results)}": spread_text(row.insitu_mean, row.insitu_sd),
            "sites": number_text(row.insitu_sites, 0),
            "site-years": number_text(row.insitu_site_years, 0),
            "published at the sites (real)": _printed(row, "insitu_mean", "insitu_sd"),
        }
        for row in records(_main_rows(bare))
        if row.flux != "nee_fire"
    ]
    caption = (
        "Mean fluxes in g C m⁻² yr⁻¹: per area with a value (± SD between years), and at the sites "
        "(± SD between sites)."
        + if_learned(
            results,
            " Sites count with their own complete years, whichever they are, and stand in the "
            "zones of their cell on the map of each set.",
            " This run has no sites.",
        )
    )
    return Table(f"{caption}{_two_worlds(results)}", bare, pd.DataFrame(rows))


def _row_head(row: Any) -> dict[str, str]:
    """Zone, flux and set of a row of Table 1."""
    years = f"{row.first_year}–{row.last_year}"
    return {"zone": row.zone, "flux": FLUX_NAMES[row.flux], "set": f"{row.model_set}, {years}"}


def _origin(results: Results) -> str:
    return "this run (synthetic)" if results.synthetic else "this run"


def _two_worlds(results: Results) -> str:
    """What the published columns mean beside those of a synthetic run."""
    if not results.synthetic:
        return ""
    return (
        " The run is about a synthetic Arctic: its columns are not meant to match the "
        "published ones, which are printed for orientation only."
    )


def _coverage_note(results: Results) -> str:
    """What budgets leave out."""
    omitted = [
        f"{', '.join(names)} ({model_set} set)"
        for model_set, names in omitted_vegetation(results).items()
    ]
    named = f" Wholly left out are {'; '.join(omitted)}." if omitted else ""
    return f"Land without a value is in no budget; the share that has one is given.{named}"


def _main_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the zones of the published Table 1, in its order: by set, zone and flux."""
    zones, fluxes = list(PUBLISHED_TABLE1), ["nee", "gpp", "reco", "nee_fire"]
    place = [
        (model_set != "fine", model_set, zones.index((zone_set, zone)), fluxes.index(flux))
        if (zone_set, zone) in zones and flux in fluxes
        else None
        for model_set, zone_set, zone, flux in zip(
            *(table[name] for name in ("model_set", "zone_set", "zone", "flux")), strict=True
        )
    ]
    kept = [number for number, key in enumerate(place) if key is not None]
    return table.iloc[sorted(kept, key=lambda number: place[number] or ())]


def _printed(row: Any, value: str, spread: str) -> str:
    """The published pair beside a row of the fine set, as it was printed."""
    paper = published_table1()
    chosen = (paper["zone_set"] == row.zone_set) & (paper["zone"] == row.zone)
    printed = paper[chosen & (paper["flux"] == row.flux)]
    if row.model_set != "fine" or printed.empty or np.isnan(printed[value].item()):
        return "—"
    text = number_text(printed[value].item(), 0)
    sd = printed[spread].item()
    return (
        text
        if np.isnan(sd)
        else f"{text} ± {number_text(sd, 0)}".replace(" ", "\N{NO-BREAK SPACE}")
    )


def _published_column(nee: pd.DataFrame, column: str) -> list[str]:
    """A column of the published Table 1 beside the rows of the fine set, as it was printed."""
    cells = published_cells()
    found = [cells.get((row.zone, "nee", column)) for row in records(nee)]
    fine = nee["model_set"] == "fine"
    return [cell.text if cell and own else "—" for cell, own in zip(found, fine, strict=True)]


def zones_table(results: Results) -> Table | None:
    """What the zones of Table 1 are made of: area, source share, summer ratio."""
    bare = results.tables.get("table1")
    if bare is None:
        return None
    classes = bare["zone_set"].isin(["vegetation", "permafrost"])
    nee = bare[(bare["flux"] == "nee") & bare["zone_set"].isin(BUILT_IN_SETS) & ~classes]
    shown = pd.DataFrame(
        {
            "zone": nee["zone"],
            "set": nee["model_set"],
            "area, 10⁶ km²": [number_text(v * 1e-12, 2) for v in nee["area_m2"]],
            "published area (real)": _published_column(nee, "area"),
            "area that is a source,\N{NO-BREAK SPACE}%": [
                number_text(100 * v, 0) for v in nee["source_area_share"]
            ],
            "summer uptake / non-summer release": [number_text(v, 1) for v in nee["summer_ratio"]],
            "published ratio (real)": _published_column(nee, "summer_ratio"),
            "sites with complete years": [number_text(v, 0) for v in nee["insitu_sites"]],
        }
    )
    columns = ["model_set", "zone_set", "zone", "area_m2", "source_area_share", "summer_ratio"]
    return Table("What the zones are like.", nee[[*columns, "insitu_sites"]], shown)


def truth_table(results: Results) -> Table | None:
    """True and found budgets and trends."""
    bare = recovery(results)
    if bare.empty:
        return None
    bare = bare.merge(
        member_means(results).query("zone_set in ('abz', 'biome')").drop(columns="zone_set"),
        how="left",
    )
    order = {name: place for place, name in enumerate(FLUXES)}
    rows = [
        {
            "set": f"{row.model_set}, {years_text(row.first_year, row.last_year)}",
            "zone": row.zone,
            "flux": FLUX_NAMES[row.flux],
            "true, all cells": number_text(row.true_total, 0),
            "true, mapped cells": number_text(row.true_budget, 0),
            "found ± SD": spread_text(row.made_budget, row.budget_sd),
            "members' mean": members_text(row),
            "error / SD": number_text(row.error_sd, 1),
            "total SD": number_text(row.total_sd, 0),
            "error / total SD": number_text(row.error_total, 1),
            "true trend": number_text(row.true_trend, 1),
            "found trend": number_text(row.made_trend, 1),
        }
        for row in records(
            bare.sort_values("flux", key=lambda names: names.map(order), kind="stable")
        )
    ]
    caption = (
        "True and found mean annual budgets, Tg C yr⁻¹, and Theil–Sen slopes of the annual budgets "
        "without prewhitening, Tg C yr⁻¹ per yr. Mapped are the cells and months that truth and "
        "forests both know; found budgets, errors and trends are theirs, SD and members' mean "
        "those of Table 1; the total SD holds what the budgets' uncertainty counts. Where an error "
        "lies beyond ±2 SD, the SD does not cover it. "
        f"{MEMBERS_NOTE}"
    )
    return Table(caption, bare, pd.DataFrame(rows))


def climatology_table(results: Results) -> Table | None:
    """Budgets of a climatological year beside the published ones."""
    bare = results.tables.get("climatology")
    if bare is None:
        return None
    bare = bare.merge(member_means(results).drop(columns="model_set"), how="left")
    shown = pd.DataFrame(
        {
            "flux": bare["flux"].map(FLUX_NAMES),
            "zone": bare["zone"],
            "area with a value,\N{NO-BREAK SPACE}%": [
                number_text(100 * v, 1) for v in bare["valid_share"]
            ],
            "this run, Tg C yr⁻¹": [
                spread_text(a, b) for a, b in zip(bare["budget"], bare["budget_sd"], strict=True)
            ],
            "members' mean": [members_text(row) for row in records(bare)],
            "published, Tg C yr⁻¹": [
                spread_text(a, b)
                for a, b in zip(bare["published"], bare["published_sd"], strict=True)
            ],
            "ratio": [number_text(v, 2) for v in bare["ratio"]],
        }
    )
    return Table(f"Budgets of a climatological year from real data. {MEMBERS_NOTE}", bare, shown)
