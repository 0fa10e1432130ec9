"""Judge the forests of one flux of one model set at sites that they never saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from abz.applicability import error_model, fit_applicability, left_out_widening
from abz.cli.forests import Unit, forest_options, grow_members, member_choice
from abz.cli.judging import Inputs, open_inputs, places_of
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import atomic_path, write_json, write_table
from abz.config import Config
from abz.modelling import (
    GROUPS,
    FluxForest,
    FoldOptions,
    Intervals,
    annual_spread,
    calibrate,
    climatology_baseline,
    compare_designs,
    components,
    coverage_table,
    halves,
    held_out_predictions,
    label_strata,
    load_forest,
    make_designs,
    monthly_spread,
    nearest_site_baseline,
    predict_designs,
    relative_skill,
    site_scores,
    skill_table,
    stratum_sizes,
)
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX

__all__ = ["run"]

BASELINES = ("climatology", "nearest_site")
"""Naive predictions beside those of the forest; columns of `held_out.parquet`."""

NOMINAL = (0.5, 0.8, 0.9, 0.95)
"""Coverages that are tested, with the configured one."""

TREES_HAVE_HALVES = ("random_forest", "extra_trees")
"""Engines whose trees are alike, so that half of them are a forest too."""


def run(config: Config, layout: Layout, *, model_set: str, flux: str) -> list[Path]:
    """Write the folder validation/SET/FLUX."""
    inputs = open_inputs(config, layout, model_set, flux)
    held_out = _with_baselines(inputs.held_out)
    held_out, intervals = _with_intervals(inputs, held_out)
    predictions, designs = _designs(inputs, held_out)
    tables = {
        "held_out": held_out.assign(**predictions).drop(columns="leave_one_site_out"),
        "skill": _skill(config, held_out),
        "relative_skill": _relative_skill(config, held_out),
        "components": _each(held_out, components),
        "site_skill": _each(held_out, _site_skill),
        "designs": designs,
        "coverage": _coverage(config, held_out, intervals),
        "ensemble": pd.DataFrame(_ensembles(inputs)),
    }
    with atomic_path(layout.validation(model_set, flux)) as folder:
        folder.mkdir()
        for name, table in tables.items():
            write_table(table, folder / f"{name}.parquet")
        write_json(intervals.as_dict(), folder / "intervals.json")
    return [layout.validation(model_set, flux)]


def _with_baselines(held_out: pd.DataFrame) -> pd.DataFrame:
    """Naive predictions of the same rows, by sites other than their own."""
    known = held_out.assign(climatology=climatology_baseline(held_out)["predicted"])
    if not {"latitude", "longitude"} <= set(held_out):
        return known.assign(nearest_site=np.nan, nearest_site_km=np.nan)
    nearest = nearest_site_baseline(held_out)
    return known.assign(nearest_site=nearest["predicted"], nearest_site_km=nearest["distance_km"])


def _with_intervals(inputs: Inputs, held_out: pd.DataFrame) -> tuple[pd.DataFrame, Intervals]:
    """Intervals of the rows, widened outside the area of applicability."""
    area = fit_applicability(
        inputs.central.encode(inputs.cases.X), inputs.cases.sites, inputs.weights,
        workers=forest_options(inputs.config)["workers"],
    )  # fmt: skip
    residual = (held_out["predicted"] - held_out["observed"]).to_numpy(np.float64)
    growth = error_model(area.dissimilarity, residual).widening(area.dissimilarity)
    outside = area.dissimilarity > area.threshold
    strata = ("biome", "season") if "biome" in held_out else ("season",)
    intervals = calibrate(held_out, inputs.config.validation.level, strata=strata)
    labels = label_strata(held_out, strata)
    labels = np.where(labels == "", label_strata(held_out, ["season"]), labels)
    reach = {"outside": outside, "widening": growth}
    predicted = held_out["predicted"].to_numpy(np.float64)
    judged = held_out.assign(
        stratum=labels,
        dissimilarity=area.dissimilarity,
        area=np.where(outside, "outside", "inside"),
        widening=np.where(outside, np.maximum(1.0, growth), 1.0),
        lower=intervals.lower(predicted, labels, **reach),
        upper=intervals.upper(predicted, labels, **reach),
    )
    return judged, intervals


def _coverage(config: Config, held_out: pd.DataFrame, intervals: Intervals) -> pd.DataFrame:
    """Nominal and empirical coverage of intervals that were made without the site under test."""
    nominal = sorted({*NOMINAL, config.validation.level})
    residual = (held_out["predicted"] - held_out["observed"]).to_numpy(np.float64)
    sites, at = held_out["site"].to_numpy(dtype=str), held_out["dissimilarity"].to_numpy(np.float64)
    outside, growth = left_out_widening(at, residual, sites)
    tested = held_out.assign(area=np.where(outside, "outside", "inside"), widening=growth)
    return coverage_table(tested, nominal, intervals.strata, widening="widening", groups=["area"])


def _skill(config: Config, held_out: pd.DataFrame) -> pd.DataFrame:
    """Scores of the forest by group, and of the naive predictions."""
    draws = config.validation.samples
    tables = [skill_table(held_out, GROUPS, draws=draws, seed=config.seed).assign(model="forest")]
    for name in BASELINES:
        rows = held_out.assign(predicted=held_out[name])
        tables.append(skill_table(rows, (), draws=draws, seed=config.seed).assign(model=name))
    return _first(pd.concat(tables, ignore_index=True), "model")


def _relative_skill(config: Config, held_out: pd.DataFrame) -> pd.DataFrame:
    """How much smaller the squared error of the forest is than that of the naive predictions."""
    draws = config.validation.samples
    tables = [
        relative_skill(held_out, name, GROUPS, draws=draws, seed=config.seed) for name in BASELINES
    ]
    return pd.concat(tables, ignore_index=True)


def _each(held_out: pd.DataFrame, table: Any) -> pd.DataFrame:
    """A table of the forest and of the naive predictions."""
    tables = [table(held_out).assign(model="forest")]
    for name in BASELINES:
        tables.append(table(held_out.assign(predicted=held_out[name])).assign(model=name))
    return _first(pd.concat(tables, ignore_index=True), "model")


def _first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The table with a column in front."""
    return table[[column, *[name for name in table if name != column]]]


