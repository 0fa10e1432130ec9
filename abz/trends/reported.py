"""What is reported of eight series at a time, once it is settled what is tested and what is fitted.

Tiles as in `theil_sen`. What a method says of its series stands in the rows of an array (7, 8).
"""

from __future__ import annotations

import numpy as np

from abz.compiled import kernel
from abz.eights import EIGHT, load, store
from abz.trends.mann_kendall import mann_kendall
from abz.trends.theil_sen import Workspace, intercept_of, slope_with_bounds

__all__ = [
    "CONVERGED", "CORRELATION", "NEAR", "P_VALUE", "RESULTS", "ROWS", "RUNS", "TAU", "VARIANCE",
    "read_tile", "report", "say_test",
]  # fmt: skip

ROWS = 7
TAU, P_VALUE, VARIANCE, CORRELATION, RUNS, CONVERGED, NEAR = range(ROWS)
"""Rows of what a method says: the test, the variance that the bounds rest on, the autocorrelation,
passes (0 for no result), whether it converged, and a slope near that of what is fitted, or NaN."""

RESULTS = 10
"""Rows of the results, in the order of the fields of `TrendSeries`."""


@kernel
def read_tile(values: np.ndarray, first: int, tile: np.ndarray, out: np.ndarray) -> int:
    """Fill a tile with the series from `first` on, NaN beyond the last, and tell their years.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        NaN where a year is missing.
    first : int
        Number of the first.
    tile : numpy.ndarray (n_years, 8)
        Filled.
    out : numpy.ndarray (10, n_series)
        Takes that there is no result yet, and the number of years with a value.

    Returns
    -------
    int
        How many series there are, up to 8.
    """
    n_series, n = values.shape
    number = min(EIGHT, n_series - first)
    tile[:, number:] = np.nan
    for lane in range(number):
        count = 0
        for i in range(n):
            value = values[first + lane, i]
            tile[i, lane] = value
            count += not np.isnan(value)
        out[RESULTS - 3, first + lane] = out[RESULTS - 2, first + lane] = 0.0
        out[RESULTS - 1, first + lane] = count
    return number


@kernel
def say_test(said: np.ndarray, tested: np.ndarray, work: Workspace) -> None:
    """Fill the rows of the test and its variance."""
    tau, p_value, variance = mann_kendall(tested, work)
    store(said, TAU, tau)
    store(said, P_VALUE, p_value)
    store(said, VARIANCE, variance)


@kernel
def report(
    fitted: np.ndarray, said: np.ndarray, numbers: np.ndarray, work: Workspace, out: np.ndarray
) -> None:
    """Fit the slopes of a tile, and write all that is known of its series.

    Parameters
    ----------
    fitted : numpy.ndarray (n_years, 8)
        Series whose slope, bounds and intercept are wanted.
    said : numpy.ndarray (7, 8)
        What the method says.
    numbers : numpy.ndarray of int (8,)
        Columns of `out`; below zero for none.
    work : tuple
        Workspace.
    out : numpy.ndarray (10, n_series)
        Filled, apart from the number of years; left as it is where there is no result.
    """
    fit = np.empty((4, EIGHT))
    slope, lower, upper = slope_with_bounds(fitted, load(said, VARIANCE), load(said, NEAR), work)
    store(fit, 0, slope)
    store(fit, 1, lower)
    store(fit, 2, upper)
    store(fit, 3, intercept_of(fitted, slope, work))
    for lane in range(EIGHT):
        place = numbers[lane]
        if place < 0 or said[RUNS, lane] == 0.0 or np.isnan(fit[0, lane]):
            continue
        for row in range(3):
            out[row, place] = fit[row, lane]
        out[3, place], out[4, place] = said[P_VALUE, lane], said[TAU, lane]
        out[5, place] = fit[3, lane]
        for row in range(3):
            out[6 + row, place] = said[CORRELATION + row, lane]
