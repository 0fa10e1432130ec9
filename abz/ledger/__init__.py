"""What each budget holds, where and when; sums and comparisons that keep to it.

A row of the ledger is a budget with its definition: the parts of the carbon balance that it holds,
its zone, period, mask and units. Rows are added, subtracted and compared through the ledger, which
refuses to count a part or a zone twice and to compare unlike rows, and says in what they differ.
"""

from abz.ledger.budgets import Zone, budget_rows, zone_atoms, zone_place
from abz.ledger.comparison import Comparison, Difference, compare, differences
from abz.ledger.parts import FLUX_PARTS, PARTS, Parts
from abz.ledger.rows import Period, Place, Row, annual_row, ledger_table
from abz.ledger.sums import add, redefine, without

__all__ = [
    "FLUX_PARTS",
    "PARTS",
    "Comparison",
    "Difference",
    "Parts",
    "Period",
    "Place",
    "Row",
    "Zone",
    "add",
    "annual_row",
    "budget_rows",
    "compare",
    "differences",
    "ledger_table",
    "redefine",
    "without",
    "zone_atoms",
    "zone_place",
]
