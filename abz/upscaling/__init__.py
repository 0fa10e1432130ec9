"""Forests over the map: fluxes of every cell and month, and the totals of every member.

`predict_windows` walks a region window by window; `predict_block` evaluates all forests there and
adds up exact totals per atom; `map_template` and `label_totals` describe what comes out.
"""

from abz.upscaling.engine import (
    BlockFluxes,
    Ensemble,
    ZoneMaps,
    predict_block,
    predict_windows,
)
from abz.upscaling.maps import STATISTICS, flux_variables, map_template
from abz.upscaling.moments import RunningMoments
from abz.upscaling.totals import label_totals

__all__ = [
    "STATISTICS",
    "BlockFluxes",
    "Ensemble",
    "RunningMoments",
    "ZoneMaps",
    "flux_variables",
    "label_totals",
    "map_template",
    "predict_block",
    "predict_windows",
]
