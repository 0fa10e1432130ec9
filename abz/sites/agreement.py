"""Table against raster: each predictor of each row is read from the cube again, another way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import InputError
from abz.units import require_units
from abz.validation import check_columns, check_variables
from abz.vocabulary import PREDICTORS

__all__ = ["check_agreement"]


def check_agreement(
    table: pd.DataFrame, cube: xr.Dataset, predictors: Sequence[str]
) -> pd.DataFrame:
    """Compare a training table with the cube at every site, month and predictor.

    Parameters
    ----------
    table : pandas.DataFrame
        From `training_table`, or as it was read again: site, year, month, row, column and the
        predictors.
    cube : xarray.Dataset
        The predictor cube; its predictors carry their units.
    predictors : sequence of str
        Names, `month` among them.

    Returns
    -------
    pandas.DataFrame
        predictor, unit, `rows` that were compared, `missing` of them in table and cube alike.

    Raises
    ------
    UnitsError
        If a predictor of the cube is not in its unit.
    InputError
        If a value of the table is not that of the cube, to the last bit.
    MissingDataError
        If the cube lacks a predictor.

    Examples
    --------
    >>> soc = (("y", "x"), [[5.0, np.nan]], {"units": "kg m-2"})
    >>> time = np.array(["2001-05-01"], "datetime64[ns]")
    >>> cube = xr.Dataset({"soc": soc}, {"time": time})
    >>> table = pd.DataFrame({"site": ["a", "b"], "year": 2001, "month": 5, "row": 0,
    ...                       "column": [0, 1], "soc": [5.0, np.nan]})
    >>> found = check_agreement(table, cube, ["month", "soc"]).query("predictor == 'soc'")
    >>> found[["rows", "missing"]].values.tolist()
    [[2, 1]]
    """
    mapped = [name for name in predictors if name != "month"]
    check_columns(table, ["site", "year", "month", "row", "column", *mapped], "the training table")
    check_variables(cube, mapped, "the cube")
    counts = []
    for name in predictors:
        unit = PREDICTORS[name].units
        found = table[name].to_numpy(np.float64)
        if name != "month":
            _compare(table, found, _at_rows(require_units(cube[name], unit), table), name)
        counts.append((name, unit, len(found), int(np.isnan(found).sum())))
    return pd.DataFrame(counts, columns=["predictor", "unit", "rows", "missing"])


def _at_rows(da: xr.DataArray, table: pd.DataFrame) -> np.ndarray:
    """The cube's value (row of the table) at cell and month, one point at a time."""
    months = table["year"].astype(str) + "-" + table["month"].astype(str).str.zfill(2)
    wanted = {
        "time": months.to_numpy(str).astype("datetime64[ns]"), "year": table["year"].to_numpy()
    }  # fmt: skip
    points = {
        dim: xr.DataArray(pd.Index(da[dim].values).get_indexer(values), dims="point")
        for dim, values in wanted.items()
        if dim in da.dims
    }
    points |= {
        dim: xr.DataArray(table[column].to_numpy(), dims="point")
        for dim, column in (("y", "row"), ("x", "column"))
        if dim in da.dims
    }
    values = da.isel(points).values
    return np.where(values < 0, np.nan, values) if da.dtype.kind in "iu" else values


def _compare(table: pd.DataFrame, found: np.ndarray, cube: np.ndarray, name: str) -> None:
    """Nothing, if both are the same; missing is the same as missing."""
    differs = ~((found == cube) | (np.isnan(found) & np.isnan(cube)))
    if differs.any():
        first = int(np.argmax(differs))
        row = table.iloc[first]
        raise InputError(
            f"{name} in the training table is not what the cube holds",
            rule=f"table and cube agree at every site and month, in {PREDICTORS[name].units}",
            value=f"{int(differs.sum())} of {len(table)} rows differ; {row['site']}, "
            f"{row['year']}-{row['month']:02d}: table {found[first]:g}, cube {cube[first]:g}",
            remedy="run the stage `sites` again, after `harmonise` of the same set",
        )
