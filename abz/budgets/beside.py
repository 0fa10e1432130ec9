"""Budgets of a run beside the published ones."""

from __future__ import annotations

import pandas as pd

from abz.budgets.totals import VALUES
from abz.validation import check_columns

__all__ = ["beside_published"]

KEY = ["zone_set", "zone", "flux"]


def beside_published(annual: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Mean budgets of the zones that have a published one.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`.
    published : pandas.DataFrame
        zone_set, zone, flux, budget (Tg C yr-1), area_1e6km2.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, flux; `budget` (Tg C yr-1, central member, mean over years), `budget_sd`
        (over members), `per_area` (g C m-2 yr-1 of the area with a value), `area_m2`,
        `valid_share` (share of it that the budget holds); `published`, `published_sd` (Tg C yr-1),
        `published_area_m2`; `ratio` = budget / published. In the order of `published`.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> zone = {"zone_set": "abz", "zone": "ABZ", "flux": "gpp"}
    >>> annual = pd.DataFrame([
    ...     {**zone, "year": 2001, "member": m, "tg": 9000.0 + m, "g_m2": 450.0, "area_m2": 2e13,
    ...      "valid_share": 1.0}
    ...     for m in range(3)
    ... ])
    >>> published = pd.DataFrame([{**zone, "budget": 10000.0, "budget_sd": 1.0,
    ...                            "area_1e6km2": 20.0}])
    >>> beside_published(annual, published)["ratio"].item()
    0.9
    """
    check_columns(annual, [*KEY, "year", "member", *VALUES], "annual budgets")
    check_columns(published, [*KEY, "budget", "budget_sd", "area_1e6km2"], "published budgets")
    central = annual[annual["member"] == 0].groupby(KEY)
    ours = central.agg(
        budget=("tg", "mean"),
        per_area=("g_m2", "mean"),
        area_m2=("area_m2", "first"),
        valid_share=("valid_share", "mean"),
    )
    members = annual[annual["member"] > 0].groupby([*KEY, "member"])["tg"].mean()
    ours["budget_sd"] = members.groupby(KEY).std()
    theirs = published[[*KEY, "budget", "budget_sd", "area_1e6km2"]].rename(
        columns={"budget": "published", "budget_sd": "published_sd"}
    )
    theirs["published_area_m2"] = theirs.pop("area_1e6km2") * 1e12
    table = theirs.merge(ours.reset_index(), on=KEY, how="inner")
    return table.assign(ratio=table["budget"] / table["published"])
