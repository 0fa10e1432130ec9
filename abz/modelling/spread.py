"""How far the members of an ensemble lie apart, and how well that is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from abz.errors import InputError
from abz.modelling.forest import FluxForest
from abz.modelling.monte_carlo import (
    TreeNoise,
    half_forests,
    jackknife_sd_error,
    normal_sd_error,
    tree_noise,
    trees_needed,
)
from abz.validation import check_same_shape

__all__ = ["Spread", "annual_spread", "halves", "monthly_spread"]


@dataclass(frozen=True)
class Spread:
    """Standard deviation of the members of one quantity.

    Parameters
    ----------
    members : int
        Their number.
    mean, sd : float
        Over the members, units of the quantity.
    sd_error : float
        Monte Carlo standard error of `sd`, were the members normal.
    sd_error_jackknife : float
        The same without that assumption; NaN for fewer than three members.
    sd_corrected : float
        `sd` without the noise of the finite number of trees; NaN where the trees have no halves.
    trees_needed : float
        Trees a member at which that noise would widen `sd` by 5 %; NaN likewise.
    """

    members: int
    mean: float
    sd: float
    sd_error: float
    sd_error_jackknife: float
    sd_corrected: float
    trees_needed: float

    def as_dict(self) -> dict[str, float]:
        """The fields, for a row of a table."""
        return asdict(self)


def halves(
    members: Iterable[FluxForest], rows: np.ndarray, predictors: Sequence[str], *, split: bool
) -> np.ndarray:
    """What each half of each member's trees predicts.

    Parameters
    ----------
    members : iterable of FluxForest
        Their predictors are among `predictors`.
    rows : numpy.ndarray (n, p)
        Predictors; categories as codes.
    predictors : sequence of str (p,)
        Names of the columns.
    split : bool
        Whether the halves of a member are forests too, as those of independent trees are. If not,
        or where the number of trees is odd, both halves are the member itself.

    Returns
    -------
    numpy.ndarray (2, members, n)
        g C m-2 month-1; NaN for a row that any member cannot predict.

    Examples
    --------
    >>> from abz.modelling.fitting import fit_forest
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> forest = fit_forest(X, X[:, 0], ["lst"], trees=10, mtry=1)
    >>> both = halves([forest], X, ["lst"], split=True)
    >>> both.shape, bool(np.allclose(both.mean(axis=0)[0], forest.predict(X)))
    ((2, 1, 40), True)
    """
    found = []
    for member in members:
        own = np.ascontiguousarray(rows[:, [list(predictors).index(n) for n in member.predictors]])
        parts = half_forests(member) if split and member.trees % 2 == 0 else (member, member)
        first = parts[0].predict(own)
        found.append((first, first if parts[1] is member else parts[1].predict(own)))
    both = np.array(found).transpose(1, 0, 2)
    return np.where(np.isnan(both).any(axis=(0, 1)), np.nan, both)


def annual_spread(both: np.ndarray, month: np.ndarray, *, trees: int) -> Spread:
    """Spread of the mean annual flux of some rows.

    Parameters
    ----------
    both : numpy.ndarray (2, members, n)
        From `halves`.
    month : numpy.ndarray of int (n,)
        Calendar month of each row.
    trees : int
        Trees of each member.

    Returns
    -------
    Spread
        g C m-2 yr-1.

    Raises
    ------
    InputError
        If no row is predicted by all members.

    Notes
    -----
    Sum over the calendar months of the mean over the rows of each; with less than twelve months
    among the rows, twelve times their mean.

    Examples
    --------
    >>> both = np.array([[[1.0], [3.0]]] * 2)
    >>> annual_spread(both, np.array([7]), trees=2).mean
    24.0
    """
    check_same_shape(both[0, 0], month, "rows and months")
    known = _predicted(both)
    names, number = np.unique(month[known], return_inverse=True)
    weight = 1 / np.bincount(number)[number]
    annual = 12 / names.size * np.sum(both[..., known] * weight, axis=-1)
    return _spread(annual.mean(axis=0), tree_noise(*annual), trees)


def monthly_spread(both: np.ndarray, *, trees: int) -> Spread:
    """Root mean square over the rows of the members' standard deviation of one row.

    Parameters
    ----------
    both, trees
        As in `annual_spread`.

    Returns
    -------
    Spread
        g C m-2 month-1. All rows share the same members, so that their Monte Carlo errors hardly
        average out: `sd_error` is that of a single row. No jackknife.

    Notes
    -----
    √(mean over the rows of s²), variances averaged before the noise of the trees is taken off.

    Examples
    --------
    >>> round(monthly_spread(np.array([[[1.0, 5.0], [3.0, 5.0]]] * 2), trees=2).sd, 6)
    1.0
    """
    rows = both[..., _predicted(both)]
    each = tree_noise(*rows)
    observed, noise = each.observed.mean(), each.noise.mean()
    pooled = TreeNoise(observed, noise, np.maximum(observed - noise, 0), each.truncated)
    return _spread(rows.mean(axis=(0, 2)), pooled, trees, jackknife=False)


def _predicted(both: np.ndarray) -> np.ndarray:
    """Which rows all members predict (n,)."""
    known = ~np.isnan(both).any(axis=(0, 1))
    if not known.any():
        raise InputError(
            "no row is predicted by all members",
            rule="at least one row holds known levels only, and no predictor is missing",
            value=f"{known.size} rows",
            remedy='set [forest] unseen = "pool"',
        )
    return np.asarray(known)


def _spread(values: np.ndarray, noise: TreeNoise, trees: int, *, jackknife: bool = True) -> Spread:
    """The fields; members whose halves are the same say nothing of their trees."""
    sd, split = float(np.sqrt(noise.observed)), bool(np.all(noise.noise > 0))
    enough = jackknife and values.size > 2
    return Spread(
        members=values.size,
        mean=float(values.mean()),
        sd=sd,
        sd_error=float(normal_sd_error(np.array(sd), values.size)),
        sd_error_jackknife=float(jackknife_sd_error(values)) if enough else np.nan,
        sd_corrected=float(np.sqrt(noise.corrected)) if split else np.nan,
        trees_needed=float(trees_needed(noise, trees)) if split else np.nan,
    )