def _site_skill(held_out: pd.DataFrame) -> pd.DataFrame:
    """Scores of each site, with what is known of it."""
    about = [name for name in ("latitude", "longitude", "biome") if name in held_out]
    sites = held_out.assign(site=held_out["site"].astype(str)).groupby("site", sort=True)
    known = sites[about].first().assign(years=sites["year"].nunique())
    columns = [held_out[name].to_numpy() for name in ("observed", "predicted", "site")]
    return site_scores(*columns).merge(known.reset_index(), on="site")


def _designs(inputs: Inputs, held_out: pd.DataFrame) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Predictions and scores under every configured fold design, beside leaving one site out."""
    options, cases = inputs.config.validation, inputs.cases
    folds = FoldOptions(
        options.colocated_km, options.year_parts, options.folds, inputs.seed("folds")
    )
    names = ["leave_one_site_out", *dict.fromkeys(options.designs)]
    designs = make_designs(names, places_of(inputs), folds)
    tuning_trees = inputs.config.forest.tuning_trees
    shared: dict[str, Any] = {
        **forest_options(inputs.config),
        "trees": options.trees or tuning_trees,
        "seed": inputs.seed("tune"),
    }
    rows = cases.X, cases.y, inputs.predictors, cases.sites
    lone = held_out["predicted"].to_numpy(np.float64)
    if shared["trees"] != tuning_trees:
        lone = held_out_predictions(*rows, mtry=inputs.mtry, watch=track, **shared)
    search = {"grid": inputs.config.forest.mtry, "criterion": inputs.config.forest.criterion}
    found = predict_designs(
        *rows, designs=designs, leave_one_out=lone, mtry=inputs.mtry, search=search, watch=track,
        **shared,
    )  # fmt: skip
    table = compare_designs(
        held_out.assign(predicted=lone), designs, found, draws=options.samples,
        seed=inputs.config.seed,
    )  # fmt: skip
    return found, table


def _ensembles(inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Spread of the members by row and by site, at the training rows and over the map."""
    config, table = inputs.config, inputs.cases.table
    split = config.forest.engine in TREES_HAVE_HALVES
    year = inputs.years.reshape(-1, len(inputs.predictors))
    places = {
        "training rows": (inputs.cases.X, table["month"].to_numpy(np.int64)),
        "map": (year, np.repeat(np.arange(1, 13), inputs.years.shape[1])),
    }
    for unit in get_args(Unit):
        members, trees = _members(inputs, unit)
        about = {"unit": unit, "mapped": unit == config.forest.unit, "trees": trees,
                 "predictors": member_choice(config, unit), **_fixed(inputs, unit)}  # fmt: skip
        for where, (rows, month) in places.items():
            both = halves(members, rows, inputs.predictors, split=split)
            annual, monthly = (
                annual_spread(both, month, trees=trees),
                monthly_spread(both, trees=trees),
            )
            for quantity, spread, units in (
                ("annual mean", annual, ANNUAL_FLUX), ("single month", monthly, MONTHLY_FLUX),
            ):  # fmt: skip
                yield {**about, "where": where, "quantity": quantity, **spread.as_dict(),
                       "units": units}  # fmt: skip


def _members(inputs: Inputs, unit: Unit) -> tuple[list[FluxForest], int]:
    """The members that made the maps, or others for comparison; and their number of trees."""
    config = inputs.config
    if unit == config.forest.unit:
        folder = inputs.layout.models(inputs.model_set, inputs.flux)
        paths = sorted(folder.glob("member_*.npz"))
        return [load_forest(path) for path in paths], config.forest.member_trees
    trees = config.validation.trees or config.forest.tuning_trees
    grown = grow_members(
        config, inputs.cases, inputs.predictors, unit=unit, trees=trees, mtry=inputs.mtry,
        seed=inputs.seed("members", unit),
    )  # fmt: skip
    shown = track(grown, f"members by {unit}", config.forest.members)
    return list(shown), trees


def _fixed(inputs: Inputs, unit: Unit) -> dict[str, float]:
    """Sites and share of the rows that are in every resample, being alone in their stratum."""
    if unit == "row" or "vegetation" not in inputs.predictors:
        return {"fixed_sites": 0, "fixed_row_share": 0.0}
    sizes = stratum_sizes(inputs.cases.sites, inputs.cases.table["vegetation"].to_numpy())
    fixed = sizes[sizes["fixed"]]
    return {
        "fixed_sites": int(fixed["sites"].sum()),
        "fixed_row_share": float(fixed["rows"].sum() / sizes["rows"].sum()),
    }
