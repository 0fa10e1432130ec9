"""Products of others on our land: one definition, sign, unit, mask, period and grid.

`cells` says where the values of a product lie and `land` how much of our land its cells hold;
`definition` makes NEE of its net flux; `alignment` brings both together.
"""

from abz.compare.products.alignment import (
    Aligned,
    align,
    fire_on_cells,
    in_sequence,
    side_by_side,
)
from abz.compare.products.cells import Cells, UnevenCells, cells_of
from abz.compare.products.definition import NOTED, as_nee, nee_field, takes_fire
from abz.compare.products.land import LandShares, land_shares

__all__ = [
    "NOTED",
    "Aligned",
    "Cells",
    "LandShares",
    "UnevenCells",
    "align",
    "as_nee",
    "cells_of",
    "fire_on_cells",
    "in_sequence",
    "land_shares",
    "nee_field",
    "side_by_side",
    "takes_fire",
]
