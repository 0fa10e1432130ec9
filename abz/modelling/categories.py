"""Category levels in order of their mean response, so that one threshold can split them.

For a regression tree, the best split of a category into two sets of levels is found by ordering
the levels by their mean response and cutting that order once. The order is taken from all training
rows: this is exact for a split at the root of a tree, and an approximation below it, where the
order of the rows that reach a node may differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from abz.errors import InputError
from abz.vocabulary import PREDICTORS, VEGETATION_KIN

__all__ = ["Kin", "Unseen", "categorical", "encode_levels", "order_levels", "pooled_levels"]

Unseen = Literal["missing", "pool", "error"]
"""What becomes of a level that no training row holds."""

Kin = Mapping[str, Mapping[int, Sequence[int]]]
"""Category to {level: those that may stand in for it, such as its parent class, nearest first}."""

LARGEST_CODE = 2**24
"""Single precision holds every whole number up to this."""


def categorical(predictors: Iterable[str]) -> tuple[str, ...]:
    """Those predictors that the vocabulary declares to be categories.

    Examples
    --------
    >>> categorical(["month", "lst", "vegetation"])
    ('month', 'vegetation')
    """
    return tuple(p for p in predictors if p in PREDICTORS and PREDICTORS[p].is_category)


def order_levels(
    codes: np.ndarray, response: np.ndarray, name: str = "the category"
) -> tuple[int, ...]:
    """Codes in ascending order of their mean response; equal means in order of code.

    Parameters
    ----------
    codes : numpy.ndarray (n,)
        Whole-numbered codes, none missing.
    response : numpy.ndarray (n,)
        Response of each row.
    name : str, optional
        Name of the category, for the error.

    Returns
    -------
    tuple of int
        Every code once.

    Raises
    ------
    InputError
        If a code is no whole number, or larger than single precision holds.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, 8.8.

    Examples
    --------
    >>> order_levels(np.array([70, 21, 70, 33]), np.array([-9.0, 4.0, -5.0, 1.0]))
    (70, 33, 21)
    """
    levels, level = np.unique(np.asarray(codes, np.float64), return_inverse=True)
    strange = levels[~((np.abs(levels) <= LARGEST_CODE) & (levels == np.rint(levels)))]
    if strange.size:
        raise InputError(
            f"{name} holds values that are no codes",
            rule=f"codes are whole numbers, at most {LARGEST_CODE} from zero",
            value=", ".join(map(str, strange[:5].tolist())),
            remedy=f"give {name} as codes, neither scaled nor missing, or as no category",
        )
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
    levels: Mapping[str, Sequence[int]], unseen: Unseen, kin: Kin | None = None
) -> dict[str, dict[int, int]]:
    """The level that stands in for each level with kin that no training row holds.

    Parameters
    ----------
    levels : mapping of {str: sequence of int}
        Levels that training rows hold.
    unseen : {"missing", "pool", "error"}
        Only "pool" lets levels stand in.
    kin : mapping of {str: mapping of {int: sequence of int}}, optional
        Category to {level: those that may stand in for it, nearest first}. The vocabulary declares
        that of its own categories: vegetation types have kin, months have none.

    Returns
    -------
    dict of {str: dict of {int: int}}
        Category to {unseen level: the nearest seen level of its kin}; levels without seen kin
        are left out.

    Raises
    ------
    InputError
        If levels are to be pooled in a category whose kin nobody declares.

    Examples
    --------
    >>> pooled_levels({"vegetation": (70, 33)}, "pool")["vegetation"][31]
    33
    >>> pooled_levels({"soil": (1, 2)}, "pool", {"soil": {11: [1], 12: [1], 21: [2]}})
    {'soil': {11: 1, 12: 1, 21: 2}}
    >>> pooled_levels({"vegetation": (70, 33)}, "missing")
    {}
    """
    if unseen != "pool":
        return {}
    alone: Kin = {name: {} for name in categorical(PREDICTORS)}
    declared = {**alone, "vegetation": VEGETATION_KIN, **(kin or {})}
    undeclared = [name for name in levels if name not in declared]
    if undeclared:
        raise InputError(
            "levels cannot be pooled without kin",
            rule='with unseen="pool", kin names the levels that stand in for others',
            value=f"none for {', '.join(undeclared)}",
            remedy=f'give kin={{"{undeclared[0]}": {{level: (its parent,), …}}}}, {{}} for no kin',
        )
    pooled: dict[str, dict[int, int]] = {}
    for name, seen in levels.items():
        for code, others in declared[name].items():
            known = [other for other in others if other in seen]
            if known and code not in seen:
                pooled.setdefault(name, {})[code] = known[0]
    return pooled
