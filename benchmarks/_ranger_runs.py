"""The runs of the comparison with R: what is run, by which forest, and how it is judged."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _ranger_rows import Rows, encoded, oracle_rows, study_rows

from abz.modelling import derive_seed, fit_forest, out_of_site, scores

SCRIPT = Path(__file__).with_name("_ranger.R")
PARTS = 10
"""The trees of a forest are judged in so many parts too, which tells the noise of the whole."""


@dataclass(frozen=True)
class Run:
    """One forest's held-out predictions and how they are made.

    Parameters
    ----------
    flux : str
        `nee`, `gpp` or `reco`.
    columns : str
        `oracle` or `study`: which predictors.
    design : str
        `sites`: each site left out; `groups`: ten groups of sites; `trees`: each tree is grown on
        drawn sites and predicts the others.
    engine : str
        `abz`, or R's `ranger` or `randomForest`.
    encoding : str
        What becomes of the classes, see `encoded`; R's forests order them at `each node`.
    mtry, trees, seed : int
        Of the forest.
    without : str
        A site that neither trains nor tests.
    """

    flux: str
    columns: str
    design: str
    engine: str
    encoding: str
    mtry: int
    trees: int
    seed: int
    without: str = ""


ORACLE_MTRY = {"nee": 12, "gpp": 2, "reco": 2}
OUTBREAK = "S154"
SEED = 448
SEEDS = {"nee": (SEED,), "gpp": (SEED, 1, 2), "reco": (SEED, 1, 2, 3, 4)}
"""The first is the oracle's; the others were fixed beforehand."""
ENCODINGS = ("mean order", "code order", "one column a level", "left out")


def plan(*, quick: bool) -> Iterator[Run]:
    """All runs, the most telling first."""
    trees = 20 if quick else 500
    fluxes = ("reco",) if quick else ("reco", "gpp", "nee")
    oracle = partial(Run, columns="oracle", design="sites", encoding="as given", trees=trees)
    study = partial(Run, columns="study", trees=trees)
    for flux in fluxes:
        yield oracle(flux, engine="abz", mtry=ORACLE_MTRY[flux], seed=SEEDS[flux][0])
    if not quick:
        yield oracle("nee", engine="abz", mtry=12, seed=SEEDS["nee"][0], without=OUTBREAK)
        for engine, flux in product(("abz", "ranger"), ("reco", "gpp")):
            for seed in SEEDS[flux][1:] if engine == "abz" else SEEDS[flux]:
                yield oracle(flux, engine=engine, mtry=ORACLE_MTRY[flux], seed=seed)
    cells = [(flux, mtry) for flux in fluxes for mtry in ((2,) if quick else (2, 9))]
    factors = partial(study, design="groups", engine="randomForest", encoding="each node")
    ours = partial(study, design="groups", engine="abz", seed=SEED)
    for flux, mtry in () if quick else cells:
        yield from (factors(flux, mtry=mtry, trees=250, seed=seed) for seed in (SEED, 1))
        yield from (ours(flux, encoding=code, mtry=mtry, trees=250) for code in ENCODINGS[:3])
    for seed, (flux, mtry), code in product(range(1 if quick else 5), cells, ENCODINGS):
        yield study(flux, design="trees", engine="abz", encoding=code, mtry=mtry, seed=seed)


@cache
def rows_of(folder: Path, flux: str, columns: str) -> Rows:
    """The rows of a flux, read once."""
    return (oracle_rows if columns == "oracle" else study_rows)(folder, flux)


def execute(run: Run, folder: Path, workers: int) -> dict[str, Any]:
    """The run's description, its scores and what they cost.

    `parts` are the RMSE of the parts of the trees; `correlation` and `distance` (root of the mean
    square difference) are to the predictions of R, see `reference`.
    """
    rows, start, cpu = rows_for(run, folder), time.perf_counter(), cpu_seconds()
    parts = held_out(run, folder, workers if run.engine == "abz" else 1)
    spent = {"seconds": time.perf_counter() - start, "cpu_seconds": cpu_seconds() - cpu}
    mean, theirs = parts.mean(axis=0), reference(run, folder)
    known = ~np.isnan(mean)
    alike: dict[str, float | None] = {"correlation": None, "distance": None}
    if theirs is not None:
        alike["correlation"] = float(np.corrcoef(mean[known], theirs[known])[0, 1])
        alike["distance"] = float(np.sqrt(np.mean((mean[known] - theirs[known]) ** 2)))
    return {
        **asdict(run),
        **asdict(scores(rows.y, mean)),
        **alike,
        **{name: round(value, 1) for name, value in spent.items()},
        "sites": int(np.unique(rows.sites).size),
        "predictors": len(rows.names),
        "parts": [scores(rows.y, part).rmse for part in parts] if len(parts) > 1 else [],
    }


