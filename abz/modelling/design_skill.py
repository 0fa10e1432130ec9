"""Held-out predictions and scores under several fold designs, beside leaving one site out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from abz.modelling.comparison import Design, Fold
from abz.modelling.designs import check_folds
from abz.modelling.held_out import check_held_out
from abz.modelling.scores import scores, site_rmse
from abz.modelling.skill import site_bootstrap, site_sums
from abz.modelling.tuning import held_out_predictions, nested
from abz.seeds import derive_seed

__all__ = ["compare_designs", "predict_designs"]

LONE = "leave_one_site_out"


def predict_designs(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    designs: Sequence[Design],
    leave_one_out: np.ndarray,
    mtry: int,
    search: Mapping[str, Any],
    **options: Any,
) -> dict[str, np.ndarray]:
    """Predict every row under each design.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    sites : numpy.ndarray (n,)
        Site of each row.
    designs : sequence of Design
        From `make_designs`.
    leave_one_out : numpy.ndarray (n,)
        From `held_out_predictions` with one site a fold, and the same `mtry` and `options`.
    mtry : int
        Of every forest; the design "nested" chooses its own.
    search : mapping of {str: Any}
        `grid` and `criterion` of `nested`.
    **options
        `trees`, `seed`, `workers`, `watch` and those of `fit_forest`, as for `leave_one_out`.

    Returns
    -------
    dict of {str: numpy.ndarray (n,)}
        Name of each design that has folds to its predictions; NaN for rows that it does not test.

    Raises
    ------
    InputError
        If a site stands on both sides of a fold.

    Notes
    -----
    A fold that tests one site whole and trains on all others was predicted in `leave_one_out`
    already and is taken from there: designs differ where they hold out something else, and
    nowhere by chance.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, sites = rng.normal(size=(60, 1)), np.repeat(["a", "b", "c"], 20)
    >>> folds = [(np.arange(20, 60), np.arange(20)), (np.arange(20), np.arange(20, 60))]
    >>> lone = held_out_predictions(X, X[:, 0], ["lst"], sites, mtry=1, trees=5)
    >>> found = predict_designs(X, X[:, 0], ["lst"], sites, mtry=1, search={}, trees=5,
    ...                         designs=[Design("colocated", folds)], leave_one_out=lone)
    >>> bool((found["colocated"][:20] == lone[:20]).all())
    True
    """
    found = {}
    for design in designs:
        check_folds(design.folds, sites)
        if design.name == "nested" and design.folds:
            chosen = {key: value for key, value in options.items() if key != "watch"}
            found["nested"], _ = nested(X, y, predictors, sites, **search, **chosen)
        elif design.folds:
            known = [fold for fold in design.folds if _leaves_one_site_out(fold, sites)]
            others = [fold for fold in design.folds if not _leaves_one_site_out(fold, sites)]
            predicted = held_out_predictions(
                X, y, predictors, sites, folds=others, mtry=mtry, **options
            )
            for _, test in known:
                predicted[test] = leave_one_out[test]
            found[design.name] = predicted
    return found


def _leaves_one_site_out(fold: Fold, sites: np.ndarray) -> bool:
    """Whether the fold tests a single site and trains on all other rows."""
    train, test = fold
    return train.size + test.size == sites.size and np.unique(sites[test]).size == 1


def compare_designs(
    held_out: pd.DataFrame,
    designs: Sequence[Design],
    predictions: Mapping[str, np.ndarray],
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores under each design, and their change against leaving one site out.

    Parameters
    ----------
    held_out : pandas.DataFrame (n,)
        `site`, `observed`, and `predicted` by leaving one site out, g C m-2 month-1.
    designs : sequence of Design
        Those with and those without folds.
    predictions : mapping of {str: numpy.ndarray (n,)}
        From `predict_designs`.
    draws, confidence, seed
        Of the bootstrap of sites behind the interval of the change, as in `site_bootstrap`.

    Returns
    -------
    pandas.DataFrame
        A row per design: `design`, `folds`, `smallest_fold`, `largest_fold` (rows under test),
        `training_share` (mean share of the rows that a fold trains on), `w_km`, `w_feature`,
        `sites`, `n`, `unpredicted` (rows not tested, or without an answer), `r2`, `r2_sse`,
        `rmse`, `mae`, `mbe`, `mean_site_rmse`; over the rows that both predict `r2_change`,
        `rmse_change` (above zero where the design is harder), `rmse_change_low`,
        `rmse_change_high`; `note`.

    Raises
    ------
    InputError
        If a column is missing or an observation is not known.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a", "b"], "observed": [0.0, 0.0], "predicted": [1.0, 1.0]})
    >>> folds = [(np.array([0]), np.array([1])), (np.array([1]), np.array([0]))]
    >>> table = compare_designs(rows, [Design("random_sites", folds)],
    ...                         {"random_sites": np.array([3.0, 3.0])})
    >>> table[["folds", "rmse", "rmse_change", "rmse_change_low"]].values.tolist()
    [[2.0, 3.0, 2.0, 2.0]]
    """
    check_held_out(held_out, ["predicted"])
    rows = held_out[["site", "observed", "predicted"]].reset_index(drop=True)
    table = []
    for design in designs:
        own = predictions.get(design.name, np.full(len(rows), np.nan))
        change = _change(
            rows.assign(design=own), draws, confidence, derive_seed(seed, "design", design.name)
        )
        table.append({**_shape(design, len(rows)), **_scored(rows, own), **change,
                      "note": design.note})  # fmt: skip
    return pd.DataFrame(table)


