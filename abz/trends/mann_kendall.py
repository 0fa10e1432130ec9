"""Mann–Kendall kernels: how sure is it that a series rises or falls. Tiles as in `theil_sen`."""

from __future__ import annotations

from math import erfc

import numpy as np

from abz.compiled import kernel
from abz.eights import (
    EIGHT,
    Eight,
    any_of,
    choose,
    joined,
    load,
    nothing,
    number,
    single,
    spread,
    square_root,
    store,
    tallied,
)
from abz.trends.theil_sen import Workspace, present

__all__ = ["kendall_score", "mann_kendall", "two_sided_p"]

FEWEST = 3
"""So many values, or fewer, prove nothing."""


@kernel
def kendall_score(tile: np.ndarray, work: Workspace) -> tuple[Eight, Eight, Eight]:
    """Score, variance of the score, and most that the score could be.

    Parameters
    ----------
    tile : numpy.ndarray (n_years, 8)
        NaN where a year is missing; values that are equal in single precision are ties.
    work : tuple
        Workspace.

    Returns
    -------
    tuple of Eight = (score, variance, largest)
        The last is the geometric mean of the pairs and the pairs that do not tie; 0 if all tie.
    """
    n, values = tile.shape[0], work[1]
    for i in range(n):
        store(values, i, single(load(tile, i)))
    rises, falls = nothing(), nothing()
    for i in range(n - 1):
        earlier = load(values, i)
        for j in range(i + 1, n):
            later = load(values, j)
            rises, falls = tallied(rises, later > earlier), tallied(falls, later < earlier)
    count, one, two, five = present(tile), spread(1.0), spread(2.0), spread(5.0)
    pairs, untied = spread(0.5) * count * (count - one), number(joined(rises, falls))
    ties = _ties(values) if any_of(untied < pairs) else spread(0.0)
    variance = (count * (count - one) * (two * count + five) - ties) / spread(18.0)
    return number(rises) - number(falls), variance, square_root(pairs * untied)


@kernel
def _ties(values: np.ndarray) -> Eight:
    """Sum of g (g − 1)(2g + 5) over the groups of g values that tie."""
    ties, one, two, five = spread(0.0), spread(1.0), spread(2.0), spread(5.0)
    for i in range(values.shape[0]):
        value, group = load(values, i), nothing()
        for j in range(values.shape[0]):
            group = tallied(group, load(values, j) == value)
        size = number(group)
        share = (size - one) * (two * size + five)
        ties = choose(size > one, ties + share, ties)
    return ties


@kernel
def two_sided_p(score: float, variance: float, count: float) -> float:
    """Probability of a score so large, corrected for continuity; NaN without variance."""
    if count <= FEWEST or score == 0.0:
        return 1.0
    if not variance > 0.0:
        return np.nan
    return erfc((abs(score) - 1.0) / np.sqrt(2.0 * variance))


@kernel
def mann_kendall(tile: np.ndarray, work: Workspace) -> tuple[Eight, Eight, Eight]:
    """Kendall's tau-b, two-sided p, and variance of the score.

    Parameters
    ----------
    tile : numpy.ndarray (n_years, 8)
        NaN where a year is missing; values that are equal in single precision are ties.
    work : tuple
        Workspace.

    Returns
    -------
    tuple of Eight = (tau, p_value, variance)
        tau is NaN where all values tie or there are fewer than two; p is then 1.

    Notes
    -----
    S = Σ_{i<j} sign(y_j − y_i), var(S) = [n (n−1)(2n+5) − Σ g (g−1)(2g+5)] / 18 over the groups
    of g ties, z = (S ∓ 1) / √var(S), p = 2 (1 − Φ(|z|)). Single precision is that of the Kendall
    package, with which published trends were tested. Fewer than four values have p = 1.
    """
    score, variance, largest = kendall_score(tile, work)
    told = np.empty((4, EIGHT))
    store(told, 0, score)
    store(told, 1, variance)
    store(told, 2, present(tile))
    for lane in range(EIGHT):
        told[3, lane] = two_sided_p(told[0, lane], told[1, lane], told[2, lane])
    some = largest > spread(0.0)
    return (
        choose(some, score / largest, spread(np.nan)),
        choose(some, load(told, 3), spread(1.0)),
        variance,
    )
