"""Local point density: how many training rows stand near enough to speak for a place."""

from __future__ import annotations

import numpy as np

from abz.applicability.dissimilarity import fold_numbers
from abz.applicability.neighbours import nearest_and_count
from abz.validation import check_range

__all__ = ["largest_square", "local_density", "training_density"]


def local_density(
    placed: np.ndarray,
    training: np.ndarray,
    mean_distance: float,
    threshold: float,
    *,
    workers: int = 1,
) -> np.ndarray:
    """Training rows whose dissimilarity to a row does not exceed the threshold.

    Parameters
    ----------
    placed : numpy.ndarray (m, p)
        Rows in the space of the training rows.
    training : numpy.ndarray (n, p)
        Training rows in the same space.
    mean_distance : float
        Mean distance between training rows.
    threshold : float
        Dissimilarity at which the area of applicability ends, 1.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    numpy.ndarray of int64 (m,)
        0 outside the area of applicability, and where a predictor is missing.

    Notes
    -----
    LPD_k = #{i : d(k, i) / d̄ ≤ threshold}  [1]_; it is above zero exactly where DI_k ≤ threshold.

    References
    ----------
    .. [1] Schumacher, Knoth, Ludwig & Meyer (2025), Estimation of local training data point
       densities to support the assessment of spatial prediction uncertainty, Geoscientific Model
       Development 18.

    Examples
    --------
    >>> training = np.array([[0.0], [1.0], [8.0]])
    >>> local_density(np.array([[0.5], [20.0]]), training, 2.0, threshold=0.25).tolist()
    [2, 0]
    """
    limit = largest_square(mean_distance, threshold)
    return nearest_and_count(placed, training, limit, workers=workers)[1]


def training_density(
    training: np.ndarray,
    folds: np.ndarray,
    mean_distance: float,
    threshold: float,
    *,
    workers: int = 1,
) -> np.ndarray:
    """Local point density of each training row among the rows of all other folds.

    Parameters
    ----------
    training : numpy.ndarray (n, p)
        Training rows in their space.
    folds : numpy.ndarray (n,)
        Fold of each row, such as its site: any labels.
    mean_distance, threshold, workers
        As in `local_density`.

    Returns
    -------
    numpy.ndarray of int64 (n,)

    Examples
    --------
    >>> training = np.array([[0.0], [1.0], [2.0]])
    >>> training_density(training, np.array([7, 7, 8]), 1.0, threshold=1.0).tolist()
    [0, 1, 1]
    """
    group = fold_numbers(folds)
    limit = largest_square(mean_distance, threshold)
    return nearest_and_count(
        training, training, limit, point_group=group, reference_group=group, workers=workers
    )[1]


def largest_square(mean_distance: float, threshold: float) -> float:
    """The largest squared distance whose dissimilarity does not exceed the threshold.

    With it, comparing squares decides as comparing dissimilarities does, to the last digit.

    Examples
    --------
    >>> largest_square(2.0, 0.5)
    1.0000000000000002
    """
    check_range(mean_distance, "mean_distance", minimum=np.finfo(float).tiny)
    check_range(threshold, "threshold", minimum=0.0, maximum=np.finfo(float).max)
    square = float((mean_distance * threshold) ** 2)
    while np.sqrt(square) / mean_distance > threshold:
        square = float(np.nextafter(square, 0.0))
    while np.sqrt(above := np.nextafter(square, np.inf)) / mean_distance <= threshold:
        square = float(above)
    return square