def _shape(design: Design, rows: int) -> dict[str, Any]:
    """How many folds there are, how large, and how far from training."""
    sizes = [test.size for _, test in design.folds]
    trained = [train.size / rows for train, _ in design.folds]
    return {
        "design": design.name,
        "folds": len(sizes),
        "smallest_fold": min(sizes, default=0),
        "largest_fold": max(sizes, default=0),
        "training_share": float(np.mean(trained)) if trained else float("nan"),
        "w_km": design.w_km,
        "w_feature": design.w_feature,
    }


def _scored(rows: pd.DataFrame, predicted: np.ndarray) -> dict[str, float]:
    """Scores of the rows that a design predicts."""
    observed, sites = rows["observed"].to_numpy(np.float64), rows["site"].to_numpy(dtype=str)
    by_site = site_rmse(observed, predicted, sites)
    mean = float(by_site.mean()) if by_site.size else float("nan")
    return {"sites": by_site.size, **asdict(scores(observed, predicted)), "mean_site_rmse": mean}


def _change(rows: pd.DataFrame, draws: int, confidence: float, seed: int) -> dict[str, float]:
    """Change of the scores over the rows that both predict."""
    both = rows.dropna(subset=["predicted", "design"])
    both = both.sort_values(["site", "observed", "predicted", "design"], kind="stable")
    observed, lone, own = both[["observed", "predicted", "design"]].to_numpy(np.float64).T
    found, reference = scores(observed, own), scores(observed, lone)
    terms = np.stack([np.ones_like(observed), (own - observed) ** 2, (lone - observed) ** 2], 1)
    low, high = site_bootstrap(
        site_sums(terms, both["site"]), _rmse_change, draws=draws, confidence=confidence, seed=seed
    )
    return {
        "r2_change": found.r2 - reference.r2,
        "rmse_change": found.rmse - reference.rmse,
        "rmse_change_low": low[0],
        "rmse_change_high": high[0],
    }


def _rmse_change(sums: np.ndarray) -> np.ndarray:
    """√(SSE/n) of the design less that of leaving one site out (d, 1)."""
    n, own, lone = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.sqrt(own / n) - np.sqrt(lone / n))[:, None]
