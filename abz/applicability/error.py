"""Error as a function of dissimilarity: what the held-out residuals say of distant places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression

from abz.applicability.area import threshold_of
from abz.errors import InputError
from abz.validation import check_range, check_same_shape

__all__ = ["ErrorModel", "error_model", "left_out_widening"]


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """Held-out error that never falls as dissimilarity grows.

    Parameters
    ----------
    dissimilarity : numpy.ndarray (bins,)
        Mean dissimilarity of each bin of training rows, ascending, 1.
    rows : numpy.ndarray of int (bins,)
        Rows of each bin.
    observed : numpy.ndarray (bins,)
        RMSE of each bin, in the units of the residual.
    fitted : numpy.ndarray (bins,)
        The same made monotone.
    pooled : float
        RMSE of all rows.
    unpredicted : int
        Rows without a residual or a dissimilarity; they count nowhere else.
    """

    dissimilarity: np.ndarray
    rows: np.ndarray
    observed: np.ndarray
    fitted: np.ndarray
    pooled: float
    unpredicted: int

    def predict(self, dissimilarity: np.ndarray) -> np.ndarray:
        """RMSE to expect at a dissimilarity, in the units of the residual.

        Parameters
        ----------
        dissimilarity : numpy.ndarray (...)
            Any values; NaN stays NaN.

        Returns
        -------
        numpy.ndarray (...)
            Linear in the mean square between the bins. Constant before the first and after the
            last, where there is no evidence: outside the area of applicability it is a lower bound.
        """
        at = np.asarray(dissimilarity, np.float64)
        square = np.interp(at, self.dissimilarity, self.fitted**2)
        return np.where(np.isnan(at), np.nan, np.sqrt(square))

    def widening(self, dissimilarity: np.ndarray) -> np.ndarray:
        """Factor by which an error of the pooled size grows, or shrinks, at a dissimilarity."""
        return np.asarray(self.predict(dissimilarity) / self.pooled)


def error_model(dissimilarity: np.ndarray, residual: np.ndarray, *, bins: int = 20) -> ErrorModel:
    """Fit the held-out error to the dissimilarity of the training rows.

    Parameters
    ----------
    dissimilarity : numpy.ndarray (n,)
        Of each training row to the rows of other folds, 1.
    residual : numpy.ndarray (n,)
        Held-out prediction − observation, of the same folds; NaN where there is none.
    bins : int, optional
        Bins of about equally many rows; rows of one dissimilarity stay together.

    Returns
    -------
    ErrorModel
        The same for any order of the rows.

    Raises
    ------
    InputError
        If no row has both, or no residual differs from zero.

    Notes
    -----
    The mean square of the residuals in each bin, weighted by its rows, is fitted by isotonic
    regression. After Meyer & Pebesma [1]_, who fit a monotone curve to RMSE in windows of DI.

    References
    ----------
    .. [1] Meyer & Pebesma (2021), Methods in Ecology and Evolution 12, 1620-1633.

    Examples
    --------
    >>> model = error_model(np.array([0.1, 0.1, 0.5, 0.5]), np.array([1.0, -1.0, 3.0, -3.0]))
    >>> model.predict(np.array([0.0, 0.1, 0.5, 9.0])).tolist()
    [1.0, 1.0, 3.0, 3.0]
    """
    check_range(bins, "bins", minimum=1)
    check_same_shape(dissimilarity, residual, "dissimilarity and residual")
    at, square = np.asarray(dissimilarity, np.float64), np.asarray(residual, np.float64) ** 2
    known = ~(np.isnan(at) | np.isnan(square))
    at, square = at[known], square[known]
    if not square.any():
        raise InputError(
            "there is no error to model",
            rule="some row has a dissimilarity and a residual other than zero",
            value=f"{at.size} rows with both",
            remedy="give held-out residuals of the rows the area was fitted to",
        )
    order = np.lexsort((square, at))
    at, square = at[order], square[order]
    edges = np.unique(np.quantile(at, np.linspace(0, 1, bins + 1)[1:-1]))
    _, group = np.unique(np.searchsorted(edges, at, side="left"), return_inverse=True)
    rows = np.bincount(group)
    middle = np.bincount(group, weights=at) / rows
    mean_square = np.bincount(group, weights=square) / rows
    fit = IsotonicRegression().fit_transform(middle, mean_square, sample_weight=rows)
    return ErrorModel(
        dissimilarity=middle,
        rows=rows,
        observed=np.sqrt(mean_square),
        fitted=np.sqrt(fit),
        pooled=float(np.sqrt(square.mean())),
        unpredicted=int((~known).sum()),
    )


def left_out_widening(
    dissimilarity: np.ndarray, residual: np.ndarray, sites: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each row lies outside the area, and how its interval grows, as other sites say.

    Parameters
    ----------
    dissimilarity : numpy.ndarray (n,)
        Of each training row to the rows of other sites, 1.
    residual : numpy.ndarray (n,)
        Held-out prediction − observation; NaN where there is none.
    sites : numpy.ndarray (n,)
        Site of each row.

    Returns
    -------
    tuple of numpy.ndarray = (outside (n,), widening (n,))
        bool; and 1 inside the area, `ErrorModel.widening` but never below 1 outside. The same for
        any order of the rows.

    Raises
    ------
    InputError
        As `error_model`, for the rows of any site left out.

    Notes
    -----
    The rows of a site are judged by `threshold_of` and `error_model` of the rows of all others, as
    a place without a site is. Their dissimilarities are those among all training rows.

    Examples
    --------
    >>> di, residual = np.array([0.1, 0.1, 0.1, 0.3, 0.1]), np.array([1.0, 1.0, 1.0, 9.0, 2.0])
    >>> outside, widening = left_out_widening(di, residual, np.array(list("abcde")))
    >>> outside.tolist(), widening.tolist()
    ([False, False, False, True, False], [1.0, 1.0, 1.0, 1.0, 1.0])
    """
    at, names = np.asarray(dissimilarity, np.float64), np.asarray(sites, dtype=str)
    outside, widening = np.zeros(at.size, bool), np.ones(at.size)
    for site in np.unique(names):
        own = names == site
        outside[own] = at[own] > threshold_of(at[~own])
        growth = error_model(at[~own], np.asarray(residual)[~own]).widening(at[own])
        widening[own] = np.where(outside[own], np.maximum(1.0, growth), 1.0)
    return outside, widening
