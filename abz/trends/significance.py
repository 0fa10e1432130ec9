"""Significance of many trends at once: false discoveries, and a whole field against chance.

A map tests each cell. Where nothing changes, a share alpha of the cells is significant all the
same, and neighbours are so together. `q_values` bounds the share of false discoveries;
`field_significance` compares the significant area with that of maps whose years are shuffled.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.seeds import derive_seed
from abz.trends.series import trend_series
from abz.units import AREA_QUANTUM
from abz.validation import check_choice, check_mask, check_range, check_same_shape, check_whole

__all__ = ["DIRECTIONS", "critical_p", "expected_share", "field_significance", "q_values",
           "year_orders"]  # fmt: skip

DIRECTIONS = {"falling": -1, "rising": 1, "either": 0}
"""Word to sign of the slope; 0 is any."""


def q_values(p_values: np.ndarray, domain: np.ndarray | None = None) -> np.ndarray:
    """Smallest false discovery rate at which each test would be called significant.

    Parameters
    ----------
    p_values : numpy.ndarray (...)
        One p for each test, 0 to 1; NaN where nothing was tested.
    domain : numpy.ndarray of bool (...), optional
        Tests that are judged together; all by default. The answer depends on it, so a share of
        q < alpha is told with its domain.

    Returns
    -------
    numpy.ndarray (...)
        q, float64; NaN outside the domain and where nothing was tested.

    Raises
    ------
    InputError
        If a p in the domain is not between 0 and 1, or the domain is no mask of the tests.

    Notes
    -----
    q_(i) = min_{j ≥ i} m p_(j) / j over the m tests in order of p [1]_. Calling q < alpha
    significant holds the expected share of false ones among them below alpha if the tests are
    independent or positively dependent, as neighbouring cells are [2]_.

    References
    ----------
    .. [1] Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.
    .. [2] Wilks (2016), Bull. Am. Meteorol. Soc. 97, 2263-2273.

    Examples
    --------
    >>> q_values(np.array([0.01, 0.02, np.nan, 0.9])).tolist()
    [0.03, 0.03, nan, 0.9]
    """
    p = np.asarray(p_values, np.float64)
    judged = ~np.isnan(p)
    if domain is not None:
        judged &= check_mask(domain, p.shape, "domain")
    tested = p[judged]
    if tested.size and (tested.min() < 0.0 or tested.max() > 1.0):
        raise InputError(
            "p-values are not probabilities",
            rule="0 <= p <= 1, NaN where nothing was tested",
            value=f"{tested.min():g} … {tested.max():g}",
            remedy="pass the p of a test",
        )
    order = np.argsort(tested, kind="stable")
    scaled = tested[order] * (tested.size / np.arange(1, tested.size + 1))
    found = np.empty_like(tested)
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    out = np.full(p.shape, np.nan)
    out[judged] = found
    return out


def critical_p(
    p_values: np.ndarray, alpha: float = 0.05, domain: np.ndarray | None = None
) -> float:
    """Largest p that stays significant when the false discovery rate is held below alpha.

    Parameters
    ----------
    p_values, domain : numpy.ndarray (...)
        As in `q_values`.
    alpha : float, optional
        Rate of false discoveries.

    Returns
    -------
    float
        0 where no test is significant: then the whole field is what chance makes.

    Examples
    --------
    >>> critical_p(np.array([0.01, 0.02, np.nan, 0.9])), critical_p(np.array([0.04, 0.9]))
    (0.02, 0.0)
    """
    check_range(alpha, "alpha", minimum=0.0, maximum=1.0)
    kept = np.asarray(p_values, np.float64)[q_values(p_values, domain) < alpha]
    return float(kept.max()) if kept.size else 0.0


def expected_share(alpha: float, direction: str) -> float:
    """Share that chance makes significant where nothing changes and the test keeps its size, %.

    Examples
    --------
    >>> expected_share(0.05, "falling"), expected_share(0.05, "either")
    (2.5, 5.0)
    """
    sign = DIRECTIONS[check_choice(direction, DIRECTIONS, "direction")]
    return 100.0 * alpha if sign == 0 else 50.0 * alpha


def year_orders(n_years: int, permutations: int, seed: int) -> np.ndarray:
    """Random orders of years.

    Parameters
    ----------
    n_years, permutations : int
        Length and number of the orders.
    seed : int
        The k-th order depends on the seed and on k alone.

    Returns
    -------
    numpy.ndarray of int (permutations, n_years)

    Examples
    --------
    >>> sorted(year_orders(4, 1, 448)[0].tolist())
    [0, 1, 2, 3]
    """
    orders = np.empty((permutations, n_years), np.int64)
    for k in range(permutations):
        rng = np.random.default_rng(derive_seed(seed, "order of years", k))
        orders[k] = rng.permutation(n_years)
    return orders


def field_significance(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]],
    years: np.ndarray,
    *,
    method: str = "zhang",
    preserve_range: bool = False,
    alpha: float = 0.05,
    permutations: int = 200,
    seed: int = 448,
) -> pd.DataFrame:
    """The significant share of a map against its distribution where the order of years is chance.

    Parameters
    ----------
    blocks : iterable of (numpy.ndarray (n_cells, n_years), numpy.ndarray (n_cells,))
        Series, NaN where missing, and the area of each cell, m2; any division of the cells into
        blocks, and any order, gives the same answer.
    years : numpy.ndarray of int (n_years,)
        Of the columns.
    method, preserve_range
        As in `trend_series`.
    alpha : float, optional
        Level of the test of a cell.
    permutations : int, optional
        Shuffled maps; each puts the years of all cells in the same order, so that neighbours stay
        alike.
    seed : int, optional
        Of the orders.

    Returns
    -------
    pandas.DataFrame
        direction (falling, rising, either); share, % of the tested area; null_mean, null_sd,
        null_low, null_high: mean, SD and the 2.5 and 97.5 % points of the shuffled maps; p_value
        = (1 + number of shuffled maps with at least that share) / (1 + permutations); cells,
        permutations. NaN where nothing is tested.

    Raises
    ------
    InputError
        If `permutations` is not a whole number above zero, `alpha` no level, or series, years and
        areas do not fit together.

    Notes
    -----
    Shuffling makes years exchangeable, hence also independent: serial correlation alone can lift
    the share above the shuffled ones. `empirical_size` says by how much.

    References
    ----------
    .. [1] Livezey & Chen (1983), Mon. Weather Rev. 111, 46-59.

    Examples
    --------
    >>> series = np.random.default_rng(1).normal(size=(1, 20)) + np.zeros((30, 1))
    >>> found = field_significance([(series, np.ones(30))], np.arange(2001, 2021))
    >>> found.set_index("direction")["share"].to_dict()
    {'falling': 0.0, 'rising': 0.0, 'either': 0.0}
    """
    check_whole(permutations, "permutations", minimum=1)
    check_range(alpha, "alpha", minimum=0.0, maximum=1.0)
    times = np.asarray(years)
    orders = np.vstack([np.arange(times.size), year_orders(times.size, permutations, seed)])
    quanta, cells = np.zeros((orders.shape[0], 3), np.int64), 0
    for series, area in blocks:
        wanted = np.broadcast_to(0.0, (np.size(area), times.size))
        check_same_shape(series, wanted, "the series, their areas and the years")
        weight = np.rint(np.asarray(area, np.float64) / AREA_QUANTUM).astype(np.int64)
        cells += len(weight)
        for k, order in enumerate(orders):
            found = trend_series(series[:, order], times, method, preserve_range=preserve_range)
            hit = found.p_value < alpha
            quanta[k, 0] += weight[hit & (found.slope < 0)].sum()
            quanta[k, 1] += weight[hit & (found.slope > 0)].sum()
            quanta[k, 2] += weight[~np.isnan(found.p_value)].sum()
    tested = np.where(quanta[:, 2] > 0, quanta[:, 2], np.nan)
    falling, rising = 100.0 * quanta[:, 0] / tested, 100.0 * quanta[:, 1] / tested
    shares = {"falling": falling, "rising": rising, "either": falling + rising}
    rows = [{"direction": name, **_against_chance(share)} for name, share in shares.items()]
    return pd.DataFrame(rows).assign(cells=cells, permutations=permutations)


def _against_chance(shares: np.ndarray) -> dict[str, float]:
    """The first of the shares beside the distribution of the others."""
    observed, null = shares[0], shares[1:]
    low, high = np.quantile(null, (0.025, 0.975))
    count = np.count_nonzero(null >= observed - 1e-9)
    return {
        "share": observed, "null_mean": null.mean(), "null_sd": null.std(),
        "null_low": low, "null_high": high,
        "p_value": (1 + count) / (1 + null.size) if np.isfinite(observed) else np.nan,
    }  # fmt: skip
