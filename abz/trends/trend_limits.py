"""What a trend test can and cannot say of a series of its length and autocorrelation.

What a short series tells about its own autocorrelation is biased low. The simulation that measures
the size of a test also says what such noise looks like, and so links the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from abz.compiled import kernel
from abz.eights import EIGHT, store
from abz.trends.prewhitening import lag1_autocorrelation
from abz.trends.series import trend_series
from abz.trends.size_power import SERIES, ar1_series, rejection_rate, slope_of_power
from abz.trends.years import on_whole_years
from abz.validation import check_whole

__all__ = [
    "RHOS", "SizeCurve", "detectable_slope", "empirical_size", "residual_noise", "size_curve",
    "trend_limits",
]  # fmt: skip

RHOS = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Autocorrelations at which a curve is measured."""
SEARCHED = 0.25
"""Share of the made series on which a detectable slope is looked for."""


@dataclass(frozen=True)
class SizeCurve:
    """What a method does to n years of autocorrelated noise; arrays (n_rhos,).

    Parameters
    ----------
    rho : numpy.ndarray
        True lag-one autocorrelation, ascending.
    seen : numpy.ndarray
        Mean autocorrelation of the residuals of the Theil–Sen line at that rho: what series of
        this length show of it.
    seen_sd : numpy.ndarray
        Mean SD of these residuals, of noise of SD 1.
    size : numpy.ndarray
        Share of the series, without a trend, in which the test finds one; 0 to 1.
    detectable : numpy.ndarray
        Slope that is found with the asked power, SD of the noise per year.
    """

    rho: np.ndarray
    seen: np.ndarray
    seen_sd: np.ndarray
    size: np.ndarray
    detectable: np.ndarray


@cache
def size_curve(
    n: int, method: str = "zhang", *, preserve_range: bool = False, alpha: float = 0.05,
    power: float = 0.8, n_series: int = SERIES, seed: int = 448,
) -> SizeCurve:  # fmt: skip
    """Size of a method and the slope it can find, by simulation at each of `RHOS`.

    Parameters
    ----------
    n : int
        Years, 4 or more.
    method, preserve_range
        As in `trend_series`.
    alpha : float, optional
        Nominal level.
    power : float, optional
        Share of the series in which a detectable slope is found.
    n_series : int, optional
        Made series at each rho.
    seed : int, optional
        Of the series.

    Returns
    -------
    SizeCurve
        Measured once and kept.

    Examples
    --------
    >>> curve = size_curve(20, "none", n_series=300)
    >>> bool(curve.size[-1] > curve.size[2]), bool((curve.seen < curve.rho)[2:].all())
    (True, True)
    """
    check_whole(n, "n", minimum=4)
    columns = []
    for rho in RHOS:
        noise = ar1_series(n_series, n, rho, seed)
        seen, sd = residual_noise(noise, np.arange(n))
        size, _ = rejection_rate(noise, 0.0, method, alpha=alpha, preserve_range=preserve_range)
        some = noise[: max(1, int(SEARCHED * n_series))]
        found = slope_of_power(
            some, method, power=power, alpha=alpha, preserve_range=preserve_range
        )
        columns.append((rho, float(np.nanmean(seen)), float(np.nanmean(sd)), size, found))
    return SizeCurve(*(np.array(column) for column in zip(*columns, strict=True)))


