"""Predictions of rows in which a few predictors take other values, many values at once.

Everything in this room asks a forest what it would say of a row if some of its predictors were
different. The copies of a row that this makes differ in few columns and are handed over together,
so they share most of their way down a tree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abz.errors import InputError
from abz.modelling import FluxForest

__all__ = ["predict_moved"]

COPIES_AT_ONCE = 2**18
"""Copies of rows that are held in memory together."""


def predict_moved(
    forest: FluxForest,
    rows: np.ndarray,
    values: np.ndarray,
    columns: Sequence[int],
    *,
    workers: int = 1,
) -> np.ndarray:
    """Flux of each row with some of its columns set to each of several values.

    Parameters
    ----------
    forest : FluxForest
        Any forest.
    rows : numpy.ndarray (n, p)
        Rows that have passed `FluxForest.encode`.
    values : numpy.ndarray (n, s, g) or (1, s, g)
        What the columns are set to, encoded as the rows are: s settings of g columns, those of each
        row or the same for all.
    columns : sequence of int (g,)
        Columns that are set.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    numpy.ndarray (n, s)
        g C m-2 month-1, to the last bit what `FluxForest.predict_encoded` says of each copy by
        itself; NaN where a copy lacks a value.

    Raises
    ------
    InputError
        If the shapes do not fit together.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 60)[:, None]
    >>> forest = fit_forest(X, X[:, 0], ["lst"], trees=10, mtry=1)
    >>> settings = np.array([[[270.0], [290.0]]])
    >>> predict_moved(forest, forest.encode(X[:1]), settings, [0]).round().tolist()
    [[270.0, 290.0]]
    """
    given = np.asarray(values, np.float32)
    _check_settings(rows, given, columns)
    settings = given.shape[1]
    given = np.broadcast_to(given, (len(rows), *given.shape[1:]))
    answer = np.empty((len(rows), settings))
    order = forest.order(rows)
    step = max(1, COPIES_AT_ONCE // settings)
    for start in range(0, len(rows), step):
        part = order[start : start + step]
        copies = np.repeat(rows[part, None], settings, axis=1)
        copies[:, :, list(columns)] = given[part]
        flat = copies.reshape(-1, rows.shape[1])
        told = forest.predict_encoded(flat, workers=workers, alike=True)
        answer[part] = told.reshape(-1, settings)
    return answer


def _check_settings(rows: np.ndarray, values: np.ndarray, columns: Sequence[int]) -> None:
    """Refuse settings that do not belong to the rows and columns."""
    one_each = values.ndim == 3 and values.shape[0] in (1, len(rows))
    if not one_each or values.shape[1] < 1 or values.shape[2] != len(set(columns)):
        raise InputError(
            "rows, values and columns do not fit together",
            rule="values are (n, s, g) or (1, s, g), for n rows, s >= 1 and g different columns",
            value=f"rows {rows.shape}, values {values.shape}, columns {list(columns)}",
        )
