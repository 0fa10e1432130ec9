"""Words and cells that the tables, numbers and figures beside the authors' results share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.report.number import FLUX_NAMES, years_text
from abz.report.typography import number_text, p_text

__all__ = ["FOREST_WORDS", "MAIN_AREAS", "METHOD_HEADS", "MODEL_WORDS", "SOURCE_WORDS",
           "flux_words", "slope_cell", "years_head"]  # fmt: skip

MAIN_AREAS = ("ABZ", "boreal", "tundra", "Eurasia", "North America")
"""Areas of the short table."""

METHOD_HEADS = MappingProxyType({"zhang": "Zhang", "yue_pilon": "Yue–Pilon", "none": "raw"})
"""Methods as columns call them."""

FOREST_WORDS = MappingProxyType(
    {
        "the tables": "forest on the tables, all predictors they hold",
        "this run": "forest of this run",
        "this run, left-out sites": "forest of this run, at left-out sites",
        "final, figure": "the authors' final forest (figure)",
    }
)
"""Forests whose order of predictors is compared."""

SOURCE_WORDS = MappingProxyType(
    {
        ("rf", "final, figure"): "final forest (figure)",
        ("rf", "full"): "random forest, 2022",
        ("qrf", "full"): "quantile forest, 2022 (%IncMSE)",
        ("gbm", "full"): "boosted trees, 2022",
        ("svm", "full"): "support vectors, 2022",
    }
)
"""The authors' models of 1 km, by model and variant."""

MODEL_WORDS = MappingProxyType(
    {
        "this run": "this run: predictors of the climatology",
        "abz": "abz: all columns of the tables",
        "ranger": "R's ranger: all columns of the tables",
        "svm": "the authors' support vectors, 2022",
        "svm_earlier": "the authors' support vectors, earlier",
        "figure_1km": "the authors' final forest, 1 km (figure)",
        "figure_8km": "the authors' quantile forest, 8 km (figure)",
    }
)
"""Models whose cross-validation is compared."""

_MODEL_FLUXES = MappingProxyType(
    {"nee": "NEE (Rh − NPP)", "minus_nbp": "−NBP", "removal": "NPP − Rh − NBP"}
)


def flux_words(name: str) -> str:
    """A flux of the earth system models.

    Examples
    --------
    >>> flux_words("minus_nbp"), flux_words("gpp")
    ('−NBP', 'GPP')
    """
    return _MODEL_FLUXES.get(name) or FLUX_NAMES[name]


def slope_cell(row: Any, places: int) -> str:
    r"""A slope, its p, and a dagger where the iteration never rests.

    Examples
    --------
    >>> row = pd.Series({"slope": -16.29, "p_value": 1e-5, "converged": True})
    >>> slope_cell(row, 2).replace("\xa0", " ")
    '−16.29 (p < 0.001)'
    """
    mark = "" if row.converged else "†"
    p = p_text(float(row.p_value)).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{number_text(float(row.slope), places)}{mark} ({p})"


def years_head(row: pd.Series) -> str:
    """The years of an environmental series, and where they come from.

    Examples
    --------
    >>> years_head(pd.Series({"years": "unknown", "first_year": pd.NA, "n": 27}))
    '27 layers without a year'
    """
    if row["years"] == "unknown":
        return f"{int(row['n'])} layers without a year"
    span = years_text(row["first_year"], row["last_year"])
    return span if row["years"] == "stored" else f"{span}, by the layers' names"
