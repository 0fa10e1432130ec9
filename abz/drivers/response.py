"""Response curves: the mean prediction over the training rows as one or two predictors move."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.drivers.moved import predict_moved
from abz.modelling import FluxForest, encode_levels
from abz.validation import check_choice

__all__ = [
    "PAIR_COLUMNS",
    "curve_values",
    "encoded_values",
    "nearest_value",
    "pair_responses",
    "response_curves",
    "share_nearest",
]

PAIR_COLUMNS = ("first", "second", "first_value", "second_value", "response", "rows")

CELLS_AT_ONCE = 32
"""Cells of a pair that are evaluated together, to bound the memory."""


def curve_values(column: np.ndarray, points: int) -> np.ndarray:
    """Equally spaced values from the smallest to the largest; one where the column is constant.

    Examples
    --------
    >>> curve_values(np.array([2.0, 0.0, 1.0]), 5).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """
    low, high = float(np.min(column)), float(np.max(column))
    return np.linspace(low, high, points) if high > low else np.array([low])


def nearest_value(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Number of the nearest of the ascending values to each row; ties go up.

    Examples
    --------
    >>> nearest_value(np.array([0.1, 0.5, 1.0]), np.array([0.0, 1.0])).tolist()
    [0, 1, 1]
    """
    middles = (values[1:] + values[:-1]) / 2
    return np.searchsorted(middles, column, side="right")


def share_nearest(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of the rows that lie nearest to each of the ascending values; ties go up.

    Examples
    --------
    >>> share_nearest(np.array([0.1, 0.9, 1.0, 0.2]), np.array([0.0, 1.0])).tolist()
    [0.5, 0.5]
    """
    return np.bincount(nearest_value(column, values), minlength=values.size) / column.size


def response_curves(
    forest: FluxForest, X: np.ndarray, *, points: int = 51, workers: int = 1
) -> pd.DataFrame:
    """Partial dependence of the flux on each predictor.

    Parameters
    ----------
    forest : FluxForest
        The central forest.
    X : numpy.ndarray (n, p)
        Its training rows, categories as codes.
    points : int, optional
        Values of a numeric predictor, equally spaced between its extremes; a category takes each
        of its levels.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `value` (canonical units, or a code), `response` (g C m-2 month-1), `density`
        (share of the training rows nearest to the value; each predictor's add up to 1), `rows` (as
        many rows). The same for any order of the rows.

    Notes
    -----
    R_j(v) = (1/n) Σ_i F(x_i with x_ij = v)  [1]_

    References
    ----------
    .. [1] Friedman (2001), Greedy function approximation, Annals of Statistics 29, 1189-1232.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 60)[:, None]
    >>> forest = fit_forest(X, X[:, 0] - 280, ["lst"], trees=10, mtry=1)
    >>> curve = response_curves(forest, X, points=5)
    >>> bool(curve["response"].is_monotonic_increasing), float(curve["density"].sum().round(9))
    (True, 1.0)
    """
    raw = np.asarray(X, np.float32)
    rows = forest.encode(raw)
    curves = []
    for column, name in enumerate(forest.predictors):
        values = _values(forest, raw, name, points)
        settings = encoded_values(forest, name, values)[None, :, None]
        moved = predict_moved(forest, rows, settings, [column], workers=workers)
        counts = np.bincount(nearest_value(raw[:, column], values), minlength=values.size)
        curves.append(
            pd.DataFrame(
                {
                    "predictor": name,
                    "value": values,
                    "response": _mean(moved),
                    "density": counts / len(raw),
                    "rows": counts,
                }
            )
        )
    return pd.concat(curves, ignore_index=True)


def pair_responses(
    forest: FluxForest,
    X: np.ndarray,
    pair: tuple[str, str],
    *,
    points: int = 15,
    workers: int = 1,
) -> pd.DataFrame:
    """Partial dependence of the flux on two predictors, where rows hold both values.

    Parameters
    ----------
    forest, X, workers
        As in `response_curves`.
    pair : tuple = (first, second)
        Predictors of the forest.
    points : int, optional
        Values of each, as in `response_curves`; they are the middles of cells.

    Returns
    -------
    pandas.DataFrame
        `first`, `second` (names), `first_value`, `second_value`, `response` (g C m-2 month-1; NaN
        where no row is), `rows` (rows whose two values lie nearest to these). A row per cell, the
        second value changing first; the rows add up to n.

    Raises
    ------
    InputError
        If the forest lacks one of the two.

    Notes
    -----
    R_jk(u, v) = (1/n) Σ_i F(x_i with x_ij = u, x_ik = v)  [1]_. Where no site has been in such a
    state, the answer would rest on trees' guesses alone, so none is given.

    References
    ----------
    .. [1] Friedman (2001), Greedy function approximation, Annals of Statistics 29, 1189-1232.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> X = np.random.default_rng(0).uniform(size=(60, 2))
    >>> names = ["lst", "soil_moisture"]
    >>> forest = fit_forest(X, X[:, 0] * X[:, 1], names, trees=10, mtry=2)
    >>> table = pair_responses(forest, X, ("lst", "soil_moisture"), points=3)
    >>> len(table), int(table["rows"].sum())
    (9, 60)
    """
    raw = np.asarray(X, np.float32)
    rows = forest.encode(raw)
    for name in pair:
        check_choice(name, forest.predictors, "predictor of a pair")
    columns = [forest.predictors.index(name) for name in pair]
    values = [_values(forest, raw, name, points) for name in pair]
    places = [
        nearest_value(raw[:, column], axis) for column, axis in zip(columns, values, strict=True)
    ]
    counts = np.bincount(
        places[0] * values[1].size + places[1], minlength=values[0].size * values[1].size
    )
    encoded = [encoded_values(forest, *named) for named in zip(pair, values, strict=True)]
    settings = np.stack([cells.ravel() for cells in np.meshgrid(*encoded, indexing="ij")], axis=1)
    response = np.full(counts.size, np.nan)
    held = np.flatnonzero(counts)
    for start in range(0, held.size, CELLS_AT_ONCE):
        cells = held[start : start + CELLS_AT_ONCE]
        moved = predict_moved(forest, rows, settings[cells][None], columns, workers=workers)
        response[cells] = _mean(moved)
    first, second = (cells.ravel() for cells in np.meshgrid(*values, indexing="ij"))
    return pd.DataFrame(
        {
            "first": pair[0], "second": pair[1], "first_value": first, "second_value": second,
            "response": response, "rows": counts,
        }
    )  # fmt: skip


def encoded_values(forest: FluxForest, name: str, values: np.ndarray) -> np.ndarray:
    """Values of a predictor as the trees see them: numbers as they are, codes as their place."""
    if name not in forest.levels:
        return np.asarray(values)
    return encode_levels(values, forest.levels[name])


def _values(forest: FluxForest, raw: np.ndarray, name: str, points: int) -> np.ndarray:
    """Ascending values that a curve passes."""
    if name in forest.levels:
        return np.array(sorted(forest.levels[name]), float)
    return curve_values(raw[:, forest.predictors.index(name)], points)


def _mean(moved: np.ndarray) -> np.ndarray:
    """Mean over the rows, added in an order that is the values' own."""
    return np.sort(moved, axis=0).mean(axis=0)
