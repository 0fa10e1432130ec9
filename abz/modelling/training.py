"""Training rows as trees take them: checked, and in an order that their values and names decide.

Trees draw rows and columns by number. With rows sorted by their values, and columns by the place of
their names in the vocabulary, a forest is the same however its table came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from abz.errors import InputError
from abz.modelling.categories import categorical
from abz.modelling.forest import canonical_order
from abz.validation import check_choice, check_distinct
from abz.vocabulary import PREDICTORS

__all__ = ["Training", "canonical_columns", "check_training", "sort_training"]


@dataclass(frozen=True, eq=False)
class Training:
    """Sorted training rows.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors, float32; categories as codes.
    y : numpy.ndarray (n,)
        Response, float64.
    predictors : tuple of str
        Names of the columns.
    categories : dict of {str: int}
        Column of each category.
    rows, columns : numpy.ndarray of int (n,), (p,)
        Numbers of the rows and columns as they came.
    """

    X: np.ndarray
    y: np.ndarray
    predictors: tuple[str, ...]
    categories: dict[str, int]
    rows: np.ndarray
    columns: np.ndarray


def sort_training(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    categories: Iterable[str] | None = None,
) -> Training:
    """Check training rows and sort their rows and columns.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes.
    y : numpy.ndarray (n,)
        Response.
    predictors : sequence of str
        Names of the columns.
    categories : iterable of str, optional
        Predictors that are unordered codes; those that the vocabulary declares by default.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        If shapes do not fit, values are missing or infinite, a name stands there twice or a
        category is no predictor.

    Examples
    --------
    >>> found = sort_training([[3.0, 7], [2.0, 6]], [0.0, 1.0], ["lst", "month"])
    >>> found.X.tolist(), found.predictors, found.categories
    ([[6.0, 2.0], [7.0, 3.0]], ('month', 'lst'), {'month': 0})
    """
    rows, response = check_training(X, y, predictors)
    columns = canonical_columns(predictors)
    names = tuple(predictors[column] for column in columns)
    order = canonical_order(rows[:, columns], response)
    found = {name: names.index(name) for name in _category_names(categories, predictors)}
    return Training(
        np.ascontiguousarray(rows[order][:, columns]), response[order], names, found, order, columns
    )


def check_training(
    X: np.ndarray, y: np.ndarray, predictors: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Predictors in single and the response in double precision, if a forest can be grown on them.

    Raises
    ------
    InputError
        If shapes do not fit, values are missing or infinite, or a name stands there twice.

    Examples
    --------
    >>> rows, response = check_training([[280.0]], [1], ["lst"])
    >>> rows.dtype, response.dtype
    (dtype('float32'), dtype('float64'))
    """
    rows, response = np.asarray(X, np.float32), np.asarray(y, np.float64)
    if rows.shape != (response.size, len(predictors)) or response.shape != rows.shape[:1]:
        raise InputError(
            "training rows, response and predictors do not fit together",
            rule="X is (n, p), y is (n,), predictors has p names",
            value=f"X {rows.shape}, y {response.shape}, {len(predictors)} names",
            remedy="take all three from one table: abz.modelling.complete_cases",
        )
    if not rows.size:
        raise InputError("there is nothing to train on", rule="n, p >= 1", value=rows.shape)
    check_distinct(predictors, "predictors")
    finite: np.ndarray = np.atleast_1d(np.isfinite(rows).all(axis=0))
    if not (finite.all() and np.isfinite(response).all()):
        lacking = [name for name, whole in zip(predictors, finite, strict=True) if not whole]
        raise InputError(
            "training values are missing or infinite",
            rule="all predictors and the response are finite",
            value=", ".join(lacking) or "the response",
            remedy="take complete cases first: abz.modelling.complete_cases",
        )
    return rows, response


def canonical_columns(predictors: Sequence[str]) -> np.ndarray:
    """Order of the columns that does not depend on the order in which they came.

    Examples
    --------
    >>> canonical_columns(["slope", "lst", "aspect", "month"]).tolist()
    [3, 1, 2, 0]
    """
    places = {name: place for place, name in enumerate(PREDICTORS)}
    keys = [(places.get(name, len(places)), name) for name in predictors]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__))


def _category_names(categories: Iterable[str] | None, predictors: Sequence[str]) -> list[str]:
    """Names of the categories, if each is a predictor and stands there once."""
    if isinstance(categories, str):
        raise InputError(
            "categories are a single word",
            rule="categories are a list of names of columns",
            value=repr(categories),
            remedy=f"give [{categories!r}]",
        )
    declared = categorical(predictors) if categories is None else categories
    names = check_distinct(declared, "categories")
    for name in names:
        check_choice(name, predictors, "category")
    return names
