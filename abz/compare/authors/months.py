"""How the seasonal cycle of NEE of the authors' 8-km model changed between three bins of years."""

from __future__ import annotations

import pandas as pd

from abz.validation import check_columns

__all__ = ["cycle_amplitudes", "month_changes"]

KEYS = ["area", "first_year", "last_year"]


def cycle_amplitudes(months: pd.DataFrame) -> pd.DataFrame:
    """Largest less smallest monthly mean of each bin, and its change since the bins before.

    Parameters
    ----------
    months : pandas.DataFrame
        area, first_year, last_year, month, nee (g C m-2 month-1), from
        `read_published_months_8km`.

    Returns
    -------
    pandas.DataFrame
        area, first_year, last_year; annual, the sum of the months (g C m-2 yr-1); amplitude (g C
        m-2 month-1); change, to the bin before, and change_of_all, to the first bin, in %; missing
        for the first bin.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> months = pd.DataFrame({"area": "ABZ", "first_year": [1990, 1990, 2000, 2000],
    ...     "last_year": [1999, 1999, 2009, 2009], "month": [1, 7] * 2, "nee": [10, -30, 10, -34]})
    >>> cycle_amplitudes(months)["change"].round(9).tolist()
    [nan, 10.0]
    """
    check_columns(months, [*KEYS, "month", "nee"], "the authors' months")
    bins = months.groupby(KEYS, sort=False)["nee"]
    table = pd.DataFrame({"annual": bins.sum(), "amplitude": bins.max() - bins.min()}).reset_index()
    areas = table.groupby("area", sort=False)["amplitude"]
    before, first = areas.shift(1), areas.transform("first")
    change_of_all = (100 * (table["amplitude"] / first - 1)).where(before.notna())
    return table.assign(change=100 * (table["amplitude"] / before - 1), change_of_all=change_of_all)


def month_changes(months: pd.DataFrame) -> pd.DataFrame:
    """Last bin less the bin before it, month by month.

    Parameters
    ----------
    months : pandas.DataFrame
        As in `cycle_amplitudes`.

    Returns
    -------
    pandas.DataFrame
        area, month, change (g C m-2 month-1; below zero is more uptake).

    Raises
    ------
    InputError
        If a column is missing.
    """
    check_columns(months, [*KEYS, "month", "nee"], "the authors' months")
    before, last = sorted(months["first_year"].unique())[-2:]
    wide = months.pivot(index=["area", "month"], columns="first_year", values="nee")
    change = (wide[last] - wide[before]).rename("change").reset_index()
    places = {area: place for place, area in enumerate(months["area"].unique())}
    return change.sort_values(
        ["area", "month"], key=lambda c: c.map(places) if c.name == "area" else c, ignore_index=True
    )
