"""In-situ fluxes: screening, annual sums, and the training table of each model set."""

from abz.sites.agreement import check_agreement
from abz.sites.annual import annual_sums, site_means
from abz.sites.screening import screen
from abz.sites.training import MAX_CELLS, locate_sites, training_table

__all__ = [
    "MAX_CELLS",
    "annual_sums",
    "check_agreement",
    "locate_sites",
    "screen",
    "site_means",
    "training_table",
]
