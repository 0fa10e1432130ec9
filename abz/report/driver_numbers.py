"""Numbers of what the forests listen to: importance, ranks, groups."""

from __future__ import annotations

import pandas as pd

from abz.report.driver_figures import predictor_words
from abz.report.number import FLUX_NAMES, Origin, Pairs
from abz.report.results import Results, records
from abz.report.skill_words import bounds
from abz.report.typography import unit_text
from abz.units import MONTHLY_FLUX

__all__ = ["driver_numbers"]


def driver_numbers(results: Results) -> Pairs:
    """Importance of each predictor in training and at left-out sites, and both orders."""
    makers = {
        "importance": ("shuffles_table", "drivers/importance.parquet", _of_training),
        "driver_held_out_importance": (
            "sites_table", "drivers/held_out_importance.parquet", _of_left_out_sites
        ),
        "driver_grouped_importance": (
            "sites_table", "drivers/grouped_importance.parquet", _of_groups
        ),
    }  # fmt: skip
    for name, (function, source, make) in makers.items():
        table = results.tables.get(name, pd.DataFrame({"model_set": [], "flux": []}))
        origin = Origin(results.synthetic, f"abz.drivers.{function}", (source,))
        for (model_set, flux), rows in table.groupby(["model_set", "flux"], sort=True):
            yield from make(rows, origin, f"{model_set}_{flux}", FLUX_NAMES[str(flux)])


def _of_training(rows: pd.DataFrame, origin: Origin, key: str, flux: str) -> Pairs:
    """Median rise of each predictor, and the predictors by rank."""
    medians = rows.groupby("predictor")["rmse_increase"].median()
    ranked = medians.sort_values(ascending=False, kind="stable")
    for place, (name, value) in enumerate(ranked.items(), start=1):
        words = predictor_words(str(name))
        label = f"median rise of the RMSE of {flux} when shuffled: {words}"
        yield f"{key}_importance_{name}", origin.number(value, MONTHLY_FLUX, label, decimals=1)
        label = f"predictor of rank {place} for {flux}"
        yield f"{key}_rank{place}", origin.number(words, "1", label)


def _of_left_out_sites(rows: pd.DataFrame, origin: Origin, key: str, flux: str) -> Pairs:
    """The same at left-out sites, and how many predictors are clearly of use there."""
    ranked = rows.sort_values("rmse_increase", ascending=False, kind="stable")
    for place, row in enumerate(records(ranked), start=1):
        words = predictor_words(row.predictor)
        label = f"rise of the RMSE of {flux} at left-out sites when shuffled: {words}"
        number = origin.number(row.rmse_increase, MONTHLY_FLUX, label, text=_text(row))
        yield f"{key}_held_out_importance_{row.predictor}", number
        label = f"predictor of rank {place} for {flux} at left-out sites"
        yield f"{key}_held_out_rank{place}", origin.number(words, "1", label)
    clear = int((rows["lower"] > 0).sum())
    label = f"predictors whose importance for {flux} at left-out sites is above zero (95 %)"
    yield f"{key}_held_out_clear", origin.number(clear, "1", label)
    yield f"{key}_drivers", origin.number(len(rows), "1", f"predictors of the forest for {flux}")


def _of_groups(rows: pd.DataFrame, origin: Origin, key: str, flux: str) -> Pairs:
    """The groups by rank at left-out sites, with their importance there."""
    held_out = rows[rows["sample"] == "held_out"]
    ranked = held_out.sort_values("rmse_increase", ascending=False, kind="stable")
    for place, row in enumerate(records(ranked), start=1):
        words = ", ".join(predictor_words(name) for name in row.group.split(" + "))
        label = f"group of rank {place} for {flux} at left-out sites"
        yield f"{key}_held_out_group{place}", origin.number(words, "1", label)
        label = f"rise of the RMSE of {flux} at left-out sites when shuffled together: {words}"
        number = origin.number(row.rmse_increase, MONTHLY_FLUX, label, text=_text(row))
        yield f"{key}_held_out_group{place}_importance", number


def _text(row: object) -> str:
    """A rise with its interval and unit."""
    rise, lower, upper = (float(getattr(row, n)) for n in ("rmse_increase", "lower", "upper"))
    unit = f"\N{NO-BREAK SPACE}{unit_text(MONTHLY_FLUX)}"
    return bounds(rise, lower, upper, places=1) + unit
