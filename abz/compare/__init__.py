"""Fluxes of a run beside each other, brought to the same cells, years and definition.

`closure` holds NEE modelled directly beside Reco − GPP, `resolutions` one model set beside a
coarser one, whose cells the amounts of the finer set are added up in (`aggregation`), `mean_maps`
two maps of the same thing. A comparison says how two answers differ, not which of them is right.
"""

from abz.compare.aggregation import SharedCells, aggregate, shared_cells
from abz.compare.closure import CLOSURE, closure_budgets, closure_maps, closure_totals
from abz.compare.mean_maps import MapAgreement
from abz.compare.resolutions import (
    aggregated_years,
    common_years,
    pattern_table,
    resolution_maps,
    resolution_summary,
    resolution_years,
)

__all__ = [
    "CLOSURE",
    "MapAgreement",
    "SharedCells",
    "aggregate",
    "aggregated_years",
    "closure_budgets",
    "closure_maps",
    "closure_totals",
    "common_years",
    "pattern_table",
    "resolution_maps",
    "resolution_summary",
    "resolution_years",
    "shared_cells",
]