def residual_noise(values: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation and SD of what a Theil–Sen line leaves of each series.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        NaN where missing.
    years : numpy.ndarray of int (n_years,)
        Ascending; years that are left out count as missing, so that their neighbours do not meet.

    Returns
    -------
    tuple of numpy.ndarray (n_series,) = (autocorrelation, sd)
        Lag-one autocorrelation, as `lag1_autocorrelation` defines it, and SD with n − 2; NaN where
        there is no line.

    Examples
    --------
    >>> wave = np.tile([1.0, -1.0], 10)[None]
    >>> round(float(residual_noise(wave + np.arange(20), np.arange(20))[0][0]), 2)
    -0.95
    """
    series = on_whole_years(values, years).astype(np.float64)
    slope = trend_series(series, np.arange(series.shape[1]), "none").slope
    residuals = series - slope[:, None] * np.arange(series.shape[1])
    count = np.isfinite(residuals).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(residuals, axis=1) / count
        squares = np.nansum((residuals - mean[:, None]) ** 2, axis=1)
        spread = np.sqrt(np.where(count > 2, squares / (count - 2.0), np.nan))
    return _autocorrelations(residuals), np.where(np.isnan(slope), np.nan, spread)


@kernel
def _autocorrelations(series: np.ndarray) -> np.ndarray:
    """Lag-one autocorrelation of each row."""
    n_series, n = series.shape
    found, tile, told = np.empty(n_series), np.empty((n, EIGHT)), np.empty((1, EIGHT))
    for first in range(0, n_series, EIGHT):
        here = min(EIGHT, n_series - first)
        tile[:] = np.nan
        tile[:, :here] = series[first : first + here].T
        store(told, 0, lag1_autocorrelation(tile))
        found[first : first + here] = told[0, :here]
    return found


def empirical_size(curve: SizeCurve, seen: np.ndarray) -> np.ndarray:
    """Size of a test at the autocorrelation that series show.

    Parameters
    ----------
    curve : SizeCurve
        Of the method and the number of years.
    seen : numpy.ndarray (...)
        Autocorrelation of residuals, from `residual_noise`.

    Returns
    -------
    numpy.ndarray (...)
        0 to 1, by linear interpolation; that of the ends of the curve beyond them.

    Notes
    -----
    One series of 20 years knows its own autocorrelation to ± 0.2 only, so this is the size to be
    expected at such an autocorrelation, and of many series rather the size at their mean.

    Examples
    --------
    >>> curve = SizeCurve(*np.array([[0.0, 0.5], [-0.1, 0.3], [1, 1], [0.05, 0.15], [0.1, 0.2]]))
    >>> empirical_size(curve, np.array([0.1])).round(3).tolist()
    [0.1]
    """
    return _along(curve.seen, curve.size, seen)


def detectable_slope(curve: SizeCurve, seen: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Smallest slope that a test would have found in series with such noise.

    Parameters
    ----------
    curve : SizeCurve
        Of the method, the number of years and the asked power.
    seen, sd : numpy.ndarray (...)
        From `residual_noise`; sd in any units.

    Returns
    -------
    numpy.ndarray (...)
        Units of sd per year; NaN where no slope is found so often.

    Examples
    --------
    >>> curve = SizeCurve(*np.array([[0.0, 0.5], [-0.1, 0.3], [1, 1], [0.05, 0.15], [0.1, 0.2]]))
    >>> detectable_slope(curve, np.array([0.3]), np.array([30.0])).round(6).tolist()
    [6.0]
    """
    true_sd = np.asarray(sd) / _along(curve.seen, curve.seen_sd, seen)
    return _along(curve.seen, curve.detectable, seen) * true_sd


def _along(seen: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values interpolated at what is seen; NaN stays."""
    return np.asarray(np.interp(at, seen, values), np.float64)


def trend_limits(
    values: np.ndarray, years: np.ndarray, method: str = "zhang", *, preserve_range: bool = False,
    alpha: float = 0.05, power: float = 0.8, n_series: int = SERIES, seed: int = 448,
) -> pd.DataFrame:  # fmt: skip
    """What a trend test can and cannot say of each series.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        NaN where missing.
    years : numpy.ndarray of int (n_years,)
        Ascending; years that are left out count as missing.
    method, preserve_range
        As in `trend_series`.
    alpha, power : float, optional
        Nominal level; share of the cases in which a detectable slope is found.
    n_series, seed : int, optional
        Of the simulation.

    Returns
    -------
    pandas.DataFrame
        In the order of the series: n (years with a value); autocorrelation and sd of the
        residuals of the Theil–Sen line; rho, the autocorrelation with its bias removed; size, the
        measured size at n and rho, 0 to 1; detectable, the smallest slope that would have been
        found with that power, units of the values per year. NaN where there is no trend.

    Notes
    -----
    Measured on n years in a row. A series with gaps spans more, and a slope somewhat smaller than
    `detectable` would have been found in it.

    Examples
    --------
    >>> noise = ar1_series(1, 20, 0.0, 3)
    >>> row = trend_limits(30 * noise, np.arange(2001, 2021), "none", n_series=200).iloc[0]
    >>> bool(0.02 < row["size"] < 0.1), bool(2 < row["detectable"] < 6)
    (True, True)
    """
    seen, sd = residual_noise(values, years)
    table = pd.DataFrame(
        {"n": np.isfinite(np.asarray(values, np.float64)).sum(axis=1), "autocorrelation": seen,
         "sd": sd, "rho": np.nan, "size": np.nan, "detectable": np.nan}
    )  # fmt: skip
    for count in np.unique(table["n"][np.isfinite(seen)]):
        rows = (table["n"] == count).to_numpy() & np.isfinite(seen)
        curve = size_curve(
            int(count), method, preserve_range=preserve_range, alpha=alpha, power=power,
            n_series=n_series, seed=seed,
        )  # fmt: skip
        table.loc[rows, "rho"] = _along(curve.seen, curve.rho, seen[rows])
        table.loc[rows, "size"] = empirical_size(curve, seen[rows])
        table.loc[rows, "detectable"] = detectable_slope(curve, seen[rows], sd[rows])
    return table
