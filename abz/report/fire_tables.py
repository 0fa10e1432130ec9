"""Tables of fire: matched periods, extreme years, burned land, what budgets hold, and the bias."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.ledger import PARTS
from abz.published import Rounded, published_record
from abz.report.fire_truth import corrected_errors
from abz.report.members import if_learned
from abz.report.number import FLUX_NAMES, years_text
from abz.report.published_fire import published_periods
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text, p_text

__all__ = ["FIRE_TABLES", "FIRE_ZONE_SETS"]

FIRE_ZONE_SETS = ("abz", "permafrost_region", "biome", "continent", "region", "region_biome")
"""Zone sets of the tables and numbers of fire, in this order; the tables also show a run's own."""
CLASSES = ("vegetation", "permafrost")
"""Zone sets that stand in the CSV files alone."""

_PUBLISHED_YEARS = ("2001–2020", "2002–2020")
_APPARENT, _OF_FIRE, _OF_PERIOD = (
    "NEE + fire − NEE of all years", "of which fire", "of which the period",
)  # fmt: skip
_NO_BREAK = "\N{NO-BREAK SPACE}"
_ALL_ZONES = "The CSV file holds vegetation types and permafrost classes too."


def _in_order(results: Results, name: str) -> pd.DataFrame | None:
    """A table by zone set, a run's own sets and unions last; None without such a table."""
    table = results.tables.get(name)
    if table is None:
        return None
    sets = [*FIRE_ZONE_SETS, *CLASSES]
    place = table["zone_set"].map({kind: n for n, kind in enumerate(sets)}).fillna(len(sets))
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _shown(bare: pd.DataFrame) -> pd.DataFrame:
    """Rows of the zones that stand on the page."""
    return bare[~bare["zone_set"].isin(CLASSES)]


def _origin(results: Results) -> str:
    return "this run (synthetic)" if results.synthetic else "this run"


