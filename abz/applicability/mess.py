"""Multivariate environmental similarity: whether each predictor lies in the range of the sites."""

from __future__ import annotations

import numpy as np

from abz.errors import InputError

__all__ = ["similarity", "similarity_by_predictor"]


def similarity_by_predictor(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Similarity of values of one predictor to its reference values.

    Parameters
    ----------
    reference : numpy.ndarray (n,)
        Values at the sites; missing ones are passed over. At least two differ.
    values : numpy.ndarray (m,)
        Values on the map, in the same unit.

    Returns
    -------
    numpy.ndarray (m,)
        0 at the lowest reference value, rising to at most 100 where half of them lie below, falling
        to 200/n at the highest (20 for ten values) and below 0 beyond it; NaN where missing. An odd
        number of values does not reach 100.

    Notes
    -----
    With f the percentage of reference values below p [1]_,

    S = 100 (p − min)/(max − min) for f = 0; 2f for 0 < f ≤ 50; 2(100 − f) for 50 < f < 100;
    100 (max − p)/(max − min) for f = 100.

    References
    ----------
    .. [1] Elith, Kearney & Phillips (2010), The art of modelling range-shifting species, Methods
       in Ecology and Evolution 1, 330-342.

    Examples
    --------
    >>> reference = np.array([0.0, 1.0, 2.0, 4.0])
    >>> similarity_by_predictor(reference, np.array([-1.0, 0.5, 1.5, 5.0])).tolist()
    [-25.0, 50.0, 100.0, -25.0]
    """
    known = np.sort(np.asarray(reference, np.float64))
    known = known[~np.isnan(known)]
    if known.size == 0 or known[0] == known[-1]:
        raise InputError(
            "the reference of a predictor has no range",
            rule="at least two reference values differ",
            value=known[:1].tolist(),
            remedy="leave the predictor out",
        )
    p = np.asarray(values, np.float64)
    low, high = known[0], known[-1]
    f = 100.0 * np.searchsorted(known, p, side="left") / known.size
    inner = np.where(f <= 50.0, 2 * f, 2 * (100.0 - f))
    below = 100.0 * (p - low) / (high - low)
    above = 100.0 * (high - p) / (high - low)
    score = np.where(f == 0.0, below, np.where(f == 100.0, above, inner))
    return np.where(np.isnan(p), np.nan, score)


def similarity(reference: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Multivariate environmental similarity surface, and the predictor that decides it.

    Parameters
    ----------
    reference : numpy.ndarray (n, p)
        Predictors at the sites, none of them a category.
    rows : numpy.ndarray (m, p)
        Predictors on the map, in the same units.

    Returns
    -------
    tuple of numpy.ndarray = (score (m,), predictor (m,))
        float64, at most 100, below 0 where a predictor lies outside its reference range, NaN where
        one is missing; int8, column of the smallest similarity (the first of equals), −1 where
        missing. A predictor without a range in the reference is left out.

    Raises
    ------
    InputError
        If no predictor has a range, or the shapes do not fit.

    Examples
    --------
    >>> reference = np.array([[0.0, 10.0], [1.0, 20.0], [2.0, 30.0]])
    >>> score, predictor = similarity(reference, np.array([[1.0, 40.0]]))
    >>> score.tolist(), predictor.tolist()
    ([-50.0], [1])
    """
    sites, places = np.asarray(reference, np.float64), np.asarray(rows, np.float64)
    if sites.ndim != 2 or sites.shape[1:] != places.shape[1:]:
        raise InputError(
            "reference and rows do not fit together",
            rule="both have one column a predictor",
            value=f"{sites.shape} and {places.shape}",
        )
    ranged = [column for column in range(sites.shape[1]) if _has_range(sites[:, column])]
    if not ranged:
        raise InputError("no predictor has a range", rule="one varies", value=sites.shape)
    scores = np.stack([similarity_by_predictor(sites[:, c], places[:, c]) for c in ranged], axis=1)
    missing = np.isnan(places).any(axis=1)
    lowest = np.argmin(np.where(np.isnan(scores), np.inf, scores), axis=1)
    score = scores[np.arange(len(scores)), lowest]
    return (
        np.where(missing, np.nan, score),
        np.where(missing, -1, np.asarray(ranged)[lowest]).astype(np.int8),
    )


def _has_range(column: np.ndarray) -> bool:
    """Whether two values that are not missing differ."""
    known = column[~np.isnan(column)]
    return bool(known.size) and bool(known.min() < known.max())
