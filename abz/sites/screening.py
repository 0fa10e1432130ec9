"""Which site-months are kept, rule by rule, and how many rows and sites each rule costs.

There is no statistical rule for outliers: only rows that their owners or the study have named go.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.config import Sites
from abz.sites.errata import (
    ERRATA,
    first_months_of_spruce,
    january_of_burned_forest,
    renamed,
)
from abz.validation import check_columns
from abz.vocabulary import FLUXES, MONTHS

__all__ = ["screen"]

COLUMNS = (
    "site", "latitude", "longitude", "country", "biome", "year", "month", *FLUXES,
    "flux_method", "disturbance", "partition_method",
)  # fmt: skip

Rule = Callable[[pd.DataFrame], pd.DataFrame]
KEY = ["site", "year", "month", "flux_method", "partition_method"]


def screen(table: pd.DataFrame, options: Sites) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply the study's screening to the site-months.

    Parameters
    ----------
    table : pandas.DataFrame
        Site-months in canonical columns, from `abz.readers.abcflux`.
    options : abz.config.Sites
        `drop_larval_outbreak` drops the chambers of Kobbefjord, which a moth outbreak disturbed;
        `drop_named_rows` drops the months of CA-NS2, CA-NS3 and CA-Man that the study removed;
        `apply_v2_errata` applies the corrections that came with ABCflux v2.

    Returns
    -------
    tuple of pandas.DataFrame = (kept, log)
        The kept rows, sorted by site, year and month; and a row for each rule in the order of
        application: `rule`, `rows` (dropped, or merged into another), `sites` (left without rows).

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    Duplicates, which share site, year, month, method and partitioning, are merged with the errata
    only, as version 2 did: chambers are averaged; of the others the row with fewest missing
    columns is kept, the first among equals.

    References
    ----------
    .. [1] Virkkala et al. (2025), Supplementary Section 2.

    Examples
    --------
    >>> row = dict.fromkeys(COLUMNS, 0.0) | {"site": "a", "year": 2001, "month": 13}
    >>> kept, log = screen(pd.DataFrame([row]), Sites())
    >>> len(kept), log.query("rows > 0")["rule"].item()
    (0, 'month is not 1 to 12')
    """
    kept = check_columns(table, COLUMNS, "the site table").reset_index(drop=True)
    entries = []
    for name, rule in _rules(options).items():
        after = rule(kept)
        entries.append(
            {
                "rule": name,
                "rows": len(kept) - len(after),
                "sites": kept["site"].nunique() - after["site"].nunique(),
            }
        )
        kept = after
    kept = kept.sort_values(["site", "year", "month", "flux_method"], kind="stable")
    return kept.reset_index(drop=True), pd.DataFrame(entries)


def _rules(options: Sites) -> dict[str, Rule]:
    """The rules that apply, in order."""
    rules: dict[str, Rule] = {
        "coordinates are incomplete or impossible": _with_coordinates,
        "month is not 1 to 12": lambda rows: rows[rows["month"].isin(MONTHS)],
        "no flux at all": lambda rows: rows[rows[list(FLUXES)].notna().any(axis=1)],
    }
    if options.drop_larval_outbreak:
        rules["Kobbefjord chambers, moth outbreak"] = _without(
            lambda rows: rows["site"].str.startswith("Lund_Kobbefjord_Ch")
        )
    if options.drop_named_rows:
        rules |= {name: _without(wrong) for name, wrong in NAMED_ROWS.items()}
    if options.apply_v2_errata:
        rules |= ERRATA
        rules["names of ABCflux v2"] = renamed
        rules["duplicate chamber rows, averaged"] = _chambers_averaged
        rules["duplicate rows, fullest kept"] = _fullest_kept
    return rules


def _without(wrong: Callable[[pd.DataFrame], pd.Series]) -> Rule:
    """The rule that drops the rows of which `wrong` is true."""
    return lambda rows: rows[~wrong(rows).fillna(False).astype(bool)]


def _old_spruce(rows: pd.DataFrame) -> pd.Series:
    """CA-Man from 2005 on, and in its first two months of 1997."""
    late = rows["site"].str.startswith("McCaughey_CA-Man") & (rows["year"] >= 2005)
    return late | first_months_of_spruce(rows)


NAMED_ROWS = MappingProxyType(
    {
        "CA-NS2 and CA-NS3, January 2002": january_of_burned_forest,
        "CA-Man, from 2005 and January to February 1997": _old_spruce,
    }
)
"""Rows that the study removed after looking at the time series."""


def _with_coordinates(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose latitude and longitude are numbers on the globe."""
    return rows[rows["latitude"].between(-90, 90) & rows["longitude"].between(-180, 180)]


def _chambers_averaged(rows: pd.DataFrame) -> pd.DataFrame:
    """One row in place of several chamber rows of one key: mean fluxes, first of all else."""
    twins = (rows["flux_method"] == "Chamber") & rows.duplicated(KEY, keep=False)
    if not twins.any():
        return rows
    groups = rows[twins].groupby(KEY, dropna=False, sort=False)
    means = groups[list(FLUXES)].transform("mean")
    averaged = rows[twins].assign(**{flux: means[flux] for flux in FLUXES})
    return pd.concat([rows[~twins], averaged.drop_duplicates(KEY)]).sort_index()


def _fullest_kept(rows: pd.DataFrame) -> pd.DataFrame:
    """Of rows with one key, the one with fewest missing columns."""
    order = np.argsort(rows.isna().sum(axis=1).to_numpy(), kind="stable")
    return rows.iloc[order].drop_duplicates(KEY).sort_index()
