"""Offsets of each stratum from held-out residuals, and what serves a stratum with too few sites.

A stratum with enough sites is calibrated on its own residuals, one with fewer on those of a wider
stratum, such as its season. A season with too few takes the residuals of all seasons, brought to
its own size: offsets of all rows as they stand would be far too wide for a quiet season, and too
narrow for a busy one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.modelling.site_quantiles import Form, Tails, sites_needed, tail_level
from abz.modelling.strata import EVERYWHERE, stratum_parts

__all__ = ["SCALED", "ScaledPool", "StratumOffsets"]

SCALED = "all, scaled"
"""Name of the residuals of all rows, each brought to the size of another stratum."""

SPREAD_SITES = 5
"""Sites below which the size of a stratum's residuals is not known."""


class ScaledPool:
    """Scores of all rows, each divided by the spread of its stratum.

    Parameters
    ----------
    scores : numpy.ndarray (n,)
        Observed − predicted, or that divided by a scale.
    sites : numpy.ndarray of str (n,)
        Site of each row.
    strata : numpy.ndarray of str (n,)
        Stratum of each row; rows without one are left out.
    form : {"symmetric", "asymmetric"}
        As in `Tails`.

    Notes
    -----
    The spread of stratum g is a_g = mean over its sites of the site's mean |score|. The score of
    site s is divided by a_g of the other sites, because a future site is divided by a spread that
    it has no part in; so the quantiles know how uncertain a spread from few sites is. Quantiles
    times a_g are the offsets of g. Over rows of all strata their coverage is that of any
    conformal interval of scaled residuals [1]_; within g it holds as far as residuals differ
    between strata in size and not in shape.

    References
    ----------
    .. [1] Lei, G'Sell, Rinaldo, Tibshirani & Wasserman (2018), Distribution-free predictive
       inference for regression, J. Am. Stat. Assoc. 113, 1094-1111, section 5.2.

    Examples
    --------
    >>> sites = np.repeat(np.arange(30).astype(str), 2)
    >>> scores, strata = np.tile([1.0, -9.0], 30), np.tile(["DJF", "JJA"], 30)
    >>> pool = ScaledPool(scores, sites, strata, "symmetric")
    >>> pool.offsets("DJF", 0.8), pool.offsets("JJA", 0.8), pool.offsets("MAM", 0.8)
    ((-1.0, 1.0), (-9.0, 9.0), None)
    """

    def __init__(
        self, scores: np.ndarray, sites: np.ndarray, strata: np.ndarray, form: Form
    ) -> None:
        order = np.lexsort((scores, strata, sites))
        order = order[~np.isin(strata[order], ["", EVERYWHERE])]
        self._form, self._scores = form, np.asarray(scores, np.float64)[order]
        self._sites, self._site = np.unique(sites[order], return_inverse=True)
        self._strata, self._stratum = np.unique(strata[order], return_inverse=True)
        shape = self._sites.size, self._strata.size
        pair = np.ravel_multi_index((self._site, self._stratum), shape) if order.size else order
        rows = np.bincount(pair, minlength=shape[0] * shape[1]).reshape(shape)
        sums = np.bincount(pair, np.abs(self._scores), rows.size).reshape(shape)
        self._measured = rows > 0
        self._size = sums / np.maximum(rows, 1)
        self._last: tuple[str | None, Tails, dict[str, float]] | None = None

    def offsets(
        self, stratum: str, level: float, *, fewest: int = 1, without: str | None = None
    ) -> tuple[float, float] | None:
        """Offsets of a stratum at a nominal coverage, with a site left out or not.

        Parameters
        ----------
        stratum : str
            Whose size the offsets have.
        level : float
            Nominal coverage, inside (0, 1).
        fewest : int, optional
            Sites that the pool needs.
        without : str, optional
            Site to leave out.

        Returns
        -------
        tuple of float = (lower, upper) or None
            None where the stratum's spread is zero or rests on fewer than five sites, or the pool
            has too few sites.
        """
        if self._last is None or self._last[0] != without:
            self._last = without, *self._pool(without)
        _, tails, spread = self._last
        if stratum not in spread or tails.sites < fewest:
            return None
        lower, upper = tails.offsets(level)
        return lower * spread[stratum], upper * spread[stratum]

    def _pool(self, without: str | None) -> tuple[Tails, dict[str, float]]:
        """Both tails of the scaled scores, and the spread of each stratum that has one."""
        left = self._sites == without
        measured = self._measured & ~left[:, None]
        size = np.where(measured, self._size, 0.0)
        sites, total = measured.sum(axis=0), size.sum(axis=0)
        others = (total - size) / np.maximum(sites - 1, 1)
        known = (sites >= SPREAD_SITES) & np.where(measured, others > 0, True).all(axis=0)
        rows = known[self._stratum] & ~left[self._site]
        site, stratum = self._site[rows], self._stratum[rows]
        scaled = self._scores[rows] / others[site, stratum]
        spread = {str(self._strata[g]): float(total[g] / sites[g]) for g in np.flatnonzero(known)}
        return Tails(scaled, self._sites[site], self._form), spread


