"""Screening of the authors' public training rows, whose sites are numbered, not named."""

from __future__ import annotations

import pandas as pd

from abz.config import Sites
from abz.validation import check_columns

__all__ = ["LARVAL_OUTBREAK_SITE", "drop_larval_outbreak"]

LARVAL_OUTBREAK_SITE = "S154"
"""Number of the chambers of Kobbefjord, disturbed by a moth outbreak, in the public rows."""


def drop_larval_outbreak(rows: pd.DataFrame, options: Sites) -> tuple[pd.DataFrame, int]:
    """Rows without the site of the moth outbreak, and how many went.

    Parameters
    ----------
    rows : pandas.DataFrame
        Site-months with a column `site`.
    options : abz.config.Sites
        `drop_larval_outbreak` switches the rule.

    Returns
    -------
    tuple = (pandas.DataFrame, int)
        The kept rows, and the number of dropped ones.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["S001", "S154"]})
    >>> drop_larval_outbreak(rows, Sites())[1], drop_larval_outbreak(rows, Sites(
    ...     drop_larval_outbreak=False))[1]
    (1, 0)
    """
    check_columns(rows, ["site"], "the training rows")
    if not options.drop_larval_outbreak:
        return rows, 0
    kept = rows[rows["site"] != LARVAL_OUTBREAK_SITE].reset_index(drop=True)
    return kept, len(rows) - len(kept)
