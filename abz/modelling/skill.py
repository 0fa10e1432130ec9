"""Skill of held-out predictions by group of rows, with intervals from resampled sites.

Months of one site are alike, so an interval that resamples rows is far too narrow: here whole sites
are drawn. Each score is a function of sums over rows; the sums are taken once per site, and a draw
of sites is a weighted sum of those sums. All draws together are one product of two matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from abz.modelling.held_out import GROUPS, check_held_out, group_labels
from abz.modelling.scores import ROUNDING, scores, site_rmse
from abz.seeds import derive_seed
from abz.validation import check_range

__all__ = ["relative_skill", "site_bootstrap", "site_sums", "skill_table"]

INTERVALS = ("r2", "r2_sse", "rmse", "mae", "mbe")


def skill_table(
    held_out: pd.DataFrame,
    groups: Sequence[str] = GROUPS,
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of all rows and of each group of rows.

    Parameters
    ----------
    held_out : pandas.DataFrame
        `site`, `observed`, `predicted`, g C m-2 month-1, and the columns to group by; NaN in
        `predicted` marks a row that could not be predicted.
    groups : sequence of str, optional
        Kinds of `group_labels`; those whose columns the table lacks are left out.
    draws : int, optional
        Draws of sites for the intervals.
    confidence : float, optional
        Level of the intervals.
    seed : int, optional
        The seed of a group follows from it, the kind and the name of the group.

    Returns
    -------
    pandas.DataFrame
        A row per group, after one for all rows: `group_kind`, `group`, `n`, `sites`, `unpredicted`,
        `r2`, `r2_sse`, `rmse`, `mae`, `mbe`, `mean_site_rmse`, and `*_low`, `*_high` of the first
        five scores. The groups of a kind share out all rows. A score that is undefined is NaN, and
        so is an interval where there are fewer than two sites. The same for any order of the rows.

    Raises
    ------
    InputError
        If a column is missing, an observation is not known, or a kind is unknown.

    Notes
    -----
    Scores are those of `scores`. For an interval the S sites of the group that have a prediction
    are drawn S times with replacement, each with all its rows of the group; the bounds are
    percentiles over the draws in which the score is defined [1]_. With w the number of times that
    each site is drawn, the sums of a draw are Σ_s w_s (n, Σo, Σp, Σo², Σp², Σop, Σe, Σe², Σ|e|)_s.
    Percentiles over fewer than about ten sites are too narrow: read `sites` beside them.

    References
    ----------
    .. [1] Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 8 and 13.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "site": ["a", "a", "b", "b"],
    ...         "month": [1, 7, 1, 7],
    ...         "observed": [1.0, -9.0, 2.0, -4.0],
    ...         "predicted": [2.0, -8.0, 3.0, -3.0],
    ...     }
    ... )
    >>> skill_table(rows, ["season"])[["group", "n", "sites", "mbe", "mbe_low", "mbe_high"]]
      group  n  sites  mbe  mbe_low  mbe_high
    0   all  4      2  1.0      1.0       1.0
    1   DJF  2      2  1.0      1.0       1.0
    2   JJA  2      2  1.0      1.0       1.0
    """
    table = _ordered(held_out, ["predicted"])
    return pd.DataFrame(
        {
            "group_kind": kind,
            "group": group,
            **_skill(rows, draws, confidence, derive_seed(seed, "skill", kind, group)),
        }
        for kind, group, rows in _groups(table, groups)
    )


def relative_skill(
    held_out: pd.DataFrame,
    baseline: str,
    groups: Sequence[str] = (),
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How much smaller the squared error of a model is than that of a baseline.

    Parameters
    ----------
    held_out : pandas.DataFrame
        `site`, `observed`, `predicted`, the baseline's predictions, and the columns to group by.
    baseline : str
        Column of the baseline's predictions, the units of `observed`.
    groups : sequence of str, optional
        As in `skill_table`.
    draws, confidence, seed
        As in `skill_table`.

    Returns
    -------
    pandas.DataFrame
        A row per group, after one for all rows: `baseline`, `group_kind`, `group`, `n`, `sites`,
        `unpredicted` (rows that the model or the baseline cannot predict), `skill`, `low`, `high`.
        Skill is 1 for a perfect model, 0 for one no better than the baseline, below 0 for a worse
        one, and NaN where the baseline is perfect.

    Raises
    ------
    InputError
        If a column is missing, an observation is not known, or a kind is unknown.

    Notes
    -----
    1 − Σ (p − o)² / Σ (b − o)² over the rows that both predict [1]_; a draw of sites takes the same
    rows of both, so what makes a site hard for both does not widen the interval.

    References
    ----------
    .. [1] Murphy (1988), Skill scores based on the mean square error, Mon. Weather Rev. 116, 2417.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "site": ["a", "b"],
    ...         "observed": [0.0, 0.0],
    ...         "predicted": [1.0, 1.0],
    ...         "naive": [2.0, 2.0],
    ...     }
    ... )
    >>> relative_skill(rows, "naive")[["n", "skill", "low", "high"]].values.tolist()
    [[2.0, 0.75, 0.75, 0.75]]
    """
    table = _ordered(held_out, ["predicted", baseline])

    def row(kind: str, group: str, rows: pd.DataFrame) -> dict[str, object]:
        both = rows.dropna(subset=["predicted", baseline])
        errors = both[["predicted", baseline]].sub(both["observed"], axis=0)
        sums = site_sums(errors.to_numpy(np.float64) ** 2, both["site"])
        low, high = site_bootstrap(
            sums,
            _relative,
            draws=draws,
            confidence=confidence,
            seed=derive_seed(seed, "relative skill", kind, group),
        )
        return {
            "baseline": baseline,
            "group_kind": kind,
            "group": group,
            "n": len(both),
            "sites": len(sums),
            "unpredicted": len(rows) - len(both),
            "skill": _relative(sums.sum(axis=0)[None])[0, 0],
            "low": low[0],
            "high": high[0],
        }

    return pd.DataFrame(row(*found) for found in _groups(table, groups))


def site_bootstrap(
    sums: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of statistics that are functions of sums over rows.

    Parameters
    ----------
    sums : numpy.ndarray (sites, k)
        Sums over the rows of each site.
    statistic : callable
        From sums (draws, k) to statistics (draws, j); NaN where undefined.
    draws : int, optional
        Draws of as many sites as there are, with replacement.
    confidence : float, optional
        Level of the interval, 0 to 1.
    seed : int, optional
        Seed of the draws.

    Returns
    -------
    tuple of numpy.ndarray (j,) = (low, high)
        NaN with fewer than two sites, or where no draw defines the statistic.

    Examples
    --------
    >>> sums = np.array([[2.0, 10.0], [2.0, 30.0]])  # rows, sum of a flux
    >>> low, high = site_bootstrap(sums, lambda s: s[:, 1:] / s[:, :1])
    >>> low.tolist(), high.tolist()
    ([5.0], [15.0])
    """
    check_range(confidence, "confidence", minimum=0, maximum=1)
    check_range(draws, "draws", minimum=1)
    sites = len(sums)
    if sites < 2:
        with np.errstate(invalid="ignore", divide="ignore"):
            nothing = statistic(np.zeros((1, sums.shape[1])))[0] * np.nan
        return nothing, nothing
    times = np.random.default_rng(seed).multinomial(sites, np.full(sites, 1 / sites), size=draws)
    # einsum adds in one order however many threads there are
    found = statistic(np.einsum("ds,sk->dk", times.astype(np.float64), sums))
    tail = (1 - confidence) / 2
    bounds = np.array([_quantiles(column, (tail, 1 - tail)) for column in found.T])
    return bounds[:, 0], bounds[:, 1]


