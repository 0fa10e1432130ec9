"""Whether prediction intervals hold what they promise, asked at sites left out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from abz.modelling.intervals import MINIMUM_SITES
from abz.modelling.site_quantiles import Form, widened
from abz.modelling.strata import EVERYWHERE, scored_rows
from abz.modelling.stratum_offsets import StratumOffsets
from abz.validation import check_choice, check_range

__all__ = ["coverage_table", "share_interval"]


def coverage_table(
    held_out: pd.DataFrame,
    nominal: Sequence[float] = (0.5, 0.8, 0.9, 0.95),
    strata: Sequence[str] = ("biome", "season"),
    *,
    form: Form = "asymmetric",
    scale: str | None = None,
    minimum_sites: int = MINIMUM_SITES,
    by_stratum: bool = True,
    widening: str | None = None,
    groups: Sequence[str] = (),
) -> pd.DataFrame:
    """Empirical coverage of calibrated intervals, each site tested on those of the others.

    Parameters
    ----------
    held_out, strata, form, scale, minimum_sites
        As in `calibrate`.
    nominal : sequence of float, optional
        Nominal coverages, inside (0, 1).
    by_stratum : bool, optional
        Whether strata with enough sites have offsets of their own, as `calibrate` gives them.
        Otherwise all rows share the same, and the table shows where these fail.
    widening : str, optional
        Column of the factor by which the interval of a row grows, as `Intervals.lower` does it;
        below 1 counts as 1. It is taken as it is, so it has to be that of the other sites, such as
        `left_out_widening` gives it.
    groups : sequence of str, optional
        Further columns to group by, such as whether a row is inside the area of applicability.

    Returns
    -------
    pandas.DataFrame
        A row per nominal coverage and group of rows: `nominal`, `grouping` (`"all"`, a column of
        `strata`, their combination, or one of `groups`), `stratum`, `sites`, `rows`, `coverage`
        (mean over the sites of the share of their rows inside), `coverage_lower`,
        `coverage_upper` (95 %),
        `row_coverage` (share of the rows), `mean_width` (mean over the sites of their mean, units
        of the flux, infinite if any is), `pooled_share` (share of the rows whose offsets are not
        from their own stratum), `reachable` (whether all are finite).

    Raises
    ------
    InputError
        As `calibrate`.

    Notes
    -----
    For each site s the quantiles are taken over the other sites, as if s were new. The residuals
    of those come from forests that may have seen s, as a fitted forest has seen all sites: what is
    tested is the calibration. An infinite interval covers; `reachable` tells. A stratum with just
    enough sites has one too few once one is left out, and is then tested with those of others.

    The range of the coverage is Wilson's for as many trials as sites. Shares of rows vary between
    sites less than trials that all succeed or all fail, so it is rather too wide.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"site": np.repeat(np.arange(50), 12), "biome": "tundra",
    ...     "month": np.tile(range(1, 13), 50), "predicted": 0.0,
    ...     "observed": rng.normal(size=600)})
    >>> found = coverage_table(rows, (0.5, 0.9))
    >>> found.query("grouping == 'all'")[["nominal", "coverage"]].round(2).to_numpy().tolist()
    [[0.5, 0.53], [0.9, 0.93]]
    """
    check_choice(form, ("symmetric", "asymmetric"), "form")
    rows, _ = scored_rows(held_out, strata, scale, [*filter(None, [widening]), *groups])
    growth = rows[widening].to_numpy() if widening else np.ones(len(rows))
    levels = [check_range(level, "nominal", minimum=1e-6, maximum=1 - 1e-6) for level in nominal]
    offsets = StratumOffsets(rows, form, minimum_sites)
    labels = _calibrated(rows) if by_stratum else np.full(len(rows), EVERYWHERE)
    tables = []
    for level, tested in zip(levels, _tests(rows, labels, offsets, levels, growth), strict=True):
        for grouping, label in _groupings(rows, strata, groups).items():
            found = _summarise(tested.assign(stratum=label))
            found.insert(0, "nominal", level)
            found.insert(1, "grouping", grouping)
            tables.append(found)
    return pd.concat(tables, ignore_index=True)


def share_interval(share: np.ndarray, trials: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Wilson's interval of a share.

    Parameters
    ----------
    share : numpy.ndarray (...)
        From 0 to 1.
    trials : numpy.ndarray (...)
        Independent trials behind it.
    level : float, optional
        Confidence.

    Returns
    -------
    numpy.ndarray (2, ...) = (lower, upper)
        Inside [0, 1].

    Notes
    -----
    With z the normal quantile at (1 + level)/2:
    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)  [1]_

    References
    ----------
    .. [1] Wilson (1927), Probable inference, the law of succession, and statistical inference,
       J. Am. Stat. Assoc. 22, 209-212.

    Examples
    --------
    >>> share_interval(np.array(0.9), np.array(50)).round(3)
    array([0.786, 0.957])
    """
    z = ndtri((1 + level) / 2)
    p, n = np.asarray(share, np.float64), np.asarray(trials, np.float64)
    centre = p + z**2 / (2 * n)
    reach = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.clip(np.stack([centre - reach, centre + reach]) / (1 + z**2 / n), 0, 1)


