"""Category levels in order of their mean response, so that one threshold can split them.

For a regression tree, the best split of a category into two sets of levels is found by ordering
the levels by their mean response and cutting that order once. The order is taken from all training
rows: this is exact for a split at the root of a tree, and an approximation below it, where the
order of the rows that reach a node may differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from abz.vocabulary import PREDICTORS, VEGETATION_KIN

__all__ = ["Unseen", "categorical", "encode_levels", "order_levels", "pooled_levels"]

Unseen = Literal["missing", "pool", "error"]
"""What becomes of a level that no training row holds."""

KIN = {"vegetation": VEGETATION_KIN}
"""Category to the groups of levels that stand in for one another, nearest first."""


def categorical(predictors: Iterable[str]) -> tuple[str, ...]:
    """Those predictors that the vocabulary declares to be categories.

    Examples
    --------
    >>> categorical(["month", "lst", "vegetation"])
    ('month', 'vegetation')
    """
    return tuple(p for p in predictors if p in PREDICTORS and PREDICTORS[p].is_category)


def order_levels(codes: np.ndarray, response: np.ndarray) -> tuple[int, ...]:
    """Codes in ascending order of their mean response; equal means in order of code.

    Parameters
    ----------
    codes : numpy.ndarray (n,)
        Whole-numbered codes, none missing.
    response : numpy.ndarray (n,)
        Response of each row.

    Returns
    -------
    tuple of int
        Every code once.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, 8.8.

    Examples
    --------
    >>> order_levels(np.array([70, 21, 70, 33]), np.array([-9.0, 4.0, -5.0, 1.0]))
    (70, 33, 21)
    """
    levels, level = np.unique(np.asarray(codes).astype(np.int64), return_inverse=True)
    means = np.bincount(level, weights=response) / np.bincount(level)
    return tuple(int(code) for code in levels[np.argsort(means, kind="stable")])


def encode_levels(codes: np.ndarray, levels: tuple[int, ...]) -> np.ndarray:
    """Place of each code in the order of levels; NaN where missing or not among them.

    Parameters
    ----------
    codes : numpy.ndarray (...)
        Codes, as any number type.
    levels : tuple of int
        What `order_levels` returned.

    Returns
    -------
    numpy.ndarray (...)
        float32: 0 for the level of the lowest mean response.

    Examples
    --------
    >>> encode_levels(np.array([21.0, 70.0, 60.0, np.nan]), (70, 33, 21))
    array([ 2.,  0., nan, nan], dtype=float32)
    """
    values = np.asarray(codes)
    order = np.argsort(levels)
    ascending = np.asarray(levels)[order]
    place = np.minimum(np.searchsorted(ascending, values), len(levels) - 1)
    found = ascending[place] == values
    return np.where(found, order[place].astype(np.float32), np.float32(np.nan))


def pooled_levels(
    levels: Mapping[str, tuple[int, ...]], unseen: Unseen
) -> dict[str, dict[int, int]]:
    """The level that stands in for each declared level that no training row holds.

    Parameters
    ----------
    levels : mapping of {str: tuple of int}
        Levels that training rows hold.
    unseen : {"missing", "pool", "error"}
        Only "pool" lets levels stand in.

    Returns
    -------
    dict of {str: dict of {int: int}}
        Category to {unseen level: the nearest seen level of its kin}; levels without seen kin
        are left out.

    Examples
    --------
    >>> pooled_levels({"vegetation": (70, 33)}, "pool")["vegetation"][31]
    33
    >>> pooled_levels({"vegetation": (70, 33)}, "missing")
    {}
    """
    if unseen != "pool":
        return {}
    pooled = {}
    for name, seen in levels.items():
        found = {
            code: next((other for other in kin if other in seen), None)
            for code, kin in KIN.get(name, {}).items()
            if code not in seen
        }
        pooled[name] = {code: other for code, other in found.items() if other is not None}
    return {name: stand_ins for name, stand_ins in pooled.items() if stand_ins}
