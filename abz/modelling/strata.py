"""Strata of site-months, such as biome × season, and the held-out residuals in each.

Labels are made in one place, so that a stratum has one name in tables and on maps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.modelling.held_out import NOT_KNOWN, check_sites, group_labels
from abz.validation import check_columns, check_values

__all__ = ["EVERYWHERE", "label_strata", "scored_rows", "stratum_parts"]

EVERYWHERE = "all"
"""Name of the stratum of all rows, whose quantiles serve where others have too few sites."""


def scored_rows(
    held_out: pd.DataFrame,
    strata: Sequence[str],
    scale: str | None = None,
    keep: Sequence[str] = (),
) -> tuple[pd.DataFrame, int]:
    """Rows with their score and stratum, and how many could not be scored.

    Parameters
    ----------
    held_out, strata, scale
        As in `calibrate`.
    keep : sequence of str, optional
        Further columns to keep as they are.

    Returns
    -------
    tuple = (pandas.DataFrame, int)
        `site`, `score`, `scale`, `stratum`, `wider` (the stratum without the first column of
        `strata`, such as the season of biome × season; empty if there is only one), the columns of
        `strata` (as labels) and those kept.

    Raises
    ------
    InputError
        If a column or the name of a site is missing, or a scale is not above zero.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a", "a"], "observed": [1.0, 2.0], "predicted": [0.5, None]})
    >>> scored_rows(rows, ())[0]["score"].tolist(), scored_rows(rows, ())[1]
    ([0.5], 1)
    """
    named = ["site", "observed", "predicted", *filter(None, [scale]), *keep]
    check_sites(check_columns(held_out, named, "held_out"))
    sigma = held_out[scale].to_numpy(np.float64) if scale else np.ones(len(held_out))
    check_values(sigma, (np.finfo(float).tiny, np.finfo(float).max), f"the scale {scale}")
    residual = held_out["observed"].to_numpy(np.float64) - held_out["predicted"].to_numpy(float)
    rows = pd.DataFrame({"site": held_out["site"].to_numpy(dtype=str), "score": residual / sigma})
    rows["scale"] = sigma
    for column in keep:
        rows[column] = held_out[column].to_numpy()
    for column in strata:
        rows[column] = label_strata(held_out, [column])
    rows["stratum"] = label_strata(held_out, strata)
    rows["wider"] = label_strata(held_out, strata[1:]) if len(strata) > 1 else ""
    known = rows["score"].notna()
    return rows[known].reset_index(drop=True), int((~known).sum())


def stratum_parts(rows: pd.DataFrame) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """Scores and sites of all rows, of the wider strata, then of each stratum, by label.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `scored_rows`.

    Yields
    ------
    tuple = (label, (scores, sites))
    """
    yield EVERYWHERE, (rows["score"].to_numpy(), rows["site"].to_numpy(dtype=str))
    for column in ("wider", "stratum"):
        labelled = rows[~rows[column].isin(["", EVERYWHERE])]
        for name, part in labelled.groupby(column, sort=True):
            yield str(name), (part["score"].to_numpy(), part["site"].to_numpy(dtype=str))


def label_strata(table: pd.DataFrame, strata: Sequence[str]) -> np.ndarray:
    """One label a row from the columns that define the strata.

    Parameters
    ----------
    table : pandas.DataFrame
        The held-out rows, or a row for each part of a map.
    strata : sequence of str
        What `group_labels` groups by, in the order of the label's words.

    Returns
    -------
    numpy.ndarray of str (n,)
        Groups joined by a space, the biome in lower case as on maps; empty where one is not
        known; `"all"` where there are no strata.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"biome": ["Boreal", "tundra", None], "month": [1, 7, 7]})
    >>> label_strata(rows, ("biome", "season")).tolist()
    ['boreal DJF', 'tundra JJA', '']
    """
    if not strata:
        return np.full(len(table), EVERYWHERE)
    groups = {name: group_labels(table, name) for name in strata}
    absent = [name for name, labels in groups.items() if labels is None]
    if absent:
        raise InputError(
            "strata cannot be told apart",
            rule="the table has the columns that its groups are made of",
            value=f"no {', '.join(absent)} in {', '.join(map(str, table.columns))}",
            remedy="add the columns (month for a season), or leave the strata out",
        )
    words = pd.DataFrame({name: np.asarray(labels, dtype=str) for name, labels in groups.items()})
    known = (words != NOT_KNOWN).all(axis=1).to_numpy()
    if "biome" in words:
        words["biome"] = words["biome"].str.lower()
    joined = [" ".join(row) for row in words.itertuples(index=False)]
    return np.where(known, np.array(joined, dtype=str), "")
