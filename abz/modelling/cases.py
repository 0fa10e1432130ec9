"""Complete cases: the rows of a training table that a model of one flux can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.validation import check_columns

__all__ = ["Cases", "complete_cases"]


@dataclass(frozen=True, eq=False)
class Cases:
    """Predictors and response of the complete rows.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors in canonical units, float32; categories as codes.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1.
    table : pandas.DataFrame
        The complete rows, all columns, index 0 … n − 1.
    dropped : dict of {str: int}
        Rows that lack each column; a row may lack several.
    """

    X: np.ndarray
    y: np.ndarray
    table: pd.DataFrame
    dropped: dict[str, int]

    @property
    def sites(self) -> np.ndarray:
        """Site of each row."""
        return self.table["site"].to_numpy(dtype=str)


def complete_cases(table: pd.DataFrame, flux: str, predictors: Sequence[str]) -> Cases:
    """Rows in which the flux and all predictors are known.

    Parameters
    ----------
    table : pandas.DataFrame
        Training table: `site`, the flux and the predictors; a row is a site-month.
    flux : str
        Column of the response.
    predictors : sequence of str
        Columns of the predictors.

    Returns
    -------
    Cases

    Raises
    ------
    InputError
        If a column is missing, no row is complete, or a complete row has no site.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a", "b"], "nee": [1.0, None], "lst": [280.0, 281.0]})
    >>> complete_cases(rows, "nee", ["lst"]).dropped
    {'nee': 1, 'lst': 0}
    """
    columns = [flux, *predictors]
    check_columns(table, ["site", *columns], "training table")
    absent = table[columns].isna()
    dropped = {column: int(absent[column].sum()) for column in columns}
    kept = table[~absent.any(axis=1)].reset_index(drop=True)
    if kept.empty:
        raise InputError(
            f"no row is complete for {flux}",
            rule="at least one row has the flux and all predictors",
            value=f"rows that lack each column: {dropped}",
            remedy="look at the predictor that is never there",
        )
    nameless = int(kept["site"].isna().sum())
    if nameless:
        raise InputError(
            "rows have no site",
            rule="each complete row names its site",
            value=f"{nameless} rows without",
            remedy="give the site of each row; rows of one site are held out together",
        )
    X = kept[list(predictors)].to_numpy(np.float32)
    return Cases(X, kept[flux].to_numpy(np.float64), kept, dropped)
