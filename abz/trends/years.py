"""Series on a row of whole years, the form in which trends are tested: gaps are years too."""

from __future__ import annotations

import numpy as np

from abz.errors import InputError

__all__ = ["LONGEST", "on_whole_years"]

LONGEST = 2000
"""Years that a series may span: its pairs of years are its square."""


def on_whole_years(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Series with a column for every year from the first to the last.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        Numbers; NaN, and what a masked array masks, is missing.
    years : numpy.ndarray of int (n_years,)
        Ascending; whole numbers of float do too.

    Returns
    -------
    numpy.ndarray (n_series, last − first + 1)
        NaN in the years that are left out; float32 if the values are, otherwise float64. The values
        themselves where nothing had to be changed.

    Raises
    ------
    InputError
        If shapes do not fit, values are no real numbers, years are not ascending whole numbers, or
        they span more than `LONGEST`.

    Examples
    --------
    >>> on_whole_years(np.array([[1.0, 2.0, 4.0]]), np.array([2001, 2002, 2004]))
    array([[ 1.,  2., nan,  4.]])
    """
    table, times = _numbers(values), np.asarray(years)
    if times.dtype.kind in "iuf":
        times = times.astype(np.float64)
    whole = (
        times.dtype.kind == "f"
        and times.ndim == 1
        and times.size > 0
        and bool(np.all(np.abs(times) < np.inf) and np.all(times == np.rint(times)))
        and bool(np.all(times[1:] > times[:-1]))
    )
    if not whole or table.ndim != 2 or table.shape[1] != times.size:
        raise InputError(
            "series and years do not fit together",
            rule="values are (n_series, n_years), years ascend by whole numbers",
            value=f"values {table.shape}, years {times.tolist()}",
            remedy="put the series in rows, and give the years as numbers, sorted",
        )
    if times[-1] - times[0] >= LONGEST:
        raise InputError(
            "the years span too long a time",
            rule=f"at most {LONGEST} years from the first to the last",
            value=f"{times[0]:.10g} to {times[-1]:.10g}",
            remedy="look for a wrong year; years are calendar years, not days or months",
        )
    columns = (times - times[0]).astype(np.int64)
    length = int(columns[-1]) + 1
    if length == times.size:
        return table
    complete = np.full((table.shape[0], length), np.nan, table.dtype)
    complete[:, columns] = table
    return complete


def _numbers(values: np.ndarray) -> np.ndarray:
    """The values in float32 or float64, NaN where masked."""
    table = np.asarray(values)
    if table.dtype.kind not in "fiub":
        raise InputError(
            "what is tested must be real numbers",
            rule="values are of float, int or bool",
            value=f"dtype {table.dtype}",
            remedy="convert them; give the magnitude of complex numbers, and times as numbers",
        )
    if table.dtype not in (np.float32, np.float64):
        table = table.astype(np.float64)
    if np.ma.isMaskedArray(values):
        return np.where(np.ma.getmaskarray(values), table.dtype.type(np.nan), table)
    return table
