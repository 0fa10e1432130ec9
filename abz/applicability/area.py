"""Area of applicability: where the forest may be asked, judged by the rows it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.applicability.density import largest_square, training_density
from abz.applicability.dissimilarity import PredictorSpace, training_dissimilarity
from abz.applicability.neighbours import mean_pair_distance, nearest_and_count
from abz.errors import InputError
from abz.modelling.forest import canonical_order

__all__ = ["Applicability", "Closeness", "fit_applicability", "threshold_of"]

UNKNOWN = -1
"""State of a row that lacks a predictor; 1 is inside the area, 0 outside."""


@dataclass(frozen=True, eq=False)
class Closeness:
    """How close rows lie to the training rows.

    Parameters
    ----------
    dissimilarity : numpy.ndarray (m,)
        float64, 1; NaN where a predictor is missing.
    inside : numpy.ndarray of int8 (m,)
        1 inside the area of applicability, 0 outside, −1 where a predictor is missing.
    density : numpy.ndarray of int32 (m,)
        Training rows within the threshold; −1 where a predictor is missing.
    """

    dissimilarity: np.ndarray
    inside: np.ndarray
    density: np.ndarray


@dataclass(frozen=True, eq=False)
class Applicability:
    """The training rows of a forest as a measure of where it applies.

    Parameters
    ----------
    space : PredictorSpace
        Standardises and weights predictors.
    rows : numpy.ndarray (n, p)
        Training rows in the space, in canonical order.
    mean_distance : float
        Mean distance over all pairs of them.
    threshold : float
        Largest dissimilarity inside the area, 1.
    dissimilarity : numpy.ndarray (n,)
        Of each training row to the rows of other folds, in the order in which they were given.
    density : numpy.ndarray of int64 (n,)
        Rows of other folds within the threshold of each training row, in the same order.
    """

    space: PredictorSpace
    rows: np.ndarray
    mean_distance: float
    threshold: float
    dissimilarity: np.ndarray
    density: np.ndarray

    def measure(self, rows: np.ndarray, *, workers: int = 1) -> Closeness:
        """Dissimilarity, area of applicability and local point density of rows.

        Parameters
        ----------
        rows : numpy.ndarray (m, p)
            Predictors as the forest encodes them: `FluxForest.encode`.
        workers : int, optional
            Threads; the result does not depend on them.

        Returns
        -------
        Closeness
            A row's does not depend on the rows beside it.
        """
        limit = largest_square(self.mean_distance, self.threshold)
        placed = self.space.place(rows)
        squared, count = nearest_and_count(placed, self.rows, limit, workers=workers)
        known = ~np.isnan(squared)
        return Closeness(
            dissimilarity=np.sqrt(squared) / self.mean_distance,
            inside=np.where(known, count > 0, UNKNOWN).astype(np.int8),
            density=np.where(known, count, UNKNOWN).astype(np.int32),
        )


def fit_applicability(
    rows: np.ndarray, folds: np.ndarray, weights: np.ndarray, *, workers: int = 1
) -> Applicability:
    """Space, mean distance and threshold from the training rows of a forest.

    Parameters
    ----------
    rows : numpy.ndarray (n, p)
        Training rows as the forest encodes them, nothing missing.
    folds : numpy.ndarray (n,)
        Fold of each row in the cross-validation that scored the forest, such as its site.
    weights : numpy.ndarray (p,)
        Importance of each predictor; what is below zero counts as zero.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    Applicability
        The same for any order of the rows.

    Raises
    ------
    InputError
        If values are missing, shapes do not fit, there are fewer than two folds, or no predictor
        tells the rows apart.

    References
    ----------
    .. [1] Meyer & Pebesma (2021), Predicting into unknown space?, Methods in Ecology and
       Evolution 12, 1620-1633.

    Examples
    --------
    >>> rows = np.linspace(0, 10, 11)[:, None]
    >>> area = fit_applicability(rows, np.arange(11) % 5, np.array([1.0]))
    >>> area.measure(np.array([[3.0], [3.2], [50.0], [np.nan]])).inside.tolist()
    [1, 1, 0, -1]
    """
    if len(rows) != len(folds):
        raise InputError(
            "rows and folds do not fit together",
            rule="one fold a row",
            value=f"{len(rows)} rows, {len(folds)} folds",
        )
    order = canonical_order(np.asarray(rows), np.zeros(len(rows)))
    space = PredictorSpace.of(np.asarray(rows)[order], weights)
    placed, fold = space.place(np.asarray(rows)[order]), np.asarray(folds)[order]
    mean = mean_pair_distance(placed, workers=workers)
    own = training_dissimilarity(placed, fold, mean, workers=workers)
    threshold = threshold_of(own)
    near = training_density(placed, fold, mean, threshold, workers=workers)
    place = np.argsort(order)
    return Applicability(space, placed, mean, threshold, own[place], near[place])


def threshold_of(training: np.ndarray) -> float:
    """Dissimilarity at which the area of applicability ends.

    Parameters
    ----------
    training : numpy.ndarray (n,)
        Dissimilarity of each training row to the rows of other folds.

    Returns
    -------
    float
        The largest value that is no outlier: the end of the upper whisker of a box plot.

    Notes
    -----
    max {DI_i : DI_i ≤ Q75 + 1.5 (Q75 − Q25)}, quartiles by linear interpolation. The threshold is
    thus the dissimilarity of a training row, never a value beyond all of them.

    Examples
    --------
    >>> threshold_of(np.array([0.1, 0.2, 0.2, 0.3, 5.0]))
    0.3
    """
    low, high = np.quantile(training, [0.25, 0.75])
    return float(training[training <= high + 1.5 * (high - low)].max())
