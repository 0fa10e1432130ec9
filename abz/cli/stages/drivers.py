"""Write what every central forest listens to: importance, curves, effects, pairs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abz.cli.judging import central_forest
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import write_table
from abz.cli.tables import labelled
from abz.config import Config
from abz.drivers import (
    PAIR_COLUMNS,
    ShuffledErrors,
    accumulated_effects,
    group_predictors,
    held_out_errors,
    moves_of,
    pair_responses,
    response_curves,
    shuffled_errors,
    shuffles_table,
    sites_table,
)
from abz.modelling import Cases, FluxForest, derive_seed, read_header
from abz.vocabulary import FLUXES

__all__ = ["run"]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write the tables of drivers/, each of all model sets and fluxes."""
    made: dict[str, list[pd.DataFrame]] = {}
    models = [(model_set, flux) for model_set in config.sets for flux in FLUXES]
    for model_set, flux in track(models, "drivers"):
        forest, cases = central_forest(layout, model_set, flux)
        header = read_header(layout.models(model_set, flux) / "central.npz")
        seed = derive_seed(config.seed, model_set, flux, "drivers")
        tables = {
            **_importance(config, forest, cases, int(header["about"]["mtry"]), seed),
            **_curves(config, forest, cases),
        }
        for name, table in tables.items():
            made.setdefault(name, []).append(labelled(table, model_set, flux))
    return [
        write_table(_stacked(parts), layout.drivers / f"{name}.parquet")
        for name, parts in made.items()
    ]


def _importance(
    config: Config, forest: FluxForest, cases: Cases, mtry: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Importance of predictors and of their groups, on training rows and at left-out sites."""
    settings = config.drivers
    groups = group_predictors(
        cases.X, forest.predictors, threshold=settings.group_threshold, declared=settings.groups
    )
    moves = {name: (name,) for name in forest.predictors} | moves_of(groups)
    training = shuffled_errors(
        forest, cases.X, cases.y, moves,
        shuffles=settings.shuffles, seed=seed, workers=config.workers,
    )  # fmt: skip
    held_out = held_out_errors(
        cases.X, cases.y, forest.predictors, cases.sites, moves,
        folds=min(settings.held_out_folds, len(set(cases.sites)) // 2), mtry=mtry,
        trees=settings.held_out_trees, shuffles=settings.shuffles, seed=seed,
        workers=config.workers,
        **config.forest.model_dump(include={"engine", "quantile", "node_size"}),
    )  # fmt: skip
    by_site = pd.concat(
        _by_site(errors, cases, seed).assign(sample=sample)
        for sample, errors in (("training", training), ("held_out", held_out))
    )
    shuffled = shuffles_table(training)
    alone = by_site["predictor"].isin(forest.predictors) & (by_site["sample"] == "held_out")
    grouped = by_site.set_index("predictor").loc[groups["group"].unique()].rename_axis("group")
    columns = ["sample", "group", "rmse_increase", "lower", "upper"]
    return {
        "importance": shuffled[shuffled["predictor"].isin(forest.predictors)],
        "held_out_importance": by_site[alone].drop(columns="sample"),
        "grouped_importance": grouped.reset_index()[columns],
        "groups": groups,
    }


def _by_site(errors: ShuffledErrors, cases: Cases, seed: int) -> pd.DataFrame:
    """Importance with an interval from drawn sites."""
    return sites_table(errors, cases.sites, seed=derive_seed(seed, "drawn sites"))


def _curves(config: Config, forest: FluxForest, cases: Cases) -> dict[str, pd.DataFrame]:
    """Response curves, local effects, and the pairs whose predictors the forest has."""
    settings, workers = config.drivers, config.workers
    pairs = [
        pair_responses(
            forest, cases.X, (first, second), points=settings.pair_points, workers=workers
        )
        for first, second in settings.pairs
        if {first, second} <= set(forest.predictors)
    ]
    return {
        "response": response_curves(forest, cases.X, points=settings.curve_points, workers=workers),
        "effects": accumulated_effects(forest, cases.X, bins=settings.effect_bins, workers=workers),
        "pairs": _stacked([*pairs, pd.DataFrame(columns=list(PAIR_COLUMNS))]),
    }


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """All rows in one table; the first table where none has rows."""
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