def _periods(results: Results) -> Table | None:
    """NEE, fire and NEE + fire over both periods."""
    bare = _in_order(results, "fire_periods")
    if bare is None or bare.empty:
        return None
    first = bare.iloc[0]
    long, short = (
        years_text(first[a], first[b])
        for a, b in (("long_first", "long_last"), ("first_year", "last_year"))
    )
    rows = [_published_row()] if (long, short) == _PUBLISHED_YEARS else []
    rows += [
        _period_row(row, long, short, f"{row.zone}, {_origin(results)}")
        for row in records(_shown(bare))
    ]
    caption = (
        f"Mean annual NEE over {long} and over {short}, the years with fire; fire emission; NEE + "
        "fire; Tg C yr⁻¹"
        f"{if_learned(results, ', ± SD over the bootstrap members, which share one fire')}. The "
        "last columns say what the two headlines, NEE of all years and NEE + fire, differ by: the "
        f"fire, and what NEE changes by with the period. {_ALL_ZONES}"
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _published_row() -> dict[str, str]:
    """The whole zone as published; the spread of NEE 2002–2020 is not known."""
    found = {name: number_text(value, 0) for name, value in published_periods().items()}
    long, short = _PUBLISHED_YEARS
    return {
        "zone": "ABZ, published (real)",
        f"NEE, {long}": found["nee_long"],
        f"NEE, {short}": found["nee"],
        f"fire, {short}": found["fire"],
        f"NEE + fire, {short}": found["nee_fire"],
        _APPARENT: found["apparent_fire"],
        _OF_FIRE: found["fire"],
        _OF_PERIOD: found["period_effect"],
    }


def _period_row(row: Any, long: str, short: str, name: str) -> dict[str, str]:
    """One zone as text."""
    return {
        "zone": name,
        f"NEE, {long}": spread_text(row.nee_long, row.nee_long_sd),
        f"NEE, {short}": spread_text(row.nee, row.nee_sd),
        f"fire, {short}": number_text(row.fire),
        f"NEE + fire, {short}": spread_text(row.nee_fire, row.nee_fire_sd),
        _APPARENT: number_text(row.apparent_fire),
        _OF_FIRE: number_text(row.fire),
        _OF_PERIOD: spread_text(row.period_effect, row.period_effect_sd),
    }


def _extremes(results: Results) -> Table | None:
    """Years in which fire emits more than the land takes up."""
    years = _in_order(results, "fire_years")
    if years is None or years.empty:
        return None
    keys = ["model_set", "zone_set", "zone"]
    rows = []
    these_years = f"these years{if_learned(results, ' (share of members)')}"
    for key, group in _shown(years).groupby(keys, sort=False):
        rows.append(
            {
                "zone": str(key[2]),
                "years": years_text(group["year"].min(), group["year"].max()),
                "sink without fire": str(int((group["nee"] < 0).sum())),
                "fire emits more": str(int(group["exceeds"].sum())),
                these_years: _years_in_words(group[group["exceeds"]]),
                "source without fire": str(int(group["source"].sum())),
            }
        )
    caption = (
        "Years in which the land takes up carbon, but fire emits more than that"
        + if_learned(
            results,
            "; in brackets the share of the bootstrap members for which NEE + fire is a source in "
            "that year, in %; the budget itself is that of the central forest, which is none of "
            "them",
        )
        + ". The study names 2003 "
        "in the Siberian and 2012 in the Canadian boreal zone, and several years in the permafrost "
        f"region. {_ALL_ZONES}"
    )
    return Table(caption, years, pd.DataFrame(rows))


def _years_in_words(years: pd.DataFrame) -> str:
    """Years, and how many members agree."""
    words = [
        f"{row.year}" if pd.isna(row.member_share)
        else f"{row.year}{_NO_BREAK}({number_text(100 * row.member_share, 0)})"
        for row in records(years)
    ]  # fmt: skip
    return ", ".join(words) or "—"


def _burned(results: Results) -> Table | None:
    """Land that burned at least once."""
    bare = _in_order(results, "postfire_burned")
    if bare is None or bare.empty:
        return None
    share = f"burned share, {_origin(results)},{_NO_BREAK}%"
    rows = [
        {
            "zone": row.zone, "burned, 10³ km²": number_text(row.burned_m2 * 1e-9),
            "land, 10³ km²": number_text(row.area_m2 * 1e-9, 0),
            share: number_text(100 * row.burned_share, 1),
        }
        for row in records(_shown(bare))
    ]  # fmt: skip
    paper = published_record("burned_area_share").number()
    caption = (
        "Land that burned at least once in the years with fire; ground that burned twice counts "
        f"twice, up to the whole cell. The study's share of the ABZ is {paper.text} % (real). "
        f"{_ALL_ZONES}"
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _ledger(results: Results) -> Table | None:
    """What each budget of the main zones holds."""
    bare = results.tables.get("ledger")
    if bare is None or bare.empty:
        return None
    whole = bare[bare["zone_set"] == "abz"]
    rows = [
        {
            "budget": f"{FLUX_NAMES[row.name]}, {row.mask}",
            "years": years_text(row.first_year, row.last_year),
            **{part: str(getattr(row, part)) for part in PARTS},
        }
        for row in records(whole)
    ]
    words = "; ".join(f"{name}: {meaning}" for name, meaning in PARTS.items())
    caption = f"Which parts of the carbon balance the budgets hold. {words}."
    return Table(caption, bare, pd.DataFrame(rows))


def _fits(results: Results) -> Table | None:
    """The mixed model of each month."""
    bare = results.tables.get("postfire_fits")
    if bare is None:
        return None
    paper = published_record("bias_positive_years").numbers
    rows = [
        {
            "month": calendar.month_abbr[row.month], "sites": str(row.sites),
            "site-months": str(row.rows), "model": row.model,
            "why not a fuller one": row.reason or "—",
            "in the year of the fire": spread_text(row.intercept, row.intercept_sd),
            "per year since": spread_text(row.slope, row.slope_sd),
            "p of both": _pair(row.intercept_p, row.slope_p),
            "years above zero": number_text(row.positive_years, 0),
            "published (real)": _printed(paper.get(calendar.month_abbr[row.month])),
            "corrected": "yes" if row.kept else "no",
        }
        for row in records(bare)
    ]  # fmt: skip
    caption = (
        "Bias of held-out NEE at burned sites, observed − predicted, by years since fire: fixed "
        "effects ± their standard errors, g C m⁻² month⁻¹. Months are corrected whose two "
        "coefficients both differ from zero. Where a fuller model could not be fitted, the table "
        "says why. The study prints how many years after fire the bias is above zero in the three "
        "months that it corrects."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _printed(number: Rounded | None) -> str:
    """A published number as it was printed."""
    return "—" if number is None else number.text


def _pair(first: float, second: float) -> str:
    """Two p-values."""
    return ", ".join(p_text(p).removeprefix("p ").removeprefix("= ") for p in (first, second))


def _correction(results: Results) -> Table | None:
    """NEE of the corrected year before and after."""
    bare = _in_order(results, "postfire_correction")
    if bare is None or bare.empty:
        return None
    bare = bare.merge(corrected_errors(results), how="left")
    known = bool(bare["true"].notna().any())
    rows = [_correction_row(row, truth=known) for row in records(_shown(bare))]
    paper = published_record("nee_2020")
    before, after = (number_text(paper.number(name).value, 0) for name in ("v", "corrected"))
    caption = (
        f"NEE of {int(bare['year'].iloc[0])} before and after the correction by the bias at burned "
        "sites, Tg C yr⁻¹; ± and 5–95 % over draws of the fixed effects, which hold neither the "
        "choice of the months nor the burned area. Once the youngest fire of a cell counts, as in "
        "the study, and once every fire with its own share of the cell. The study has "
        f"{before} before and {after} after for "
        f"the ABZ in 2020 (real). {_ALL_ZONES}"
    )
    if known:
        caption += " Errors are those against the truth, over the cells that both know."
    return Table(caption, bare, pd.DataFrame(rows))


def _correction_row(row: Any, *, truth: bool) -> dict[str, str]:
    """One zone as text."""
    interval = f"{number_text(row.correction_low)} … {number_text(row.correction_high)}"
    shown = {
        "zone": row.zone,
        "burned land counts by": row.counted,
        "burned land, 10³ km²": number_text(row.burned_m2 * 1e-9),
        "NEE": number_text(row.budget),
        "correction": spread_text(row.correction, row.correction_sd),
        "5–95 %": interval,
        "corrected NEE": number_text(row.corrected),
    }
    if truth:
        shown |= {
            "error before": number_text(row.error_before),
            "error after": number_text(row.error_after),
        }
    return shown


def _composites(source: str, caption: str) -> Callable[[Results], Table | None]:
    """Maker of the table of means by years since fire at sites or in cells."""

    def make(results: Results) -> Table | None:
        bare = results.tables.get(f"postfire_{source}")
        if bare is None or bare.empty:
            return None
        count = "site_years" if source == "sites" else "cells"
        text = bare.assign(
            text=[f"{spread_text(r.mean, r.sd)} ({getattr(r, count)})" for r in records(bare)],
            column=[f"{FLUX_NAMES.get(v, v.upper())}, {w}"
                    for v, w in zip(bare["variable"], bare["when"], strict=True)],
        )  # fmt: skip
        columns = list(dict.fromkeys(text["column"]))
        wide = text.pivot_table(
            index="years_since_fire", columns="column", values="text", aggfunc="first"
        )
        shown = wide.reindex(columns=columns).fillna("—").reset_index()
        shown = shown.rename(columns={"years_since_fire": "years since fire"})
        return Table(caption, bare, shown.astype({"years since fire": str}))

    return make


FIRE_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "fire_periods": _periods,
        "fire_extremes": _extremes,
        "burned": _burned,
        "ledger": _ledger,
        "postfire_sites": _composites(
            "sites",
            "Burned sites by years since fire: mean ± SD over the site-years, whose number stands "
            "in brackets. Fluxes in g C m⁻² month⁻¹ in July, g C m⁻² yr⁻¹ in whole years.",
        ),
        "postfire_cells": _composites(
            "cells",
            "Burned cells of the maps by years since their last fire: mean ± SD, weighted with "
            "burned land; in brackets the number of cells and years. A cell shows its whole mean, "
            "of which burned land is the part that the CSV file gives. Units as above.",
        ),
        "postfire_fits": _fits,
        "postfire_correction": _correction,
    }
)
"""Name to what makes the table."""
