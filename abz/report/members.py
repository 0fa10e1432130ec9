"""Where the bootstrap members lie: their mean beside the central value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abz.budgets import annual_budgets, zone_membership, zone_totals
from abz.report.results import Results
from abz.report.typography import decimals_of, number_text

__all__ = [
    "AT_SITES", "MEMBERS", "MEMBERS_NOTE", "OVER_MEMBERS", "if_learned", "member_means",
    "members_text", "omitted_vegetation",
]  # fmt: skip

_KEYS = ["model_set", "zone_set", "zone", "flux"]

MEMBERS_NOTE = (
    "The central budget is that of the forest with all predictors; the bootstrap members do "
    "without month and vegetation type by default, so their mean can lie elsewhere."
)
"""Why the central value and the members' mean differ."""
OVER_MEMBERS = ", ± SD over the bootstrap members"
MEMBERS = " ± SD over the members; in brackets the members' mean"
AT_SITES = " and at the sites with complete years (± SD between sites; their number)"
"""Parts of captions."""


def if_learned(results: Results, words: str, otherwise: str = "") -> str:
    """Words of a caption about forests, members or sites, where the run has such.

    Examples
    --------
    >>> if_learned(Results(name="maps", kind="published_maps"), ", ± SD over the members")
    ''
    """
    return words if results.learned else otherwise


def member_means(results: Results) -> pd.DataFrame:
    """Mean budget of the members in each zone.

    Parameters
    ----------
    results : Results
        With annual budgets, or with the totals of a climatology.

    Returns
    -------
    pandas.DataFrame
        model_set, zone_set, zone, flux, `members_mean` (Tg C yr-1), mean over members and years.

    Examples
    --------
    >>> rows = pd.DataFrame({"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "flux": "nee",
    ...                      "member": [0, 1, 2], "tg": [-5.0, -7.0, -9.0]})
    >>> member_means(Results(name="demo", tables={"annual": rows}))["members_mean"].item()
    -8.0
    """
    annual = _annual(results)
    if annual is None:
        return pd.DataFrame(columns=[*_KEYS, "members_mean"])
    members = annual[annual["member"] > 0].groupby(_KEYS, sort=False)["tg"].mean()
    return members.rename("members_mean").reset_index()


def members_text(row: Any) -> str:
    """The members' mean with the digits of the central value and its SD."""
    digits = decimals_of(row.budget_sd, 2) if np.isfinite(row.budget_sd) else None
    return number_text(row.members_mean, digits)


def _annual(results: Results) -> pd.DataFrame | None:
    """Annual budgets: those of the run, or added up where a climatology keeps totals only."""
    if "annual" in results.tables or "climatology" not in results.tables:
        return results.tables.get("annual")
    kept = {name: totals for name, totals in results.missing.items() if "grams" in totals}
    parts = [
        annual_budgets(zone_totals(totals, zone_membership(totals)), name)
        for name, totals in kept.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def omitted_vegetation(results: Results) -> dict[str, list[str]]:
    """Vegetation types that no budget holds, by model set.

    Parameters
    ----------
    results : Results
        With annual budgets.

    Returns
    -------
    dict of {str: list of str}
        Model set to names; sets that miss no type are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"model_set": "fine", "zone_set": "vegetation", "zone": ["wetland"],
    ...                      "flux": "nee", "member": 0, "valid_share": 0.0})
    >>> omitted_vegetation(Results(name="demo", tables={"annual": rows}))
    {'fine': ['wetland']}
    """
    annual = results.tables.get("annual")
    if annual is None:
        return {}
    chosen = (annual["zone_set"] == "vegetation") & (annual["flux"] == "nee")
    held = annual[chosen].groupby(["model_set", "zone"])["valid_share"].max()
    missing = held[held == 0].reset_index()
    return {
        str(name): sorted(map(str, group["zone"])) for name, group in missing.groupby("model_set")
    }
