"""Budgets of single years as means over the years."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from abz.budgets.totals import VALUES
from abz.validation import check_columns

__all__ = ["mean_budgets"]


def mean_budgets(budgets: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Mean over the years of the central member, and what the other members say of it.

    Parameters
    ----------
    budgets : pandas.DataFrame
        From `annual_budgets`, `seasonal_budgets` or `monthly_budgets`: year, member, tg, g_m2,
        area_m2, valid_share, and the keys.
    keys : sequence of str
        What tells one budget from another, such as zone_set and zone.

    Returns
    -------
    pandas.DataFrame
        The keys; `budget` (Tg C) and `per_area` (g C m-2 of the area with a value), means over
        the years with a value; `budget_sd` and `members_mean` (Tg C), SD and mean over the
        members' own means, NaN where there are too few; `interannual_sd` (g C m-2), SD of
        `per_area` between years; `area_m2` of the zone, and `valid_share` of it that the budget
        holds, mean over the years; `first_year`, `last_year`, and the number of `years`. In order
        of appearance; what has no value in any year has no row. All SDs have n − 1.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> annual = pd.DataFrame({
    ...     "zone": "ABZ", "year": [2001, 2002] * 3, "member": [0, 0, 1, 1, 2, 2],
    ...     "tg": [-500.0, -540.0, -400.0, -400.0, -600.0, -600.0], "g_m2": -25.0,
    ...     "area_m2": 2e13, "valid_share": 1.0})
    >>> mean_budgets(annual, ["zone"])[["budget", "members_mean", "years"]].values.tolist()
    [[-520.0, -500.0, 2.0]]
    """
    names = list(keys)
    check_columns(budgets, [*names, "year", "member", *VALUES], "the table of budgets")
    known = budgets.dropna(subset=["tg"])
    found = known[known["member"] == 0].groupby(names, sort=False).agg(
        budget=("tg", "mean"), per_area=("g_m2", "mean"), interannual_sd=("g_m2", "std"),
        area_m2=("area_m2", "first"), valid_share=("valid_share", "mean"),
        first_year=("year", "min"), last_year=("year", "max"), years=("year", "nunique"),
    )  # fmt: skip
    members = known[known["member"] > 0].groupby([*names, "member"], sort=False)["tg"].mean()
    over_members = members.groupby(names, sort=False)
    found["budget_sd"], found["members_mean"] = over_members.std(), over_members.mean()
    return found.reset_index()
