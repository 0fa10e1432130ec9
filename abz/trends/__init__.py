"""Trends: prewhitening, the Mann–Kendall test and the Theil–Sen slope.

`trend` takes labelled arrays, `trend_series` plain ones; both agree with R's zyp 0.11-1.
"""

from abz.trends.annual import annual_sums, flux_trends
from abz.trends.maps import trend
from abz.trends.series import METHODS, TrendSeries, trend_series

__all__ = [
    "METHODS",
    "TrendSeries",
    "annual_sums",
    "flux_trends",
    "trend",
    "trend_series",
]
