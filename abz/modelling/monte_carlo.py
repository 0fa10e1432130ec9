"""How much of an ensemble's spread is chance: few members, and few trees in each.

An ensemble of B members knows its standard deviation only to within a Monte Carlo error, and part
of that deviation is noise of the forests themselves: with T trees a member is not yet the forest
of endlessly many trees that its rows define. Two halves of a member's trees tell how large it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from abz.errors import InputError
from abz.modelling.forest import FluxForest
from abz.validation import check_range, check_same_shape

__all__ = [
    "TreeNoise",
    "half_forests",
    "jackknife_sd_error",
    "normal_sd_error",
    "tree_noise",
    "trees_needed",
]


def normal_sd_error(sd: np.ndarray, members: int) -> np.ndarray:
    """Standard error of a standard deviation, were the members normal.

    Parameters
    ----------
    sd : numpy.ndarray (...)
        Standard deviation of the members, with the divisor B − 1, any units.
    members : int
        Their number B, at least 2.

    Returns
    -------
    numpy.ndarray (...)
        In units of `sd`.

    Raises
    ------
    InputError
        If there are fewer than two members.

    Notes
    -----
    SE(s) ≈ s / √(2 (B − 1)): 16 % of s for 20 members. It comes from Var(s²) = 2σ⁴/(B − 1).

    References
    ----------
    .. [1] Kenney & Keeping (1951), Mathematics of Statistics, Part 2, 7.12.

    Examples
    --------
    >>> normal_sd_error(np.array([10.0]), 20).round(2)
    array([1.62])
    """
    check_range(members, "members", minimum=2)
    return np.asarray(sd, np.float64) / np.sqrt(2 * (members - 1))


def jackknife_sd_error(members: np.ndarray) -> np.ndarray:
    """Standard error of the members' standard deviation, leaving out one member at a time.

    Parameters
    ----------
    members : numpy.ndarray (B, ...)
        Value of each member, any units; at least three members.

    Returns
    -------
    numpy.ndarray (...)
        In units of the members; NaN where a member is.

    Raises
    ------
    InputError
        If there are fewer than three members.

    Notes
    -----
    SE² = (B − 1)/B Σ_b (s_(b) − mean s_(·))², where s_(b) is the standard deviation without b:
    (B − 2) s_(b)² = Σ_c d_c² − d_b² B/(B − 1), d_c the deviation from the mean. Right for many
    members of any distribution; `normal_sd_error` is steadier for few.

    References
    ----------
    .. [1] Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 11.

    Examples
    --------
    >>> jackknife_sd_error(np.array([1.0, 2.0, 4.0, 9.0])).round(3)
    np.float64(1.913)
    """
    values = np.asarray(members, np.float64)
    count = values.shape[0]
    check_range(count, "members", minimum=3)
    squares = (values - values.mean(axis=0)) ** 2
    without = squares.sum(axis=0) - squares * count / (count - 1)
    sd = np.sqrt(np.maximum(without, 0) / (count - 2))
    found: np.ndarray = np.sqrt((count - 1) / count * ((sd - sd.mean(axis=0)) ** 2).sum(axis=0))
    return found


@dataclass(frozen=True, eq=False)
class TreeNoise:
    """Spread of members, and what it is without the noise of their trees.

    Parameters
    ----------
    observed : numpy.ndarray (...)
        Variance of the members, squared units.
    noise : numpy.ndarray (...)
        Part of it that stems from the finite number of trees.
    corrected : numpy.ndarray (...)
        Their difference, at least 0; NaN where a member is.
    truncated : int
        Places where the noise exceeds the observed variance, set to 0.
    """

    observed: np.ndarray
    noise: np.ndarray
    corrected: np.ndarray
    truncated: int

    @property
    def inflation(self) -> np.ndarray:
        """Observed by corrected standard deviation, ≥ 1; infinite where the latter is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.sqrt(self.observed / self.corrected)
        return np.asarray(np.where(self.noise == 0, 1.0, ratio))


