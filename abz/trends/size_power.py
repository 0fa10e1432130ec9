"""How often a trend test lies: its measured size and power on autocorrelated noise.

A test at level alpha should reject alpha of the series that have no trend. With few autocorrelated
years none does, so each method is measured on made series: Gaussian, lag-one autocorrelation rho,
seeded, the same for all methods.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abz.seeds import derive_seed
from abz.trends.series import trend_series
from abz.validation import check_range

__all__ = ["ar1_series", "calibrated_p", "rejection_rate", "size_table", "slope_of_power"]

SERIES = 4000
"""Made series for each rho: the Monte Carlo error of a size of 5 % is 0.3 %."""
GENTLEST, STEEPEST = 0.02, 2.0
"""Slopes between which a detectable one is looked for, SD of the noise per year."""
STEPS, BISECTIONS = 20, 5


def ar1_series(n_series: int, n: int, rho: float, seed: int) -> np.ndarray:
    """Stationary Gaussian series without a trend.

    Parameters
    ----------
    n_series, n : int
        Number and length.
    rho : float
        Lag-one autocorrelation, −1 < rho < 1.
    seed : int
        The innovations ε depend on it and on n: they are the same for every rho, so that what rho
        changes is not noise, and the first series are the same however many there are.

    Returns
    -------
    numpy.ndarray (n_series, n)
        Mean 0, SD 1.

    Raises
    ------
    InputError
        If rho is not between −1 and 1.

    Notes
    -----
    x_1 = ε_1, x_{t+1} = rho x_t + √(1 − rho²) ε_{t+1}, with ε standard normal.

    Examples
    --------
    >>> series = ar1_series(2000, 20, 0.6, 448)
    >>> round(float(series.std()), 1), bool((ar1_series(3, 20, 0.6, 448) == series[:3]).all())
    (1.0, True)
    """
    check_range(rho, "rho", minimum=-0.999, maximum=0.999)
    rng = np.random.default_rng(derive_seed(seed, "autocorrelated noise", n))
    series = rng.standard_normal((n_series, n))
    for t in range(1, n):
        series[:, t] = rho * series[:, t - 1] + np.sqrt(1 - rho**2) * series[:, t]
    return series


def rejection_rate(
    noise: np.ndarray, slope: float, method: str, *, alpha: float = 0.05,
    preserve_range: bool = False,
) -> tuple[float, float]:  # fmt: skip
    """Share of series whose trend a method finds, once the slope is added to them.

    Parameters
    ----------
    noise : numpy.ndarray (n_series, n_years)
        Series without a trend.
    slope : float
        Trend to be added, units of the noise per year. With 0, every rejection is an error, and
        the share is the size of the test; otherwise only a rejection with the right sign counts,
        and the share is its power.
    method, preserve_range
        As in `trend_series`.
    alpha : float, optional
        Nominal level.

    Returns
    -------
    tuple of float = (rate, error)
        0 to 1, and its Monte Carlo standard error √(rate (1 − rate) / n_series).

    Raises
    ------
    InputError
        If alpha is not between 0 and 1, or as in `trend_series`.

    Examples
    --------
    >>> noise = ar1_series(500, 20, 0.0, 448)
    >>> rejection_rate(noise, 1.0, "none")
    (1.0, 0.0)
    """
    check_range(alpha, "alpha", minimum=0.0, maximum=1.0)
    years = np.arange(noise.shape[1])
    found = trend_series(noise + slope * years, years, method, preserve_range=preserve_range)
    hit = found.p_value < alpha
    if slope != 0.0:
        hit &= np.sign(found.slope) == np.sign(slope)
    rate = float(hit.mean())
    return rate, float(np.sqrt(rate * (1.0 - rate) / hit.size))


def calibrated_p(
    p_value: float, noise: np.ndarray, method: str, *, preserve_range: bool = False
) -> float:
    """Share of series without a trend in which a method gives at most this p.

    Parameters
    ----------
    p_value : float
        Of a series.
    noise : numpy.ndarray (n_series, n_years)
        Series without a trend, as long and as autocorrelated.
    method, preserve_range
        As in `trend_series`.

    Returns
    -------
    float
        (1 + number of such series) / (1 + n_series): what p means, if the noise is right.

    Examples
    --------
    >>> 0.01 < calibrated_p(0.05, ar1_series(2000, 20, 0.0, 448), "none") < 0.08
    True
    """
    years = np.arange(noise.shape[1])
    found = trend_series(noise, years, method, preserve_range=preserve_range).p_value
    return float((1 + np.count_nonzero(found <= p_value)) / (1 + found.size))


def size_table(
    methods: Sequence[str], rhos: Sequence[float], *, n: int = 20, slope: float = 0.0,
    n_series: int = SERIES, alpha: float = 0.05, seed: int = 448,
) -> pd.DataFrame:  # fmt: skip
    """Measured size of methods, or their power, at several autocorrelations.

    Parameters
    ----------
    methods : sequence of str
        Keys of `METHODS`.
    rhos : sequence of float
        Lag-one autocorrelations.
    n : int, optional
        Years.
    slope : float, optional
        Added trend, SD of the noise per year; 0 measures the size.
    n_series : int, optional
        Made series for each rho; all methods test the same.
    alpha : float, optional
        Nominal level.
    seed : int, optional
        Of the series.

    Returns
    -------
    pandas.DataFrame
        method, n, rho, slope, rate and error (0 to 1), series.

    Examples
    --------
    >>> size_table(["none"], [0.0], n_series=200)["series"].tolist()
    [200]
    """
    rows = []
    for rho in rhos:
        noise = ar1_series(n_series, n, rho, seed)
        for method in methods:
            rate, error = rejection_rate(noise, slope, method, alpha=alpha)
            rows.append((method, n, rho, slope, rate, error, n_series))
    return pd.DataFrame(rows, columns=["method", "n", "rho", "slope", "rate", "error", "series"])


def slope_of_power(
    noise: np.ndarray, method: str, *, power: float = 0.8, alpha: float = 0.05,
    preserve_range: bool = False,
) -> float:  # fmt: skip
    """Smallest slope that a method finds in a given share of the series.

    Parameters
    ----------
    noise : numpy.ndarray (n_series, n_years)
        Series without a trend.
    method, preserve_range
        As in `trend_series`.
    power : float, optional
        That share, 0 to 1.
    alpha : float, optional
        Nominal level.

    Returns
    -------
    float
        Units of the noise per year, to about half a percent; NaN where no slope up to `STEEPEST`
        is found so often.

    Raises
    ------
    InputError
        If power or alpha are not between 0 and 1, or as in `trend_series`.

    Notes
    -----
    The power of some methods falls again for steep slopes, which they take for autocorrelation;
    the first slope that is found counts.

    Examples
    --------
    >>> 0.1 < slope_of_power(ar1_series(500, 20, 0.0, 448), "none") < 0.16
    True
    """
    check_range(power, "power", minimum=0.0, maximum=1.0)

    def found(slope: float) -> bool:
        rate, _ = rejection_rate(noise, slope, method, alpha=alpha, preserve_range=preserve_range)
        return rate >= power

    ladder = np.geomspace(GENTLEST, STEEPEST, STEPS)
    first = next((k for k, slope in enumerate(ladder) if found(slope)), None)
    if first is None:
        return float("nan")
    low, high = (ladder[first - 1] if first else 0.0), ladder[first]
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if found(middle) else (middle, high)
    return float(high)
