"""Forests from training rows: categories, folds, scores, tuning, bootstrap members, storage.

`complete_cases` takes the usable rows of a training table; `tune` chooses mtry by leaving one site
out; `fit_forest` fits the central forest and `bootstrap_members` those around it; `save_forest`
and `load_forest` keep them as plain arrays.
"""

from abz.modelling.cases import Cases, complete_cases
from abz.modelling.categories import categorical, encode_levels, order_levels
from abz.modelling.ensemble import bootstrap_members, member_columns, resample
from abz.modelling.folds import leave_one_site_out
from abz.modelling.forest import FluxForest, fit_forest
from abz.modelling.scores import Scores, scores, site_rmse
from abz.modelling.seeds import derive_seed
from abz.modelling.storage import load_forest, read_header, save_forest
from abz.modelling.tuning import Tuning, tune

__all__ = [
    "Cases",
    "FluxForest",
    "Scores",
    "Tuning",
    "bootstrap_members",
    "categorical",
    "complete_cases",
    "derive_seed",
    "encode_levels",
    "fit_forest",
    "leave_one_site_out",
    "load_forest",
    "member_columns",
    "order_levels",
    "read_header",
    "resample",
    "save_forest",
    "scores",
    "site_rmse",
    "tune",
]
