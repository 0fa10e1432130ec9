"""Mann–Kendall kernel: how sure is it that a series rises or falls."""

from __future__ import annotations

from math import erfc

import numpy as np

from abz.compiled import kernel
from abz.lanes import DOUBLES, rises_and_falls

__all__ = ["kendall_score", "mann_kendall", "two_sided_p"]

FEWEST = 3
"""So many values, or fewer, prove nothing."""


@kernel
def kendall_score(values: np.ndarray, count: int) -> tuple[float, float, float]:
    """Score, variance of the score, and most that the score could be, of values in order of time.

    Parameters
    ----------
    values : numpy.ndarray (n,)
        Values without gaps; values that are equal in single precision are ties.
    count : int
        How many of them, from the first, belong to the series.

    Returns
    -------
    tuple of float = (score, variance, largest)
        The last is the geometric mean of the pairs and the pairs that do not tie; 0 if all tie.
    """
    if values.size < count + DOUBLES:
        padded = np.zeros(count + DOUBLES)
        padded[:count] = values[:count]
        return kendall_score(padded, count)
    found = np.empty(2)
    rises_and_falls(values, count, found)
    pairs = 0.5 * count * (count - 1.0)
    tied_pairs = pairs - found[0] - found[1]
    ties = _ties(values, count) if tied_pairs > 0.0 else 0.0
    variance = (count * (count - 1.0) * (2.0 * count + 5.0) - ties) / 18.0
    return found[0] - found[1], variance, np.sqrt(pairs * (pairs - tied_pairs))


@kernel
def _ties(values: np.ndarray, count: int) -> float:
    """Sum of g (g − 1)(2g + 5) over the groups of g values that tie."""
    single = values[:count].astype(np.float32)
    ties = 0.0
    for i in range(count):
        group = 0
        for j in range(count):
            group += single[j] == single[i]
        ties += (group - 1.0) * (2.0 * group + 5.0)
    return ties


@kernel
def two_sided_p(score: float, variance: float, count: int) -> float:
    """Probability of a score so large, corrected for continuity; NaN without variance."""
    if count <= FEWEST or score == 0.0:
        return 1.0
    if not variance > 0.0:
        return np.nan
    return erfc((abs(score) - 1.0) / np.sqrt(2.0 * variance))


@kernel
def mann_kendall(values: np.ndarray, count: int) -> tuple[float, float, float]:
    """Kendall's tau-b, two-sided p, and variance of the score, of values in order of time.

    Parameters
    ----------
    values : numpy.ndarray (n,)
        Values without gaps; values that are equal in single precision are ties.
    count : int
        How many of them, from the first, belong to the series.

    Returns
    -------
    tuple of float = (tau, p_value, variance)
        tau is NaN where all values tie or there are fewer than two; p is then 1.

    Notes
    -----
    S = Σ_{i<j} sign(y_j − y_i), var(S) = [n (n−1)(2n+5) − Σ g (g−1)(2g+5)] / 18 over the groups
    of g ties, z = (S ∓ 1) / √var(S), p = 2 (1 − Φ(|z|)). Single precision is that of the Kendall
    package, with which published trends were tested. Fewer than four values have p = 1.
    """
    score, variance, largest = kendall_score(values, count)
    if largest <= 0.0:
        return np.nan, 1.0, 0.0
    return score / largest, two_sided_p(score, variance, count), variance
