"""Numbers of fluxes beside each other: closure of the three fluxes, fine set beside coarse."""

from __future__ import annotations

import math

from abz.published import FILE
from abz.report.applicability_tables import MAIN_ZONE_SETS
from abz.report.comparison_tables import CLOSURE_NAMES, published_closure
from abz.report.number import FLUX_NAMES, Origin, Pairs, years_text
from abz.report.results import Results, records, zone_key
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["comparison_numbers"]

_ALIKE = (
    ("ratio", "1", "budget of the fine set / that of the coarse set", 2),
    ("years_r", "1", "correlation of the annual budgets of both sets", 2),
    ("years_r_detrended", "1", "the same about a straight line each", 2),
    ("map_r", "1", "correlation of the maps of both sets, weighted with land", 2),
    ("map_bias", ANNUAL_FLUX, "fine set − coarse set where both have a value", 1),
)


def comparison_numbers(results: Results) -> Pairs:
    """Budgets of NEE and Reco − GPP, their gap, and likeness of two model sets."""
    yield from _closure(results)
    yield from _published(results)
    yield from _resolutions(results)


def _closure(results: Results) -> Pairs:
    """NEE modelled directly, Reco − GPP and their gap in the main zones."""
    table = results.tables.get("closure")
    if table is None:
        return
    origin = Origin(results.synthetic, "abz.compare.closure_budgets", ("compare/closure.parquet",))
    years = table.groupby("model_set")["year"].agg(["min", "max"])
    means = table[(table["period"] == "mean") & table["zone_set"].isin(MAIN_ZONE_SETS)]
    for row in records(means):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_closure_{row.flux}"
        words = f"{CLOSURE_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
        period = years_text(*years.loc[row.model_set])
        label = f"mean annual budget: {words}"
        yield (
            f"{key}_budget",
            origin.number(row.tg, BUDGET, label, period=period, spread=row.tg_sd),
        )
        label = f"mean annual flux per area: {words}"
        number = origin.number(row.g_m2, ANNUAL_FLUX, label, period=period, spread=row.g_m2_sd)
        yield f"{key}_per_area", number
        if row.flux == "gap":
            size = _or_dash(abs(row.tg) / row.tg_sd if row.tg_sd > 0 else math.nan)
            label = f"size of the gap / its SD over the members: {words}"
            yield f"{key}_in_sd", origin.number(size, "1", label, period=period, decimals=1)


def _published(results: Results) -> Pairs:
    """What the published budgets leave open, beside a run that asks the same."""
    if "closure" not in results.tables:
        return
    origin = Origin(False, "abz.report.comparison_tables.published_closure", (FILE,))
    for row in records(published_closure()):
        key = f"published_{zone_key(row.zone_set, row.zone)}_closure"
        label = f"published Reco − GPP: {row.zone}"
        yield f"{key}_reco_gpp", origin.number(row.reco_gpp, BUDGET, label, decimals=0)
        label = f"published NEE − (Reco − GPP): {row.zone}"
        yield f"{key}_gap", origin.number(row.gap, BUDGET, label, decimals=0)


def _resolutions(results: Results) -> Pairs:
    """How alike the budgets, the years and the maps of two sets are."""
    table = results.tables.get("resolutions")
    if table is None:
        return
    source = ("compare/resolutions.parquet",)
    origin = Origin(results.synthetic, "abz.compare.resolution_summary", source)
    for row in records(table[table["zone_set"].isin(MAIN_ZONE_SETS)]):
        period = years_text(row.first_year, row.last_year)
        key = f"resolutions_{zone_key(row.zone_set, row.zone)}"
        words = f"{FLUX_NAMES[row.flux]}, {row.zone}"
        for side in ("fine", "coarse"):
            value, spread = getattr(row, f"{side}_tg"), getattr(row, f"{side}_sd")
            label = f"mean annual budget of the common years: {words}, {side} set"
            number = origin.number(value, BUDGET, label, period=period, spread=spread)
            yield f"{key}_{row.flux}_{side}_budget", number
        label = f"fine set − coarse set: {words}"
        number = origin.number(row.bias_tg, BUDGET, label, period=period, spread=row.bias_sd)
        yield f"{key}_{row.flux}_bias", number
        for name, units, what, places in _ALIKE:
            label = f"{what}: {words}"
            value = _or_dash(getattr(row, name))
            number = origin.number(value, units, label, period=period, decimals=places)
            yield f"{key}_{row.flux}_{name}", number
        if row.flux == "nee":
            yield f"{key}_years", origin.number(period, "1", f"common years: {row.zone}")
            for side in ("fine", "coarse"):
                land = getattr(row, f"{side}_land_m2")
                share = 100 * row.compared_m2 / land if land else float("nan")
                label = f"part of the {side} set's land that the maps compare: {row.zone}"
                number = origin.number(share, "%", label, period=period, decimals=1)
                yield f"{key}_{side}_share", number


def _or_dash(value: float) -> float | str:
    """The value, or a dash where there is too little to tell, so that a sentence can have it."""
    return value if math.isfinite(value) else "—"
