"""Where the forests may be asked: dissimilarity, area of applicability, density, similarity.

`fit_applicability` turns the training rows of a forest and the importance of its predictors into
a measure; its `measure` gives any rows their dissimilarity, whether they lie inside the area of
applicability, and how many training rows speak for them. `error_model` says how the held-out error
grows with dissimilarity. `shares_outside` adds up the land outside and the flux that comes from it,
`levels_by_zone` the land whose class no tower stands in. `similarity` compares annual means with
the range of the sites, and `fit_clusters` groups like environments and counts the towers in each.
"""

from abz.applicability.area import (
    Applicability,
    Closeness,
    fit_applicability,
    threshold_of,
)
from abz.applicability.clusters import Clusters, cluster_table, fit_clusters
from abz.applicability.density import local_density, training_density
from abz.applicability.dissimilarity import (
    PredictorSpace,
    dissimilarity,
    training_dissimilarity,
)
from abz.applicability.environment import annual_means, climatological_year, site_annual_means
from abz.applicability.error import ErrorModel, error_model, left_out_widening
from abz.applicability.levels import levels_by_zone
from abz.applicability.maps import Judges, applicability_template, window_maps
from abz.applicability.mess import similarity, similarity_by_predictor
from abz.applicability.neighbours import mean_pair_distance
from abz.applicability.shares import (
    area_by_state,
    flux_by_state,
    mean_flux_year,
    shares_outside,
)
from abz.applicability.weights import importance_weights, rank_weights

__all__ = [
    "Applicability",
    "Closeness",
    "Clusters",
    "ErrorModel",
    "Judges",
    "PredictorSpace",
    "annual_means",
    "applicability_template",
    "area_by_state",
    "climatological_year",
    "cluster_table",
    "dissimilarity",
    "error_model",
    "fit_applicability",
    "fit_clusters",
    "flux_by_state",
    "importance_weights",
    "left_out_widening",
    "levels_by_zone",
    "local_density",
    "mean_flux_year",
    "mean_pair_distance",
    "rank_weights",
    "shares_outside",
    "similarity",
    "similarity_by_predictor",
    "site_annual_means",
    "threshold_of",
    "training_density",
    "training_dissimilarity",
    "window_maps",
]
