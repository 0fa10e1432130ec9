"""Choosing mtry: search among the candidates, confirm the choice by leaving sites out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from abz.modelling.fitting import fit_forest
from abz.modelling.folds import leave_one_site_out
from abz.modelling.scores import scores, site_rmse
from abz.modelling.search import Watch, out_of_site, unwatched
from abz.modelling.seeds import derive_seed
from abz.validation import check_choice

__all__ = ["Criterion", "Search", "Tuning", "held_out_predictions", "nested", "tune"]

Search = Literal["out_of_site", "leave_one_site_out"]
Criterion = Literal["site", "pooled"]


@dataclass(frozen=True, eq=False)
class Tuning:
    """What the tuning found.

    Parameters
    ----------
    mtry : int
        The one with the smallest error by the criterion; the smaller one of equals.
    table : pandas.DataFrame
        A row per mtry and way to hold sites out: `held_out` ("out_of_site" or
        "leave_one_site_out"), `mtry`, `mean_site_rmse`, and the pooled scores. The rows of the
        search come first, then the confirmed choice, unless the search left sites out itself.
    held_out : numpy.ndarray (n,)
        Prediction of each row by the forest that never saw its site, with the chosen mtry.
    """

    mtry: int
    table: pd.DataFrame
    held_out: np.ndarray


def tune(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    grid: Sequence[int] = (2, 9, 17),
    search: Search = "out_of_site",
    criterion: Criterion = "site",
    trees: int = 500,
    seed: int = 0,
    workers: int = 1,
    watch: Watch = unwatched,
    **options: Any,
) -> Tuning:
    """Choose mtry and give the held-out predictions of the choice.

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
    grid : sequence of int, optional
        Values to try; those above p count as p.
    search : {"out_of_site", "leave_one_site_out"}, optional
        How candidates are scored: one forest of site-drawn trees each, or a forest a site each,
        as the study does.
    criterion : {"site", "pooled"}, optional
        The mean of the sites' RMSE, a site with one month counting as much as one with 200, as the
        study does; or the RMSE of all rows.
    trees : int, optional
        Trees of each forest.
    seed : int, optional
        A fold's seed follows from it, the mtry and the name of the site.
    workers : int, optional
        Threads; the result does not depend on them.
    watch : callable, optional
        Passes trees and folds through and shows them, such as `abz.cli.progress.track`.
    **options
        `node_size` and `categories` of `fit_forest`; `engine`, `quantile` and `unseen` too with
        `search="leave_one_site_out"`.

    Returns
    -------
    Tuning

    Raises
    ------
    InputError
        If a choice is unknown or there are fewer than two sites.

    Notes
    -----
    mtry* = argmin_m (1/S) Σ_s RMSE_s(m) by the site criterion.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 2))
    >>> sites = np.repeat(["a", "b", "c"], 20)
    >>> found = tune(X, X[:, 0], ["lst", "ndvi"], sites, grid=(1, 2), trees=5)
    >>> found.mtry, found.held_out.shape
    (2, (60,))
    """
    check_choice(search, get_args(Search), "search")
    check_choice(criterion, get_args(Criterion), "criterion")
    rows, names = np.asarray(X, np.float32), np.asarray(sites)
    shared: dict[str, Any] = {"trees": trees, "seed": seed, "workers": workers, "watch": watch}
    shared |= options
    values = sorted({min(m, rows.shape[1]) for m in grid})
    look = held_out_predictions if search == "leave_one_site_out" else _look_fast
    found = {m: look(rows, y, predictors, names, mtry=m, **shared) for m in values}
    table = search_table(y, found, names, search)
    column = "mean_site_rmse" if criterion == "site" else "rmse"
    best = values[int(table[column].argmin())]
    if search == "leave_one_site_out":
        return Tuning(best, table, found[best])
    confirmed = held_out_predictions(rows, y, predictors, names, mtry=best, **shared)
    last = search_table(y, {best: confirmed}, names, "leave_one_site_out")
    return Tuning(best, pd.concat([table, last], ignore_index=True), confirmed)


def held_out_predictions(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    folds: Iterable[tuple[np.ndarray, np.ndarray]] | None = None,
    mtry: int = 9,
    seed: int = 0,
    workers: int = 1,
    watch: Watch = unwatched,
    **options: Any,
) -> np.ndarray:
    """Predict each row by a forest that never saw its site.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes, ordered anew from the training rows of each fold.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    sites : numpy.ndarray (n,)
        Site of each row; names the seed of a fold.
    folds : iterable of (train, test), optional
        Any design of `abz.modelling`; one site a fold by default.
    mtry, seed, workers, watch
        As in `tune`.
    **options
        Of `fit_forest`.

    Returns
    -------
    numpy.ndarray (n,)
        NaN for rows that no fold tests, or that hold a level their fold does not know.
    """
    rows, names = np.asarray(X, np.float32), np.asarray(sites)
    designed = list(leave_one_site_out(names) if folds is None else folds)

    def predict(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        label = str(np.unique(names[test])[0])
        fold_seed = derive_seed(seed, "fold", mtry, label)
        forest = fit_forest(rows[train], y[train], predictors, mtry=mtry, seed=fold_seed, **options)
        return forest.predict(rows[test])

    jobs = Parallel(n_jobs=workers, prefer="threads", return_as="generator")
    found = jobs(delayed(predict)(*fold) for fold in designed)
    shown = watch(found, f"left-out sites, mtry {mtry}", len(designed))
    held_out = np.full(len(rows), np.nan)
    for (_, test), prediction in zip(designed, shown, strict=True):
        held_out[test] = prediction
    return held_out


def nested(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    grid: Sequence[int] = (2, 9, 17),
    criterion: Criterion = "site",
    trees: int = 500,
    seed: int = 0,
    workers: int = 1,
    **options: Any,
) -> tuple[np.ndarray, pd.Series]:
    """Held-out predictions whose mtry was chosen without the held-out site.

    Parameters
    ----------
    X, y, predictors, sites, grid, criterion, trees, seed, workers, **options
        As in `tune`.

    Returns
    -------
    tuple = (numpy.ndarray (n,), pandas.Series (site))
        The predictions, and the mtry chosen for each site.

    Notes
    -----
    Tuning on the sites that also score the choice flatters the score. Here each site's mtry comes
    from a search among the other sites.
    """
    rows, names = np.asarray(X, np.float32), np.asarray(sites)
    values = sorted({min(m, rows.shape[1]) for m in grid})
    column = "mean_site_rmse" if criterion == "site" else "rmse"

    def one(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, int]:
        site = str(names[test[0]])
        inner = derive_seed(seed, "nested", site)
        found = {
            m: _look_fast(
                rows[train], y[train], predictors, names[train],
                mtry=m, trees=trees, seed=inner, **options,
            )
            for m in values
        }  # fmt: skip
        table = search_table(y[train], found, names[train], "out_of_site")
        best = values[int(table[column].argmin())]
        shared: dict[str, Any] = {
            "mtry": best,
            "trees": trees,
            "seed": derive_seed(seed, "fold", best, site),
        }
        forest = fit_forest(rows[train], y[train], predictors, **shared, **options)
        return forest.predict(rows[test]), best

    folds = list(leave_one_site_out(names))
    found = Parallel(n_jobs=workers, prefer="threads")(delayed(one)(*fold) for fold in folds)
    held_out = np.empty(len(rows))
    for (_, test), (prediction, _) in zip(folds, found, strict=True):
        held_out[test] = prediction
    labels = [str(names[test[0]]) for _, test in folds]
    return held_out, pd.Series([best for _, best in found], index=labels, name="mtry")


def search_table(
    y: np.ndarray, found: dict[int, np.ndarray], sites: np.ndarray, held_out: Search
) -> pd.DataFrame:
    """Scores of each candidate: `held_out`, `mtry`, `mean_site_rmse`, and the pooled scores."""
    return pd.DataFrame(
        {
            "held_out": held_out,
            "mtry": mtry,
            "mean_site_rmse": site_rmse(y, predicted, sites).mean(),
            **asdict(scores(y, predicted)),
        }
        for mtry, predicted in found.items()
    )


def _look_fast(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    sites: np.ndarray,
    *,
    mtry: int,
    seed: int,
    **options: Any,
) -> np.ndarray:
    """The fast look with a seed of its own for each mtry; options of other engines do not apply."""
    kept = {k: v for k, v in options.items() if k not in ("engine", "quantile", "unseen")}
    inner = derive_seed(seed, "search", mtry)
    return out_of_site(X, y, predictors, sites, mtry=mtry, seed=inner, **kept)
