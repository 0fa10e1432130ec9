"""Write importance and response curves of every central forest."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import read_table, write_table
from abz.config import Config
from abz.drivers import permutation_importance, response_curves
from abz.modelling import complete_cases, derive_seed, load_forest
from abz.vocabulary import FLUXES

__all__ = ["run"]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write drivers/importance.parquet and drivers/response.parquet."""
    importance, response = [], []
    models = [(model_set, flux) for model_set in config.sets for flux in FLUXES]
    for model_set, flux in track(models, "drivers"):
        forest = load_forest(layout.models(model_set, flux) / "central.npz")
        table = read_table(layout.training(model_set))
        cases = complete_cases(table, flux, forest.predictors)
        shuffled = permutation_importance(
            forest,
            cases.X,
            cases.y,
            shuffles=config.drivers.shuffles,
            seed=derive_seed(config.seed, model_set, flux, "drivers"),
        )
        curves = response_curves(forest, cases.X, points=config.drivers.curve_points)
        importance.append(_labelled(shuffled, model_set, flux))
        response.append(_labelled(curves, model_set, flux))
    return [
        write_table(
            pd.concat(importance, ignore_index=True), layout.drivers / "importance.parquet"
        ),
        write_table(pd.concat(response, ignore_index=True), layout.drivers / "response.parquet"),
    ]


def _labelled(table: pd.DataFrame, model_set: str, flux: str) -> pd.DataFrame:
    """The table with the model it belongs to in front."""
    labelled = table.copy()
    labelled.insert(0, "model_set", model_set)
    labelled.insert(1, "flux", flux)
    return labelled
