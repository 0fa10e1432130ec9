"""Words and cells that the tables and figures of skill share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.typography import number_text

__all__ = [
    "COMPONENT_WORDS",
    "DESIGN_WORDS",
    "GROUP_WORDS",
    "PERCENT",
    "PREDICTION_WORDS",
    "bounds",
    "head",
    "of_set",
    "ranged",
]

PREDICTION_WORDS = {
    "forest": "forest",
    "climatology": "mean of month and vegetation",
    "nearest_site": "nearest other site",
}
"""What predicts, in words."""

DESIGN_WORDS = {
    "leave_one_site_out": "one site",
    "nested": "one site, mtry chosen without it",
    "colocated": "one place: near towers together",
    "same_cell": "one cell of the map",
    "leave_region_out": "one region",
    "leave_year_out": "one year, and the sites tested in it",
    "random_sites": "sites at random",
    "knndm_geographic": "kNNDM on the ground",
    "knndm_feature": "kNNDM among predictors",
}
"""What a fold leaves out."""

COMPONENT_WORDS = {
    "total": "all months",
    "site_mean": "mean of a site",
    "seasonal": "mean seasonal cycle of a site",
    "anomaly": "departure of a month from that cycle",
    "trend": "trend of a site",
}
"""Parts of the flux."""

GROUP_WORDS = {
    "all": "all",
    "biome": "biome",
    "vegetation": "vegetation",
    "season": "season",
    "flux_method": "method",
    "disturbance": "disturbance",
    "years_since_fire": "years since fire",
}
"""Kinds of groups of rows."""

PERCENT = "\N{NO-BREAK SPACE}%"


def of_set(results: Results, name: str, model_set: str) -> pd.DataFrame | None:
    """The rows of one model set of a table; None if there are none."""
    table = results.tables.get(name)
    if table is None or model_set not in set(table["model_set"]):
        return None
    return table[table["model_set"] == model_set]


def head(row: Any) -> dict[str, str]:
    """Set and flux of a row."""
    return {"set": row.model_set, "flux": FLUX_NAMES[row.flux]}


def ranged(row: Any, name: str, places: int) -> str:
    """A score and its interval, of a record or a row of a frame."""
    value, low, high = (getattr(row, f"{name}{end}") for end in ("", "_low", "_high"))
    return bounds(value, low, high, places=places)


def bounds(value: float, low: float, high: float, *, places: int, unit: str = "") -> str:
    """A value with its interval in brackets, where it has one."""
    text = number_text(value, places)
    if not (np.isfinite(low) and np.isfinite(high)):
        return f"{text}{unit}"
    return f"{text}{unit} ({number_text(low, places)}…{number_text(high, places)})"
