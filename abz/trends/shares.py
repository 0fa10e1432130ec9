"""How much of the land changes significantly, never without what chance would make of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from abz.trends.significance import DIRECTIONS, expected_share, q_values
from abz.validation import check_choice, check_mask, check_range, check_same_shape

__all__ = ["SHARE_COLUMNS", "share_table"]

SHARE_COLUMNS = (
    "zone_set", "zone", "direction", "share", "share_fdr", "expected", "expected_measured",
    "tested_m2", "cells",
)  # fmt: skip


def share_table(
    slope: np.ndarray,
    p_value: np.ndarray,
    area: np.ndarray,
    zones: Mapping[tuple[str, str], np.ndarray],
    *,
    alpha: float = 0.05,
    size: float = float("nan"),
) -> pd.DataFrame:
    """Falling and rising shares of the tested area, with and without control of false discoveries.

    Parameters
    ----------
    slope, p_value : numpy.ndarray (...)
        Trend of each cell and its p; NaN where it was not tested.
    area : numpy.ndarray (...)
        Land area of each cell, m2.
    zones : mapping of {(zone set, zone): numpy.ndarray of bool (...)}
        Cells of each zone.
    alpha : float, optional
        Level of the test, and rate of false discoveries.
    size : float, optional
        Measured size of the test at the cells' own autocorrelation, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, direction (falling, rising, either); of the tested area of the zone, in %:
        share (p < alpha) and share_fdr (q < alpha); expected and expected_measured, the shares
        that chance alone makes p < alpha, at the nominal level and at the measured size;
        tested_m2; cells tested. Chance is taken to be even between the signs.

    Raises
    ------
    InputError
        If the shapes differ, a zone is no mask of the cells, or alpha is no level.

    Notes
    -----
    The domain of the false discovery rate is the tested land of all zones together, whichever
    zone is asked for.

    Examples
    --------
    >>> slope, p = np.array([-1.0, -1.0, 2.0]), np.array([0.001, 0.04, 0.6])
    >>> table = share_table(slope, p, np.ones(3), {("abz", "ABZ"): np.ones(3, bool)})
    >>> table.set_index("direction").loc["falling", ["share", "share_fdr", "expected"]].tolist()
    [66.66666666666667, 33.333333333333336, 2.5]
    """
    check_same_shape(slope, p_value, "slope and p_value")
    check_same_shape(slope, area, "slope and area")
    check_range(alpha, "alpha", minimum=0.0, maximum=1.0)
    anywhere = np.zeros(np.shape(slope), bool)
    for (_, zone), cells in zones.items():
        anywhere |= check_mask(cells, anywhere.shape, f"the zone {zone}")
    judged = {"share": p_value, "share_fdr": q_values(p_value, anywhere)}
    rows = []
    for (zone_set, zone), cells in zones.items():
        tested = np.asarray(cells) & ~np.isnan(p_value)
        weight = np.where(tested, area, 0.0)
        total = weight.sum()
        for direction in DIRECTIONS:
            moved = weight * _has_sign(slope, direction)
            shares = {
                name: 100.0 * moved[level < alpha].sum() / total if total > 0 else np.nan
                for name, level in judged.items()
            }
            rows.append(
                {
                    "zone_set": zone_set, "zone": zone, "direction": direction, **shares,
                    "expected": expected_share(alpha, direction),
                    "expected_measured": expected_share(size, direction),
                    "tested_m2": total, "cells": int(tested.sum()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(SHARE_COLUMNS))


def _has_sign(slope: np.ndarray, direction: str) -> np.ndarray:
    """Whether a slope goes in a direction; a slope of zero goes in none."""
    sign = DIRECTIONS[check_choice(direction, DIRECTIONS, "direction")]
    return np.asarray((slope != 0) & ~np.isnan(slope) if sign == 0 else sign * slope > 0)