class StratumOffsets:
    """Offsets of each stratum, from itself or from what is next to it.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `scored_rows`.
    form : {"symmetric", "asymmetric"}
        As in `Tails`.
    minimum_sites : int
        Sites that a stratum needs for offsets of its own; never fewer than the level needs.

    Attributes
    ----------
    tails : dict of {str: Tails}
        All rows first, then the wider strata and the strata, each in order of their labels.
    wider : dict of {str: str}
        Label of the stratum without its first column, of each combination.
    """

    def __init__(self, rows: pd.DataFrame, form: Form, minimum_sites: int) -> None:
        self.tails = {name: Tails(*part, form) for name, part in stratum_parts(rows)}
        combined = rows[rows["wider"] != ""]
        self.wider = dict(zip(combined["stratum"], combined["wider"], strict=True))
        coarse = np.where(rows["wider"] != "", rows["wider"], rows["stratum"]).astype(str)
        columns = rows["score"].to_numpy(), rows["site"].to_numpy(dtype=str)
        self._scaled = ScaledPool(*columns, coarse, form)
        self._form, self._minimum_sites = form, minimum_sites

    def of(
        self, label: str, level: float, *, without: str | None = None
    ) -> tuple[float, float, str]:
        """Offsets of a stratum at a nominal coverage, and whose they are.

        Parameters
        ----------
        label : str
            A stratum, a wider one, or `"all"`; others get the offsets of all rows.
        level : float
            Nominal coverage, inside (0, 1).
        without : str, optional
            Site to leave out, as if it had never been there.

        Returns
        -------
        tuple = (lower, upper, source)
            `source` is the label itself, the wider one, `"all, scaled"` or `"all"`. Infinite
            where not even all rows have enough sites.

        Examples
        --------
        >>> from abz.modelling.strata import scored_rows
        >>> rows = pd.DataFrame({"site": [f"s{n}" for n in range(30) for _ in range(2)],
        ...     "month": [1, 7] * 30, "observed": [1.0, -9.0] * 30, "predicted": 0.0})
        >>> offsets = StratumOffsets(scored_rows(rows[1:], ["season"])[0], "symmetric", 30)
        >>> offsets.of("JJA", 0.8), offsets.of("DJF", 0.8), offsets.of("MAM", 0.8)
        ((-9.0, 9.0, 'JJA'), (-1.0, 1.0, 'all, scaled'), (-9.0, 9.0, 'all'))
        """
        fewest = max(self._minimum_sites, sites_needed(tail_level(level, self._form)))
        coarse = self.wider.get(label, label)
        for source in (label, coarse):
            own = self.tails.get(source)
            if own is not None and own.above.count(without=without) >= fewest:
                return *own.offsets(level, without=without), source
        scaled = self._scaled.offsets(coarse, level, fewest=fewest, without=without)
        if scaled is not None:
            return *scaled, SCALED
        return *self.tails[EVERYWHERE].offsets(level, without=without), EVERYWHERE
