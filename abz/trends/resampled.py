"""Block bootstrap: the score of a series against those of the same years in shuffled blocks.

Blocks keep the dependence of neighbouring years; their order carries no trend. Every series meets
the same draws, so p depends on the series and the seed, and on nothing else.
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.seeds import derive_seed

__all__ = ["block_bootstrap", "block_draws", "block_length_of"]

HALVINGS = 60


def block_draws(draws: int, n: int, seed: int) -> np.ndarray:
    """Random numbers that shuffle the blocks of any series of up to `n` years.

    Parameters
    ----------
    draws : int
        Number of shuffles.
    n : int
        Years.
    seed : int
        Seed of the run.

    Returns
    -------
    numpy.ndarray (n + 1, draws)
        In [0, 1). Rows do not depend on how many follow.

    Examples
    --------
    >>> block_draws(9, 20, 448).shape
    (21, 9)
    """
    rng = np.random.default_rng(derive_seed(seed, "trend", "blocks"))
    return rng.random((n + 1, draws))


@kernel
def block_length_of(correlation: float, n: int) -> int:
    """Block length for years with an autocorrelation at lag one, 1 to n / 2.

    Notes
    -----
    L = (n − L + 1)^{(2/3)(1 − n*/n)} with n*/n = (1 − ρ) / (1 + ρ) [1]_, rounded. ρ is the
    autocorrelation found, r, corrected for its bias in short series: r + (1 + 4 r) / n [2]_.
    A ρ below zero, or none, has single years as blocks.

    References
    ----------
    .. [1] Wilks (1997), J. Climate 10, 65-82.
    .. [2] Marriott & Pope (1954), Biometrika 41, 390-402.
    """
    rho = correlation + (1.0 + 4.0 * correlation) / n
    if not rho > 0.0:
        return 1
    rho = min(rho, 1.0)
    power = 2.0 / 3.0 * (1.0 - (1.0 - rho) / (1.0 + rho))
    low, high = 1.0, float(n)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if middle < (n - middle + 1.0) ** power:
            low = middle
        else:
            high = middle
    return max(1, min(int(np.rint(low)), n // 2))


@kernel
def _shuffle(series: np.ndarray, length: int, draw: np.ndarray, out: np.ndarray) -> None:
    """Cut a circle of years at a random place into blocks, and join them in random order."""
    n = series.size
    blocks = (n + length - 1) // length
    order = np.arange(blocks)
    start = int(draw[0] * n)
    filled = 0
    for k in range(blocks):
        chosen = k + int(draw[k + 1] * (blocks - k))
        block = order[chosen]
        order[chosen] = order[k]
        for i in range(block * length, min((block + 1) * length, n)):
            out[filled] = series[(start + i) % n]
            filled += 1


@kernel
def _score(series: np.ndarray) -> int:
    """Mann–Kendall score; missing years take no part."""
    score = 0
    for i in range(series.size - 1):
        for j in range(i + 1, series.size):
            score += (series[j] > series[i]) - (series[j] < series[i])
    return score


@kernel
def block_bootstrap(
    series: np.ndarray, score: float, correlation: float, length: int, draws: np.ndarray
) -> tuple[float, float]:
    """Test of a series against its own blocks of years in random order.

    Parameters
    ----------
    series : numpy.ndarray (n,)
        NaN where a year is missing; gaps travel with their blocks.
    score : float
        Its Mann–Kendall score.
    correlation : float
        Autocorrelation of the detrended series, which takes part in the block length only.
    length : int
        Years in a block; 0 lets `block_length_of` decide.
    draws : numpy.ndarray (n + 1, number)
        From `block_draws`.

    Returns
    -------
    tuple of float = (p_value, variance)
        Variance of the score under shuffling.

    Notes
    -----
    p = (1 + #{|S*| ≥ |S|}) / (1 + number): with blocks of one year, the permutation test of
    Kendall's tau. Values equal in single precision are ties.

    References
    ----------
    .. [1] Kundzewicz & Robson (2004), Hydrological Sciences Journal 49, 7-19; Önöz & Bayazit
       (2012), Hydrological Processes 26, 3552-3560.
    """
    here = np.flatnonzero(~np.isnan(series))
    single = series[here[0] : here[-1] + 1].astype(np.float32)
    if length == 0:
        length = block_length_of(correlation, single.size)
    shuffled, hits, squares = np.empty_like(single), 0, 0.0
    for k in range(draws.shape[1]):
        _shuffle(single, min(length, single.size // 2), draws[:, k], shuffled)
        drawn = _score(shuffled)
        hits += abs(drawn) >= abs(score)
        squares += float(drawn) * drawn
    number = draws.shape[1]
    return (1.0 + hits) / (1.0 + number), squares / number
