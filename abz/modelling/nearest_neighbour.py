"""Folds whose held-out sites are as far from training as the map is from the sites (kNNDM).

Leaving sites out at random tests a model close to its training where towers stand in clusters,
while most of the map lies far from any tower. Here the folds are chosen so that the distances from
test to training sites follow those from the cells of the map to the sites, on the ground or among
the predictors. The units are sites, or groups of co-located sites; all rows of one take its fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import cdist, squareform
from scipy.stats import ks_2samp, wasserstein_distance

from abz.errors import InputError
from abz.modelling.spaces import Space
from abz.seeds import derive_seed
from abz.validation import check_choice, check_range, check_same_shape

__all__ = ["MatchedFolds", "held_out_distances", "match_folds", "mismatch"]

Clustering = Literal["complete", "average", "kmeans"]
CANDIDATES = 100
SIGNIFICANCE = 0.05


@dataclass(frozen=True, eq=False)
class MatchedFolds:
    """The folds that match best, and the three samples of nearest-neighbour distances.

    Parameters
    ----------
    sites : numpy.ndarray of str (s,)
        Names in order.
    fold : numpy.ndarray of int (s,)
        Fold of each site, from 0.
    w : float
        Area between the distribution functions of `held_out` and `prediction`, in their unit.
    clusters : int or None
        Number of clusters that were merged to these folds; None where the folds are random.
    p_value : float
        Of the test whether sites lie nearer to each other than the map to the sites.
    prediction : numpy.ndarray (m,)
        Distance of each cell of the map to its nearest site: G_ij in [1]_.
    sample : numpy.ndarray (s,)
        Distance of each site to its nearest other site: G_j.
    held_out : numpy.ndarray (s,)
        Distance of each site to its nearest site of another fold: G*_j.

    References
    ----------
    .. [1] Linnenbrink, Milà, Ludwig & Meyer (2024), Geosci. Model Dev. 17, 5897–5912.
    """

    sites: np.ndarray
    fold: np.ndarray
    w: float
    clusters: int | None
    p_value: float
    prediction: np.ndarray
    sample: np.ndarray
    held_out: np.ndarray

    def of_rows(self, sites: np.ndarray) -> np.ndarray:
        """Fold of each row, from the name of its site.

        Raises
        ------
        InputError
            If a site has no fold.
        """
        names = np.asarray(sites, str)
        unknown = np.setdiff1d(names, self.sites)
        if unknown.size:
            raise InputError(
                "a site has no fold",
                rule="the rows' sites are among those that were matched",
                value=unknown[0],
                remedy="match the folds with all sites",
            )
        return self.fold[np.searchsorted(self.sites, names)]


def held_out_distances(space: Space, fold: np.ndarray) -> np.ndarray:
    """Distance of each site to its nearest site of another fold.

    Parameters
    ----------
    space : Space
        Sites and the distances between them.
    fold : numpy.ndarray (s,)
        Fold of each site; all different leaves one site out.

    Returns
    -------
    numpy.ndarray (s,)
        In the unit of the space.

    Raises
    ------
    InputError
        If all sites are in one fold.

    Examples
    --------
    >>> from abz.modelling.spaces import feature_space
    >>> space = feature_space(["a", "b", "c"], np.array([[0.0], [1.0], [5.0]]), np.zeros((1, 1)))
    >>> (held_out_distances(space, np.array([0, 0, 1])) / space.between[0, 1]).round(6).tolist()
    [5.0, 4.0, 4.0]
    """
    labels = np.asarray(fold)
    check_same_shape(labels, space.sites, "folds and sites")
    if (labels == labels[0]).all():
        raise InputError(
            "no site is outside the fold",
            rule="there are at least two folds",
            value=labels[0],
            remedy="use more folds",
        )
    return np.where(labels[:, None] == labels, np.inf, space.between).min(axis=1)


def mismatch(space: Space, fold: np.ndarray) -> float:
    """W of any folds of whole sites: how far their distances are from those of the map.

    Parameters
    ----------
    space : Space
        Sites, and the distances from the map to them.
    fold : numpy.ndarray (s,)
        Fold of each site.

    Returns
    -------
    float
        0 if the distributions are the same; in the unit of the space.

    Notes
    -----
    W = ∫ |G*_j(r) − G_ij(r)| dr, the area between the empirical distribution functions of the
    nearest-neighbour distances from test to training sites, and from the map to the sites [1]_.

    References
    ----------
    .. [1] Linnenbrink, Milà, Ludwig & Meyer (2024), Geosci. Model Dev. 17, 5897–5912.

    Examples
    --------
    >>> from abz.modelling.spaces import feature_space
    >>> space = feature_space(["a", "b"], np.array([[0.0], [2.0]]), np.array([[2.5]]))
    >>> mismatch(space, np.array([0, 1]))
    1.5
    """
    return float(wasserstein_distance(held_out_distances(space, fold), space.prediction))


def match_folds(
    space: Space,
    k: int = 10,
    *,
    max_fold: float = 0.5,
    clustering: Clustering = "complete",
    seed: int = 0,
) -> MatchedFolds:
    """Folds of sites whose held-out distances follow the distances of the map.

    Parameters
    ----------
    space : Space
        From `geographic_space` or `feature_space`.
    k : int, optional
        Number of folds, from 2 to the number of sites.
    max_fold : float, optional
        Largest share of the sites in one fold, above 1/k.
    clustering : {"complete", "average", "kmeans"}, optional
        Linkage of the hierarchy of sites, on their distances; k-means moves the clusters of the
        complete linkage to their own centres, on the sphere or among the predictors.
    seed : int, optional
        Of the random folds.

    Returns
    -------
    MatchedFolds
        The same for any order of the rows the space was made of.

    Raises
    ------
    InputError
        If `k` or `max_fold` is out of range.

    Notes
    -----
    Where a one-sided Kolmogorov–Smirnov test of G_j against G_ij does not find sites nearer to
    each other than the map is to them (p ≥ 0.05), the folds are random. Otherwise the sites are
    cut into q = k … s clusters, and for each q the clusters are merged to k folds: a cluster of
    more than s/k sites stays alone; the others are dealt in turn, in order along the first
    principal component, so that neighbours come to different folds. Few clusters hold out whole
    landscapes, many come close to random folds. The folds with the smallest W are taken; the
    random folds are among the candidates.

    References
    ----------
    .. [1] Linnenbrink, Milà, Ludwig & Meyer (2024), Geosci. Model Dev. 17, 5897–5912.

    Examples
    --------
    >>> from abz.modelling.spaces import geographic_space
    >>> lon, lat = np.array([0, 0.1, 0.2, 90, 90.1, 90.2]), np.full(6, 60.0)
    >>> space = geographic_space(list("abcdef"), lon, lat, np.arange(360.0), np.full(360, 60.0))
    >>> match_folds(space, 2).fold.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    size = space.sites.size
    check_range(k, "k", minimum=2, maximum=size)
    check_range(max_fold, "max_fold", minimum=-(-size // k) / size, maximum=1)
    check_choice(clustering, ("complete", "average", "kmeans"), "clustering")
    sample = held_out_distances(space, np.arange(size))
    p_value = ks_2samp(sample, space.prediction, alternative="greater", method="asymp").pvalue
    best, clusters = _random_folds(size, k, seed), None
    w = mismatch(space, best)
    if p_value < SIGNIFICANCE:
        for q, fold in _candidates(space, k, clustering):
            small_enough = int(np.max(np.bincount(fold))) <= max_fold * size
            if small_enough and (found := mismatch(space, fold)) < w:
                best, clusters, w = fold, q, found
    return MatchedFolds(
        sites=space.sites,
        fold=best,
        w=w,
        clusters=clusters,
        p_value=float(p_value),
        prediction=space.prediction,
        sample=sample,
        held_out=held_out_distances(space, best),
    )


def _random_folds(size: int, k: int, seed: int) -> np.ndarray:
    """Fold of each site, dealt at random."""
    rng = np.random.default_rng(derive_seed(seed, "random folds"))
    return rng.permutation(np.arange(size) % k)


def _candidates(space: Space, k: int, clustering: Clustering) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers of clusters from k to one a site, in even ratios, and the folds merged from them."""
    size = space.sites.size
    numbers = np.unique(np.geomspace(k, size, CANDIDATES).round().astype(int))
    method = "complete" if clustering == "kmeans" else clustering
    tree = linkage(squareform(space.between, checks=False), method)
    component = _first_component(space.points)
    for cut in cut_tree(tree, n_clusters=numbers).T:
        cluster = _moved(space.points, cut) if clustering == "kmeans" else cut
        left = np.unique(cluster).size
        if left >= k:
            yield left, _merged(cluster, component, k)


def _moved(points: np.ndarray, cluster: np.ndarray, most_steps: int = 100) -> np.ndarray:
    """Clusters after k-means from the given ones; a cluster that loses all points is gone."""
    for _ in range(most_steps):
        number = np.unique(cluster, return_inverse=True)[1]
        sums = np.zeros((int(np.max(number)) + 1, points.shape[1]))
        np.add.at(sums, number, points)
        centres = sums / np.bincount(number)[:, None]
        nearest = cdist(points, centres).argmin(axis=1)
        if (nearest == number).all():
            break
        cluster = nearest
    return cluster


def _first_component(points: np.ndarray) -> np.ndarray:
    """Place of each point along the first principal component, its longer tail upwards."""
    centred = points - points.mean(axis=0)
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
    return along if (along**3).sum() >= 0 else -along


def _merged(cluster: np.ndarray, component: np.ndarray, k: int) -> np.ndarray:
    """Fold of each site: large clusters alone, the others dealt in turn along the component."""
    number, rows = np.unique(cluster, return_inverse=True, return_counts=True)[1:]
    if rows.size == k:
        return number
    along = np.argsort(np.bincount(number, weights=component) / rows, kind="stable")
    large = along[rows[along] > cluster.size / k]
    small = along[rows[along] <= cluster.size / k]
    fold = np.empty(rows.size, np.int64)
    fold[large] = np.arange(large.size)
    fold[small] = large.size + np.arange(small.size) % (k - large.size)
    return fold[number]
