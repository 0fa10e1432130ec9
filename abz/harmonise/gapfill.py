"""The Whittaker smoother, and the NDVI series that it makes continuous.

The smoother's constant and weights are not published with the study; those here are ours:
`SMOOTHNESS` passes 99 % of an annual cycle sampled every 16 days and halves cycles of four months.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.compiled import kernel
from abz.errors import InputError
from abz.validation import check_range, check_same_shape, check_variables

__all__ = ["SMOOTHNESS", "WEIGHTS", "fill_ndvi", "whittaker"]

SMOOTHNESS = 2.0
"""Constant λ of the smoother, for series of 16-day or half-month composites."""

WEIGHTS = MappingProxyType({0: 1.0, 1: 0.5, 2: 0.1, 3: 0.1})
"""Trust in an observation by quality code: 0 good, 1 marginal, 2 snow or ice, 3 cloud."""

SERIES_AT_ONCE = 512
"""Series that are smoothed side by side; it bounds the memory only."""


def whittaker(values: np.ndarray, weights: np.ndarray, smoothness: float) -> np.ndarray:
    """Smooth evenly spaced series and fill their gaps.

    Parameters
    ----------
    values : numpy.ndarray (..., n)
        Series along the last axis; NaN is missing.
    weights : numpy.ndarray (..., n)
        Trust in each value, ≥ 0; a missing value has weight 0 whatever is given here.
    smoothness : float
        λ > 0; the larger, the smoother.

    Returns
    -------
    numpy.ndarray (..., n)
        float64; NaN throughout a series with fewer than two values of positive weight.

    Raises
    ------
    InputError
        If shapes differ, a weight is negative or `smoothness` is not positive.

    Notes
    -----
    z minimises Σ w_i (y_i − z_i)² + λ Σ (z_i − 2 z_{i+1} + z_{i+2})²  [1]_, hence
    (W + λ D'D) z = W y, a pentadiagonal system solved by an L·D·L' factorisation in O(n).

    References
    ----------
    .. [1] Eilers (2003), A perfect smoother, Anal. Chem. 75, 3631–3636.

    Examples
    --------
    >>> line = np.array([1.0, 2.0, np.nan, 4.0, 5.0])
    >>> whittaker(line, np.ones(5), 10.0).round(6).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0]
    """
    check_same_shape(values, weights, "values and weights")
    check_range(smoothness, "smoothness", minimum=np.nextafter(0.0, 1.0), maximum=1e12)
    if np.any(weights < 0):
        raise InputError("a weight is negative", rule="weights >= 0", value=np.min(weights))
    n = values.shape[-1]
    series, trust = (array.reshape(-1, n).T for array in (values, weights))
    smoothed = np.empty(series.shape)
    for part in _parts(series.shape[1]):
        smoothed[:, part] = _smoothed(series[:, part], trust[:, part], smoothness)
    return smoothed.T.reshape(values.shape)


def _parts(n: int) -> Iterator[slice]:
    """Runs of series that are smoothed together."""
    for first in range(0, n, SERIES_AT_ONCE):
        yield slice(first, min(first + SERIES_AT_ONCE, n))


def _smoothed(series: np.ndarray, weights: np.ndarray, smoothness: float) -> np.ndarray:
    """Series side by side (n, m), smoothed, float64."""
    known = np.isfinite(series) & np.isfinite(weights)
    trust = np.where(known, weights, 0.0).astype(np.float64)
    smooth = np.where(known, series, 0.0).astype(np.float64)
    too_few = np.count_nonzero(trust, axis=0) < 2
    trust[:, too_few] = 1.0  # what is solved for these goes
    _solve(_penalty(len(series), float(smoothness)), trust, smooth)
    smooth[:, too_few] = np.nan
    return smooth


@kernel
def _penalty(n: int, smoothness: float) -> np.ndarray:
    """Main, first and second diagonal (3, n) of λ D'D."""
    bands = np.zeros((3, n))
    row = (1.0, -2.0, 1.0)
    for i in range(n - 2):
        for a in range(3):
            for b in range(a, 3):
                bands[b - a, i + a] += smoothness * row[a] * row[b]
    return bands


