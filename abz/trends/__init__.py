"""Trends: prewhitening, the Mann–Kendall test and the Theil–Sen slope.

`trend` takes labelled arrays, `trend_members` ensembles, `trend_series` plain arrays; `zhang` and
`yue_pilon` agree with R's zyp 0.11-1.
"""

from abz.trends.annual import annual_sums, flux_trends
from abz.trends.maps import trend
from abz.trends.members import member_spread, trend_members
from abz.trends.overlay import OVERLAY, greening_overlay, overlay_classes, overlay_shares
from abz.trends.seasonal_cycle import AMPLITUDE_DEFINITIONS, amplitude_change, monthly_change
from abz.trends.seasons import TREND_SEASONS, layer_trends, seasonal_values
from abz.trends.series import METHODS, TrendOptions, TrendSeries, trend_series
from abz.trends.shares import share_table
from abz.trends.significance import critical_p, expected_share, field_significance, q_values
from abz.trends.site_trends import site_trend_limits, site_trends
from abz.trends.size_power import (
    ar1_series,
    calibrated_p,
    rejection_rate,
    size_table,
    slope_of_power,
)
from abz.trends.spatial_correlation import (
    SpatialCorrelation,
    effective_size,
    spatial_correlation,
)
from abz.trends.trend_limits import (
    SizeCurve,
    detectable_slope,
    empirical_size,
    residual_noise,
    size_curve,
    trend_limits,
)

__all__ = [
    "AMPLITUDE_DEFINITIONS",
    "METHODS",
    "OVERLAY",
    "TREND_SEASONS",
    "SizeCurve",
    "SpatialCorrelation",
    "TrendOptions",
    "TrendSeries",
    "amplitude_change",
    "annual_sums",
    "ar1_series",
    "calibrated_p",
    "critical_p",
    "detectable_slope",
    "effective_size",
    "empirical_size",
    "expected_share",
    "field_significance",
    "flux_trends",
    "greening_overlay",
    "layer_trends",
    "member_spread",
    "monthly_change",
    "overlay_classes",
    "overlay_shares",
    "q_values",
    "rejection_rate",
    "residual_noise",
    "seasonal_values",
    "share_table",
    "site_trend_limits",
    "site_trends",
    "size_curve",
    "size_table",
    "slope_of_power",
    "spatial_correlation",
    "trend",
    "trend_limits",
    "trend_members",
    "trend_series",
]
