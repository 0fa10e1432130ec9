"""Trends of many series at once: prewhitening, Mann–Kendall test and Theil–Sen slope."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from abz.compiled import kernel
from abz.errors import InputError
from abz.trends.mann_kendall import mann_kendall
from abz.trends.prewhitening import unwhitened, yue_pilon, zhang
from abz.trends.theil_sen import (
    Workspace,
    intercept_of,
    present,
    sen_slope,
    slope_bounds,
    workspace,
)
from abz.validation import check_choice

__all__ = ["METHODS", "TrendSeries", "trend_series"]

METHODS = MappingProxyType({"none": 0, "yue_pilon": 1, "zhang": 2})
"""Prewhitening methods, and the number by which the compiled loop knows them."""

_RESULTS = 10


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
        Median of y − slope · t with t = 1 in the first year: level one year before it.
    autocorrelation : numpy.ndarray
        Lag-one autocorrelation that the prewhitening used; of the raw series for `none`.
    iterations : numpy.ndarray of int
        Passes of the prewhitening; 0 where there is no result.
    converged : numpy.ndarray of bool
        False where the iteration hit its limit (the last pass is reported), or no result.
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


def trend_series(
    values: np.ndarray,
    years: np.ndarray,
    method: str = "zhang",
    *,
    preserve_range: bool = False,
    raw_slope: bool = False,
) -> TrendSeries:
    """Slope and significance of the trend of each series.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        One row a series, any units; NaN where a year is missing. Not copied if float.
    years : numpy.ndarray of int (n_years,)
        Ascending; years that are left out count as missing.
    method : {"zhang", "yue_pilon", "none"}, optional
        Prewhitening.
    preserve_range : bool, optional
        Divide the first whitened series by 1 − c, which keeps its trend (zyp's
        `preserve.range.for.sig.test`).
    raw_slope : bool, optional
        Report slope, bounds and intercept of the raw series (zyp up to 0.10 with `yue_pilon`)
        instead of those of the series that is tested.

    Returns
    -------
    TrendSeries
        All NaN where the series is constant, reaches c = 1, has no neighbours to be whitened
        with, or where the series of the first slope (raw, or whitened once by `zhang`) has fewer
        than 4 values, 3 non-zero values or a tenth of its years.

    Raises
    ------
    InputError
        If shapes do not fit, years are not ascending whole numbers, or the method is unknown.

    Notes
    -----
    Agrees with R's zyp 0.11-1 (Kendall 2.2.1) to rounding, even where the iteration is chaotic. A
    straight line, at which zyp fails or whitens rounding errors, has its exact slope and the p of
    the unwhitened test.

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
    gridded = _on_whole_years(values, years)
    out = np.full((_RESULTS, gridded.shape[0]), np.nan)
    _fit_all(gridded, code, preserve_range, raw_slope, out)
    slope, lower, upper, p_value, tau, intercept, correlation, runs, converged, n_valid = out
    return TrendSeries(
        slope, lower, upper, p_value, tau, intercept, correlation,
        runs.astype(np.int32), converged > 0, n_valid.astype(np.int32),
    )  # fmt: skip


def _on_whole_years(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """The series with a column for every year from the first to the last."""
    table, times = np.asarray(values), np.asarray(years)
    if table.dtype not in (np.float32, np.float64):
        table = table.astype(np.float64)
    steps = np.diff(times)
    whole = times.ndim == 1 and times.size > 0 and bool(np.all(times == np.rint(times)))
    if not whole or bool(np.any(steps <= 0)) or table.ndim != 2 or table.shape[1] != times.size:
        raise InputError(
            "series and years do not fit together",
            rule="values are (n_series, n_years), years ascend by whole numbers",
            value=f"values {table.shape}, years {times.tolist()}",
            remedy="put the series in rows and sort the years",
        )
    if bool(np.all(steps == 1)):
        return table
    columns = (times - times[0]).astype(np.int64)
    complete = np.full((table.shape[0], int(columns[-1]) + 1), np.nan, table.dtype)
    complete[:, columns] = table
    return complete


@kernel
def _fit_all(
    values: np.ndarray, method: int, preserve_range: bool, raw_slope: bool, out: np.ndarray
) -> None:
    """Fill `out` (10, n_series) in the order of the fields of `TrendSeries`."""
    n_series, n = values.shape
    work = workspace(n)
    series, whitened = np.empty(n), np.empty(n)
    for k in range(n_series):
        for i in range(n):
            series[i] = values[k, i]
        count = present(series, work)
        out[7:9, k] = 0.0
        out[9, k] = count
        if count > 0:
            _fit(series, whitened, (method, preserve_range, raw_slope), work, out[:, k])


@kernel
def _fit(
    series: np.ndarray,
    whitened: np.ndarray,
    settings: tuple[int, bool, bool],
    work: Workspace,
    out: np.ndarray,
) -> None:
    """One series by (method, preserve_range, raw_slope); `out` (10,) stays if it has no result."""
    method, preserve_range, raw_slope = settings
    if method == 0:
        correlation, runs, converged = unwhitened(series, preserve_range, whitened, work)
    elif method == 1:
        correlation, runs, converged = yue_pilon(series, preserve_range, whitened, work)
    else:
        correlation, runs, converged = zhang(series, preserve_range, whitened, work)
    if runs == 0:
        return
    tau, p_value, variance = mann_kendall(work[1], present(whitened, work))
    fitted = whitened
    if raw_slope:
        fitted = series
        variance = mann_kendall(work[1], present(series, work))[2]
    slope = sen_slope(fitted, work)
    out[0] = slope
    out[1], out[2] = slope_bounds(fitted, variance, work)
    out[3], out[4] = p_value, tau
    out[5] = intercept_of(fitted, slope, work)
    out[6], out[7], out[8] = correlation, runs, 1.0 if converged else 0.0
