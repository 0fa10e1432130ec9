"""Trends of many series at once: prewhitening, Mann–Kendall test and Theil–Sen slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from abz.trends.methods import BLOCKS, METHODS, fit_all
from abz.trends.reported import RESULTS
from abz.trends.resampled import block_draws
from abz.trends.years import on_whole_years
from abz.validation import check_choice, check_flag, check_whole

__all__ = ["METHODS", "TrendOptions", "TrendSeries", "trend_series"]


@dataclass(frozen=True)
class TrendSeries:
    """What a trend test says about each series; arrays (n_series,).

    Parameters
    ----------
    slope, lower, upper : numpy.ndarray
        Theil–Sen slope and its 95 % bounds, units of the values per year.
    p_value : numpy.ndarray
        Two-sided p of the Mann–Kendall test.
    tau : numpy.ndarray
        Kendall's tau-b against time.
    intercept : numpy.ndarray
        Median of y − slope · t, with y the series whose slope is given and t = 1 in the first
        year: its level one year before.
    autocorrelation : numpy.ndarray
        Lag-one autocorrelation that the method used: of the series for `none` and `prewhiten`, of
        its ranks without the trend for `hamed_rao`, otherwise of the series without the trend.
    iterations : numpy.ndarray of int
        Passes of the prewhitening; 0 where there is no result.
    converged : numpy.ndarray of bool
        False where the iteration of `zhang` hit its limit (the last pass is reported), where
        `hamed_rao` corrects the variance to none (p and bounds are NaN), or no result.
    n_valid : numpy.ndarray of int
        Years with a value.
    """

    slope: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    p_value: np.ndarray
    tau: np.ndarray
    intercept: np.ndarray
    autocorrelation: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray
    n_valid: np.ndarray


class TrendOptions(TypedDict, total=False):
    """Options of `trend_series` that `trend` and `trend_members` pass on, by name."""

    raw_slope: bool
    lags: int | None
    draws: int
    block_length: int | None
    seed: int


def trend_series(
    values: np.ndarray,
    years: np.ndarray,
    method: str = "zhang",
    *,
    preserve_range: bool = False,
    raw_slope: bool = False,
    lags: int | None = None,
    draws: int = 999,
    block_length: int | None = None,
    seed: int = 0,
) -> TrendSeries:
    """Slope and significance of the trend of each series.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        One row a series, any units; NaN where a year is missing, or masked. Not copied if float.
    years : numpy.ndarray of int (n_years,)
        Ascending, at most 2,000 from the first to the last; years that are left out count as
        missing.
    method : str, optional
        One of `METHODS`. Prewhitened are the series of `zhang`, `yue_pilon`, `prewhiten`,
        `trend_free_prewhitening` (`yue_pilon` with `raw_slope`) and `three_prewhitening`;
        corrected is the test of `hamed_rao` and `block_bootstrap`.
    preserve_range : bool, optional
        Divide the first whitened series by 1 − c, which keeps its trend (zyp's
        `preserve.range.for.sig.test`); of no matter for the other methods.
    raw_slope : bool, optional
        Report slope, bounds and intercept of the raw series (zyp up to 0.10 with `yue_pilon`)
        instead of those of the series that is tested. All but `zhang`, `yue_pilon` and
        `three_prewhitening` do so anyway.
    lags : int, optional
        Lags whose autocorrelation `hamed_rao` takes into account; all by default.
    draws : int, optional
        Shuffles of `block_bootstrap`; its smallest p is 1 / (draws + 1).
    block_length : int, optional
        Years in a block of `block_bootstrap`, at most half of them; by default each series has
        its own, from its autocorrelation.
    seed : int, optional
        Seed of `block_bootstrap`. Every series meets the same shuffles.

    Returns
    -------
    TrendSeries
        All NaN where the series is constant, has an infinity, reaches c = 1 in `zhang`, has no
        neighbours to be whitened with, or where the series of the first slope (raw, or whitened
        once by `zhang`) has fewer than 4 values, 3 non-zero values or a tenth of its years.

    Raises
    ------
    InputError
        If shapes do not fit, values are no real numbers, years are not ascending whole numbers, the
        method is unknown, or an option is out of its range or of another type.

    Notes
    -----
    `zhang` and `yue_pilon` agree with R's zyp 0.11-1 (Kendall 2.2.1) to rounding, even where the
    iteration is chaotic; the other methods, on series without gaps, with pymannkendall 1.4 and
    mannkendall 1.1 (`three_prewhitening`). A straight line, at which zyp fails or whitens rounding
    errors, has its exact slope; unless a method shortens or shuffles the series, its p is that of
    `none`. The bounds use the variance of the score that the p rests on.

    The test knows values in single precision, as zyp does: magnitudes should lie between 1e-30 and
    1e30. Beyond that all values tie, and p is 1; other units help.

    References
    ----------
    .. [1] Zhang et al. (2000), Atmosphere-Ocean 38, 395-429.
    .. [2] Yue et al. (2002), Hydrological Processes 16, 1807-1829.
    .. [3] Sen (1968), J. Am. Stat. Assoc. 63, 1379-1389.

    Examples
    --------
    >>> sink = -14.0 * np.arange(20) + 30.0 * np.sin(np.arange(20.0))
    >>> result = trend_series(sink[None], np.arange(2001, 2021), "none")
    >>> bool(result.p_value[0] < 0.001), round(float(result.slope[0]), 1)
    (True, -15.0)
    """
    code = METHODS[check_choice(method, METHODS, "method")]
    gridded = on_whole_years(values, years)
    n = gridded.shape[1]
    depth = 0 if lags is None else check_whole(lags, "lags", minimum=1)
    length = 0
    if block_length is not None:
        length = check_whole(block_length, "block_length", minimum=1, maximum=max(n // 2, 1))
    check_flag(preserve_range, "preserve_range")
    check_flag(raw_slope, "raw_slope")
    number, first = check_whole(draws, "draws", minimum=1), check_whole(seed, "seed")
    out = np.full((RESULTS, gridded.shape[0]), np.nan)
    shuffles = block_draws(number if code == BLOCKS else 0, n, first)
    fit_all(gridded, (code, bool(preserve_range), bool(raw_slope), depth, length, shuffles), out)
    slope, lower, upper, p_value, tau, intercept, correlation, runs, converged, n_valid = out
    return TrendSeries(
        slope, lower, upper, p_value, tau, intercept, correlation,
        runs.astype(np.int32), converged > 0, n_valid.astype(np.int32),
    )  # fmt: skip
