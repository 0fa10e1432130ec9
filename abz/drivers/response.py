"""Response curves: the mean prediction over the training rows as one predictor moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.modelling import FluxForest

__all__ = ["curve_values", "response_curves", "share_nearest"]


def curve_values(column: np.ndarray, points: int) -> np.ndarray:
    """Equally spaced values from the smallest to the largest; one where the column is constant.

    Examples
    --------
    >>> curve_values(np.array([2.0, 0.0, 1.0]), 5).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """
    low, high = float(np.min(column)), float(np.max(column))
    return np.linspace(low, high, points) if high > low else np.array([low])


def share_nearest(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of the rows that lie nearest to each of the ascending values; ties go up.

    Examples
    --------
    >>> share_nearest(np.array([0.1, 0.9, 1.0, 0.2]), np.array([0.0, 1.0])).tolist()
    [0.5, 0.5]
    """
    middles = (values[1:] + values[:-1]) / 2
    nearest = np.searchsorted(middles, column, side="right")
    return np.bincount(nearest, minlength=values.size) / column.size


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
        (share of the training rows nearest to the value; each predictor's add up to 1).

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
        if name in forest.levels:
            values = np.array(sorted(forest.levels[name]), float)
        else:
            values = curve_values(raw[:, column], points)
        moved = _encoded_values(forest, name, values)
        response = _mean_at(forest, rows, column, moved, workers)
        density = share_nearest(raw[:, column], values)
        curves.append(
            pd.DataFrame(
                {"predictor": name, "value": values, "response": response, "density": density}
            )
        )
    return pd.concat(curves, ignore_index=True)


def _encoded_values(forest: FluxForest, name: str, values: np.ndarray) -> np.ndarray:
    """The values as the trees see them."""
    if name not in forest.levels:
        return values
    place = {code: number for number, code in enumerate(forest.levels[name])}
    return np.array([place[int(code)] for code in values])


def _mean_at(
    forest: FluxForest, rows: np.ndarray, column: int, values: np.ndarray, workers: int
) -> np.ndarray:
    """Mean prediction over the rows with one column set to each of the values."""
    moved = np.repeat(rows[None], values.size, axis=0)
    moved[:, :, column] = values[:, None]
    predicted = forest.predict_encoded(moved.reshape(-1, rows.shape[1]), workers=workers)
    return predicted.reshape(values.size, -1).mean(axis=1)
