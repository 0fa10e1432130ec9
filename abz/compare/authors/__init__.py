"""The authors' own small results, and what this package makes of the same real data.

`trends` tests their 8-km series, `areas` asks whether these close, `months` follows the seasonal
cycle, `sites` the annual sums of towers; `importance` and `scores` hold forests beside their
models, `budgets` three answers beside each other, `earth_models` CMIP6 beside the published
permafrost region.
"""

from abz.compare.authors.areas import area_closure, flux_gaps, with_continents
from abz.compare.authors.budgets import budgets_beside
from abz.compare.authors.earth_models import (
    beside_published_region,
    ensemble_spread,
    model_fluxes,
    model_trends,
)
from abz.compare.authors.importance import (
    figure_importance,
    paired_ranks,
    rank_agreement,
    table_importance,
)
from abz.compare.authors.months import cycle_amplitudes, month_changes
from abz.compare.authors.scores import same_rows, score_rows
from abz.compare.authors.sites import site_slopes
from abz.compare.authors.trends import environment_trends, series_trends

__all__ = [
    "area_closure",
    "beside_published_region",
    "budgets_beside",
    "cycle_amplitudes",
    "ensemble_spread",
    "environment_trends",
    "figure_importance",
    "flux_gaps",
    "model_fluxes",
    "model_trends",
    "month_changes",
    "paired_ranks",
    "rank_agreement",
    "same_rows",
    "score_rows",
    "series_trends",
    "site_slopes",
    "table_importance",
    "with_continents",
]