def _ordered(held_out: pd.DataFrame, predictions: list[str]) -> pd.DataFrame:
    """The rows in an order of their own, so that sums do not depend on that of the table."""
    keys = ["site", "observed", *predictions]
    table = check_held_out(held_out, predictions)
    return table.sort_values(keys, kind="stable", ignore_index=True)


def _groups(table: pd.DataFrame, kinds: Sequence[str]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """All rows, then each group of each kind: the kind, the group, its rows."""
    yield "all", "all", table
    for kind in kinds:
        labels = group_labels(table, kind)
        if labels is not None:
            for code, group in enumerate(labels.categories):
                yield kind, group, table[labels.codes == code]


def _skill(rows: pd.DataFrame, draws: int, confidence: float, seed: int) -> dict[str, float]:
    """Scores of some rows, and their intervals."""
    observed, predicted = (rows[name].to_numpy(np.float64) for name in ("observed", "predicted"))
    found = scores(observed, predicted)
    known = ~np.isnan(predicted)
    sums = site_sums(_row_terms(observed[known], predicted[known]), rows["site"][known])
    low, high = site_bootstrap(sums, _scores_of_sums, draws=draws, confidence=confidence, seed=seed)
    bounds = zip(INTERVALS, low, high, strict=True)
    return {
        "n": found.n,
        "sites": len(sums),
        **{name: value for name, value in asdict(found).items() if name != "n"},
        "mean_site_rmse": site_rmse(observed, predicted, rows["site"].to_numpy()).mean(),
        **{f"{n}_{end}": v for n, lo, hi in bounds for end, v in (("low", lo), ("high", hi))},
    }


def _row_terms(o: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Terms (n, 9) whose sums give all scores; both sides centred, lest large squares cancel."""
    e = p - o
    o, p = (side - side.mean() if side.size else side for side in (o, p))
    return np.stack([np.ones_like(o), o, p, o * o, p * p, o * p, e, e * e, np.abs(e)], axis=1)


def site_sums(terms: np.ndarray, sites: pd.Series) -> np.ndarray:
    """Sums (sites, k) of the rows' terms, in order of the sites' names."""
    names, number = np.unique(sites.to_numpy(dtype=str), return_inverse=True)
    columns = [np.bincount(number, column, names.size) for column in terms.T]
    return np.stack(columns, axis=1)


def _scores_of_sums(sums: np.ndarray) -> np.ndarray:
    """R2, 1 − SSE/SST, RMSE, MAE, MBE (d, 5) from the sums (d, 9) of `_row_terms`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n, o, p, oo, pp, op, e, ee, size = sums.T
        total = _spread(oo, o * o / n)
        r2 = (op - o * p / n) ** 2 / (total * _spread(pp, p * p / n))
        return np.stack([r2, 1 - ee / total, np.sqrt(ee / n), size / n, e / n], axis=1)


def _spread(squares: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Sum of squared departures from the mean; NaN where nothing but rounding is left."""
    spread = squares - centre
    return np.where(spread > ROUNDING * squares, spread, np.nan)


def _relative(sums: np.ndarray) -> np.ndarray:
    """1 − SSE / SSE of the baseline (d, 1)."""
    model, baseline = sums.T
    return 1 - model[:, None] / np.where(baseline > 0, baseline, np.nan)[:, None]


def _quantiles(values: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    """Quantiles of the values that are defined."""
    defined = values[~np.isnan(values)]
    return np.quantile(defined, levels) if defined.size else np.full(2, np.nan)