def tree_noise(first: np.ndarray, second: np.ndarray) -> TreeNoise:
    """Variance of the members with and without the noise of their trees.

    Parameters
    ----------
    first, second : numpy.ndarray (B, ...)
        What the two halves of each member's trees give: predictions, or anything linear in them,
        such as budgets. The member itself is their mean.

    Returns
    -------
    TreeNoise

    Raises
    ------
    InputError
        If the shapes differ or there are fewer than two members.

    Notes
    -----
    Trees of one member are independent given its rows, with variance σ²_tree, so

    Var_obs = Var_true + σ²_tree/T,  σ²_tree/T = E (first − second)² / 4,

    as each half has T/2 trees. Both terms on the right are estimated without bias; their
    difference may fall below zero at single places and is cut off there, which biases it upwards:
    average variances before correcting, where an average is wanted.

    References
    ----------
    .. [1] Wager, Hastie & Efron (2014), Confidence intervals for random forests,
       J. Mach. Learn. Res. 15, 1625-1651.

    Examples
    --------
    >>> found = tree_noise(np.array([1.0, 5.0, 9.0]), np.array([3.0, 5.0, 7.0]))
    >>> float(found.observed), round(float(found.noise), 3), round(float(found.corrected), 3)
    (9.0, 0.667, 8.333)
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    check_same_shape(a, b, "the halves of the members")
    check_range(a.shape[0], "members", minimum=2)
    observed = ((a + b) / 2).var(axis=0, ddof=1)
    noise = ((a - b) ** 2).mean(axis=0) / 4
    return TreeNoise(
        observed=np.asarray(observed),
        noise=np.asarray(noise),
        corrected=np.asarray(np.maximum(observed - noise, 0)),
        truncated=int((noise > observed).sum()),
    )


def trees_needed(noise: TreeNoise, trees: int, inflation: float = 1.05) -> np.ndarray:
    """Trees at which the noise would widen the standard deviation no more than by a factor.

    Parameters
    ----------
    noise : TreeNoise
        As estimated.
    trees : int
        Trees of each member, T.
    inflation : float, optional
        Factor above 1.

    Returns
    -------
    numpy.ndarray (...)
        Whole numbers as floats; infinite where the corrected variance is 0.

    Raises
    ------
    InputError
        If the factor is not above 1.

    Notes
    -----
    Var_true + σ²_tree/T' = f² Var_true  ⇒  T' = T · noise / ((f² − 1) Var_true).

    Examples
    --------
    >>> found = tree_noise(np.array([1.0, 5.0, 9.0]), np.array([3.0, 5.0, 7.0]))
    >>> trees_needed(found, 50, inflation=1.05)
    array(40.)
    """
    check_range(inflation, "inflation", minimum=1 + 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = trees * noise.noise / ((inflation**2 - 1) * noise.corrected)
    return np.asarray(np.ceil(np.where(noise.noise == 0, 1.0, needed)))


def half_forests(forest: FluxForest) -> tuple[FluxForest, FluxForest]:
    """The first and the second half of a forest's trees.

    Parameters
    ----------
    forest : FluxForest
        With an even number of trees.

    Returns
    -------
    tuple of FluxForest
        Their mean prediction is the forest's.

    Raises
    ------
    InputError
        If the number of trees is odd.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> halves = half_forests(fit_forest(X, X[:, 0], ["lst"], trees=10, mtry=1))
    >>> [half.trees for half in halves]
    [5, 5]
    """
    if forest.trees % 2:
        raise InputError(
            "the forest has no two equal halves",
            rule="the number of trees is even",
            value=forest.trees,
            remedy="set [forest] trees to an even number",
        )
    middle = forest.trees // 2
    return _part(forest, 0, middle), _part(forest, middle, forest.trees)


def _part(forest: FluxForest, start: int, stop: int) -> FluxForest:
    """The trees from `start` up to `stop`, which keep all leaves' values."""
    nodes = slice(forest.root[start], forest.root[stop])
    feature, child = forest.feature[nodes], forest.child[nodes]
    return replace(
        forest,
        feature=feature,
        threshold=forest.threshold[nodes],
        child=np.where(feature >= 0, child - forest.root[start], child).astype(np.int32),
        root=forest.root[start : stop + 1] - forest.root[start],
    )
