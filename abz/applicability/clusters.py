"""Clusters of like environments, and how many towers stand in each.

A cluster with much area and few towers is where the next tower would tell most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from abz.applicability.dissimilarity import PredictorSpace
from abz.errors import InputError
from abz.modelling.forest import canonical_order
from abz.seeds import derive_seed
from abz.validation import check_range, check_same_shape

__all__ = ["Clusters", "cluster_table", "fit_clusters"]

TRIED = tuple(range(4, 13))
"""Numbers of clusters that are compared where none is asked for."""
STARTS = 4
SILHOUETTE_ROWS = 1000
NO_CLUSTER = -1


@dataclass(frozen=True, eq=False)
class Clusters:
    """Centres of environments in a weighted space.

    Parameters
    ----------
    space : PredictorSpace
        Standardises and weights predictors.
    centres : numpy.ndarray (k, p)
        In the space; the cluster with most rows first.
    silhouette : dict of {int: float}
        Mean silhouette of each number of clusters that was tried.
    """

    space: PredictorSpace
    centres: np.ndarray
    silhouette: dict[int, float]

    def assign(self, rows: np.ndarray) -> np.ndarray:
        """Cluster of each row.

        Parameters
        ----------
        rows : numpy.ndarray (n, p)
            Predictors in canonical units.

        Returns
        -------
        numpy.ndarray of int8 (n,)
            Nearest centre, the first of equals; −1 where a predictor is missing.
        """
        return _nearest(self.space.place(rows), self.centres)


def fit_clusters(
    rows: np.ndarray, weights: np.ndarray, *, clusters: int | Sequence[int] = TRIED, seed: int = 0
) -> Clusters:
    """k-means on standardised, weighted predictors.

    Parameters
    ----------
    rows : numpy.ndarray (n, p)
        Places with their annual means; none of the predictors a category. Rows with a missing
        value are passed over.
    weights : numpy.ndarray (p,)
        Weight of each predictor; what is below zero counts as zero.
    clusters : int or sequence of int, optional
        Their number, or numbers of which the one with the largest mean silhouette is taken.
    seed : int, optional
        Seed of the starts.

    Returns
    -------
    Clusters
        The same for any order of the rows and any number of threads.

    Raises
    ------
    InputError
        If there are not more different rows than clusters.

    References
    ----------
    .. [1] Lloyd (1982), Least squares quantization in PCM, IEEE Trans. Inf. Theory 28, 129-137.
    .. [2] Rousseeuw (1987), Silhouettes, Journal of Computational and Applied Mathematics 20,
       53-65.

    Examples
    --------
    >>> rows = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    >>> found = fit_clusters(rows, np.ones(1), clusters=[2, 3], seed=0)
    >>> found.assign(rows).tolist(), max(found.silhouette, key=found.silhouette.get)
    ([0, 0, 0, 1, 1], 2)
    """
    values = np.asarray(rows, np.float64)
    values = values[~np.isnan(values).any(axis=1)]
    values = values[canonical_order(values, np.zeros(len(values)))]
    numbers = [clusters] if isinstance(clusters, int) else list(clusters)
    for number in numbers:
        check_range(number, "clusters", minimum=2, maximum=127)
    different = len(np.unique(values, axis=0))
    if not numbers or different <= max(numbers):
        raise InputError(
            "there are too few places for the clusters",
            rule="more different rows than clusters, and a number of clusters",
            value=f"{different} different rows, clusters {numbers}",
        )
    space = PredictorSpace.of(values, weights)
    placed = space.place(values)
    found = {number: _centres(placed, number, seed) for number in numbers}
    quality = {number: _silhouette(placed, found[number]) for number in numbers}
    return Clusters(space, found[max(numbers, key=lambda k: (quality[k], -k))], quality)


def cluster_table(
    labels: np.ndarray, area: np.ndarray, site_labels: np.ndarray, site_rows: np.ndarray
) -> pd.DataFrame:
    """Extent of each cluster, and its sites.

    Parameters
    ----------
    labels : numpy.ndarray of int (...)
        Cluster of each cell; −1 where there is none.
    area : numpy.ndarray (...)
        Land area of each cell, m2; 0 outside the domain.
    site_labels : numpy.ndarray of int (sites,)
        Cluster of each site; −1 where its environment is not known.
    site_rows : numpy.ndarray of int (sites,)
        Site-months of each site.

    Returns
    -------
    pandas.DataFrame
        `cluster` (−1 first, if some cell with area or some site has none), `cells`, `area_m2`,
        `area_share`, `sites`, `site_months`; each adds up to the whole.

    Examples
    --------
    >>> table = cluster_table(np.array([0, 0, 1]), np.ones(3), np.array([0, -1]), np.array([5, 7]))
    >>> table[["cluster", "cells", "sites", "site_months"]].to_numpy().tolist()
    [[-1, 0, 1, 7], [0, 2, 1, 5], [1, 1, 0, 0]]
    """
    check_same_shape(labels, area, "labels and area")
    check_same_shape(site_labels, site_rows, "site_labels and site_rows")
    land = np.asarray(area) > 0
    cell, size = np.asarray(labels)[land].astype(int) + 1, np.asarray(area, np.float64)[land]
    site = np.asarray(site_labels).astype(int) + 1
    length = int(max(cell.max(initial=0), site.max(initial=0))) + 1
    table = pd.DataFrame(
        {
            "cluster": np.arange(length) + NO_CLUSTER,
            "cells": np.bincount(cell, minlength=length),
            "area_m2": np.bincount(cell, weights=size, minlength=length),
            "area_share": np.bincount(cell, weights=size, minlength=length) / size.sum(),
            "sites": np.bincount(site, minlength=length),
            "site_months": np.bincount(site, weights=site_rows, minlength=length).astype(np.int64),
        }
    )
    empty = (table["cells"] == 0) & (table["sites"] == 0) & (table["cluster"] == NO_CLUSTER)
    return table[~empty].reset_index(drop=True)


def _centres(placed: np.ndarray, number: int, seed: int) -> np.ndarray:
    """Centres, largest cluster first; means are taken in the order of the rows."""
    start = derive_seed(seed, "clusters", number)
    model = KMeans(number, n_init=STARTS, tol=0.0, random_state=start)
    with threadpool_limits(1):  # k-means adds up in the order in which its threads finish
        labels = model.fit(placed).labels_
    members = [placed[labels == label] for label in np.unique(labels)]
    centres = np.array([part.mean(axis=0) for part in members])
    sizes = np.bincount(_nearest(placed, centres), minlength=len(centres))
    return centres[np.lexsort((*centres.T[::-1], -sizes))]


def _silhouette(placed: np.ndarray, centres: np.ndarray) -> float:
    """Mean silhouette over rows that are evenly spread through the canonical order."""
    some = placed[:: -(-len(placed) // SILHOUETTE_ROWS)]
    labels = _nearest(some, centres)
    if not 1 < len(np.unique(labels)) < len(some):
        return -1.0
    with threadpool_limits(1):
        return float(silhouette_score(some, labels))


def _nearest(placed: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Number of the nearest centre, the first of equals; −1 for a row with NaN."""
    best = np.full(len(placed), np.inf)
    label = np.full(len(placed), NO_CLUSTER, np.int8)
    for number, centre in enumerate(centres):
        squared = ((placed - centre) ** 2).sum(axis=1)
        closer = squared < best
        best[closer], label[closer] = squared[closer], number
    return label
