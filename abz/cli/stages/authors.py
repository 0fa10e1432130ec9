"""Lay the run on real data beside the authors' own small results and CMIP6."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.catalog import Catalog
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.sources import repository
from abz.cli.storage import atomic_path, read_json, read_table, write_json, write_table
from abz.compare.authors import (
    area_closure,
    beside_published_region,
    budgets_beside,
    cycle_amplitudes,
    ensemble_spread,
    environment_trends,
    figure_importance,
    flux_gaps,
    model_fluxes,
    model_trends,
    month_changes,
    paired_ranks,
    rank_agreement,
    same_rows,
    score_rows,
    series_trends,
    site_slopes,
    table_importance,
    with_continents,
)
from abz.config import Config
from abz.errors import MissingDataError
from abz.published import published_record, published_table1
from abz.report.ranger_runs import left_out, summarise
from abz.vocabulary import FLUXES

__all__ = ["RECORD", "run"]

MODEL_SET = "climatology"
RECORD = Path("docs/records/ranger.json")
SCORES = ("r2", "rmse", "mae", "mbe")

Tables = Iterator[tuple[str, pd.DataFrame]]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write the folder authors/: tables of what is there, and notes of what is not."""
    catalog = open_catalog(config)
    absent = [name for name in _MAKERS if not _is_there(catalog, name)]
    with atomic_path(layout.authors) as folder:
        folder.mkdir()
        for name in track([name for name in _MAKERS if name not in absent], "authors"):
            for stem, table in _MAKERS[name](config, layout, catalog):
                write_table(table, folder / f"{stem}.parquet")
        write_json({"absent": absent}, folder / "notes.json")
    return [layout.authors]


def _is_there(catalog: Catalog, name: str) -> bool:
    """Whether the files of an entry are there; an error if only some of them are."""
    if name not in catalog.names():
        return False
    try:
        catalog.files(name)
    except MissingDataError:
        if any(list(catalog.root.glob(pattern)) for pattern in catalog.pin(name).patterns):
            raise
        return False
    return True