def _calibrated(rows: pd.DataFrame) -> np.ndarray:
    """Label of the offsets of each row: of its stratum, or of what is known of it."""
    wider = np.where(rows["wider"] != "", rows["wider"], EVERYWHERE)
    return np.where(rows["stratum"] != "", rows["stratum"], wider).astype(str)


def _tests(
    rows: pd.DataFrame,
    labels: np.ndarray,
    offsets: StratumOffsets,
    levels: Sequence[float],
    growth: np.ndarray,
) -> Iterator[pd.DataFrame]:
    """For each level, of each row: whether it is inside, the width, whether offsets are shared."""
    shape = len(levels), len(rows)
    lower, upper, source = np.empty(shape), np.empty(shape), np.empty(shape, object)
    for (site, label), part in rows.groupby([rows["site"], labels]):
        place = part.index.to_numpy()
        for k, level in enumerate(levels):
            found = offsets.of(str(label), level, without=str(site))
            lower[k, place], upper[k, place], source[k, place] = found
    lower, upper = widened(lower, growth, upper=False), widened(upper, growth, upper=True)
    score, scale = rows["score"].to_numpy(), rows["scale"].to_numpy()
    for k in range(len(levels)):
        covered = (lower[k] <= score) & (score <= upper[k])
        yield pd.DataFrame(
            {
                "site": rows["site"],
                "covered": covered,
                "width": (upper[k] - lower[k]) * scale,
                "pooled": source[k] != rows["stratum"].to_numpy(),
            }
        )


def _groupings(
    rows: pd.DataFrame, strata: Sequence[str], groups: Sequence[str]
) -> dict[str, np.ndarray]:
    """Labels of the rows for all together, each column, and the combination of the strata."""
    found = {EVERYWHERE: np.full(len(rows), EVERYWHERE)}
    found |= {column: rows[column].to_numpy() for column in (*strata, *groups)}
    if len(strata) > 1:
        found[" × ".join(strata)] = rows["stratum"].to_numpy()
    return found


def _summarise(tested: pd.DataFrame) -> pd.DataFrame:
    """Coverage and width of each stratum, every site counting once."""
    known = tested[tested["stratum"] != ""]
    sites = known.groupby(["stratum", "site"], as_index=False)[["covered", "width"]].mean()
    means, by_row = sites.groupby("stratum"), known.groupby("stratum")
    found = pd.DataFrame({"sites": means.size(), "rows": by_row.size()})
    found["coverage"] = means["covered"].mean()
    found["coverage_lower"], found["coverage_upper"] = share_interval(
        found["coverage"].to_numpy(), found["sites"].to_numpy()
    )
    found["row_coverage"] = by_row["covered"].mean()
    found["mean_width"] = means["width"].mean()
    found["pooled_share"] = by_row["pooled"].mean()
    found["reachable"] = np.isfinite(found["mean_width"].to_numpy())
    return found.reset_index()
