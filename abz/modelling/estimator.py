"""The forest behind scikit-learn's interface: clone it, search its parameters, put it in pipelines.

`fit_forest` is the function that trains; this class holds its arguments as parameters, takes tables
and arrays, and answers with `predict` and `score` as any regressor of scikit-learn does.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from abz.errors import InputError
from abz.modelling.categories import Kin, Unseen
from abz.modelling.fitting import MEDIAN, Engine, fit_forest
from abz.modelling.forest import FluxForest
from abz.validation import check_whole

__all__ = ["FluxForestRegressor", "RowsError"]


class RowsError(InputError, ValueError):
    """Rows that are no complete numbers; a ValueError too, as scikit-learn wants it."""


class FluxForestRegressor(RegressorMixin, BaseEstimator):
    """Forest of one flux with declared categories, as a regressor of scikit-learn.

    Parameters
    ----------
    engine : {"random_forest", "extra_trees", "quantile_forest", "gradient_boosting"}, optional
        How the trees are grown.
    trees : int, optional
        Number of trees.
    mtry : int or None, optional
        Predictors tried at a node; a category counts as one. None for a third of them, rounded
        down, as R's randomForest takes for regression.
    node_size : int, optional
        A node with no more draws than this becomes a leaf, as in R.
    quantile : float, optional
        What a quantile forest answers with, 0 to 1; other engines answer with a mean.
    unseen : {"missing", "pool", "error"}, optional
        What becomes of a level that no training row holds: NaN, the nearest level of its kin, or
        an error.
    kin : mapping of {str: mapping of {int: sequence of int}} or None, optional
        Levels that stand in for others with `unseen="pool"`, nearest first, by name of the column.
        None for those of the vocabulary.
    categories : sequence of str or int, or None, optional
        Names or numbers of the columns that are unordered codes. None for those that the
        vocabulary declares, where the columns have names.
    random_state : int, numpy.random.RandomState or None, optional
        Seed of the forest; None for another one at each fit.
    workers : int, optional
        Threads; nothing but the time depends on them.

    Attributes
    ----------
    forest_ : FluxForest
        The trained forest, to be stored with `save_forest`.
    n_features_in_ : int
        Number of columns of the training rows.
    feature_names_in_ : numpy.ndarray of str (n_features_in_,)
        Their names, if they came as a table.

    Raises
    ------
    InputError
        From `fit`, if a parameter is out of range or a category is no column.
    RowsError
        From `fit` and `predict`, naming the columns that hold missing values or words.

    Notes
    -----
    Rows must be complete, as for scikit-learn's forests; levels that no training row holds are
    subject to `unseen`. A level that only a left-out site has is such a level: with "missing" its
    predictions are NaN, and so is the fold's score in `cross_val_score` and `GridSearchCV`. Give it
    kin and `unseen="pool"`, or score the rest of `cross_val_predict` with `abz.modelling.scores`,
    which counts rows without a prediction.

    `score` is scikit-learn's R2, 1 − SSE/SST; `abz.modelling.scores` also
    gives the squared correlation, which the study calls R2.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
    >>> rng = np.random.default_rng(0)
    >>> rows = pd.DataFrame({"month": rng.integers(1, 13, 120), "lst": rng.normal(280, 9, 120)})
    >>> flux = (rows["lst"] - 280).clip(0) * rows["month"].isin([6, 7, 8])
    >>> model = FluxForestRegressor(trees=20, mtry=2, random_state=1)
    >>> sites = np.repeat(["a", "b", "c"], 40)
    >>> held_out = cross_val_predict(model, rows, flux, groups=sites, cv=LeaveOneGroupOut())
    >>> bool(np.corrcoef(held_out, flux)[0, 1] > 0.5)
    True
    """

    def __init__(
        self,
        *,
        engine: Engine = "random_forest",
        trees: int = 500,
        mtry: int | None = None,
        node_size: int = 5,
        quantile: float = MEDIAN,
        unseen: Unseen = "missing",
        kin: Kin | None = None,
        categories: Sequence[str | int] | None = None,
        random_state: int | np.random.RandomState | None = 0,
        workers: int = 1,
    ) -> None:
        self.engine = engine
        self.trees = trees
        self.mtry = mtry
        self.node_size = node_size
        self.quantile = quantile
        self.unseen = unseen
        self.kin = kin
        self.categories = categories
        self.random_state = random_state
        self.workers = workers

    def fit(self, X: ArrayLike, y: ArrayLike) -> FluxForestRegressor:
        """Train the forest.

        Parameters
        ----------
        X : array or pandas.DataFrame (n, p)
            Predictors, rounded to float32; categories as codes.
        y : array (n,)
            Flux, g C m-2 month-1.

        Returns
        -------
        FluxForestRegressor
            Itself.
        """
        rows, response = self._validated(X, y, y_numeric=True)
        names = self._names()
        self.forest_: FluxForest = fit_forest(
            rows,
            response,
            names,
            engine=self.engine,
            trees=self.trees,
            mtry=max(1, rows.shape[1] // 3) if self.mtry is None else self.mtry,
            node_size=self.node_size,
            quantile=self.quantile,
            unseen=self.unseen,
            kin=self.kin,
            categories=self._categories(names),
            seed=_seed(self.random_state),
            workers=self.workers,
        )
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Flux of each row.

        Parameters
        ----------
        X : array or pandas.DataFrame (n, p)
            As in `fit`.

        Returns
        -------
        numpy.ndarray (n,)
            In the units of `y`; NaN for levels that no training row holds, by `unseen`.
        """
        check_is_fitted(self)
        rows = self._validated(X, reset=False)
        return self.forest_.predict(rows, workers=self.workers)

    def _validated(self, X: ArrayLike, *y: ArrayLike, **options: bool) -> Any:
        """What scikit-learn's check returns; its errors name the columns that are to blame."""
        try:
            return validate_data(self, X, *y, dtype=np.float64, **options)
        except ValueError as error:
            lacking = _incomplete_columns(X)
            if not lacking:
                raise
            raise RowsError(
                "columns hold missing values or words",
                rule="all predictors are numbers, none NaN or inf; categories are codes",
                value=", ".join(lacking),
                remedy="drop such rows (abz.modelling.complete_cases), or number the words",
            ) from error

    def _names(self) -> list[str]:
        """Names of the columns; x0, x1, … where they came without."""
        given = getattr(self, "feature_names_in_", None)
        if given is not None:
            return [str(name) for name in given]
        return [f"x{column}" for column in range(self.n_features_in_)]

    def _categories(self, names: Sequence[str]) -> Sequence[str] | None:
        """The categories with numbers of columns replaced by names."""
        if self.categories is None or isinstance(self.categories, str):
            return self.categories
        return [_column(item, names) for item in self.categories]


def _column(item: Any, names: Sequence[str]) -> str:
    """Name of a column that is given by its number; anything else as it is."""
    if isinstance(item, Integral):
        return names[check_whole(item, "a category's column", minimum=-len(names),
                                 maximum=len(names) - 1)]  # fmt: skip
    return str(item)


def _incomplete_columns(X: Any) -> list[str]:
    """Columns that hold anything but finite numbers."""
    table = pd.DataFrame(X)
    numbers = table.apply(pd.to_numeric, errors="coerce")
    return [str(name) for name in table if not np.isfinite(numbers[name]).all()]


def _seed(random_state: Any) -> int:
    """A seed of the forest: a whole number as it is, one drawn from a generator otherwise."""
    if isinstance(random_state, Integral):
        return check_whole(random_state, "random_state")
    return int(check_random_state(random_state).randint(2**31 - 1))