def rows_for(run: Run, folder: Path) -> Rows:
    """The rows of a run, encoded, without the site that it leaves out altogether."""
    rows = encoded(rows_of(folder, run.flux, run.columns), run.encoding)
    return rows.without(run.without) if run.without else rows


@cache
def held_out(run: Run, folder: Path, workers: int) -> np.ndarray:
    """Held-out predictions (part, row) of a run."""
    rows = rows_for(run, folder)
    if run.engine != "abz":
        return _in_r(run, rows)[None]
    if run.design == "trees":
        return _on_drawn_sites(run, rows, workers)[None]
    return _left_out(run, rows, workers)


def reference(run: Run, folder: Path) -> np.ndarray | None:
    """Predictions of R to which a run is compared, if there are any.

    For the oracle's columns the stored oracle; for the study's, in groups of sites, randomForest,
    which orders the levels of the classes at each node; none where there is no Rscript.
    """
    if run.columns == "oracle":
        return rows_for(run, folder).oracle.get(run.design)
    if run.design != "groups" or shutil.which("Rscript") is None:
        return None
    factors = replace(run, engine="randomForest", encoding="each node", seed=SEED)
    return held_out(factors, folder, 1)[0]


def cpu_seconds() -> float:
    """Processor time of this process and of the R that it waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def folds(run: Run, rows: Rows) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Label, training rows and test rows of each fold."""
    group = rows.sites if run.design == "sites" else rows.groups
    for label in np.unique(group):
        yield str(label), np.flatnonzero(group != label), np.flatnonzero(group == label)


def _left_out(run: Run, rows: Rows, workers: int) -> np.ndarray:
    """Held-out predictions (part, row): the trees of each fold's forest in `PARTS` parts.

    Their mean is what `abz.modelling.held_out_predictions` gives for the same seed.
    """
    found = np.empty((PARTS, rows.y.size))
    for label, train, test in folds(run, rows):
        first = str(np.unique(rows.sites[test])[0])
        forest = fit_forest(
            rows.X[train], rows.y[train], rows.names, trees=run.trees, mtry=run.mtry,
            categories=rows.classes, workers=workers,
            seed=derive_seed(run.seed, "fold", run.mtry, first),
        )  # fmt: skip
        trees = np.stack([tree.predict(rows.X[test]) for tree in forest.each_tree()])
        found[:, test] = trees.reshape(PARTS, -1, test.size).mean(axis=1)
        print(f"  {label}", end="", flush=True)
    print(flush=True)
    return found


def _on_drawn_sites(run: Run, rows: Rows, workers: int) -> np.ndarray:
    """Predictions by the trees that were grown without the site."""
    return out_of_site(
        rows.X, rows.y, rows.names, rows.sites, trees=run.trees, mtry=run.mtry,
        categories=rows.classes, seed=run.seed, workers=workers,
    )  # fmt: skip


def _in_r(run: Run, rows: Rows) -> np.ndarray:
    """Held-out predictions by R, on the same rows and folds."""
    table = pd.DataFrame(rows.X.astype(np.float64), columns=rows.names)
    fold = np.empty(rows.y.size, int)
    for number, (_, _, test) in enumerate(folds(run, rows)):
        fold[test] = number
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "rows.csv", Path(folder) / "held_out.csv"
        table.insert(0, "fold", fold)
        table.insert(0, "y", rows.y)
        table.to_csv(given, index=False)
        settings = [run.engine, run.mtry, run.trees, run.seed, ",".join(rows.classes)]
        command = ["Rscript", SCRIPT, given, answer, *settings]
        subprocess.run([str(word) for word in command], check=True)
        return pd.read_csv(answer)["held_out"].to_numpy(np.float64)
