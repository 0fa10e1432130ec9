"""Forests from training rows: categories, folds, scores, tuning, bootstrap members, storage.

`complete_cases` takes the usable rows of a training table; `tune` chooses mtry by leaving one site
out; `fit_forest` fits the central forest and `bootstrap_members` those around it; `save_forest`
and `load_forest` keep them as plain arrays. `FluxForestRegressor` is the same forest behind
scikit-learn's interface.

What is predicted at sites held out is judged by `skill_table`, `relative_skill` and `components`;
`make_designs` holds out more than one site and `compare_designs` says what that costs; `calibrate`
and `coverage_table` turn errors into intervals; `annual_spread` says how well the spread of the
members is known.
"""

from abz.modelling.baselines import climatology_baseline, nearest_site_baseline
from abz.modelling.cases import Cases, complete_cases
from abz.modelling.categories import categorical, encode_levels, order_levels
from abz.modelling.comparison import DESIGNS, Design, FoldOptions, Places, make_designs
from abz.modelling.components import components, decompose, site_slopes
from abz.modelling.coverage import coverage_table, share_interval
from abz.modelling.design_skill import compare_designs, predict_designs
from abz.modelling.designs import (
    check_folds,
    colocated,
    leave_one_group_out,
    leave_region_out,
    leave_year_out,
    site_folds,
)
from abz.modelling.distances import great_circle
from abz.modelling.ensemble import bootstrap_members, member_columns, resample
from abz.modelling.estimator import FluxForestRegressor
from abz.modelling.fitting import ENGINES, Engine, fit_forest
from abz.modelling.folds import leave_one_site_out
from abz.modelling.forest import FluxForest
from abz.modelling.held_out import GROUPS, NOT_KNOWN, check_held_out, group_labels
from abz.modelling.intervals import Intervals, StratumQuantiles, calibrate
from abz.modelling.map_sample import cells_by_area
from abz.modelling.monte_carlo import (
    TreeNoise,
    half_forests,
    jackknife_sd_error,
    normal_sd_error,
    tree_noise,
    trees_needed,
)
from abz.modelling.nearest_neighbour import (
    MatchedFolds,
    held_out_distances,
    match_folds,
    mismatch,
)
from abz.modelling.scores import Scores, scores, site_rmse, site_scores
from abz.modelling.search import out_of_site
from abz.modelling.site_quantiles import SiteScores, Tails, sites_needed
from abz.modelling.skill import relative_skill, site_bootstrap, skill_table
from abz.modelling.spaces import Space, feature_space, geographic_space
from abz.modelling.spread import Spread, annual_spread, halves, monthly_spread
from abz.modelling.storage import load_forest, read_header, save_forest
from abz.modelling.strata import EVERYWHERE, label_strata, scored_rows
from abz.modelling.stratified import resample_sites, strata_of_sites, stratum_sizes
from abz.modelling.tuning import Tuning, held_out_predictions, nested, tune
from abz.seeds import derive_seed

__all__ = [
    "DESIGNS",
    "ENGINES",
    "EVERYWHERE",
    "GROUPS",
    "NOT_KNOWN",
    "Cases",
    "Design",
    "Engine",
    "FluxForest",
    "FluxForestRegressor",
    "FoldOptions",
    "Intervals",
    "MatchedFolds",
    "Places",
    "Scores",
    "SiteScores",
    "Space",
    "Spread",
    "StratumQuantiles",
    "Tails",
    "TreeNoise",
    "Tuning",
    "annual_spread",
    "bootstrap_members",
    "calibrate",
    "categorical",
    "cells_by_area",
    "check_folds",
    "check_held_out",
    "climatology_baseline",
    "colocated",
    "compare_designs",
    "complete_cases",
    "components",
    "coverage_table",
    "decompose",
    "derive_seed",
    "encode_levels",
    "feature_space",
    "fit_forest",
    "geographic_space",
    "great_circle",
    "group_labels",
    "half_forests",
    "halves",
    "held_out_distances",
    "held_out_predictions",
    "jackknife_sd_error",
    "label_strata",
    "leave_one_group_out",
    "leave_one_site_out",
    "leave_region_out",
    "leave_year_out",
    "load_forest",
    "make_designs",
    "match_folds",
    "member_columns",
    "mismatch",
    "monthly_spread",
    "nearest_site_baseline",
    "nested",
    "normal_sd_error",
    "order_levels",
    "out_of_site",
    "predict_designs",
    "read_header",
    "relative_skill",
    "resample",
    "resample_sites",
    "save_forest",
    "scored_rows",
    "scores",
    "share_interval",
    "site_bootstrap",
    "site_folds",
    "site_rmse",
    "site_scores",
    "site_slopes",
    "sites_needed",
    "skill_table",
    "strata_of_sites",
    "stratum_sizes",
    "tree_noise",
    "trees_needed",
    "tune",
]
