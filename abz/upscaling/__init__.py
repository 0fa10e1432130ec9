"""Forests over the map: fluxes of every cell and month, and the totals of every member.

`predict_windows` walks a region window by window; `predict_block` evaluates all forests there and
adds up exact totals per atom; `map_template` and `label_totals` describe what comes out, and
`map_storage` and `Packing` how it is stored.
`range_flags` says which predictors lie beyond the training rows in a cell and month.
`window_support` says where a flux rests on a level of a category that training rows hold, on one
of its kin, or on none; `label_levels` says it of each level.

`adopt_block` makes the same totals of fluxes that were mapped elsewhere.

`as_scikit_learn` hands a forest to scikit-learn, and a `ReferenceForest` is evaluated there.
"""

from abz.upscaling.adopted import ADOPTED, AdoptedFluxes, adopt_block
from abz.upscaling.engine import (
    BlockFluxes,
    Ensemble,
    ZoneMaps,
    predict_block,
    predict_windows,
)
from abz.upscaling.extrapolation import (
    NO_FLUX,
    Range,
    count_flags,
    flag_masks,
    range_flags,
    training_ranges,
)
from abz.upscaling.maps import (
    LEVEL_SUPPORT,
    MEMBERS,
    OUTSIDE_RANGE,
    STATISTICS,
    flux_variables,
    map_storage,
    map_template,
)
from abz.upscaling.moments import RunningMoments
from abz.upscaling.packing import Packing
from abz.upscaling.reference import ReferenceForest, as_scikit_learn
from abz.upscaling.support import (
    NO_LEVEL,
    SUPPORT,
    label_levels,
    level_answer,
    mapped_categories,
    window_support,
)
from abz.upscaling.totals import LABELS, label_totals

__all__ = [
    "ADOPTED",
    "LABELS",
    "LEVEL_SUPPORT",
    "MEMBERS",
    "NO_FLUX",
    "NO_LEVEL",
    "OUTSIDE_RANGE",
    "STATISTICS",
    "SUPPORT",
    "AdoptedFluxes",
    "BlockFluxes",
    "Ensemble",
    "Packing",
    "Range",
    "ReferenceForest",
    "RunningMoments",
    "ZoneMaps",
    "adopt_block",
    "as_scikit_learn",
    "count_flags",
    "flag_masks",
    "flux_variables",
    "label_levels",
    "label_totals",
    "level_answer",
    "map_storage",
    "map_template",
    "mapped_categories",
    "predict_block",
    "predict_windows",
    "range_flags",
    "training_ranges",
    "window_support",
]
