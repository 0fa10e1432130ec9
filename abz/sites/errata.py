"""Corrections that the owners of ABCflux published with its version 2.

Rows superseded by their principal investigator cannot be told apart in the canonical table, and
stay. Nor do the owners say which ids the two systems at Samoylov and the towers near Cherskii have
that share a network code: these keep the code of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import pandas as pd

__all__ = [
    "ERRATA",
    "NAMES",
    "first_months_of_spruce",
    "january_of_burned_forest",
    "renamed",
]

NAMES = MappingProxyType(
    {
        "Se-St1": "SE-St1",
        "DK-Zah, Heath": "GL-ZaH",
        "NO-Blv": "SJ-Blv",
        "NO-Adv": "SJ-Adv",
        "Ru-Skp": "RU-SkP",
        "US-BES": "US-Bes",
        "US-BEO": "US-Beo",
        "CA-sOBS": "CA-Obs",
    }
)
"""Spelling of a network code in version 1 to the one of version 2."""

SITE_NAMES = MappingProxyType(
    {
        "Zona_US-Brw_tower1": "US-Beo",
        "Zona_US-Brw_tower2": "US-Bes",
        "Zona_US-Brw_tower3": "US-Brw",
        "Dolman_RU-Ypn": "RU-SkP",
        "Euskirchen_US-TFBS": "US-BZS",
        "Seida": "RU-Vrk",
    }
)
"""Beginning of a site's id to the network code that it truly has."""

UNBURNED = ("US-Bes", "US-BES", "MO-UFRS")


def renamed(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the network codes (`site_reference`, where there is one) of version 2.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a"], "site_reference": ["NO-Adv"]})
    >>> renamed(rows)["site_reference"].item()
    'SJ-Adv'
    """
    if "site_reference" not in rows:
        return rows
    reference = rows["site_reference"].replace(dict(NAMES))
    for start, code in SITE_NAMES.items():
        reference = reference.where(~rows["site"].str.startswith(start), code)
    return rows.assign(site_reference=reference)


def _codes(rows: pd.DataFrame) -> pd.Series:
    """Id and network code of each row in one text, for rules that name either."""
    reference = rows["site_reference"] if "site_reference" in rows else pd.Series("", rows.index)
    return rows["site"].str.cat(reference.fillna("").astype(str), sep=" ")


def january_of_burned_forest(rows: pd.DataFrame) -> pd.Series:
    """Whether a row is of CA-NS2 or CA-NS3 in January 2002."""
    at_site = rows["site"].str.startswith(("Goulden_CA-NS2", "Goulden_CA-NS3"))
    return at_site & (rows["year"] == 2002) & (rows["month"] == 1)


def first_months_of_spruce(rows: pd.DataFrame) -> pd.Series:
    """Whether a row is of CA-Man in January or February 1997."""
    at_site = rows["site"].str.startswith("McCaughey_CA-Man")
    return at_site & (rows["year"] == 1997) & rows["month"].isin([1, 2])


def _exchange_for_production(rows: pd.DataFrame) -> pd.DataFrame:
    """Of CA-CB, whose NEE stands in the column of GPP, sign included."""
    at_site = rows["site"].str.startswith("Humphreys_CA-CB_tower1")
    # The reader has turned the sign of the column GPP; NEE keeps that of the file.
    nee = rows["nee"].where(~at_site | rows["gpp"].isna(), -rows["gpp"])
    return rows.assign(nee=nee, gpp=rows["gpp"].where(~at_site, np.nan))


def _never_burned(rows: pd.DataFrame) -> pd.DataFrame:
    """Two sites that did not burn, a drained lake among them."""
    wrong = _codes(rows).str.contains("|".join(UNBURNED)) & (rows["disturbance"] == "Fire")
    return rows.assign(disturbance=rows["disturbance"].where(~wrong, "No"))


def _without_murk(rows: pd.DataFrame) -> pd.DataFrame:
    """All rows but those of RU-Murk."""
    return rows[~_codes(rows).str.contains("RU-Murk")]


ERRATA: MappingProxyType[str, Callable[[pd.DataFrame], pd.DataFrame]] = MappingProxyType(
    {
        "Kobbefjord chamber 1": lambda rows: rows[
            ~rows["site"].str.startswith("Lund_Kobbefjord_Ch01")
        ],
        "CA-NS2 and CA-NS3, January 2002": lambda rows: rows[~january_of_burned_forest(rows)],
        "CA-Man, January to February 1997": lambda rows: rows[~first_months_of_spruce(rows)],
        "CA-CB, GPP is NEE": _exchange_for_production,
        "US-Bes and MO-UFRS did not burn": _never_burned,
        "RU-Murk": _without_murk,
    }
)
"""Rule to the table that it leaves."""
