"""The published numbers of the study, with the digits they were printed with, and their arithmetic.

`paper_numbers.yaml` holds one record for each number of the paper and its preprint, with its
source. `published_numbers` reads them all; `paper_checks` holds them against each other by the
functions that make the tables of a run, and `table1_checks` does the same for such a table.
Published numbers stand beside those of a run, never among them. `verify_paper` says of each what
the others in print and a run say of it; `CONTRADICTIONS` are the places where the study is known to
contradict itself.
"""

from abz.published.checks import Check, Term, check_table, equals, lies_within, table1_checks
from abz.published.claims import TOPICS, Claim, Made, Need, paper_claims
from abz.published.contradictions import CONTRADICTIONS, Contradiction, unexpected
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
from abz.published.settings import monthly_maps, setting_checks
from abz.published.table1 import (
    PUBLISHED_TABLE1,
    Cell,
    published_cells,
    published_fields,
    published_skill,
    published_table1,
)
from abz.published.verification import Row, all_checks, verification_table, verify_paper

__all__ = [
    "CONTRADICTIONS",
    "FILE",
    "PUBLISHED_TABLE1",
    "TOPICS",
    "UNITS",
    "Cell",
    "Check",
    "Claim",
    "Contradiction",
    "Made",
    "Need",
    "Range",
    "Record",
    "Rounded",
    "Row",
    "Term",
    "all_checks",
    "check_table",
    "computed_range",
    "equals",
    "is_number",
    "lies_within",
    "monthly_maps",
    "paper_checks",
    "paper_claims",
    "parse_records",
    "published_cells",
    "published_fields",
    "published_numbers",
    "published_record",
    "published_skill",
    "published_table1",
    "setting_checks",
    "table1_checks",
    "term",
    "unexpected",
    "verification_table",
    "verify_paper",
]
