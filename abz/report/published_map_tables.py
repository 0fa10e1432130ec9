"""Tables and numbers of a run on the published maps: what they hold, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from abz.report.number import FLUX_NAMES, Origin, Pairs, years_text
from abz.report.results import Results, records
from abz.report.table import Table
from abz.report.typography import number_text, unit_text
from abz.units import ANNUAL_FLUX, BUDGET, G_PER_TG

__all__ = ["PUBLISHED_MAP_TABLES", "published_map_numbers"]

LAYERS = MappingProxyType(
    {
        "nee": ("mean NEE", ANNUAL_FLUX),
        "nee_fire": ("mean NEE + fire", ANNUAL_FLUX),
        "nee_trend": ("trend of NEE", f"{ANNUAL_FLUX} yr-1"),
        "nee_fire_trend": ("trend of NEE + fire", f"{ANNUAL_FLUX} yr-1"),
    }
)
"""Published map to what it is, and its unit."""
MAIN = ("abz", "biome", "permafrost_region")


def _account(results: Results) -> Table | None:
    """Fluxes of all cells, in the zones and outside."""
    bare = results.tables.get("adopted")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "flux": [FLUX_NAMES[name] for name in bare["flux"]],
            "all cells": [number_text(v) for v in bare["source"]],
            "in the zones": [number_text(v) for v in bare["held"]],
            "outside": [number_text(v) for v in bare["outside"]],
            "area of all cells, 10⁶ km²": [
                number_text(v / G_PER_TG, 3) for v in bare["source_area"]
            ],
            "in the zones, 10⁶ km²": [number_text(v / G_PER_TG, 3) for v in bare["held_area"]],
            "cell-months not whole": [number_text(v, 0) for v in bare["partial"]],
        }
    )
    caption = (
        "Mean annual fluxes of the published maps in Tg C yr⁻¹: of all cells with a value, of "
        "those in the zones of this run, and the difference. A cell-month with some of the three "
        "fluxes but not all is in no zone."
    )
    return Table(caption, bare, shown)


def _agreement(results: Results) -> Table | None:
    """Maps of mean and trend, made again from the months, beside the published ones."""
    bare = results.tables.get("mean_map_agreement")
    if bare is None or bare.empty:
        return None
    shown = pd.DataFrame(
        [
            {
                "map": LAYERS[row.layer][0],
                "years": years_text(row.first_year, row.last_year),
                "unit": unit_text(LAYERS[row.layer][1]),
                "cells in both": number_text(row.cells, 0),
                "in one only": number_text(row.only_first + row.only_second, 0),
                "from the months": number_text(row.first),
                "published": number_text(row.second),
                "RMS difference": number_text(row.rmse),
                "largest": number_text(row.largest),
                "r": number_text(row.r, 4),
            }
            for row in records(bare)
        ]
    )
    caption = (
        "Maps made again from the published months beside the published maps, cell by cell: plain "
        "means over the cells that both have, and differences. NEE + fire needs a monthly fire "
        f"product; trends are by the method of this run, {bare['method'].iloc[0]}."
    )
    return Table(caption, bare, shown)


def _budgets(results: Results) -> Table | None:
    """Budgets of the published mean maps."""
    bare = results.tables.get("mean_map_budgets")
    if bare is None or bare.empty:
        return None
    main = bare[bare["zone_set"].isin(MAIN)]
    shown = pd.DataFrame(
        {
            "zone": main["zone"],
            "flux": [FLUX_NAMES[name] for name in main["flux"]],
            "years": [years_text(row.first_year, row.last_year) for row in records(main)],
            "Tg C yr⁻¹": [number_text(v, 1) for v in main["budget"]],
            "g C m⁻² yr⁻¹": [number_text(v, 1) for v in main["per_area"]],
            "source area, %": [
                number_text(100 * row.source_area_share, 0) if row.flux != "fire" else "—"
                for row in records(main)
            ],
        }
    )
    caption = (
        "Budgets of the published maps of the mean year; fire is what NEE + fire has more than "
        "NEE. The CSV file holds all zones."
    )
    return Table(caption, bare, shown)


PUBLISHED_MAP_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"adopted": _account, "mean_map_agreement": _agreement, "mean_map_budgets": _budgets}
)
"""Name to what makes the table."""


def published_map_numbers(results: Results) -> Pairs:
    """What of the published maps is in the zones, and how far made and published maps differ."""
    account = results.tables.get("adopted")
    if account is None:
        return
    origin = Origin(results.synthetic, "abz.budgets.adopted_account", ("budgets/adopted.parquet",))
    for row in records(account):
        name = FLUX_NAMES[row.flux]
        for part, words in (("source", "all cells"), ("outside", "cells outside the zones")):
            label = f"mean annual {name} of the published maps, {words}"
            yield f"adopted_{row.flux}_{part}", origin.number(getattr(row, part), BUDGET, label)
    first = next(records(account))
    share = 100 * (1 - first.held_area / first.source_area)
    label = "area of the published maps outside the zones"
    yield "adopted_outside_area", origin.number(share, "%", label, decimals=2)
    zones = Origin(results.synthetic, "abz.harmonise.mapped_zones", ("zones/fine.zarr",))
    for name in ("biome", "vegetation"):
        held = results.zones["fine"][name].attrs.get("seam_cells", 0)
        label = f"cells of the published maps that take the {name} of a neighbour"
        yield f"adopted_{name}_seam_cells", zones.number(int(held), "1", label)
    table = results.tables.get("mean_map_agreement")
    source = ("mean_maps/agreement.parquet",)
    agreed = Origin(results.synthetic, "abz.compare.MapAgreement", source)
    for row in records(table) if table is not None else ():
        what, units = LAYERS[row.layer]
        label = f"largest difference of a cell, {what} made again less published"
        period = years_text(row.first_year, row.last_year)
        number = agreed.number(row.largest, units, label, period=period)
        yield f"adopted_{row.layer}_largest", number
