"""Three prewhitenings: two that must agree on the significance, and a third for the slope.

Plain prewhitening (PW) weakens a trend and so misses some; trend-free prewhitening (TFPW-Y)
strengthens one and so invents some. A trend is significant where both find it. Its slope comes from
a third series, whose variance is corrected (VCTFPW).
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.trends.prewhitening import FEWEST_TESTED, WEAK, detrend, raw_slope_of, whiten
from abz.trends.theil_sen import Z_975, Workspace, present

__all__ = ["neighbour_correlation", "three_prewhitening"]


@kernel
def neighbour_correlation(series: np.ndarray) -> float:
    """Pearson correlation of the years with their next years; NaN of fewer than three pairs.

    Each side has its own mean, so that it is larger than the lag-one autocorrelation of `zhang`.
    """
    pairs, first, second = 0, 0.0, 0.0
    for i in range(series.size - 1):
        if not np.isnan(series[i] + series[i + 1]):
            pairs += 1
            first += series[i]
            second += series[i + 1]
    if pairs < FEWEST_TESTED:
        return np.nan
    products, squares, later = 0.0, 0.0, 0.0
    for i in range(series.size - 1):
        if not np.isnan(series[i] + series[i + 1]):
            a, b = series[i] - first / pairs, series[i + 1] - second / pairs
            products += a * b
            squares += a * a
            later += b * b
    scale = np.sqrt(squares) * np.sqrt(later)
    return max(-1.0, min(1.0, products / scale)) if scale > 0.0 else np.nan


@kernel
def _variance(series: np.ndarray, work: Workspace) -> float:
    """Variance (n − 1) of the values present, two or more."""
    count = present(series, work)
    values = work[1][:count]
    mean = values.sum() / count
    squares = 0.0
    for value in values:
        squares += (value - mean) ** 2
    return squares / (count - 1)


@kernel
def three_prewhitening(
    series: np.ndarray, whitened: np.ndarray, work: Workspace
) -> tuple[float, int, bool]:
    """Fill three rows with the series of PW, TFPW-Y and VCTFPW.

    Parameters
    ----------
    series : numpy.ndarray (n,)
        NaN where a year is missing.
    whitened : numpy.ndarray (3, n)
        Filled; a whitened value stands at the earlier of its two years.
    work : tuple
        Workspace.

    Returns
    -------
    tuple = (autocorrelation, iterations, converged)
        Correlation of neighbours in the detrended series, or in the series where that is left as
        it is. 0 iterations mean no result: constant, too short, or too few neighbours.

    Notes
    -----
    With c(x) the correlation of neighbours, strong if |c| ≥ 1.96 / √n, and b the Theil–Sen slope,
    all three series are x unless c(x) is strong and at least 0.05. Otherwise

    PW : x_{t+1} − c(x) x_t

    TFPW-Y : e_t + b t with d_t = x_t − b t, e_t = d_{t+1} − c(d) d_t if c(d) is strong, else d_t

    VCTFPW : e_t var(x) / var(e) + b t √[(1 − c(d)) / (1 + c(d))], the root only for c(d) > 0

    as in the software of its authors [1]_, which lets p be the larger of PW and TFPW-Y.

    References
    ----------
    .. [1] Collaud Coen et al. (2020), Atmospheric Measurement Techniques 13, 6945-6964.
    .. [2] Wang, Chen, Becker & Liu (2015), J. Hydrologic Engineering 20, 04015033.
    """
    whitened[:] = series
    slope = raw_slope_of(series, work)
    correlation = neighbour_correlation(series)
    if np.isnan(slope) or np.isnan(correlation):
        return np.nan, 0, False
    strong = Z_975 / np.sqrt(present(series, work))
    residual = np.empty_like(series)
    straight = not detrend(series, slope, residual)
    if straight or correlation < WEAK or correlation < strong:
        return correlation, 1, True
    whiten(series, correlation, False, whitened[0])
    if present(whitened[0], work) < FEWEST_TESTED:
        return np.nan, 0, False
    correlation = neighbour_correlation(residual)
    if abs(correlation) >= strong:
        whiten(residual, correlation, False, whitened[1])
    else:
        whitened[1] = residual
    _blend(series, slope, correlation, whitened, work)
    return correlation, 1, True


@kernel
def _blend(
    series: np.ndarray, slope: float, correlation: float, whitened: np.ndarray, work: Workspace
) -> None:
    """Turn row 1, the noise e, into TFPW-Y, and fill row 2 with VCTFPW."""
    noise = _variance(whitened[1], work)
    factor = _variance(series, work) / noise if noise > 0.0 else 1.0
    weakened = slope
    if correlation > 0.0:
        weakened *= np.sqrt((1.0 - correlation) / (1.0 + correlation))
    for i in range(series.size):
        whitened[2, i] = whitened[1, i] * factor + weakened * (i + 1.0)
        whitened[1, i] += slope * (i + 1.0)
