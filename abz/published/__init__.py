"""The published numbers of the study, with the digits they were printed with, and their arithmetic.

`paper_numbers.yaml` holds one record for each number of the paper and its preprint, with its
source. `published_numbers` reads them all; `paper_checks` holds them against each other by the
functions that make the tables of a run, and `table1_checks` does the same for such a table.
Published numbers stand beside those of a run, never among them.
"""

from abz.published.checks import Check, Term, check_table, equals, lies_within, table1_checks
from abz.published.paper import paper_checks, term
from abz.published.records import (
    FILE,
    UNITS,
    Record,
    parse_records,
    published_numbers,
    published_record,
)
from abz.published.rounding import Range, Rounded, computed_range, is_number
from abz.published.table1 import (
    PUBLISHED_TABLE1,
    Cell,
    published_cells,
    published_fields,
    published_skill,
    published_table1,
)

__all__ = [
    "FILE",
    "PUBLISHED_TABLE1",
    "UNITS",
    "Cell",
    "Check",
    "Range",
    "Record",
    "Rounded",
    "Term",
    "check_table",
    "computed_range",
    "equals",
    "is_number",
    "lies_within",
    "paper_checks",
    "parse_records",
    "published_cells",
    "published_fields",
    "published_numbers",
    "published_record",
    "published_skill",
    "published_table1",
    "table1_checks",
    "term",
]
