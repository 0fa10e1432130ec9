"""Quantities adjusted so that they close, each by as much as its covariance allows."""

from __future__ import annotations

import numpy as np

from abz.errors import InputError
from abz.validation import check_same_shape

__all__ = ["CLOSURE", "closing_gain", "reconcile", "reconciled_covariance"]

CLOSURE = np.array([[1.0, 1.0, -1.0]])
"""NEE + GPP − Reco = 0, in the order of `vocabulary.FLUXES`."""

CERTAIN = 1e-12
"""Variance of a gap, relative to what it is the difference of, below which it counts as none."""


def closing_gain(covariance: np.ndarray, constraint: np.ndarray) -> np.ndarray:
    """How much of each gap each quantity takes.

    Parameters
    ----------
    covariance : numpy.ndarray (n, n)
        Of the errors; a quantity that is certain has zeros in its row and column.
    constraint : numpy.ndarray (m, n)
        Rows c with c · x = 0 for the true x.

    Returns
    -------
    numpy.ndarray (n, m)
        K; zero for a gap that has no error.

    Raises
    ------
    InputError
        If shapes differ, or the covariance is not known or not symmetric.

    Notes
    -----
    K = V Cᵀ (C V Cᵀ)⁺, the pseudo-inverse leaving out directions in which the variance of the gap
    is nothing beside the variances that it is made of, so that C K = 1 in all others.

    Examples
    --------
    Three fluxes of one variance share a gap alike:

    >>> closing_gain(np.eye(3), CLOSURE).round(3).ravel().tolist()
    [0.333, 0.333, -0.333]
    """
    _check(covariance, constraint)
    gaps = constraint @ covariance @ constraint.T
    size = np.sqrt((constraint**2) @ np.diagonal(covariance))
    scale = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh((gaps + gaps.T) / (2 * scale[:, None] * scale))
    open_ = values > CERTAIN
    inverse = (vectors[:, open_] / values[open_]) @ vectors[:, open_].T
    return np.asarray(covariance @ constraint.T @ (inverse / scale[:, None] / scale))


def reconcile(values: np.ndarray, gain: np.ndarray, constraint: np.ndarray) -> np.ndarray:
    """Quantities without their gaps.

    Parameters
    ----------
    values : numpy.ndarray (..., n)
        As they were estimated, one by one.
    gain : numpy.ndarray (n, m)
        From `closing_gain`.
    constraint : numpy.ndarray (m, n)
        As there.

    Returns
    -------
    numpy.ndarray (..., n)
        Values whose gap is zero to rounding; those without a gap are the same to the last bit, and
        NaN stays NaN. Linear in the values: with one gain, the adjusted parts of a zone, a year or
        an ensemble add up to the adjusted whole.

    Raises
    ------
    InputError
        If a gap stays open because no error can explain it.

    Notes
    -----
    x̂ = x − K C x: of all x that close, the one of least (x − x̂)ᵀ V⁻¹ (x − x̂), and so the best
    linear unbiased estimate if V is the covariance of the errors [1]_.

    References
    ----------
    .. [1] Aitken (1935), On least squares and linear combination of observations, Proc. R. Soc.
       Edinburgh 55, 42-48.

    Examples
    --------
    >>> gain = closing_gain(np.diag([1.0, 4.0, 4.0]), CLOSURE)
    >>> reconcile(np.array([-548.0, 9970.0, 9525.0]), gain, CLOSURE).round(1).tolist()
    [-536.6, 10015.8, 9479.2]
    """
    gap = values @ constraint.T
    adjusted = values - gap @ gain.T
    left = np.abs(adjusted @ constraint.T)
    allowed = 1e-9 * (np.abs(values) @ np.abs(constraint).T) + np.finfo(float).tiny
    if (left > allowed).any():
        raise InputError(
            "a gap cannot be closed",
            rule="the errors of the quantities can explain their gap",
            value=f"a gap of {left.max():g} in which the covariance knows no error",
            remedy="count a component of uncertainty that the quantities do not share",
        )
    return np.asarray(adjusted)


def reconciled_covariance(
    covariance: np.ndarray, gain: np.ndarray, constraint: np.ndarray
) -> np.ndarray:
    """Covariance of the errors of adjusted quantities.

    Parameters
    ----------
    covariance : numpy.ndarray (..., n, n)
        Of the errors before; not necessarily the one behind the gain.
    gain : numpy.ndarray (n, m)
        From `closing_gain`.
    constraint : numpy.ndarray (m, n)
        As there.

    Returns
    -------
    numpy.ndarray (..., n, n)
        (1 − K C) V (1 − K C)ᵀ; singular, since the gap has no error any more. With the covariance
        behind the gain it is V − K C V, and no variance grows.

    Examples
    --------
    >>> gain = closing_gain(np.eye(3), CLOSURE)
    >>> reconciled_covariance(np.eye(3), gain, CLOSURE).diagonal().round(3).tolist()
    [0.667, 0.667, 0.667]
    """
    keep = np.eye(gain.shape[0]) - gain @ constraint
    found = keep @ covariance @ keep.T
    return np.asarray((found + np.swapaxes(found, -1, -2)) / 2)


def _check(covariance: np.ndarray, constraint: np.ndarray) -> None:
    """Nothing, if the covariance is one of the quantities that the constraint speaks of."""
    count = constraint.shape[1]
    check_same_shape(covariance, np.empty((count, count)), "covariance and constraint")
    size = float(np.abs(covariance).max(initial=0.0))
    if not np.isfinite(size) or np.abs(covariance - covariance.T).max(initial=0.0) > 1e-9 * size:
        raise InputError(
            "the covariance is not one",
            rule="it is known and symmetric",
            value=covariance.tolist(),
            remedy="leave out what has no covariance",
        )
