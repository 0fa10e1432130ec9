"""Fit the forests of one flux of one model set: tuning, central forest, members, scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from abz.cli.forests import flux_seed, forest_options, grow_members
from abz.cli.judging import training_rows
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import atomic_path, write_json, write_table
from abz.config import Config
from abz.modelling import (
    Cases,
    FluxForest,
    Tuning,
    complete_cases,
    derive_seed,
    fit_forest,
    save_forest,
    scores,
    site_rmse,
    tune,
)
from abz.upscaling import training_ranges
from abz.vocabulary import predictor_names

__all__ = ["run"]

ROW_KEYS = (
    "site", "latitude", "longitude", "biome", "vegetation", "year", "month",
    "flux_method", "disturbance", "disturbance_year",
)  # fmt: skip
"""What `held_out.parquet` tells of its rows, where the training table has it."""


def run(config: Config, layout: Layout, *, model_set: str, flux: str) -> list[Path]:
    """Write the folder models/SET/FLUX."""
    predictors = predictor_names(model_set, flux)
    cases = complete_cases(training_rows(layout, model_set), flux, predictors)
    seed, shared = flux_seed(config, model_set, flux), forest_options(config)
    tuning = tune(
        cases.X,
        cases.y,
        predictors,
        cases.sites,
        grid=config.forest.mtry,
        search=config.forest.search,
        criterion=config.forest.criterion,
        trees=config.forest.tuning_trees,
        seed=derive_seed(seed, "tune"),
        watch=track,
        **shared,
    )
    central = fit_forest(
        cases.X,
        cases.y,
        predictors,
        trees=config.forest.trees,
        mtry=tuning.mtry,
        seed=derive_seed(seed, "central"),
        **shared,
    )
    members = grow_members(
        config,
        cases,
        predictors,
        unit=config.forest.unit,
        trees=config.forest.member_trees,
        mtry=tuning.mtry,
        seed=derive_seed(seed, "members"),
    )
    about = _about(config, cases, predictors, tuning, model_set=model_set, flux=flux)
    with atomic_path(layout.models(model_set, flux)) as folder:
        folder.mkdir()
        save_forest(central, folder / "central.npz", {**about, "member": 0})
        labelled = enumerate(track(members, f"{model_set} {flux}", config.forest.members), 1)
        for number, member in labelled:
            save_forest(member, folder / f"member_{number:02d}.npz", {**about, "member": number})
        _write_tables(folder, cases, central, tuning)
    return [layout.models(model_set, flux)]


def _about(
    config: Config,
    cases: Cases,
    predictors: Sequence[str],
    tuning: Tuning,
    *,
    model_set: str,
    flux: str,
) -> dict[str, Any]:
    """What the header of each forest says of its making."""
    ranges = training_ranges(cases.X, predictors)
    return {
        "model_set": model_set,
        "flux": flux,
        "seed": config.seed,
        "mtry": tuning.mtry,
        "rows": len(cases.y),
        "sites": len(set(cases.sites)),
        "resampled": config.forest.unit,
        "response": {"min": cases.y.min(), "mean": cases.y.mean(), "max": cases.y.max()},
        "ranges": {name: [r.low, r.high] for name, r in ranges.items()},
    }


def _write_tables(folder: Path, cases: Cases, central: FluxForest, tuning: Tuning) -> None:
    """Held-out predictions, the tuning, and the scores of both."""
    fitted = central.predict(cases.X)
    keys = [key for key in ROW_KEYS if key in cases.table]
    held_out = cases.table[keys].assign(observed=cases.y, predicted=tuning.held_out, fitted=fitted)
    write_table(held_out, folder / "held_out.parquet")
    chosen = tuning.table["mtry"] == tuning.mtry
    write_table(tuning.table.assign(chosen=chosen), folder / "tuning.parquet")
    document = {
        "mtry": tuning.mtry,
        "rows": len(cases.y),
        "sites": len(set(cases.sites)),
        "dropped": cases.dropped,
        "mean_site_rmse": site_rmse(cases.y, tuning.held_out, cases.sites).mean(),
        "held_out": asdict(scores(cases.y, tuning.held_out)),
        "fit": asdict(scores(cases.y, fitted)),
        "units": "g C m-2 month-1",
    }
    write_json(_without_nan(document), folder / "scores.json")


def _without_nan(value: Any) -> Any:
    """The document with null in place of NaN."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
