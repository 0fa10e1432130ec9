"""Products of others on our land: one definition, sign, unit, mask, period and grid.

`cells` says where the values of a product lie and `land` how much of our land its cells hold;
`definition` makes NEE of its net flux; `alignment` brings both together. `ensembles` puts members
together, `summary` lays their budgets beside those of the run, `likeness` the maps, `sites` the
maps beside what was measured. `winter` does the same for soil fluxes of winter months.
"""

from abz.compare.products.alignment import (
    Aligned,
    align,
    atom_quanta,
    fire_on_cells,
    in_sequence,
    land_share,
    per_land,
    side_by_side,
)
from abz.compare.products.cells import Cells, UnevenCells, cells_of
from abz.compare.products.definition import NOTED, as_nee, nee_field, takes_fire
from abz.compare.products.ensembles import MonthlyMean, ensemble_maps, ensemble_years
from abz.compare.products.land import LandShares, land_shares
from abz.compare.products.likeness import map_likeness
from abz.compare.products.sites import beside_sites, site_agreement
from abz.compare.products.summary import ledger_rows, product_summary, product_trends
from abz.compare.products.winter import (
    WINTER_SEASONS,
    at_centres,
    soil_quanta,
    winter_rows,
    winter_summary,
    winter_years,
)

__all__ = [
    "NOTED",
    "WINTER_SEASONS",
    "Aligned",
    "Cells",
    "LandShares",
    "MonthlyMean",
    "UnevenCells",
    "align",
    "as_nee",
    "at_centres",
    "atom_quanta",
    "beside_sites",
    "cells_of",
    "ensemble_maps",
    "ensemble_years",
    "fire_on_cells",
    "in_sequence",
    "land_share",
    "land_shares",
    "ledger_rows",
    "map_likeness",
    "nee_field",
    "per_land",
    "product_summary",
    "product_trends",
    "side_by_side",
    "site_agreement",
    "soil_quanta",
    "takes_fire",
    "winter_rows",
    "winter_summary",
    "winter_years",
]
