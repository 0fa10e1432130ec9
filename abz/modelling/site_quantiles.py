"""Quantiles of scores in which every site counts once, however many rows it has.

Rows of one site resemble each other, so rows are not exchangeable; sites are. The quantile here
gives each of S sites and one future site the weight 1/(S + 1), the rows of a site sharing its
weight, and puts the future site's weight at infinity. It bounds a row of a site not yet seen.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from abz.validation import check_range, check_same_shape, check_values

__all__ = ["Form", "SiteScores", "Tails", "sites_needed", "tail_level", "widened"]

Form = Literal["symmetric", "asymmetric"]

ROUNDING = 1e-9
"""Sites by which a sum of weights may miss a whole number through rounding."""


def sites_needed(level: float) -> int:
    """The fewest sites whose quantile at this level is finite.

    Parameters
    ----------
    level : float
        Share of future rows that is to lie at or below the quantile, inside (0, 1).

    Returns
    -------
    int
        The smallest S ≥ 1 with S / (S + 1) ≥ level.

    Raises
    ------
    InputError
        If the level is not inside (0, 1).

    Examples
    --------
    >>> sites_needed(0.9), sites_needed(0.95)
    (9, 19)
    """
    check_range(level, "level", minimum=1e-6, maximum=1 - 1e-6)
    return max(int(np.ceil(level / (1 - level) - ROUNDING)), 1)


class SiteScores:
    """Scores of rows, sorted once, from which sites can be left out one at a time.

    Parameters
    ----------
    scores : numpy.ndarray (n,)
        A number for each row, finite; the larger, the worse its prediction.
    sites : numpy.ndarray (n,)
        Site of each row.

    Raises
    ------
    InputError
        If the shapes differ or a score is not finite.

    Notes
    -----
    Q(level) = inf {v : Σ_s 1/(S + 1) · #{i in s : score_i ≤ v} / n_s ≥ level}, infinite where
    S / (S + 1) < level [1]_. If sites are exchangeable, and the score of a row depends on no other
    row, a row of a future site lies at or below Q(level) with a probability of at least `level`.
    The pooled distribution functions of [2]_ are the same without the weight at infinity; they
    hold for many sites only.

    References
    ----------
    .. [1] Lee, Barber & Willett (2023), Distribution-free inference with hierarchical data,
       arXiv:2306.06342.
    .. [2] Dunn, Wasserman & Ramdas (2023), Distribution-free prediction sets for two-layer
       hierarchical models, J. Am. Stat. Assoc. 118, 2491-2502.

    Examples
    --------
    >>> scores = SiteScores(np.array([1.0, 2.0, 3.0, 9.0]), np.array(["a", "a", "b", "c"]))
    >>> [scores.quantile(level) for level in (0.25, 0.5, 0.75, 0.9)]
    [2.0, 3.0, 9.0, inf]
    >>> scores.quantile(0.5, without="c")
    3.0
    """

    def __init__(self, scores: np.ndarray, sites: np.ndarray) -> None:
        values, names = np.asarray(scores, np.float64), np.asarray(sites, dtype=str)
        check_same_shape(values, names, "scores and sites")
        limit = np.finfo(np.float64).max
        filled = np.where(np.isnan(values), np.inf, values)
        check_values(filled, (-limit, limit), "the score of a row")
        self.names, number, rows = np.unique(names, return_inverse=True, return_counts=True)
        self._places = {str(name): place for place, name in enumerate(self.names)}
        order = np.lexsort((number, values))
        self._values, self._number = values[order], number[order]
        self._weights = 1 / rows[self._number]
        self._sums = np.cumsum(self._weights)

    def count(self, *, without: str | None = None) -> int:
        """Number of sites, once one is left out.

        Examples
        --------
        >>> SiteScores(np.zeros(3), np.array(["a", "a", "b"])).count()
        2
        """
        return self.names.size - (without in self._places)

    def quantile(self, level: float, *, without: str | None = None) -> float:
        """The score that a row of a future site does not exceed with probability `level`.

        Parameters
        ----------
        level : float
            Inside (0, 1).
        without : str, optional
            A site to leave out; one that is not there changes nothing.

        Returns
        -------
        float
            +inf where there are too few sites.

        Examples
        --------
        >>> SiteScores(np.array([0.5]), np.array(["a"])).quantile(0.9)
        inf
        """
        count = self.count(without=without)
        if count < sites_needed(level):
            return float("inf")
        sums = self._sums
        if without in self._places:
            left = self._number == self._places[without]
            sums = np.cumsum(np.where(left, 0.0, self._weights))
        place = int(np.searchsorted(sums, level * (count + 1) - ROUNDING))
        return float(self._values[place])


class Tails:
    """Both tails of the residuals of some sites.

    Parameters
    ----------
    residuals : numpy.ndarray (n,)
        Observed − predicted, or that divided by a scale.
    sites : numpy.ndarray (n,)
        Site of each row.
    form : {"symmetric", "asymmetric"}
        One quantile of |residual| at the nominal coverage, or one for each tail at
        (1 + coverage) / 2.

    Examples
    --------
    >>> residuals, sites = np.array([-1.0, 0.0, 2.0]), np.array(["a", "b", "c"])
    >>> Tails(residuals, sites, "asymmetric").offsets(0.5)
    (-1.0, 2.0)
    >>> Tails(residuals, sites, "symmetric").offsets(0.5)
    (-1.0, 1.0)
    """

    def __init__(self, residuals: np.ndarray, sites: np.ndarray, form: Form) -> None:
        score = np.asarray(residuals, np.float64)
        self.form = form
        self.rows = score.size
        self.above = SiteScores(np.abs(score) if form == "symmetric" else score, sites)
        self.below = self.above if form == "symmetric" else SiteScores(-score, sites)
        self.sites = self.above.count()

    def offsets(self, level: float, *, without: str | None = None) -> tuple[float, float]:
        """Lower and upper offset at a nominal coverage, with a site left out or not."""
        tail = tail_level(level, self.form)
        lower = -self.below.quantile(tail, without=without)
        if self.form == "symmetric":
            return lower, -lower
        return lower, self.above.quantile(tail, without=without)


def tail_level(level: float, form: Form) -> float:
    """Level of the quantile of one tail at a nominal coverage.

    Examples
    --------
    >>> tail_level(0.9, "symmetric"), tail_level(0.9, "asymmetric")
    (0.9, 0.95)
    """
    return level if form == "symmetric" else (1 + level) / 2


def widened(offset: np.ndarray, factor: np.ndarray, *, upper: bool) -> np.ndarray:
    """Offsets to one end of the intervals after growth by a factor, which never moves inwards.

    Parameters
    ----------
    offset : numpy.ndarray (...)
        To the lower end, usually below zero, or to the upper one, usually above; may be infinite.
    factor : numpy.ndarray (...)
        Below 1 counts as 1; NaN makes the offset NaN.
    upper : bool
        Which end.

    Returns
    -------
    numpy.ndarray (...)

    Notes
    -----
    lo − (w − 1) |lo| and hi + (w − 1) |hi|: the offset times w, where it points outwards.

    Examples
    --------
    >>> widened(np.array([-2.0, 1.0]), np.array([2.0, 1.5]), upper=False)
    array([-4. ,  0.5])
    """
    growth = np.maximum(1.0, np.asarray(factor, np.float64))
    outwards = (offset > 0) if upper else (offset < 0)
    return np.asarray(offset * np.where(outwards, growth, 2 - growth), np.float64)
