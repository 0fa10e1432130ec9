"""Tables of what the forests are worth where they never saw a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.published import published_skill
from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.skill_limits import (
    coverage_table,
    designs_table,
    ensemble_table,
    intervals_table,
)
from abz.report.skill_words import (
    COMPONENT_WORDS,
    GROUP_WORDS,
    PERCENT,
    PREDICTION_WORDS,
    bounds,
    head,
    of_set,
    ranged,
)
from abz.report.table import Table
from abz.report.typography import number_text
from abz.vocabulary import FLUXES, MODEL_SETS

__all__ = ["SKILL_TABLES"]


def scores_table(results: Results) -> Table | None:
    """Skill of all forests beside the published scores of the fine ones."""
    if not results.scores:
        return None
    origin = "synthetic" if results.synthetic else "this run"
    bare, shown = [], []
    for (model_set, flux), found in sorted(
        results.scores.items(),
        key=lambda item: (item[0][0] != "fine", item[0][0], list(FLUXES).index(item[0][1])),
    ):
        paper = published_skill(flux) if model_set == "fine" else {}
        row = {"set": model_set, "flux": FLUX_NAMES[flux]}
        bare.append({"model_set": model_set, "flux": flux, **found})
        for name, label, places in (
            ("rows", "site-months", 0), ("sites", "sites", 0), ("mtry", "mtry", 0),
            ("r2", "R²", 2), ("rmse", "RMSE", 1), ("mae", "MAE", 1), ("mbe", "MBE", 1),
        ):  # fmt: skip
            value = found.get(name)
            row[f"{label}, {origin}" if name in published_skill("nee") else label] = (
                "—" if value is None else number_text(float(value), places)
            )
        row["R², published (real)"] = number_text(paper["r2"], 2) if paper else "—"
        row["RMSE, published (real)"] = number_text(paper["rmse"], 1) if paper else "—"
        shown.append(row)
    caption = "Leave-one-site-out scores of pooled held-out predictions, g C m⁻² month⁻¹."
    return Table(caption, pd.DataFrame(bare).drop(columns="tuning", errors="ignore"),
                 pd.DataFrame(shown))  # fmt: skip


def tuning_table(results: Results) -> Table | None:
    """Mean of the sites' errors for each mtry that was tried, and for the choice confirmed."""
    rows = [
        {"model_set": model_set, "flux": flux, **trial}
        for (model_set, flux), found in results.scores.items()
        for trial in found.get("tuning", [])
    ]
    if not rows:
        return None
    bare = pd.DataFrame(rows)
    words = {"out_of_site": "search", "leave_one_site_out": "one site left out at a time"}
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "flux": bare["flux"].map(FLUX_NAMES),
            "how": bare["held_out"].map(words),
            "mtry": [str(int(v)) for v in bare["mtry"]],
            "mean RMSE of the sites": [number_text(float(v), 2) for v in bare["mean_site_rmse"]],
            "pooled R²": [number_text(float(v), 3) for v in bare["r2"]],
            "pooled RMSE": [number_text(float(v), 2) for v in bare["rmse"]],
            "chosen": np.where(bare["chosen"], "●", ""),
        }
    )
    caption = (
        "Tuning: the search compares the values of mtry, the choice is confirmed by leaving out "
        "one site at a time. RMSE in g C m⁻² month⁻¹."
    )
    return Table(caption, bare, shown)


