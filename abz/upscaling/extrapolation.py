"""Where a month asks the forests beyond their training rows, predictor by predictor.

A forest answers a value outside the range of its training rows with the leaf of the nearest value
that it has seen. The flag of a predictor says so in each cell and month; flags of one flux are the
bits of one integer, and one bit says that there is no flux. A category has no range;
`abz.upscaling.support` speaks of its levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abz.errors import InputError
from abz.vocabulary import PREDICTORS

__all__ = [
    "NO_FLUX",
    "Range",
    "count_flags",
    "flag_masks",
    "flagged_predictors",
    "range_flags",
    "training_ranges",
]

MOST = 30
"""Predictors whose flags one integer holds."""
NO_FLUX = 1 << MOST
"""Flag of a cell-month without a flux."""


@dataclass(frozen=True)
class Range:
    """Smallest and largest training value of a predictor, both inside."""

    low: float
    high: float


def training_ranges(X: np.ndarray, predictors: Sequence[str]) -> dict[str, Range]:
    """Range of each predictor over the training rows; none of a category.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Training rows.
    predictors : sequence of str (p,)
        Names of the columns.

    Returns
    -------
    dict of {str: Range}
        In single precision, as the forests compare.

    Examples
    --------
    >>> training_ranges(np.array([[1, 270.0], [7, 280.5]]), ["month", "lst"])
    {'lst': Range(low=270.0, high=280.5)}
    """
    rows = np.asarray(X, np.float32)
    return {
        name: Range(float(column.min()), float(column.max()))
        for name, column in zip(predictors, rows.T, strict=True)
        if not (name in PREDICTORS and PREDICTORS[name].is_category)
    }


def flagged_predictors(predictors: Sequence[str]) -> list[str]:
    """Predictors that have a flag: all but categories.

    Raises
    ------
    InputError
        If there are more than an integer has bits.

    Examples
    --------
    >>> flagged_predictors(["month", "lst", "vegetation", "ndvi"])
    ['lst', 'ndvi']
    """
    names = [p for p in predictors if not (p in PREDICTORS and PREDICTORS[p].is_category)]
    if len(names) > MOST:
        raise InputError(
            "there are too many predictors for the flags of extrapolation",
            rule=f"at most {MOST} that are no categories",
            value=len(names),
            remedy="leave some out",
        )
    return names


def flag_masks(predictors: Sequence[str]) -> dict[str, int]:
    """Bit of each flagged predictor.

    Examples
    --------
    >>> flag_masks(["month", "lst", "ndvi"])
    {'lst': 1, 'ndvi': 2}
    """
    return {name: 1 << place for place, name in enumerate(flagged_predictors(predictors))}


def range_flags(
    block: np.ndarray,
    predictors: Sequence[str],
    ranges: Mapping[str, Range],
    predicted: np.ndarray,
) -> np.ndarray:
    """Which predictors lie outside their range, in each cell and month.

    Parameters
    ----------
    block : numpy.ndarray of float32 (time, y, x, predictor)
        Predictors in canonical units.
    predictors : sequence of str
        Names along the last dimension.
    ranges : mapping of {str: Range}
        Of the training rows of one flux; a predictor without a range is never flagged.
    predicted : numpy.ndarray of bool (time, y, x)
        Where there is a flux.

    Returns
    -------
    numpy.ndarray of int32 (time, y, x)
        Sum of the bits `flag_masks` of those outside; 0 where all are inside; `NO_FLUX` where
        there is no flux.

    Examples
    --------
    >>> block = np.array([[[[7, 250, 0.2], [7, 275, 0.9]]]], np.float32)
    >>> ranges = {"lst": Range(260, 300), "ndvi": Range(-0.2, 0.8)}
    >>> range_flags(block, ["month", "lst", "ndvi"], ranges, np.ones((1, 1, 2), bool)).tolist()
    [[[1, 2]]]
    """
    flags = np.zeros(predicted.shape, np.int32)
    for name, mask in flag_masks(predictors).items():
        if name in ranges:
            values, known = block[..., list(predictors).index(name)], ranges[name]
            flags |= np.int32(mask) * ((values < known.low) | (values > known.high))
    flags[~predicted] = NO_FLUX
    return flags


def count_flags(flags: np.ndarray, predictors: Sequence[str]) -> np.ndarray:
    """Cells in which each predictor lies outside its range.

    Parameters
    ----------
    flags : numpy.ndarray of int32 (time, y, x)
        From `range_flags`.
    predictors : sequence of str (p,)
        As there.

    Returns
    -------
    numpy.ndarray of int64 (time, p)
        0 for a category.

    Examples
    --------
    >>> count_flags(np.array([[[3, 2, NO_FLUX]]]), ["month", "lst", "ndvi"]).tolist()
    [[0, 1, 2]]
    """
    masks = flag_masks(predictors)
    counts = np.zeros((len(flags), len(predictors)), np.int64)
    for column, name in enumerate(predictors):
        if name in masks:
            counts[:, column] = (flags & masks[name] > 0).sum(axis=(1, 2))
    return counts
