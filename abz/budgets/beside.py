"""Budgets of a run beside the published ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abz.budgets.means import mean_budgets
from abz.ledger import FLUX_PARTS, Comparison, Period, Place, Row, compare
from abz.validation import check_columns

__all__ = ["beside_published"]

KEY = ["zone_set", "zone", "flux"]
OURS = ["budget", "per_area", "area_m2", "valid_share", "budget_sd"]

FIRST_WITH_FIRE, FIRST, LAST = 2002, 2001, 2020
"""Years of the published means: those with fire begin later."""


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
        `published_area_m2`; `ratio` = budget / published; `unlike`, in what the definitions of the
        two differ: their land and their years. In the order of `published`.

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
    >>> beside_published(annual, published)[["ratio", "unlike"]].values.tolist()
    [[0.9, 'mask: land of the run / land of the study; period: 2001–2001 / 2001–2020']]
    """
    check_columns(published, [*KEY, "budget", "budget_sd", "area_1e6km2"], "published budgets")
    ours = mean_budgets(annual, KEY)[[*KEY, *OURS, "first_year", "last_year"]]
    theirs = published[[*KEY, "budget", "budget_sd", "area_1e6km2"]].rename(
        columns={"budget": "published", "budget_sd": "published_sd"}
    )
    theirs["published_area_m2"] = theirs.pop("area_1e6km2") * 1e12
    table = theirs.merge(ours, on=KEY, how="inner")
    compared = [_compared(row) for row in table.itertuples()]
    table = table.drop(columns=["first_year", "last_year"])
    return table.assign(
        ratio=[float(pair.ratio) for pair in compared], unlike=[pair.caveat for pair in compared]
    )


def _compared(row: Any) -> Comparison:
    """Both budgets of a zone and flux through the ledger, which lets land and years differ."""
    parts = FLUX_PARTS[row.flux]
    places = [
        Place.of(row.zone_set, row.zone, f"land of the {whose}") for whose in ("run", "study")
    ]
    first = FIRST_WITH_FIRE if "fire" in parts.included else FIRST
    ours = Row("run", np.array(row.budget), parts, places[0], Period(row.first_year, row.last_year))
    theirs = Row("study", np.array(row.published), parts, places[1], Period(first, LAST))
    return compare(ours, theirs, accept=("mask", "period"))
