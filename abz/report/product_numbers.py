"""Numbers of the run beside products of others."""

from __future__ import annotations

import math

from abz.report.number import Origin, Pairs, years_text
from abz.report.product_tables import product_name
from abz.report.results import Results, records
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["product_numbers"]

_ALIKE = (("r", "1", "Pearson's r of the maps", 2),
          ("n_effective", "1", "independent places", 0),
          ("sd_ratio", "1", "SD of the product / SD of the run", 2))  # fmt: skip


def product_numbers(results: Results) -> Pairs:
    """NEE of each product in the whole zone, its factor of uptake, and likeness of the maps."""
    table = results.tables.get("product_summary")
    if table is None or table.empty:
        return
    source = ("products/summary.parquet",)
    origin = Origin(results.synthetic, "abz.compare.products.product_summary", source)
    whole = table[(table["zone_set"] == "abz") & (table["flux"] == "nee")]
    for row in records(whole):
        key, period = f"product_{row.product}", years_text(row.first_year, row.last_year)
        words = f"{product_name(row.product)}, ABZ"
        yield f"{key}_years", origin.number(period, "1", f"common years: {words}")
        yield f"{key}_members", origin.number(row.members, "1", f"members: {words}", decimals=0)
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
    likeness = results.tables.get("product_likeness")
    if likeness is None:
        return
    alike = Origin(
        results.synthetic, "abz.compare.products.map_likeness", ("products/likeness.parquet",)
    )
    for row in records(likeness):
        for name, units, what, places in _ALIKE:
            value = getattr(row, name)
            shown = value if math.isfinite(value) else "—"
            label = f"{what}, {row.layer}: {product_name(row.product)}"
            key = f"product_{row.product}_{row.layer}_{name}"
            yield key, alike.number(shown, units, label, decimals=places)


def _or_none(value: float) -> float | None:
    """A spread, if there is one."""
    return value if math.isfinite(value) else None
