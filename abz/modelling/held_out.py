"""The held-out table: what it must hold, and the groups of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.validation import check_choice, check_columns
from abz.vocabulary import SEASONS, VEGETATION

__all__ = ["GROUPS", "NOT_KNOWN", "check_held_out", "check_sites", "group_labels"]

GROUPS = ("biome", "vegetation", "season", "flux_method", "disturbance", "years_since_fire")
"""Ways to group the rows of a held-out table."""

NOT_KNOWN = "not known"
"""Group of the rows that lack what a kind groups by."""

AGES = ((0, "before fire"), (4, "0-3"), (11, "4-10"), (21, "11-20"), (np.inf, ">20"))
"""Bins of whole years since fire: first year after the bin, and its name."""


def check_held_out(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """`table`, if it has `site`, `observed` and the `columns`, and both are known in every row.

    Raises
    ------
    InputError
        If a column is missing, or a site or an observation is.

    Examples
    --------
    >>> check_held_out(pd.DataFrame({"site": ["a"], "observed": [1.0]}), []).shape
    (1, 2)
    """
    check_sites(check_columns(table, ["site", "observed", *columns], "held-out table"))
    unknown = int(table["observed"].isna().sum())
    if unknown:
        raise InputError(
            "held-out rows lack an observation",
            rule="every held-out row has one",
            value=f"{unknown} rows without",
            remedy="take the rows from complete_cases",
        )
    return table


def check_sites(table: pd.DataFrame) -> pd.DataFrame:
    """`table`, if every row has a `site`.

    Raises
    ------
    InputError
        If a row has none: as text it would be a site by the name of None.

    Examples
    --------
    >>> check_sites(pd.DataFrame({"site": ["a", None]}))
    Traceback (most recent call last):
        ...
    abz.errors.InputError: rows do not say which site they are of
      rule:   every row has a site
      got:    1 of 2 rows without
      remedy: name the sites, or leave these rows out
    """
    missing = int(table["site"].isna().sum())
    if missing:
        raise InputError(
            "rows do not say which site they are of",
            rule="every row has a site",
            value=f"{missing} of {len(table)} rows without",
            remedy="name the sites, or leave these rows out",
        )
    return table


def group_labels(table: pd.DataFrame, kind: str) -> pd.Categorical | None:
    """Name of the group of each row.

    Parameters
    ----------
    table : pandas.DataFrame
        The held-out rows.
    kind : str
        One of `GROUPS`, or any column.

    Returns
    -------
    pandas.Categorical or None
        Groups in their natural order; `NOT_KNOWN` where a row lacks a value. None if the table
        lacks a column that the kind needs.

    Raises
    ------
    InputError
        If the kind is neither one of `GROUPS` nor a column.

    Notes
    -----
    Seasons are DJF, MAM, JJA, SON. A row without a disturbance, or with "No", is undisturbed. Years
    since fire are year − disturbance_year where the disturbance is Fire: 0–3, 4–10, 11–20, >20;
    other rows are "no fire".

    Examples
    --------
    >>> rows = pd.DataFrame({"month": [12, 4], "year": [2010, 2012], "disturbance": ["Fire", None]})
    >>> list(group_labels(rows, "season"))
    ['DJF', 'MAM']
    >>> list(group_labels(rows.assign(disturbance_year=2004), "years_since_fire"))
    ['4-10', 'no fire']
    """
    check_choice(kind, [*GROUPS, *map(str, table.columns)], "kind of group")
    labelled = LABELS.get(kind)
    needed = NEEDED.get(kind, (kind,))
    if not set(needed) <= set(table.columns):
        return None
    names = _names(table[kind]) if labelled is None else labelled(table)
    return pd.Categorical(names, categories=_in_order(names.unique()))


def _season(table: pd.DataFrame) -> pd.Series:
    """Season of each row's month."""
    season = {month: name for name in ("DJF", "MAM", "JJA", "SON") for month in SEASONS[name]}
    return table["month"].map(season).fillna(NOT_KNOWN)


def _vegetation(table: pd.DataFrame) -> pd.Series:
    """Name of each row's vegetation type; an undeclared code stays a number."""
    return _names(table["vegetation"].map(lambda code: VEGETATION.get(code, code)))


def _disturbance(table: pd.DataFrame) -> pd.Series:
    """Class of disturbance, as the study counts it."""
    return table["disturbance"].astype(object).fillna("No").replace("No", "undisturbed")


def _years_since_fire(table: pd.DataFrame) -> pd.Series:
    """Bin of the years since fire."""
    age = (table["year"] - table["disturbance_year"]).to_numpy(np.float64)
    ends, names = [end for end, _ in AGES], [name for _, name in AGES]
    bins = np.searchsorted(ends, np.where(np.isnan(age), 0, age), side="right")
    binned = np.where(np.isnan(age), NOT_KNOWN, np.array(names)[bins])
    return pd.Series(np.where(table["disturbance"] == "Fire", binned, "no fire"))


LABELS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "season": _season,
    "vegetation": _vegetation,
    "disturbance": _disturbance,
    "years_since_fire": _years_since_fire,
}
NEEDED = {
    "season": ("month",),
    "years_since_fire": ("year", "disturbance", "disturbance_year"),
}


def _names(column: pd.Series) -> pd.Series:
    """A column as words; whole numbers without a decimal point."""
    words = [f"{value:.12g}" if isinstance(value, int | float) else str(value) for value in column]
    return pd.Series(np.where(column.isna(), NOT_KNOWN, words))


def _in_order(names: Iterable[str]) -> list[str]:
    """Names of groups: seasons and ages as time runs, others by name, rest groups last."""
    natural = ["DJF", "MAM", "JJA", "SON", *(name for _, name in AGES)]
    last = ["undisturbed", "no fire", NOT_KNOWN]
    rank = {name: place - len(natural) for place, name in enumerate(natural)}
    rank |= {name: place + 1 for place, name in enumerate(last)}
    return sorted(names, key=lambda name: (rank.get(name, 0), name))
