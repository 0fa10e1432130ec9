"""Numbers of fire against uptake, burned land, and the correction by the bias at burned sites."""

from __future__ import annotations

import calendar
import math

from abz.published import FILE, published_record
from abz.report.fire_tables import FIRE_ZONE_SETS
from abz.report.number import Origin, Pairs, years_text
from abz.report.published_fire import published_periods
from abz.report.results import Results, records, zone_key
from abz.units import BUDGET, MONTHLY_FLUX

__all__ = ["balance_numbers", "postfire_numbers"]

_PUBLISHED = {
    "nee": ("NEE + fire without the fire", "2002–2020"),
    "apparent_fire": ("NEE + fire of 2002–2020 − NEE of 2001–2020", ""),
    "period_effect": ("NEE of 2002–2020 − NEE of 2001–2020", ""),
}


def balance_numbers(results: Results) -> Pairs:
    """NEE and NEE + fire over matched periods, extreme years, and the published ones beside."""
    yield from _periods(results)
    yield from _extremes(results)
    origin = Origin(False, "abz.report.published_fire.published_periods", (FILE,))
    for name, (words, period) in _PUBLISHED.items():
        number = origin.number(
            published_periods()[name], BUDGET, f"published: {words}, ABZ", period=period,
            decimals=0,
        )  # fmt: skip
        yield f"published_fire_{name}", number
    yield from _published()


def _published() -> Pairs:
    """Further published numbers of fire."""
    origin = Origin(False, "abz.published.published_record", (FILE,))
    share, year = published_record("burned_area_share"), published_record("nee_2020")
    label = "published: land that burned at least once, ABZ"
    number = origin.number(share.value, "%", label, period="2002–2020", decimals=0)
    yield "published_fire_burned_share", number
    label = "published: NEE with the correction of May to July, ABZ"
    number = origin.number(year.number("corrected").value, BUDGET, label, period="2020", decimals=0)
    yield "published_postfire_corrected", number


def _periods(results: Results) -> Pairs:
    """Means over matched periods."""
    table = results.tables.get("fire_periods")
    if table is None:
        return
    origin = Origin(
        results.synthetic, "abz.fire.matched_periods", ("budgets/fire_periods.parquet",)
    )
    for row in records(table[table["zone_set"].isin(FIRE_ZONE_SETS)]):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_fire"
        short = years_text(row.first_year, row.last_year)
        long = years_text(row.long_first, row.long_last)
        label = f"mean NEE of the years with fire: {row.zone}"
        number = origin.number(row.nee, BUDGET, label, period=short, spread=row.nee_sd)
        yield f"{key}_nee", number
        label = f"NEE + fire of {short} − NEE of {long}: {row.zone}"
        yield f"{key}_apparent_fire", origin.number(row.apparent_fire, BUDGET, label)
        label = f"NEE of {short} − NEE of {long}: {row.zone}"
        number = origin.number(row.period_effect, BUDGET, label, spread=row.period_effect_sd)
        yield f"{key}_period_effect", number


def _extremes(results: Results) -> Pairs:
    """How many years have more fire than uptake."""
    table = results.tables.get("fire_years")
    if table is None:
        return
    origin = Origin(results.synthetic, "abz.fire.fire_years", ("budgets/fire_years.parquet",))
    chosen = table[table["zone_set"].isin(FIRE_ZONE_SETS)]
    for key, group in chosen.groupby(["model_set", "zone_set", "zone"], sort=False):
        model_set, zone_set, zone = map(str, key)
        period = years_text(group["year"].min(), group["year"].max())
        name = f"{model_set}_{zone_key(zone_set, zone)}_fire"
        label = f"years in which fire emits more than the land takes up: {zone}"
        number = origin.number(int(group["exceeds"].sum()), "1", label, period=period)
        yield f"{name}_years_exceeding", number


def postfire_numbers(results: Results) -> Pairs:
    """Burned land, burned sites, and the correction."""
    yield from _burned(results)
    yield from _bias(results)
    yield from _correction(results)


def _burned(results: Results) -> Pairs:
    """Share of the land of each zone that burned."""
    table = results.tables.get("postfire_burned")
    if table is None:
        return
    origin = Origin(results.synthetic, "abz.fire.burned_shares", ("postfire/burned.parquet",))
    for row in records(table[table["zone_set"].isin(FIRE_ZONE_SETS)]):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_fire_burned_share"
        label = f"land that burned at least once: {row.zone}"
        yield key, origin.number(100 * row.burned_share, "%", label, decimals=1)


def _bias(results: Results) -> Pairs:
    """Burned sites, their largest bias, and the months that are corrected."""
    rows, fits = (results.tables.get(f"postfire_{name}") for name in ("bias", "fits"))
    if rows is None or fits is None:
        return
    origin = Origin(results.synthetic, "abz.fire.bias_rows", ("postfire/bias.parquet",))
    fitted = Origin(results.synthetic, "abz.fire.fit_table", ("postfire/fits.parquet",))
    for model_set, group in fits.groupby("model_set"):
        key, own = f"{model_set}_postfire", rows[rows["model_set"] == model_set]
        label = "burned sites whose held-out predictions are judged by years since fire"
        yield f"{key}_sites", origin.number(int(own["site"].nunique()), "1", label)
        yield f"{key}_rows", origin.number(len(own), "1", "site-months of these sites")
        largest = float(own["bias"].abs().max())
        label = "largest bias of a site-month at a burned site, without its sign"
        number = origin.number(_or_dash(largest), MONTHLY_FLUX, label, decimals=0)
        yield f"{key}_largest_bias", number
        names = [calendar.month_name[month] for month in group.loc[group["kept"], "month"]]
        label = "months whose bias depends on the years since fire, and that are corrected"
        for month, years in zip(group["month"], group["positive_years"], strict=True):
            short = calendar.month_abbr[int(month)].lower()
            label = f"years after a fire with a positive bias, {calendar.month_name[int(month)]}"
            number = fitted.number(float(years), "yr", label, decimals=0)
            yield f"{key}_{short}_positive_years", number
        yield f"{key}_months", fitted.number(", ".join(names) or "none", "1", label)


def _correction(results: Results) -> Pairs:
    """What the correction would change, by the youngest fire of each cell."""
    table = results.tables.get("postfire_correction")
    if table is None:
        return
    origin = Origin(
        results.synthetic, "abz.fire.correction_budget", ("postfire/correction.parquet",)
    )
    latest = table[(table["counted"] == "latest fire") & table["zone_set"].isin(FIRE_ZONE_SETS)]
    for row in records(latest):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_postfire"
        period = str(int(row.year))
        label = f"NEE: {row.zone}"
        yield f"{key}_nee", origin.number(_or_dash(row.budget), BUDGET, label, period=period)
        label = f"correction of NEE by the bias at burned sites: {row.zone}"
        number = origin.number(
            row.correction, BUDGET, label, period=period, spread=row.correction_sd
        )
        yield f"{key}_correction", number
        label = f"NEE with the correction: {row.zone}"
        number = origin.number(_or_dash(row.corrected), BUDGET, label, period=period)
        yield f"{key}_corrected", number


def _or_dash(value: float) -> float | str:
    """The value, or a dash where there is none, so that a sentence can have it."""
    return value if math.isfinite(value) else "—"
