"""Budgets: zones as unions of atoms, totals over months, seasons and years, Table 1, trends."""

from abz.budgets.sources import source_area_share
from abz.budgets.table1 import in_situ_means, summer_ratio, table1
from abz.budgets.totals import (
    annual_budgets,
    fire_totals,
    monthly_budgets,
    seasonal_budgets,
    zone_totals,
)
from abz.budgets.trend_limits import zonal_trend_limits
from abz.budgets.zonal_trends import zonal_trends
from abz.budgets.zones import same_atoms, zone_membership

__all__ = [
    "annual_budgets",
    "fire_totals",
    "in_situ_means",
    "monthly_budgets",
    "same_atoms",
    "seasonal_budgets",
    "source_area_share",
    "summer_ratio",
    "table1",
    "zonal_trend_limits",
    "zonal_trends",
    "zone_membership",
    "zone_totals",
]
