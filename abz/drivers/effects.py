"""Accumulated local effects: how predictions change with a predictor where rows really are.

A response curve sets a predictor to a value in all rows, also in those where the others make that
value impossible. Here each row moves only to the edges of its own bin, and the mean local changes
are added up along the predictor.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.drivers.importance import stable_order
from abz.drivers.moved import predict_moved
from abz.drivers.response import encoded_values
from abz.modelling import FluxForest
from abz.validation import check_range
from abz.vocabulary import PREDICTORS

__all__ = ["accumulated_effects", "bin_edges"]


def accumulated_effects(
    forest: FluxForest, X: np.ndarray, *, bins: int = 40, workers: int = 1
) -> pd.DataFrame:
    """Accumulated local effect of each predictor on the flux.

    Parameters
    ----------
    forest : FluxForest
        The central forest.
    X : numpy.ndarray (n, p)
        Its training rows, categories as codes.
    bins : int, optional
        Bins of a numeric predictor, of about equally many rows; fewer where values are tied.
    workers : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `value` (canonical units, or a code), `effect` (g C m-2 month-1, 0 on average
        over the rows), `rows` (those in the bin that ends at the value; those of the level). The
        same for any order of the rows.

    Notes
    -----
    With edges z_0 < … < z_K and n_k rows x_i with z_{k−1} < x_ij ≤ z_k,

    A(z_k) = Σ_{l≤k} (1/n_l) Σ_{i in l} [F(x_i with x_ij = z_l) − F(x_i with x_ij = z_{l−1})] − c

    with c such that the mean over the rows is zero, A being linear within bins [1]_. An additive F
    is recovered whatever the correlation of the predictors.

    Levels of a category stand in the order that the forest gave them, by mean response; a step
    between two neighbours is the mean over the rows of both. Months go round the year: the twelve
    steps should add up to nothing, and what they do add up to is taken off them, each in proportion
    to the inverse number of its rows, which is the least-squares answer.

    References
    ----------
    .. [1] Apley & Zhu (2020), Visualizing the effects of predictor variables in black box
       supervised learning models, J. R. Stat. Soc. B 82, 1059-1086.

    Examples
    --------
    >>> from abz.modelling import fit_forest
    >>> x = np.linspace(0, 1, 200)
    >>> forest = fit_forest(x[:, None], 10 * x, ["ndvi"], trees=20, mtry=1)
    >>> table = accumulated_effects(forest, x[:, None], bins=10)
    >>> float(np.ptp(table["effect"]).round()), int(table["rows"].sum())
    (10.0, 200)
    """
    check_range(bins, "bins", minimum=1)
    raw = np.asarray(X, np.float32)
    raw = raw[stable_order(raw, np.zeros(len(raw)), forest.predictors)]
    rows = forest.encode(raw)
    tables = []
    for column, name in enumerate(forest.predictors):
        if name in forest.levels:
            values, effect, counts = _of_levels(forest, rows, raw[:, column], name, workers)
        else:
            values, effect, counts = _of_values(forest, rows, column, bins, workers)
        found = {"predictor": name, "value": values, "effect": effect, "rows": counts}
        tables.append(pd.DataFrame(found))
    return pd.concat(tables, ignore_index=True)


def bin_edges(column: np.ndarray, bins: int) -> np.ndarray:
    """Values that cut the rows in bins of about equally many; every bin holds the one at its end.

    Examples
    --------
    >>> bin_edges(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 5.0]), 3).tolist()
    [0.0, 1.0, 5.0]
    """
    levels = np.linspace(0, 1, bins + 1)
    return np.unique(np.quantile(column, levels, method="inverted_cdf"))


Effect = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Values, their centred effect, and their rows."""


def _of_values(
    forest: FluxForest, rows: np.ndarray, column: int, bins: int, workers: int
) -> Effect:
    """Effect of a numeric predictor at the edges of its bins."""
    edges = bin_edges(rows[:, column], bins)
    if edges.size == 1:
        return edges, np.zeros(1), np.array([len(rows)])
    upper = np.maximum(np.searchsorted(edges, rows[:, column], side="left"), 1)
    settings = np.stack([edges[upper - 1], edges[upper]], axis=1)[:, :, None]
    at_edges = predict_moved(forest, rows, settings, [column], workers=workers)
    counts = np.bincount(upper, minlength=edges.size)
    steps = np.bincount(upper, at_edges[:, 1] - at_edges[:, 0], edges.size)[1:] / counts[1:]
    effect = np.concatenate([[0.0], np.cumsum(steps)])
    middles = (effect[1:] + effect[:-1]) / 2
    return edges, effect - np.average(middles, weights=counts[1:]), counts


def _of_levels(
    forest: FluxForest, rows: np.ndarray, codes: np.ndarray, name: str, workers: int
) -> Effect:
    """Effect of the levels of a category, ascending by code."""
    levels = np.array(forest.levels[name])
    round_the_year = name in PREDICTORS and PREDICTORS[name].cadence == "calendar"
    along = np.sort(levels) if round_the_year else levels
    closed = round_the_year and along.size > 2
    place = np.argsort(along)[np.searchsorted(np.sort(along), codes)]
    counts = np.bincount(place, minlength=along.size)
    beside = place[:, None] + np.array([-1, 0, 1])
    beside = beside % along.size if closed else np.clip(beside, 0, along.size - 1)
    settings = encoded_values(forest, name, along)[beside][:, :, None]
    column = forest.predictors.index(name)
    at = predict_moved(forest, rows, settings, [column], workers=workers)
    total = np.bincount(place, at[:, 2] - at[:, 1], along.size)
    total += np.roll(np.bincount(place, at[:, 1] - at[:, 0], along.size), -1)
    shared = counts + np.roll(counts, -1)
    steps = total / shared
    if closed:
        steps -= steps.sum() * (1 / shared) / (1 / shared).sum()
    effect = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    effect -= np.average(effect, weights=counts)
    order = np.argsort(along)
    return along[order].astype(float), effect[order], counts[order]
