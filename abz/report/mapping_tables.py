"""Tables of the mapping: what has no flux and why, and what asks beyond the training rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.table import Table
from abz.report.typography import number_text
from abz.vocabulary import PREDICTORS

__all__ = ["MAPPING_TABLES"]


def _missing(results: Results) -> Table | None:
    """Cell-months without a flux, by the predictor at fault and why."""
    parts = []
    for model_set, totals in results.predicted.items():
        counts = totals[["missing", "unseen"]].sum("time").to_dataframe().reset_index()
        parts.append(counts.assign(model_set=model_set))
    if not parts:
        return None
    bare = pd.concat(parts, ignore_index=True)[["model_set", "predictor", "missing", "unseen"]]
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "predictor": [_words(name) for name in bare["predictor"]],
            "cell-months without it": [number_text(v, 0) for v in bare["missing"]],
            "with a class that has no answer": [number_text(v, 0) for v in bare["unseen"]],
        }
    )
    caption = (
        "Cell-months of the domain left without a flux because a predictor is missing there, or "
        "holds a class to which a forest has no answer; a cell-month may lack several. Predictors "
        "that are nowhere at fault are not listed."
    )
    return Table(caption, bare, shown[(bare["missing"] > 0) | (bare["unseen"] > 0)])


def _outside_range(results: Results) -> Table | None:
    """Share of the mapped cell-months in which each predictor leaves its training range."""
    parts = []
    for model_set, totals in results.predicted.items():
        shares = totals["outside_cells"].sum("time") / max(int(totals["predicted"].sum()), 1)
        shares = shares.sel(
            predictor=[name for name in shares["predictor"].values if _ranges(name)]
        )
        table = pd.DataFrame(
            shares.transpose("predictor", "flux").values, columns=shares["flux"].values.tolist()
        )
        parts.append(table.assign(model_set=model_set, predictor=shares["predictor"].values))
    if not parts:
        return None
    bare = pd.concat(parts, ignore_index=True)
    fluxes = [name for name in FLUX_NAMES if name in bare]
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "predictor": [_words(name) for name in bare["predictor"]],
            **{FLUX_NAMES[name]: [_percent(v) for v in bare[name]] for name in fluxes},
        }
    )
    caption = (
        "Share of the mapped cell-months, in %, in which a predictor lies outside the range of the "
        "training rows of a flux; there a forest answers as at the end of the range. Predictors "
        "that never do are not listed."
    )
    order = ["model_set", "predictor", *fluxes]
    return Table(caption, bare[order], shown[(bare[fluxes] > 0).any(axis=1)])


def _ranges(name: str) -> bool:
    """Whether a predictor has a range."""
    return not (name in PREDICTORS and PREDICTORS[name].is_category)


def _percent(share: float) -> str:
    """A share in %, of which 0 stays 0."""
    return number_text(100 * share, 2) if 100 * share >= 0.01 or share == 0 else "< 0.01"


def _words(name: str) -> str:
    """A predictor in words."""
    return PREDICTORS[name].long_name if name in PREDICTORS else name


MAPPING_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"missing": _missing, "outside_range": _outside_range}
)
"""Name of a table to what makes it, or None where the run has no maps."""
