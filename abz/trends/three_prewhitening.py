"""Three prewhitenings: two that must agree on the significance, and a third for the slope.

Plain prewhitening (PW) weakens a trend and so misses some; trend-free prewhitening (TFPW-Y)
strengthens one and so invents some. A trend is significant where both find it. Its slope comes from
a third series, whose variance is corrected (VCTFPW).
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.trends.prewhitening import FEWEST_TESTED, WEAK
from abz.trends.theil_sen import Z_975

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
def three_prewhitening(
    series: np.ndarray, slope: float, residual: np.ndarray, straight: bool, whitened: np.ndarray
) -> tuple[float, bool]:
    """Fill three rows with the series of PW, TFPW-Y and VCTFPW.

    Parameters
    ----------
    series : numpy.ndarray (n,)
        NaN where a year is missing.
    slope : float
        Its Theil–Sen slope; NaN where it cannot be tested.
    residual : numpy.ndarray (n,)
        The series without its trend.
    straight : bool
        Whether the residuals are nothing but rounding.
    whitened : numpy.ndarray (3, n)
        Filled; a whitened value stands at the earlier of its two years.

    Returns
    -------
    tuple = (autocorrelation, testable)
        Correlation of neighbours in the detrended series, or in the series where that is left as
        it is. Not testable are constants, series that are too short, or with too few neighbours.

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
    correlation = neighbour_correlation(series)
    if np.isnan(slope) or np.isnan(correlation):
        return np.nan, False
    strong = Z_975 / np.sqrt(np.isfinite(series).sum())
    if straight or correlation < WEAK or correlation < strong:
        return correlation, True
    _whiten(series, correlation, whitened[0])
    if np.isfinite(whitened[0]).sum() < FEWEST_TESTED:
        return np.nan, False
    correlation = neighbour_correlation(residual)
    if abs(correlation) >= strong:
        _whiten(residual, correlation, whitened[1])
    else:
        whitened[1] = residual
    _blend(series, slope, correlation, whitened)
    return correlation, True


@kernel
def _whiten(series: np.ndarray, correlation: float, out: np.ndarray) -> None:
    """y_t = x_{t+1} − c x_t; the last is NaN."""
    out[-1] = np.nan
    for i in range(series.size - 1):
        out[i] = series[i + 1] - correlation * series[i]


@kernel
def _variance(series: np.ndarray) -> float:
    """Variance (n − 1) of the values present, two or more."""
    mean = np.nanmean(series)
    return np.nansum((series - mean) ** 2) / (np.isfinite(series).sum() - 1)


@kernel
def _blend(series: np.ndarray, slope: float, correlation: float, whitened: np.ndarray) -> None:
    """Turn row 1, the noise e, into TFPW-Y, and fill row 2 with VCTFPW."""
    noise = _variance(whitened[1])
    factor = _variance(series) / noise if noise > 0.0 else 1.0
    weakened = slope
    if correlation > 0.0:
        weakened *= np.sqrt((1.0 - correlation) / (1.0 + correlation))
    for i in range(series.size):
        whitened[2, i] = whitened[1, i] * factor + weakened * (i + 1.0)
        whitened[1, i] += slope * (i + 1.0)
