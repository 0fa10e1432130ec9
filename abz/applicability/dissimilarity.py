"""Dissimilarity: how far a row of predictors lies from the rows that the forest has seen.

Distances are taken in a space in which each predictor has the spread 1 among the training rows,
times its importance. Categories enter as the forest sees them: `FluxForest.encode` gives the place
of a level in the order of its mean response, so levels of like response lie side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abz.applicability.neighbours import nearest_and_count
from abz.errors import InputError

__all__ = ["PredictorSpace", "dissimilarity", "training_dissimilarity"]


@dataclass(frozen=True, eq=False)
class PredictorSpace:
    """Where a row of predictors lies once predictors are standardised and weighted.

    Parameters
    ----------
    centre : numpy.ndarray (p,)
        Mean of each predictor over the training rows.
    stretch : numpy.ndarray (p,)
        Weight over standard deviation; 0 for a predictor without weight or spread.

    Notes
    -----
    z_j = w_j (x_j − x̄_j) / s_j

    References
    ----------
    .. [1] Meyer & Pebesma (2021), Predicting into unknown space?, Methods in Ecology and
       Evolution 12, 1620-1633.
    """

    centre: np.ndarray
    stretch: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, weights: np.ndarray) -> PredictorSpace:
        """The space of some training rows.

        Parameters
        ----------
        rows : numpy.ndarray (n, p)
            Training rows, nothing missing; categories as `FluxForest.encode` gives them. Their
            order matters in the last digit only: sort them for the same bytes.
        weights : numpy.ndarray (p,)
            Importance of each predictor; what is below zero counts as zero.

        Raises
        ------
        InputError
            If a value or weight is not finite, shapes do not fit, or no predictor with weight
            varies.

        Examples
        --------
        >>> space = PredictorSpace.of(np.array([[270.0, 5.0], [290.0, 5.0]]), np.array([2.0, 1.0]))
        >>> space.place(np.array([[300.0, 7.0]])).tolist()
        [[4.0, 0.0]]
        """
        values = np.asarray(rows, np.float64)
        weight = np.maximum(np.asarray(weights, np.float64), 0.0)
        _check_rows(values, weight)
        varies = values.max(axis=0) > values.min(axis=0)
        stretch = np.zeros(weight.size)
        stretch[varies] = weight[varies] / values[:, varies].std(axis=0)
        if not stretch.any():
            raise InputError(
                "no predictor tells the training rows apart",
                rule="a predictor with a weight above zero varies",
                value=f"weights {weight.tolist()}, varying {varies.tolist()}",
                remedy="check the importance table and the training rows",
            )
        return cls(values.mean(axis=0), stretch)

    def place(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, p) in the space, float64; NaN stays NaN, also in a predictor without weight."""
        placed: np.ndarray = (np.asarray(rows, np.float64) - self.centre) * self.stretch
        return placed

    def restore(self, placed: np.ndarray) -> np.ndarray:
        """Predictors of places (n, p) in the space; the mean of those that it does not tell.

        Examples
        --------
        >>> space = PredictorSpace.of(np.array([[270.0, 5.0], [290.0, 5.0]]), np.array([2.0, 1.0]))
        >>> space.restore(np.array([[4.0, 0.0]])).tolist()
        [[300.0, 5.0]]
        """
        told = self.stretch > 0
        step = np.divide(placed, self.stretch, out=np.zeros(placed.shape), where=told)
        return np.asarray(step + self.centre)


def dissimilarity(
    placed: np.ndarray, training: np.ndarray, mean_distance: float, *, workers: int = 1
) -> np.ndarray:
    """Dissimilarity index of rows: distance to the nearest training row, as a share of the mean.

    Parameters
    ----------
    placed : numpy.ndarray (m, p)
        Rows in the space of the training rows.
    training : numpy.ndarray (n, p)
        Training rows in the same space.
    mean_distance : float
        Mean distance between training rows.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    numpy.ndarray (m,)
        float64, 1; 0 on a training row; NaN where a predictor is missing.

    Notes
    -----
    DI_k = min_i d(k, i) / d̄, with d̄ the mean over all pairs of training rows  [1]_

    References
    ----------
    .. [1] Meyer & Pebesma (2021), Methods in Ecology and Evolution 12, 1620-1633.

    Examples
    --------
    >>> dissimilarity(np.array([[1.0], [5.0]]), np.array([[0.0], [3.0]]), 2.0).tolist()
    [0.5, 1.0]
    """
    squared, _ = nearest_and_count(placed, training, 0.0, workers=workers)
    return np.asarray(np.sqrt(squared) / mean_distance)


def training_dissimilarity(
    training: np.ndarray, folds: np.ndarray, mean_distance: float, *, workers: int = 1
) -> np.ndarray:
    """Dissimilarity of each training row to the training rows of all other folds.

    Parameters
    ----------
    training : numpy.ndarray (n, p)
        Training rows in their space.
    folds : numpy.ndarray (n,)
        Fold of each row, such as its site: any labels.
    mean_distance : float
        Mean distance between training rows.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    numpy.ndarray (n,)
        float64, 1.

    Raises
    ------
    InputError
        If there are fewer than two folds.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [4.0]])
    >>> training_dissimilarity(rows, np.array(["a", "a", "b"]), 2.0).tolist()
    [2.0, 1.5, 1.5]
    """
    group = fold_numbers(folds)
    squared, _ = nearest_and_count(
        training, training, 0.0, point_group=group, reference_group=group, workers=workers
    )
    return np.asarray(np.sqrt(squared) / mean_distance)


def fold_numbers(folds: np.ndarray) -> np.ndarray:
    """Folds as numbers from 0; refuse a single one."""
    names, numbers = np.unique(np.asarray(folds), return_inverse=True)
    if names.size < 2:
        raise InputError(
            "no training row has a row of another fold beside it",
            rule="there are at least two folds",
            value=names.tolist(),
            remedy="give the sites as folds",
        )
    return numbers.astype(np.int64)


def _check_rows(rows: np.ndarray, weights: np.ndarray) -> None:
    """Refuse what does not fit together and what is not finite."""
    if rows.ndim != 2 or len(rows) < 2 or rows.shape[1:] != weights.shape:
        raise InputError(
            "training rows and weights do not fit together",
            rule="rows are (n, p) with n >= 2, weights (p,)",
            value=f"{rows.shape} and {weights.shape}",
        )
    if not (np.isfinite(rows).all() and np.isfinite(weights).all()):
        raise InputError(
            "training rows or weights are missing or infinite",
            rule="all are finite",
            value=f"{int((~np.isfinite(rows)).sum())} values, weights {weights.tolist()}",
            remedy="take complete cases, and an importance table with every predictor",
        )
