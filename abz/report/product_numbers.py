"""Numbers of the run beside products of others."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from abz.report.number import Origin, Pairs, years_text
from abz.report.product_tables import product_name
from abz.report.results import Results, records, slug
from abz.report.typography import p_text
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["product_numbers"]

_ALIKE = (("r", "1", "Pearson's r of the maps", 2),
          ("n_effective", "1", "independent places", 0),
          ("sd_ratio", "1", "SD of the product / SD of the run", 2))  # fmt: skip
_P = (("p_value", "p of r of the maps, with independent places"),
      ("p_naive", "p of r of the maps, as if all cells were independent"))  # fmt: skip
_WINTER = (("soil_flux", "soil flux of Natali et al."),
           ("soil_nee", "soil flux less GPP of the run"),
           ("nee", "NEE of the run"), ("reco", "Reco of the run"))  # fmt: skip
WINTER_FLUX = "g C m-2"


def product_numbers(results: Results) -> Pairs:
    """NEE of each product in the whole zone, its factor of uptake, likeness of maps; winters."""
    yield from _budgets(results)
    yield from _likeness(results)
    yield from _lowest(results)
    yield from _winters(results)


def _whole(results: Results) -> pd.DataFrame | None:
    """NEE of the products in the whole zone."""
    table = results.tables.get("product_summary")
    if table is None or table.empty:
        return None
    return table[(table["zone_set"] == "abz") & (table["flux"] == "nee")]


def _budgets(results: Results) -> Pairs:
    """Budgets and factor of each product."""
    whole = _whole(results)
    if whole is None:
        return
    source = ("products/summary.parquet",)
    origin = Origin(results.synthetic, "abz.compare.products.product_summary", source)
    for row in records(whole):
        key, period = f"product_{row.product}", _years(row)
        words = f"{product_name(row.product)}, ABZ"
        yield f"{key}_years", origin.number(period, "1", f"common years: {words}")
        for name, count, what in (
            ("members", row.members, "members with all common years"),
            ("members_given", row.members_given, "members in the archive"),
        ):
            number = origin.number(int(count), "1", f"{what}: {words}", period=period)
            yield f"{key}_{name}", number
        for side, name in (("", words), ("run_", f"run in the years of {words}")):
            budget, spread = getattr(row, f"{side}tg"), getattr(row, f"{side}tg_sd")
            label = f"mean annual NEE: {name}"
            yield (
                f"{key}_{side}budget",
                origin.number(budget, BUDGET, label, period=period, spread=_or_none(spread)),
            )
            flux, spread = getattr(row, f"{side}g_m2"), getattr(row, f"{side}g_m2_sd")
            number = origin.number(flux, ANNUAL_FLUX, label, period=period, spread=_or_none(spread))
            yield f"{key}_{side}per_area", number
        factor = row.factor if math.isfinite(row.factor) else "—"
        label = f"product / run per area: {words}"
        yield f"{key}_factor", origin.number(factor, "1", label, period=period, decimals=2)


def _years(row: Any) -> str:
    """Years of a row, which is of another period than the study's where one is missing."""
    return years_text(row.first_year, row.last_year, row.n_years)


def _periods(results: Results) -> dict[str, str]:
    """Common years of each product."""
    whole = _whole(results)
    rows = () if whole is None else records(whole)
    return {row.product: _years(row) for row in rows}


def _likeness(results: Results) -> Pairs:
    """How alike the maps are, with both p."""
    likeness, periods = results.tables.get("product_likeness"), _periods(results)
    if likeness is None:
        return
    alike = Origin(
        results.synthetic, "abz.compare.products.map_likeness", ("products/likeness.parquet",)
    )
    for row in records(likeness):
        period = periods.get(row.product, "")
        key = f"product_{row.product}_{row.layer}"
        words = f"{row.layer}: {product_name(row.product)}"
        for name, units, what, places in _ALIKE:
            value = getattr(row, name)
            shown = value if math.isfinite(value) else "—"
            number = alike.number(shown, units, f"{what}, {words}", decimals=places, period=period)
            yield f"{key}_{name}", number
        for name, what in _P:
            value = getattr(row, name)
            shown = value if math.isfinite(value) else "—"
            number = alike.number(shown, "1", f"{what}, {words}", text=p_text(value), period=period)
            yield f"{key}_{name}", number


def _lowest(results: Results) -> Pairs:
    """The strongest sink among the cells of each mean map."""
    maps = results.products
    if maps is None:
        return
    function = "abz.compare.products.ensemble_maps"
    origin = Origin(results.synthetic, function, ("products/maps.zarr",))
    for entry, period in _periods(results).items():
        if entry in maps["product"].values:
            lowest = float(maps["mean"].sel(product=entry).min())
            label = f"lowest mean annual NEE of a cell of 1°: {product_name(entry)}"
            number = origin.number(lowest, ANNUAL_FLUX, label, period=period, decimals=0)
            yield f"product_{entry}_lowest", number


def _winters(results: Results) -> Pairs:
    """October to April of the whole zone, theirs and ours."""
    table = results.tables.get("product_winter")
    if table is None:
        return
    origin = Origin(
        results.synthetic, "abz.compare.products.winter_summary", ("products/winter.parquet",)
    )
    for row in records(table[table["zone_set"] == "abz"]):
        key, period = f"winter_{slug(row.season)}", _years(row)
        for flux, what in _WINTER:
            label, value = f"{what}, {row.season}, ABZ", getattr(row, f"{flux}_g_m2")
            number = origin.number(value, WINTER_FLUX, label, period=period, decimals=1)
            yield f"{key}_{flux}", number
        for name, count, what in (
            ("winters", row.n_years, "winters that are compared"),
            ("higher", row.higher, "winters in which theirs is higher"),
        ):
            label = f"{what}, {row.season}, ABZ"
            yield f"{key}_{name}", origin.number(int(count), "1", label, period=period)


def _or_none(value: float) -> float | None:
    """A spread, if there is one."""
    return value if math.isfinite(value) else None
