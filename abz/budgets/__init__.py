"""Budgets: zones as unions of atoms, totals, Table 1, trends, and what each ± holds."""

from abz.budgets.adopted import adopted_account
from abz.budgets.atom_totals import atom_totals
from abz.budgets.closed_budgets import GAP, closed_budgets, flux_covariance
from abz.budgets.correlogram import MINIMUM_PLACES, Correlogram, fit_correlogram
from abz.budgets.covariance import (
    correlation_of,
    covariance_table,
    implied_correlation,
    member_array,
    member_covariance,
)
from abz.budgets.fire_error import FireError, annual_emissions, fire_covariance
from abz.budgets.in_situ import in_situ_means, source_sites
from abz.budgets.land_account import left_out
from abz.budgets.land_blocks import land_blocks
from abz.budgets.mean_maps import add_mean_rows, mean_map_budgets, mean_map_quanta
from abz.budgets.means import mean_budgets
from abz.budgets.overlap import held_share, sampling_share
from abz.budgets.reconciliation import CLOSURE, closing_gain, reconcile, reconciled_covariance
from abz.budgets.site_errors import flux_correlation, site_errors, yearly_variance
from abz.budgets.site_zones import place_sites, site_membership
from abz.budgets.sources import source_area_share
from abz.budgets.table1 import no_sites, summer_ratio, table1
from abz.budgets.totals import (
    annual_budgets,
    fire_totals,
    monthly_budgets,
    seasonal_budgets,
    zone_totals,
)
from abz.budgets.transfer import TransferModel, fit_transfer, transfer_covariance
from abz.budgets.trend_limits import zonal_trend_limits
from abz.budgets.uncertainty import (
    COMPONENTS,
    TOTAL,
    BudgetErrors,
    budget_errors,
    uncertainty_table,
)
from abz.budgets.unions import with_unions
from abz.budgets.zonal_trends import zonal_trends
from abz.budgets.zones import same_atoms, zone_membership, zone_sets

__all__ = [
    "CLOSURE",
    "COMPONENTS",
    "GAP",
    "MINIMUM_PLACES",
    "TOTAL",
    "BudgetErrors",
    "Correlogram",
    "FireError",
    "TransferModel",
    "add_mean_rows",
    "adopted_account",
    "annual_budgets",
    "annual_emissions",
    "atom_totals",
    "budget_errors",
    "closed_budgets",
    "closing_gain",
    "correlation_of",
    "covariance_table",
    "fire_covariance",
    "fire_totals",
    "fit_correlogram",
    "fit_transfer",
    "flux_correlation",
    "flux_covariance",
    "held_share",
    "implied_correlation",
    "in_situ_means",
    "land_blocks",
    "left_out",
    "mean_budgets",
    "mean_map_budgets",
    "mean_map_quanta",
    "member_array",
    "member_covariance",
    "monthly_budgets",
    "no_sites",
    "place_sites",
    "reconcile",
    "reconciled_covariance",
    "same_atoms",
    "sampling_share",
    "seasonal_budgets",
    "site_errors",
    "site_membership",
    "source_area_share",
    "source_sites",
    "summer_ratio",
    "table1",
    "transfer_covariance",
    "uncertainty_table",
    "with_unions",
    "yearly_variance",
    "zonal_trend_limits",
    "zonal_trends",
    "zone_membership",
    "zone_sets",
    "zone_totals",
]
