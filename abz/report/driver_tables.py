"""Tables of what the forests listen to: predictors and groups, in training and at new sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from abz.report.driver_figures import predictor_words
from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.skill_words import bounds
from abz.report.table import Table
from abz.report.typography import number_text
from abz.vocabulary import FLUXES, PREDICTORS

__all__ = ["DRIVER_TABLES", "importance_table", "predictor_groups_table"]

_KEYS = ["model_set", "flux", "predictor"]


def importance_table(results: Results) -> Table | None:
    """Importance of each predictor for each flux, on training rows and at left-out sites."""
    shuffled = results.tables.get("importance")
    held_out = results.tables.get("driver_held_out_importance")
    if shuffled is None or held_out is None:
        return None
    medians = shuffled.groupby(_KEYS)["rmse_increase"].median().rename("training_median")
    bare = held_out.merge(medians.reset_index(), on=_KEYS).rename(
        columns={"rmse_increase": "held_out", "lower": "held_out_lower", "upper": "held_out_upper"}
    )
    rows = []
    for model_set, of_set in bare.groupby("model_set", sort=False):
        for name in (name for name in PREDICTORS if name in set(of_set["predictor"])):
            row = {"set": str(model_set), "predictor": predictor_words(name)}
            for flux in FLUXES:
                found = of_set[(of_set["flux"] == flux) & (of_set["predictor"] == name)]
                row |= _cells(found, FLUX_NAMES[flux])
            rows.append(row)
    caption = (
        "Rise of the RMSE, g C m⁻² month⁻¹, when one predictor is shuffled: on the training rows "
        "(median of the shuffles) and at left-out sites (95 % interval from drawn sites)."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _cells(found: pd.DataFrame, flux: str) -> dict[str, str]:
    """Cells of one flux; dashes where its forest lacks the predictor."""
    heads = (f"{flux}, training", f"{flux}, left out")
    if found.empty:
        return dict.fromkeys(heads, "—")
    values = found.iloc[0]
    interval = (float(values[f"held_out_{end}"]) for end in ("lower", "upper"))
    texts = (
        number_text(float(values["training_median"]), 1),
        bounds(float(values["held_out"]), *interval, places=1),
    )
    return dict(zip(heads, texts, strict=True))


def predictor_groups_table(results: Results) -> Table | None:
    """Which predictor belongs to which group, and how closely its nearest partner follows it."""
    bare = results.tables.get("driver_groups")
    if bare is None:
        return None
    several = bare[bare.duplicated(["model_set", "flux", "group"], keep=False)]
    number = several.groupby(["model_set", "flux"], sort=False)["group"].transform(
        lambda groups: pd.factorize(groups)[0] + 1
    )
    shown = pd.DataFrame(
        {
            "set": several["model_set"],
            "flux": several["flux"].map(FLUX_NAMES),
            "group": number.astype(str),
            "predictor": several["predictor"].map(predictor_words),
            "closest to it": several["partner"].map(predictor_words),
            "association": [number_text(float(v), 2) for v in several["association"]],
        }
    )
    caption = (
        "Groups of two predictors or more that are shuffled together; the association runs from 0 "
        "to 1. Predictors that are not listed stand alone."
    )
    return Table(caption, bare, shown)


DRIVER_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"importance": importance_table, "predictor_groups": predictor_groups_table}
)
"""Name to function of the results."""
