"""Sites and cells of the map in one space, on the ground or among the predictors.

How far the map lies from the sites, and the sites from each other, is all that `match_folds` and
`mismatch` ask of a space.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from abz.errors import InputError
from abz.modelling.distances import arc, unit_vectors
from abz.validation import check_same_shape

__all__ = ["Space", "feature_space", "geographic_space"]


@dataclass(frozen=True, eq=False)
class Space:
    """Where sites and cells of the map lie.

    Parameters
    ----------
    sites : numpy.ndarray of str (s,)
        Names in order.
    points : numpy.ndarray (s, d)
        Where each site lies: on the unit sphere, or among the scaled predictors.
    cells : numpy.ndarray (m, d)
        Where each cell lies.
    on_sphere : bool, optional
        Whether distances are km along the surface; else they are straight, in the unit of the
        points: standard deviations of the predictors.
    """

    sites: np.ndarray
    points: np.ndarray
    cells: np.ndarray
    on_sphere: bool = False

    @cached_property
    def between(self) -> np.ndarray:
        """Distance between sites (s, s)."""
        return self._length(cdist(self.points, self.points))

    @cached_property
    def prediction(self) -> np.ndarray:
        """Distance of each cell to its nearest site (m,): the sample of G_ij in [1]_.

        References
        ----------
        .. [1] Linnenbrink, Milà, Ludwig & Meyer (2024), Geosci. Model Dev. 17, 5897–5912.
        """
        return self._length(cKDTree(self.points).query(self.cells)[0])

    def of_sites(self, kept: np.ndarray) -> Space:
        """The space with some of its sites, from which the map may lie farther.

        Parameters
        ----------
        kept : numpy.ndarray of bool (s,)
            Sites to keep, at least one. The scale of the predictors stays that of all.

        Examples
        --------
        >>> space = feature_space(["a", "b"], np.array([[0.0], [2.0]]), np.array([[2.5]]))
        >>> space.prediction.tolist(), space.of_sites(np.array([True, False])).prediction.tolist()
        ([0.5], [2.5])
        """
        return replace(self, sites=self.sites[kept], points=self.points[kept])

    def _length(self, straight: np.ndarray) -> np.ndarray:
        """A distance in the unit of the space, from a straight one."""
        return arc(straight) if self.on_sphere else straight


def geographic_space(
    sites: np.ndarray,
    lon: np.ndarray,
    lat: np.ndarray,
    prediction_lon: np.ndarray,
    prediction_lat: np.ndarray,
) -> Space:
    """Great-circle distances between sites, and from the cells of the map to them.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row, or its group of co-located sites.
    lon, lat : numpy.ndarray (n,)
        Degrees; a site lies in the middle of its rows.
    prediction_lon, prediction_lat : numpy.ndarray (m,)
        Degrees; a sample of the cells of the map, each for the same area.

    Returns
    -------
    Space
        In km.

    Raises
    ------
    InputError
        If a coordinate is missing, or there are fewer than two sites or no cell.

    Examples
    --------
    >>> space = geographic_space(["a", "b"], [10.0, 11.0], [60.0, 60.0], [10.5], [60.0])
    >>> space.between[0, 1].round(1).item(), space.prediction.round(1).tolist()
    (55.6, [27.8])
    """
    names, middle = _site_means(sites, unit_vectors(lon, lat))
    points = middle / np.linalg.norm(middle, axis=1, keepdims=True)
    cells = _filled(unit_vectors(prediction_lon, prediction_lat), "cells")
    return Space(names, points, cells, on_sphere=True)


def feature_space(
    sites: np.ndarray,
    rows: np.ndarray,
    prediction_rows: np.ndarray,
    *,
    importance: np.ndarray | None = None,
) -> Space:
    """Euclidean distances among scaled predictors, of sites and of the cells of the map.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row, or its group of co-located sites.
    rows : numpy.ndarray (n, p)
        Continuous predictors; a site lies at the mean of its rows.
    prediction_rows : numpy.ndarray (m, p)
        The same of a sample of cells, each for the same area; means over the same time.
    importance : numpy.ndarray (p,), optional
        Weight of each predictor after scaling; below zero counts as zero. All 1 if not given.

    Returns
    -------
    Space
        In (weighted) standard deviations of the sites' means. A predictor that is the same at all
        sites has no scale, and is left out.

    Raises
    ------
    InputError
        If a predictor is missing in a row or cell, no predictor has weight and spread, or there
        are fewer than two sites or no cell.

    References
    ----------
    .. [1] Meyer & Pebesma (2021), Methods Ecol. Evol. 12, 1620–1633, for scale and weight.

    Examples
    --------
    >>> space = feature_space(["a", "b"], np.array([[0.0], [2.0]]), np.array([[2.5]]))
    >>> space.between[0, 1].item(), space.prediction.tolist()
    (2.0, [0.5])
    """
    names, means = _site_means(sites, _filled(rows, "rows"))
    cells = _filled(prediction_rows, "cells")
    weight = np.ones(means.shape[1]) if importance is None else np.asarray(importance, float)
    spread = means.std(axis=0)
    used = (weight > 0) & (spread > 0)
    if not used.any():
        raise InputError(
            "no predictor tells sites apart",
            rule="a predictor has weight above zero and differs between sites",
            value=f"weights {weight.tolist()}, spreads {spread.tolist()}",
            remedy="give other predictors, or no importance",
        )
    scale = weight[used] / spread[used]
    points = (means[:, used] - means[:, used].mean(axis=0)) * scale
    others = (cells[:, used] - means[:, used].mean(axis=0)) * scale
    return Space(names, points, others)


def _filled(values: np.ndarray, name: str) -> np.ndarray:
    """`values` as float64 (n, p), if there are any, and none is missing."""
    table = np.asarray(values, np.float64)
    lacking = int((~np.isfinite(table)).any(axis=1).sum()) if table.ndim == 2 else table.size
    if table.ndim != 2 or not table.size or lacking:
        raise InputError(
            f"{name} cannot be placed",
            rule=f"{name} (n, p) have a finite value of each of p predictors, and n > 0",
            value=f"shape {table.shape}, {lacking} {name} lack a value",
            remedy=f"leave out the {name} that lack a value",
        )
    return table


def _site_means(sites: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Names of the sites and the mean of their rows, added in an order of the values' own."""
    labels = np.asarray(sites, str)
    check_same_shape(labels, rows[:, 0], "sites and rows")
    order = np.lexsort((*rows.T[::-1], labels))
    names, start, count = np.unique(labels[order], return_index=True, return_counts=True)
    if names.size < 2:
        raise InputError(
            "sites have no neighbours",
            rule="there are at least two sites",
            value=names.tolist(),
            remedy="check the screening of the sites",
        )
    return names, np.add.reduceat(rows[order], start, axis=0) / count[:, None]