@kernel
def _solve(bands: np.ndarray, weights: np.ndarray, z: np.ndarray) -> None:
    """Solve (W + bands) z = W y for y (n, m) in place, by L·D·L' with two subdiagonals.

    All series take each step together: the inner loops run over values that lie side by side.
    """
    n, m = z.shape
    d, first, second = np.empty((n, m)), np.empty((n, m)), np.empty((n, m))
    for i in range(n):
        for k in range(m):
            pivot, beside, right = bands[0, i] + weights[i, k], bands[1, i], weights[i, k] * z[i, k]
            if i > 0:
                pivot -= first[i - 1, k] ** 2 * d[i - 1, k]
                beside -= first[i - 1, k] * second[i - 1, k] * d[i - 1, k]
                right -= first[i - 1, k] * z[i - 1, k]
            if i > 1:
                pivot -= second[i - 2, k] ** 2 * d[i - 2, k]
                right -= second[i - 2, k] * z[i - 2, k]
            d[i, k], z[i, k] = pivot, right
            # np.divide never raises, which would bar the loop from wide instructions
            first[i, k] = np.divide(beside, pivot)
            second[i, k] = np.divide(bands[2, i], pivot)
    for i in range(n - 1, -1, -1):
        for k in range(m):
            value = np.divide(z[i, k], d[i, k])
            if i < n - 1:
                value -= first[i, k] * z[i + 1, k]
            if i < n - 2:
                value -= second[i, k] * z[i + 2, k]
            z[i, k] = value


def fill_ndvi(
    composites: xr.Dataset, smoothness: float = SMOOTHNESS, keep: slice = slice(None)
) -> xr.Dataset:
    """A continuous NDVI series, and which of its values had no observation.

    Parameters
    ----------
    composites : xarray.Dataset
        `ndvi` (time, ...), 1; and its quality code (see `WEIGHTS`), `reliability` or `flag`.
    smoothness : float, optional
        λ of the smoother.
    keep : slice, optional
        Steps to return, of a series that is smoothed whole.

    Returns
    -------
    xarray.Dataset
        `ndvi` smoothed, within [−1, 1]; `ndvi_filled`, 1 where a value was missing, else 0.
        Both NaN where a cell has no observation at all.

    Raises
    ------
    MissingDataError
        If `ndvi` or its quality code is missing.

    Examples
    --------
    >>> time = np.arange("2001-01-01", "2001-03-06", 16, dtype="datetime64[D]")
    >>> ndvi = xr.DataArray([[[0.2]], [[np.nan]], [[0.4]], [[0.5]]], dims=("time", "y", "x"))
    >>> filled = fill_ndvi(xr.Dataset({"ndvi": ndvi, "flag": ndvi * 0}))
    >>> [round(float(v), 2) for v in filled["ndvi"].values.ravel()]
    [0.2, 0.3, 0.4, 0.5]
    >>> filled["ndvi_filled"].values.ravel().tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    quality = "reliability" if "reliability" in composites else "flag"
    check_variables(composites, ["ndvi", quality], "the NDVI product")
    ndvi = composites["ndvi"].transpose("time", ...)
    codes = composites[quality].transpose("time", ...).values.reshape(len(ndvi), -1)
    values = ndvi.values.reshape(len(ndvi), -1)
    kept = ndvi[keep]
    smooth, unseen = (np.empty((len(kept), values.shape[1]), np.float32) for _ in range(2))
    for part in _parts(values.shape[1]):
        smooth[:, part], unseen[:, part] = _filled(
            values[:, part], codes[:, part], smoothness, keep
        )
    about = {"units": "1", "long_name": "share of NDVI that has no observation of its own"}
    return xr.Dataset(
        {
            "ndvi": kept.copy(data=smooth.reshape(kept.shape)),
            "ndvi_filled": kept.copy(data=unseen.reshape(kept.shape))
            .drop_attrs()
            .assign_attrs(about),
        },
        attrs=composites.attrs,
    )


def _filled(
    ndvi: np.ndarray, codes: np.ndarray, smoothness: float, keep: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Some series (n, m): smoothed, and where they had no observation."""
    weights = np.zeros(ndvi.shape)
    for code, weight in WEIGHTS.items():
        weights[codes == code] = weight
    smooth = np.clip(_smoothed(ndvi, weights, smoothness)[keep], -1.0, 1.0)
    missing = np.isnan(ndvi[keep]) | (weights[keep] == 0)
    return smooth, np.where(np.isfinite(smooth), missing, np.nan)