def pooled_table(results: Results) -> Table | None:
    """Scores of the forests and of the naive predictions, with intervals."""
    skill, relative = results.tables.get("skill"), results.tables.get("relative_skill")
    if skill is None or relative is None:
        return None
    bare = skill[skill["group_kind"] == "all"]
    gains = {
        (row.model_set, row.flux, row.baseline): bounds(
            100 * row.skill, 100 * row.low, 100 * row.high, places=0, unit=PERCENT
        )
        for row in records(relative[relative["group_kind"] == "all"])
    }
    shown = []
    for row in records(bare):
        shown.append(
            {
                **head(row),
                "prediction": PREDICTION_WORDS[row.model],
                "site-months": number_text(row.n, 0),
                "sites": number_text(row.sites, 0),
                "R²": ranged(row, "r2", 2),
                "1 − SSE/SST": ranged(row, "r2_sse", 2),
                "RMSE": ranged(row, "rmse", 1),
                "MAE": ranged(row, "mae", 1),
                "MBE": ranged(row, "mbe", 1),
                "less squared error with the forest": gains.get(
                    (row.model_set, row.flux, row.model), ""
                ),
            }
        )
    caption = (
        "Scores of pooled predictions at sites left out, g C m⁻² month⁻¹, with 95"
        f"{PERCENT} intervals from resampled sites. The last column says how much smaller the "
        "forest's squared error is than that of the naive prediction, over the rows of both."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def components_table(results: Results) -> Table | None:
    """Scores of each part of the flux."""
    bare = results.tables.get("components")
    if bare is None:
        return None
    shown = [
        {
            **head(row),
            "part": COMPONENT_WORDS[row.component],
            "values": number_text(row.n, 0),
            "sites": number_text(row.sites, 0),
            "R²": number_text(row.r2, 2),
            "1 − SSE/SST": number_text(row.r2_sse, 2),
            "RMSE": number_text(row.rmse, 2),
            f"of the observed variance,{PERCENT}": number_text(100 * row.observed_share, 0),
            f"of the squared error,{PERCENT}": number_text(100 * row.error_share, 0),
        }
        for row in records(bare[bare["model"] == "forest"])
    ]
    caption = (
        "Skill of the forests in each part of the flux, g C m⁻² month⁻¹, for trends per year. The "
        "variance of all months is the sum of those of means, cycles and departures; trends are "
        "part of the departures."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def groups_table(results: Results, model_set: str) -> Table | None:
    """Scores of groups of rows, the fluxes side by side."""
    bare = of_set(results, "skill", model_set)
    if bare is None:
        return None
    bare = bare[bare["model"] == "forest"]
    order = bare.drop_duplicates(["group_kind", "group"])[["group_kind", "group"]]
    shown = []
    for kind, group in order.itertuples(index=False):
        rows = bare[(bare["group_kind"] == kind) & (bare["group"] == group)].set_index("flux")
        line = {"by": GROUP_WORDS.get(kind, kind), "group": group}
        for flux in (name for name in FLUXES if name in rows.index):
            name, row = FLUX_NAMES[flux], rows.loc[flux]
            line[f"{name}: sites (months)"] = (
                f"{number_text(row['sites'], 0)} ({number_text(row['n'], 0)})"
            )
            line[f"{name}: R²"] = number_text(row["r2"], 2)
            line[f"{name}: RMSE"] = ranged(row, "rmse", 1)
            line[f"{name}: MBE"] = ranged(row, "mbe", 1)
        shown.append(line)
    caption = (
        f"Scores by group of site-months, {model_set} set, at sites left out, g C m⁻² month⁻¹, "
        f"with 95{PERCENT} intervals from resampled sites; none where a group has one site. With "
        "fewer than about ten sites the intervals are too narrow."
    )
    return Table(caption, bare, pd.DataFrame(shown).fillna("—"))


def _by_set() -> dict[str, Callable[[Results], Table | None]]:
    """Tables of one model set each."""
    makers = {
        "skill_groups": groups_table, "designs": designs_table, "intervals": intervals_table
    }  # fmt: skip
    return {
        f"{name}_{model_set}": partial(make, model_set=model_set)
        for model_set in MODEL_SETS
        for name, make in makers.items()
    }


SKILL_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "scores": scores_table,
        "tuning": tuning_table,
        "skill": pooled_table,
        "components": components_table,
        "coverage": coverage_table,
        "ensemble": ensemble_table,
        **_by_set(),
    }
)
"""Name to what makes the table."""
