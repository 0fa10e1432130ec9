"""Choosing mtry: search among the candidates, confirm the choice by leaving sites out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from abz.errors import InputError
from abz.modelling.designs import check_folds
from abz.modelling.fitting import ENGINES, GROWN, MEDIAN, Engine, check_quantile, fit_forest
from abz.modelling.folds import check_sites, leave_one_site_out
from abz.modelling.scores import scores, site_rmse
from abz.modelling.search import Watch, out_of_site, unwatched
from abz.modelling.training import check_training
from abz.seeds import derive_seed
from abz.validation import check_choice, check_whole

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
    engine: Engine = "random_forest",
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
    engine : {"random_forest", "extra_trees", "quantile_forest", "gradient_boosting"}, optional
        How the trees are grown.
    grid : sequence of int, optional
        Values to try; those above p count as p.
    search : {"out_of_site", "leave_one_site_out"}, optional
        How candidates are scored: one forest of site-drawn trees each, or a forest a site each,
        as the study does. Boosted trees need one another, so their candidates are always scored by
        leaving sites out. Those of a quantile forest are scored by their means out of site.
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
        Of `fit_forest`. With `unseen="error"` a level that only the left-out site has is missing.

    Returns
    -------
    Tuning

    Raises
    ------
    InputError
        As from `fit_forest`, or if a choice is unknown, the grid is empty, a row has no site, there
        are fewer than two, or no row can be predicted.

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
    check_choice(engine, ENGINES, "engine")
    check_choice(search, get_args(Search), "search")
    check_choice(criterion, get_args(Criterion), "criterion")
    if engine not in GROWN:
        search = "leave_one_site_out"
    (rows, response), names = check_training(X, y, predictors), np.asarray(sites)
    shared: dict[str, Any] = {
        "engine": engine, "trees": trees, "seed": seed, "workers": workers, "watch": watch,
        **options,
    }  # fmt: skip
    values = _candidates(grid, len(predictors))
    look = held_out_predictions if search == "leave_one_site_out" else _look_fast
    found = {m: look(rows, response, predictors, names, mtry=m, **shared) for m in values}
    table = search_table(response, found, names, search)
    best = _best(table, criterion)
    if search == "leave_one_site_out":
        return Tuning(best, table, found[best])
    confirmed = held_out_predictions(rows, response, predictors, names, mtry=best, **shared)
    last = search_table(response, {best: confirmed}, names, "leave_one_site_out")
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
        Of `fit_forest`. With `unseen="error"` a level that a fold does not know is missing.

    Returns
    -------
    numpy.ndarray (n,)
        NaN for rows that no fold tests, or that hold a level their fold does not know.

    Raises
    ------
    InputError
        As from `fit_forest`, or if a row has no site, there are fewer than two, or a site stands on
        both sides of a fold.
    """
    rows, response = check_training(X, y, predictors)
    names = np.asarray(sites)
    check_sites(names, len(rows))
    check_whole(workers, "workers", minimum=1)
    designed = check_folds(leave_one_site_out(names) if folds is None else folds, names)
    lenient = _lenient(options)

    def predict(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        label = str(np.unique(names[test])[0])
        fold_seed = derive_seed(seed, "fold", mtry, label)
        forest = fit_forest(
            rows[train], response[train], predictors, mtry=mtry, seed=fold_seed, **lenient
        )
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
    engine: Engine = "random_forest",
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
    X, y, predictors, sites, engine, grid, criterion, trees, seed, workers, **options
        As in `tune`; boosted trees have no search that is fast enough.

    Returns
    -------
    tuple = (numpy.ndarray (n,), pandas.Series (site))
        The predictions, and the mtry chosen for each site.

    Raises
    ------
    InputError
        As from `tune`, or for boosted trees.

    Notes
    -----
    Tuning on the sites that also score the choice flatters the score. Here each site's mtry comes
    from a search among the other sites.
    """
    check_choice(engine, list(GROWN), "engine of the nested choice")
    check_choice(criterion, get_args(Criterion), "criterion")
    check_whole(workers, "workers", minimum=1)
    rows, response = check_training(X, y, predictors)
    names, values = np.asarray(sites), _candidates(grid, len(predictors))
    check_sites(names, len(rows))
    shared: dict[str, Any] = {"engine": engine, "trees": trees, **_lenient(options)}

    def one(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, int]:
        site = str(names[test[0]])
        inner = derive_seed(seed, "nested", site)
        found = {
            m: _look_fast(
                rows[train], response[train], predictors, names[train], mtry=m, seed=inner, **shared
            )
            for m in values
        }
        best = _best(search_table(response[train], found, names[train], "out_of_site"), criterion)
        fold_seed = derive_seed(seed, "fold", best, site)
        forest = fit_forest(
            rows[train], response[train], predictors, mtry=best, seed=fold_seed, **shared
        )
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


def _candidates(grid: Sequence[int], predictors: int) -> list[int]:
    """Values of mtry to try, in ascending order, none above the number of predictors."""
    values = {min(check_whole(m, "a value of grid", minimum=1), predictors) for m in grid}
    if not values:
        raise InputError(
            "there is no mtry to choose from",
            rule="the grid has a value or more",
            value=list(grid),
            remedy="give numbers of predictors, such as (2, 9, 17)",
        )
    return sorted(values)


def _best(table: pd.DataFrame, criterion: Criterion) -> int:
    """The mtry with the smallest error, the smaller one of equals."""
    errors = table["mean_site_rmse" if criterion == "site" else "rmse"]
    if errors.isna().all():
        raise InputError(
            "no row can be predicted at a site that is held out",
            rule="sites have levels in common, and some tree is grown without each site",
            value=f"{int(table['unpredicted'].max())} rows without a prediction",
            remedy='leave the category out, fit with unseen="pool" and kin, or grow more trees',
        )
    return int(table["mtry"].iloc[int(errors.argmin())])


def _lenient(options: dict[str, Any]) -> dict[str, Any]:
    """The options; a level that only held-out rows have is missing there, and never an error."""
    return {**options, "unseen": "missing"} if options.get("unseen") == "error" else options


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
    """The fast look with a seed of its own for each mtry; it scores means, so no quantile."""
    check_quantile(options.pop("quantile", MEDIAN), options["engine"])
    inner = derive_seed(seed, "search", mtry)
    return out_of_site(X, y, predictors, sites, mtry=mtry, seed=inner, **options)
