"""Tables of zones beyond Table 1: sources, sites, seasons, months."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.budgets import mean_budgets
from abz.published import published_record
from abz.report.members import OVER_MEMBERS, if_learned
from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text
from abz.vocabulary import MONTHS, SEASONS, WINTERS

__all__ = ["SOURCE_TABLES", "SOURCE_ZONES"]

MAIN = ("abz", "biome", "permafrost_region")
SOURCE_ZONES = (*MAIN, "region")
"""Zone sets whose sources are shown; the CSV file holds all."""

SHOWN_SEASONS = ("JJA", "non-summer", "May-Sep", "Oct-Apr", "Oct-Apr, one winter")
KEYS = ["model_set", "zone_set", "zone"]
_NO_BREAK = "\N{NO-BREAK SPACE}"

_PUBLISHED_AREA = MappingProxyType({"ABZ": "source_area_abz", "permafrost": "source_area_pf"})
_PUBLISHED_SITES = MappingProxyType({"ABZ": "source_sites"})
_PUBLISHED_PARTS = MappingProxyType(
    {
        "Alaska": "source_sites_alaska", "Canada": "source_sites_canada",
        "Siberia": "source_sites_siberia", "Europe": "source_sites_neurope",
    }
)  # fmt: skip


def sources_table(results: Results) -> Table | None:
    """Share of area and of sites that are sources, with and without fire."""
    area, sites = (results.tables.get(name) for name in ("source_area", "source_sites"))
    if area is None or sites is None:
        return None
    wide = area.pivot_table(
        index=KEYS, columns="flux", values="source_area_share", aggfunc="first", sort=False
    ).reindex(columns=["nee", "nee_fire"])
    wide.columns = pd.Index(["source_area_share", "source_area_share_with_fire"])
    bare = wide.reset_index().merge(sites, how="left", on=KEYS)
    main = _in_order(bare[bare["zone_set"].isin(SOURCE_ZONES)], SOURCE_ZONES)
    caption = (
        "Share of the land with a value, and of the sites with complete years, whose mean annual "
        "NEE is a source, %; in brackets the 95 % interval of Wilson, for sites that are "
        "independent. A zone's part of all source sites adds up over the regions. Sites stand in "
        "the zones of the land that they stand on, and in the biome that they name; published "
        "values (real) are those of the 1-km models, and of northern Europe for Europe."
    )
    return Table(caption, bare, pd.DataFrame([_source_row(row) for row in records(main)]))


def _source_row(row: Any) -> dict[str, str]:
    """One zone of a set as text."""
    interval = ""
    if np.isfinite(row.source_site_share):
        low, high = (number_text(100 * v, 0) for v in (row.share_low, row.share_high))
        interval = f" ({low}–{high})"
    return {
        "zone": row.zone,
        "set": row.model_set,
        "of the area": _percent(row.source_area_share),
        "of the area, with fire": _percent(row.source_area_share_with_fire),
        "published, area (real)": _printed(_PUBLISHED_AREA, row),
        "source sites": _of(row.source_sites, row.sites),
        "of the sites": f"{_percent(row.source_site_share)}{interval}",
        "published, sites (real)": _printed(_PUBLISHED_SITES, row),
        "of all source sites": _percent(row.share_of_sources),
        "published, of all (real)": _printed(_PUBLISHED_PARTS, row),
    }


def _of(part: float, whole: float) -> str:
    if pd.isna(whole):
        return "—"
    return f"{number_text(part, 0)}{_NO_BREAK}of{_NO_BREAK}{number_text(whole, 0)}"


def _percent(share: float) -> str:
    return number_text(100 * share, 0)


def _printed(names: Mapping[str, str], row: Any) -> str:
    """What the study prints beside a row of the fine set."""
    known = row.model_set == "fine" and row.zone in names
    return published_record(names[row.zone]).number().text if known else "—"


def in_situ_table(results: Results) -> Table | None:
    """Mean fluxes at the sites of each zone, by several definitions."""
    bare = results.tables.get("in_situ")
    if bare is None or bare.empty:
        return None
    main = _in_order(bare[bare["zone_set"].isin(SOURCE_ZONES)], SOURCE_ZONES)
    rows = [
        {
            "zone": row.zone, "flux": FLUX_NAMES[row.flux], "set": row.model_set,
            "sites": number_text(row.insitu_sites, 0),
            "site-years": number_text(row.insitu_site_years, 0),
            "years": years_text(row.first_year, row.last_year),
            "mean of sites": spread_text(row.insitu_mean, row.insitu_sd),
            "median of sites": number_text(row.median, 0),
            "mean of site-years": spread_text(row.year_mean, row.year_sd),
            "mean of sites, years of the set": number_text(row.same_years_mean, 0),
            "sites in these years": number_text(row.same_years_sites, 0),
        }
        for row in records(main)
    ]  # fmt: skip
    caption = (
        "Fluxes at the sites in years with all twelve months, g C m⁻² yr⁻¹. The mean of sites, ± "
        "SD between sites, is that of Table 1: each site counts once, with the mean of its years. "
        "Beside it the median, the mean in which each site-year counts once (± SD between "
        "site-years), and the mean of sites over the years that the maps have. A site stands in "
        "the zones of its cell on the map of the set; where that makes no difference, sets share "
        "a row. The CSV file has all zones."
    )
    shown = pd.DataFrame(rows)
    others = [name for name in shown if name != "set"]
    together = shown.groupby(others, sort=False)["set"].agg(", ".join).reset_index()
    return Table(caption, bare, together[list(shown)])


def seasons_table(results: Results) -> Table | None:
    """Mean NEE of the seasons of the main zones."""
    caption = (
        f"Mean NEE of the seasons, Tg C per season{if_learned(results, OVER_MEMBERS)}. JJA and "
        "non-summer, like May–Sep and Oct–Apr, part the calendar year and add up to its budget. "
        "One winter is October to December of the year before and January to April: a stretch "
        "without a break, of one year less than the set has. The CSV file holds all zones, fluxes "
        "and seasons, also per area, g C m⁻² per season."
    )
    heads = {name: _season_head(name) for name in SHOWN_SEASONS}
    return _parts_of_the_year(results.tables.get("seasonal"), "season", heads, caption)


def months_table(results: Results) -> Table | None:
    """Mean NEE of the calendar months of the main zones."""
    caption = (
        f"Mean NEE of the calendar months, Tg C month⁻¹{if_learned(results, OVER_MEMBERS)}. The "
        "CSV file holds all zones and fluxes, also per area, g C m⁻² month⁻¹."
    )
    heads = {month: calendar.month_abbr[month] for month in MONTHS}
    return _parts_of_the_year(results.tables.get("monthly"), "month", heads, caption)


def _parts_of_the_year(
    budgets: pd.DataFrame | None, part: str, heads: Mapping[Any, str], caption: str
) -> Table | None:
    """Mean budgets by a part of the year, of which the table shows NEE of the main zones."""
    if budgets is None:
        return None
    bare = mean_budgets(budgets, [*KEYS, "flux", part])
    chosen = bare["zone_set"].isin(MAIN) & (bare["flux"] == "nee")
    main = _in_order(bare[chosen & bare[part].isin(list(heads))], MAIN)
    rows = []
    for (_, zone, model_set), group in main.groupby(["zone_set", "zone", "model_set"], sort=False):
        of = {getattr(row, part): spread_text(row.budget, row.budget_sd) for row in records(group)}
        shown = {head: of[name] for name, head in heads.items() if name in of}
        rows.append({"zone": str(zone), "set": str(model_set), **shown})
    return Table(caption, bare, pd.DataFrame(rows)) if rows else None


def _season_head(name: str) -> str:
    inside = (
        "" if name in WINTERS or len(SEASONS[name]) != len(SEASONS["Oct-Apr"]) else " of a year"
    )
    return f"{name.replace('-', '–') if name != 'non-summer' else name}{inside}"


def _in_order(table: pd.DataFrame, zone_sets: tuple[str, ...]) -> pd.DataFrame:
    """Rows by zone set, zone, flux and set, as far as the table has them."""
    fluxes = list(FLUX_NAMES)
    rank = pd.DataFrame(
        {
            "kind": table["zone_set"].map({name: n for n, name in enumerate(zone_sets)}),
            "zone": pd.factorize(table["zone"])[0],
            "flux": table["flux"].map(fluxes.index) if "flux" in table else 0,
            "set": table["model_set"] != "fine",
        },
        index=table.index,
    )
    return table.loc[rank.sort_values(["kind", "zone", "flux", "set"], kind="stable").index]


SOURCE_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "sources": sources_table,
        "in_situ": in_situ_table,
        "seasons": seasons_table,
        "months": months_table,
    }
)
"""Name to what makes the table."""
