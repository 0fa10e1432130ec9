"""What drives the modelled fluxes: importance, response curves, local effects.

`shuffled_errors` and `held_out_errors` shuffle predictors, alone or in the groups that
`group_predictors` finds, among the training rows and at left-out sites; `shuffles_table` and
`sites_table` sum them up. `response_curves` and `pair_responses` set predictors to values in all
rows, `accumulated_effects` moves each row a little. None of it says anything of causes.
"""

from abz.drivers.effects import accumulated_effects
from abz.drivers.groups import associations, group_predictors, moves_of
from abz.drivers.held_out import held_out_errors
from abz.drivers.importance import (
    ShuffledErrors,
    permutation_importance,
    shuffled_errors,
    shuffles_table,
    sites_table,
)
from abz.drivers.moved import predict_moved
from abz.drivers.response import (
    PAIR_COLUMNS,
    curve_values,
    pair_responses,
    response_curves,
    share_nearest,
)

__all__ = [
    "PAIR_COLUMNS",
    "ShuffledErrors",
    "accumulated_effects",
    "associations",
    "curve_values",
    "group_predictors",
    "held_out_errors",
    "moves_of",
    "pair_responses",
    "permutation_importance",
    "predict_moved",
    "response_curves",
    "share_nearest",
    "shuffled_errors",
    "shuffles_table",
    "sites_table",
]
