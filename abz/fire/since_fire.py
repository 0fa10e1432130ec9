"""Years since the last fire: of site-months that know their fire, and of cells that burned."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.validation import check_columns, check_dims, check_whole

__all__ = ["burned_by_age", "burned_rows"]


def burned_rows(rows: pd.DataFrame, max_age: int) -> pd.DataFrame:
    """Rows of burned sites within some years of their fire.

    Parameters
    ----------
    rows : pandas.DataFrame
        year, disturbance, disturbance_year, and anything else.
    max_age : int
        Most years since the fire.

    Returns
    -------
    pandas.DataFrame
        The rows whose disturbance is "Fire" of a known year, `years_since_fire` = year − year of
        the fire from 0 to `max_age`; in the same order, with that column (int64).

    Raises
    ------
    InputError
        If a column is missing, or `max_age` is no whole number.

    Notes
    -----
    The year of the fire is year 0 from its first month, as only the year of a fire is known.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2003, 2004, 2012], "disturbance": ["Fire", "Fire", "No"],
    ...                      "disturbance_year": [2004.0, 2004.0, None]})
    >>> burned_rows(rows, 18)["years_since_fire"].tolist()
    [0]
    """
    check_columns(rows, ["year", "disturbance", "disturbance_year"], "the rows of the sites")
    check_whole(max_age, "max_age")
    age = rows["year"].astype(np.float64) - rows["disturbance_year"].astype(np.float64)
    kept = (rows["disturbance"] == "Fire") & age.between(0, max_age)
    return rows[kept].assign(years_since_fire=age[kept].astype(np.int64))


def burned_by_age(
    burned: xr.DataArray, year: int, max_age: int, *, every_fire: bool = False
) -> xr.DataArray:
    """Share of each cell whose last fire was so many years before a year.

    Parameters
    ----------
    burned : xarray.DataArray (year, y, x)
        Share of the cell that burned in the year, 0 to 1; NaN counts as no fire.
    year : int
        The year of interest.
    max_age : int
        Most years since the fire.
    every_fire : bool, optional
        Whether all fires of a cell count, each with its own share, as far as the cell is not full
        of younger ones. By default the youngest fire stands for the cell.

    Returns
    -------
    xarray.DataArray (years_since_fire, y, x)
        0 to 1, float64, and at most 1 in all. Years outside the record hold no fire.

    Raises
    ------
    InputError
        If the dimensions differ, or `max_age` is no whole number.

    Examples
    --------
    >>> burned = xr.DataArray([[[0.4]], [[0.5]], [[0.0]]], dims=("year", "y", "x"),
    ...                       coords={"year": [2002, 2003, 2004]})
    >>> burned_by_age(burned, 2004, 3).values.ravel()
    array([0. , 0.5, 0. , 0. ])
    >>> burned_by_age(burned, 2004, 3, every_fire=True).values.ravel()
    array([0. , 0.5, 0.4, 0. ])
    """
    check_dims(burned, ("year", "y", "x"), "burned share")
    check_whole(max_age, "max_age")
    known = {int(y): place for place, y in enumerate(burned["year"].values)}
    shares = np.zeros((max_age + 1, *burned.shape[1:]))
    younger = np.zeros(burned.shape[1:])
    for age in range(max_age + 1):
        if year - age in known:
            own = np.nan_to_num(burned.values[known[year - age]].astype(np.float64))
            room = 1.0 - younger if every_fire else np.where(younger > 0, 0.0, 1.0)
            shares[age] = np.minimum(own, room)
            younger += shares[age]
    coords = {name: coord for name, coord in burned.coords.items() if "year" not in coord.dims}
    return xr.DataArray(
        shares,
        dims=("years_since_fire", "y", "x"),
        coords={"years_since_fire": np.arange(max_age + 1), **coords},
        attrs={"units": "1", "long_name": "share of the cell by years since its last fire"},
    )
