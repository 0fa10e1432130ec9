"""Bootstrap members: the same forest fitted to resampled rows, whose spread is the uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from abz.errors import InputError
from abz.modelling.categories import categorical
from abz.modelling.fitting import fit_forest
from abz.modelling.forest import FluxForest
from abz.modelling.stratified import resample_sites
from abz.modelling.training import sort_training
from abz.seeds import derive_seed
from abz.validation import check_same_shape, check_whole

__all__ = ["bootstrap_members", "member_columns", "resample"]


def member_columns(predictors: Sequence[str], choice: Literal["continuous", "all"]) -> list[int]:
    """Columns that the members use: all, or those that are no categories.

    Examples
    --------
    >>> member_columns(["month", "lst", "ndvi"], "continuous")
    [1, 2]
    """
    left_out = categorical(predictors) if choice == "continuous" else ()
    return [i for i, name in enumerate(predictors) if name not in left_out]


def resample(rows: int, rng: np.random.Generator, *, sites: np.ndarray | None = None) -> np.ndarray:
    """Row numbers drawn with replacement.

    Parameters
    ----------
    rows : int
        Number of rows.
    rng : numpy.random.Generator
        Source of the draws.
    sites : numpy.ndarray (rows,), optional
        If given, whole sites are drawn, as many as there are; otherwise rows are.

    Returns
    -------
    numpy.ndarray of int64
        `rows` numbers if rows are drawn; about as many if sites are.

    Examples
    --------
    >>> resample(4, np.random.default_rng(1)).size
    4
    """
    if sites is None:
        return rng.integers(rows, size=rows)
    names, number = np.unique(sites, return_inverse=True)
    members = [np.flatnonzero(number == i) for i in range(names.size)]
    return np.concatenate([members[i] for i in rng.integers(names.size, size=names.size)])


def bootstrap_members(
    X: np.ndarray,
    y: np.ndarray,
    predictors: Sequence[str],
    *,
    members: int = 20,
    trees: int = 500,
    mtry: int = 9,
    member_predictors: Literal["continuous", "all"] = "continuous",
    sites: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    seed: int = 0,
    workers: int = 1,
    **options: Any,
) -> Iterator[FluxForest]:
    """Fit the members one after the other.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors; categories as codes.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    predictors : sequence of str
        Names of the columns.
    members : int, optional
        Number of members.
    trees : int, optional
        Trees of each member.
    mtry : int, optional
        The central forest's; at most the number of predictors that the members use.
    member_predictors : {"continuous", "all"}, optional
        Whether categories are left out, as in the study.
    sites : numpy.ndarray (n,), optional
        If given, sites are resampled in place of rows.
    strata : numpy.ndarray (n,), optional
        Level of each row that every member has to keep, such as its vegetation: sites are then
        drawn as `resample_sites` draws them.
    seed : int, optional
        A member's seed follows from it and the member's number.
    workers : int, optional
        Threads; the members do not depend on them.
    **options
        `engine`, `node_size`, `quantile`, `unseen` and `kin` of `fit_forest`.

    Yields
    ------
    FluxForest
        Members 1, 2, …; the same for any order of the rows and predictors.

    Raises
    ------
    InputError
        As from `fit_forest`, or if no predictor is left, or strata are given without sites.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, uncertainty: 20 bootstrap data sets, no categories.

    Examples
    --------
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> len(list(bootstrap_members(X, X[:, 0], ["lst"], members=3, trees=2)))
    3
    """
    check_whole(members, "members", minimum=1)
    check_whole(mtry, "mtry", minimum=1)
    columns = member_columns(predictors, member_predictors)
    if not columns:
        raise InputError(
            "the members have no predictor",
            rule="at least one predictor is no category",
            value=list(predictors),
            remedy='set [forest] member_predictors = "all"',
        )
    if strata is not None and sites is None:
        raise InputError(
            "strata have no sites",
            rule="strata part the sites that are resampled",
            value="strata, but no sites",
            remedy="give the site of each row, or no strata",
        )
    names = [predictors[i] for i in columns]
    if sites is not None:
        check_same_shape(y, sites, "fluxes and sites")
    order = sort_training(X, y, predictors).rows
    rows, response = np.asarray(X, np.float32)[order][:, columns], np.asarray(y)[order]
    groups = None if sites is None else np.asarray(sites)[order]
    levels = None if strata is None else np.asarray(strata)[order]
    for member in range(1, members + 1):
        rng = np.random.default_rng(derive_seed(seed, "resample", member))
        if groups is None or levels is None:
            drawn = resample(response.size, rng, sites=groups)
        else:
            drawn = resample_sites(groups, levels, rng)
        yield fit_forest(
            rows[drawn],
            response[drawn],
            names,
            trees=trees,
            mtry=min(mtry, len(names)),
            seed=derive_seed(seed, "member", member),
            workers=workers,
            **options,
        )