def _of_budgets(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """Trends and closure of the 8-km budgets, and the budgets beside those of the run."""
    budgets = catalog.open("published_budgets_8km")
    series = with_continents(budgets)
    yield "series", series
    yield "trends", series_trends(series, ["flux", "area"], "tg")
    yield "closure", area_closure(budgets)
    yield "gaps", flux_gaps(series)
    yield "budgets", budgets_beside(read_table(layout.budgets / "climatology.parquet"), budgets)


def _of_months(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """The seasonal cycle of the 8-km model."""
    months = catalog.open("published_months_8km")
    yield "amplitudes", cycle_amplitudes(months)
    yield "months", month_changes(months)


def _of_environment(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """Trends of the environment, over years that are true."""
    yield "environment", environment_trends(catalog.open("published_environment_8km"))


def _of_sites(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """Slopes at sites, from all public rows."""
    rows = catalog.open("flux_training")
    yield "sites", site_slopes(rows, catalog.open("published_site_trends"))


def _of_importance(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """Order of the predictors in forests on the real tables and in the authors' models."""
    theirs = [figure_importance(), catalog.open("published_importance")]
    published = pd.concat(theirs, ignore_index=True)
    tables = {
        "the tables": table_importance(
            read_table(layout.training(MODEL_SET)), trees=config.forest.trees,
            shuffles=config.drivers.shuffles, seed=config.seed, workers=config.workers,
        ),
        **_of_the_run(layout),
    }  # fmt: skip
    ours = pd.concat([table.assign(forest=name) for name, table in tables.items()])
    yield "importance", ours.reset_index(drop=True)
    yield "agreement", rank_agreement(ours, published)
    yield "ranks", paired_ranks(ours, published)
    final = theirs[0].assign(forest="final, figure")
    yield "yardstick", rank_agreement(final, theirs[1])


def _of_the_run(layout: Layout) -> dict[str, pd.DataFrame]:
    """Importance in the forests of the run, on their training rows and at left-out sites."""
    shuffled = read_table(layout.drivers / "importance.parquet")
    medians = shuffled.groupby(["flux", "predictor"])["rmse_increase"].median()
    left = read_table(layout.drivers / "held_out_importance.parquet")
    return {
        "this run": medians.rename("importance").reset_index(),
        "this run, left-out sites": left.rename(columns={"rmse_increase": "importance"})[
            ["flux", "predictor", "importance"]
        ],
    }


def _of_scores(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """Cross-validation of the forests and of the authors' models."""
    held_out = catalog.open("flux_training_held_out")
    ours = {flux: layout.models(MODEL_SET, flux) for flux in FLUXES}
    rows = [
        *(_score("this run", flux, **_of_forest(folder)) for flux, folder in ours.items()),
        *_recorded(repository() / RECORD),
        *(
            _score(found["model"], found["flux"], rows=found["rows"], **_chosen(found))
            for found in score_rows(held_out).to_dict("records")
        ),
        *_published(),
    ]
    yield "scores", pd.DataFrame(rows)
    tables = [read_table(f / "held_out.parquet").assign(flux=flux) for flux, f in ours.items()]
    yield "same_rows", same_rows(pd.concat(tables, ignore_index=True), held_out)


def _score(model: str, flux: str, *, rows: float = float("nan"), **more: Any) -> dict[str, Any]:
    """A row of the scores."""
    return {"flux": flux, "model": model, "rows": float(rows), **more}


def _chosen(found: Mapping[Any, Any]) -> dict[str, float]:
    return {name: float(found[name]) for name in ("sites", *SCORES) if name in found}


def _of_forest(folder: Path) -> dict[str, float]:
    """Scores of a forest of the run, each site left out."""
    document = read_json(folder / "scores.json")
    about = {"rows": document["rows"], "sites": document["sites"]}
    return {**_chosen(document["held_out"]), **about}


def _recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Scores on all columns of the public tables, from the record of the comparison with R."""
    if path.is_file():
        record = json.loads(path.read_text(encoding="utf-8"))
        runs = pd.DataFrame(record["runs"])
        for flux in FLUXES:
            found = left_out(runs, flux)
            if len(found):
                first, means = found.iloc[0], {s: summarise(found, s)[0] for s in SCORES}
                yield _score("abz", flux, rows=first["n"], sites=float(first["sites"]), **means)
            if flux in record["oracle"]:
                stored = record["oracle"][flux]
                yield _score("ranger", flux, rows=stored["n"], **_chosen(stored))


def _published() -> Iterator[dict[str, Any]]:
    """Scores that the authors' figures show."""
    names = {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}
    for model, key in (("figure_1km", "cv_1km"), ("figure_8km", "cv_8km_qrf")):
        for flux, name in names.items():
            printed = published_record(f"{key}_{name}")
            yield _score(model, flux, **{s: printed.number(s.upper()).value for s in SCORES})


def _of_earth_models(config: Config, layout: Layout, catalog: Catalog) -> Tables:
    """CMIP6 models over the permafrost region."""
    fluxes = model_fluxes(catalog.open("cmip6_permafrost_region"))
    trends = model_trends(fluxes)
    yield "models", trends
    yield "spread", ensemble_spread(trends)
    yield "region", beside_published_region(trends, published_table1())
    series = fluxes.to_dataframe().reset_index()
    yield "model_series", series[["model", "year", *fluxes.data_vars]]


_MAKERS: Mapping[str, Callable[[Config, Layout, Catalog], Tables]] = MappingProxyType(
    {
        "published_budgets_8km": _of_budgets,
        "published_months_8km": _of_months,
        "published_environment_8km": _of_environment,
        "published_site_trends": _of_sites,
        "published_importance": _of_importance,
        "flux_training_held_out": _of_scores,
        "cmip6_permafrost_region": _of_earth_models,
    }
)
"""Entry of the catalog to what makes tables of it."""
