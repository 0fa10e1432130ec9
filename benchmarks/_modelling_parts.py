"""The parts of the modelling benchmark: ours and scikit-learn's way to the same numbers."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _modelling_rows import FULL, Size, Table, take_table
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance as sklearn_importance
from sklearn.neighbors import NearestNeighbors

from abz.applicability import Applicability, fit_applicability, similarity
from abz.drivers import permutation_importance
from abz.modelling import (
    derive_seed,
    fit_forest,
    leave_one_site_out,
    out_of_site,
    scores,
    site_rmse,
)
from abz.modelling.forest import pack_trees

GRID = (2, 12, 17)
NODE_SIZE = 5
CELLS_AT_ONCE = 2000

Found = dict[str, Any]


class Ledger:
    """Results by key; those of an earlier run of the same work are read from its file."""

    def __init__(self, path: Path | None, label: str) -> None:
        self.path, self.label = path, label
        known = path.read_text("utf-8").splitlines() if path and path.exists() else []
        self.found = dict(json.loads(line) for line in known)
        self.began = time.perf_counter()

    def once(self, key: str, work: Callable[[], Found], of: str) -> Found:
        """The result kept under a key, or else the work's, which is then kept."""
        if key not in self.found:
            self.found[key] = work()
            if self.path:
                with self.path.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps([key, self.found[key]]) + "\n")
        wall = time.perf_counter() - self.began
        print(f"{self.label}: {of} after {wall:.0f} s", file=sys.stderr, flush=True)
        return self.found[key]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and the CPU seconds of all threads that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def peak_mb() -> float:
    """Largest resident memory of this process so far, MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def spread_sites(sites: np.ndarray, number: int) -> list[str]:
    """As many sites from equal strata of the sites by size, the middle of each; 0 gives all."""
    names, rows = np.unique(sites, return_counts=True)
    if not 0 < number < names.size:
        return names.tolist()
    middle = ((np.arange(number) + 0.5) * names.size / number).astype(int)
    return names[np.argsort(rows, kind="stable")][middle].tolist()


def skill(y: np.ndarray, predicted: np.ndarray) -> Found:
    """Squared correlation and RMSE of pooled predictions."""
    found = scores(y, predicted)
    return {"r2": found.r2, "rmse": found.rmse}


def expected_skill(y: np.ndarray, mean: np.ndarray, variance: np.ndarray, more: float) -> Found:
    """Skill of forests of more trees, from the variance over the trees of each row's prediction.

    A mean over t independent trees scatters by variance/t, which adds to its squared error and to
    the variance of the predictions; `more` = 1/t − 1/T takes away what T trees would not add.
    """
    o, p, excess = y - y.mean(), mean - mean.mean(), more * variance.mean()
    joint = np.mean(o * p) ** 2 / np.mean(o**2)
    return {
        "r2": float(joint / (np.mean(p**2) - excess)),
        "rmse": float(np.sqrt(np.mean((mean - y) ** 2) - excess)),
    }


def search(table: Table, size: Size, ledger: Ledger, mtry: int) -> Found:
    """Our search: for each mtry one forest of trees that are grown on drawn sites."""
    found = {}
    for m in GRID:
        look = partial(
            out_of_site, table.X, table.y, table.predictors, table.sites,
            trees=size.trees, mtry=m, node_size=NODE_SIZE, categories=(), seed=m,
        )  # fmt: skip
        held_out, cpu = timed(look)
        error = float(site_rmse(table.y, held_out, table.sites).mean())
        found[m] = {"cpu_s": cpu, "site_rmse": error, **skill(table.y, held_out)}
    best = min(found, key=lambda m: found[m]["site_rmse"])
    return {"mtry": best, "cpu_s": sum(f["cpu_s"] for f in found.values()), "each": found}


def plain_loso(table: Table, size: Size, ledger: Ledger, mtry: int) -> Found:
    """scikit-learn: a forest for each left-out site and mtry."""
    chosen = spread_sites(table.sites, size.folds)
    everywhere = np.unique(table.sites).size

    def fold(site: str, m: int) -> Found:
        test = table.sites == site
        forest = RandomForestRegressor(
            size.trees, max_features=m, min_samples_split=NODE_SIZE + 1, random_state=0
        )
        learn = partial(forest.fit, table.X[~test], table.y[~test])
        predicted, cpu = timed(lambda: learn().predict(table.X[test]))
        return {"cpu_s": cpu, "predicted": predicted.tolist()}

    cost, skills = {}, {}
    for m in GRID:
        held_out, cpu = np.full(table.y.size, np.nan), []
        for number, site in enumerate(chosen, 1):
            of = f"mtry {m}, site {number} of {len(chosen)}"
            found = ledger.once(f"{m} {site}", partial(fold, site, m), of)
            held_out[table.sites == site] = found["predicted"]
            cpu.append(found["cpu_s"])
        cost[m] = (sum(cpu), float(np.mean(cpu)) * everywhere)
        skills[m] = skill(table.y, held_out) if len(chosen) == everywhere else None
    return {
        "folds": len(chosen) * len(GRID),
        "folds_all": everywhere * len(GRID),
        "cpu_s": sum(measured for measured, _ in cost.values()),
        "cpu_s_all": sum(whole for _, whole in cost.values()),
        "skill": skills,
    }


def our_loso(table: Table, size: Size, ledger: Ledger, mtry: int) -> Found:
    """Leave-one-site-out of the chosen mtry by our engine, as the tuning confirms its choice."""
    trees = size.loso_trees
    mean, variance, cpu = np.empty(table.y.size), np.empty(table.y.size), 0.0
    _compile_prediction(table)

    def fold(train: np.ndarray, test: np.ndarray, site: str) -> Found:
        grow = partial(
            fit_forest, table.X[train], table.y[train], table.predictors,
            trees=trees, mtry=mtry, node_size=NODE_SIZE, categories=(),
            seed=derive_seed(0, "fold", mtry, site),
        )  # fmt: skip
        forest, grown = timed(grow)
        _, asked = timed(lambda: forest.predict(table.X[test]))
        each = np.stack([tree.predict(table.X[test]) for tree in forest.each_tree()])
        moments = {"mean": each.mean(axis=0).tolist(), "var": each.var(axis=0, ddof=1).tolist()}
        return {"cpu_s": grown + asked, **moments}

    folds = list(leave_one_site_out(table.sites))
    for number, (train, test) in enumerate(folds, 1):
        site = str(table.sites[test[0]])
        of = f"site {number} of {len(folds)}"
        found = ledger.once(f"{mtry} {site}", partial(fold, train, test, site), of)
        mean[test], variance[test] = found["mean"], found["var"]
        cpu += found["cpu_s"]
    return {
        "cpu_s": cpu,
        "as_grown": skill(table.y, mean),
        **expected_skill(table.y, mean, variance, 1 / trees - 1 / max(trees, FULL.trees)),
    }


def importance(table: Table, size: Size, ledger: Ledger, mtry: int) -> Found:
    """Shuffling every predictor: our loop and scikit-learn's on the very same trees."""
    model = RandomForestRegressor(
        size.trees, max_features=GRID[1], min_samples_split=NODE_SIZE + 1, random_state=0
    ).fit(table.X, table.y)
    forest = pack_trees([tree.tree_ for tree in model.estimators_], table.predictors, {})
    _compile_prediction(table)
    alike = np.abs(forest.predict(table.X) - model.predict(table.X)).max()
    ours, cpu = timed(
        lambda: permutation_importance(forest, table.X, table.y, shuffles=size.shuffles)
    )
    theirs, plain_cpu = timed(
        lambda: sklearn_importance(
            model, table.X, table.y, scoring="neg_root_mean_squared_error",
            n_repeats=size.shuffles, random_state=0,
        )
    )  # fmt: skip
    means = ours.groupby("predictor")["rmse_increase"].mean()[list(table.predictors)].to_numpy()
    millions = table.X.size * size.shuffles / 1e6
    return {
        "cpu_s_per_million": cpu / millions,
        "sklearn_cpu_s_per_million": plain_cpu / millions,
        "cpu_vs_sklearn": plain_cpu / cpu,
        "prediction_max_difference": float(alike),
        "max_difference": float(np.abs(means - theirs.importances_mean).max()),
        "largest": float(means.max()),
    }


def mixed_cells(X: np.ndarray, number: int) -> np.ndarray:
    """Cells between and a little beyond random pairs of rows."""
    rng = np.random.default_rng(1)
    one, two = X[rng.integers(len(X), size=number)], X[rng.integers(len(X), size=number)]
    return (one + rng.uniform(-0.1, 1.1, (number, 1)) * (two - one)).astype(np.float32)


def plain_applicability(area: Applicability, sites: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Dissimilarity, inside, density and similarity (4, n) by neighbour search and broadcasting."""
    neighbours = NearestNeighbors().fit(area.rows)
    low, high = sites.min(axis=0), sites.max(axis=0)
    varies = high > low
    found = []
    for start in range(0, len(cells), CELLS_AT_ONCE):
        rows = cells[start : start + CELLS_AT_ONCE].astype(np.float64)
        placed = area.space.place(rows)
        nearest = neighbours.kneighbors(placed, 1)[0][:, 0] / area.mean_distance
        radius = area.mean_distance * area.threshold
        near = neighbours.radius_neighbors(placed, radius, return_distance=False)
        below = 100 * (sites[:, None, varies] < rows[None][:, :, varies]).mean(axis=0)
        span = (high - low)[varies]
        beyond = np.where(below == 0, rows[:, varies] - low[varies], high[varies] - rows[:, varies])
        inner = np.minimum(2 * below, 200 - 2 * below)
        score = np.where((below == 0) | (below == 100), 100 * beyond / span, inner).min(axis=1)
        found.append([nearest, nearest <= area.threshold, [len(n) for n in near], score])
    return np.concatenate([np.asarray(block, float) for block in found], axis=1)


def applicability(table: Table, size: Size, ledger: Ledger, mtry: int) -> Found:
    """Dissimilarity, area of applicability, density and similarity of cells, both ways."""
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.abs(np.nan_to_num(np.corrcoef(table.X.T, table.y)[-1, :-1]))
    cells = mixed_cells(table.X, size.cells)
    sites = pd.DataFrame(table.X.astype(np.float64)).groupby(table.sites).mean().to_numpy()
    some = np.r_[:20, -20:0]
    fit_applicability(table.X[some], np.arange(40) % 2, weights).measure(cells[:8])
    area, fit_cpu = timed(lambda: fit_applicability(table.X, table.sites, weights))

    def ours() -> np.ndarray:
        close = area.measure(cells)
        score = similarity(sites, cells)[0]
        return np.stack([close.dissimilarity, close.inside, close.density, score])

    found, cpu = timed(ours)
    plain, plain_cpu = timed(lambda: plain_applicability(area, sites, cells))
    worst = np.abs(found - plain).max(axis=1)
    names = ("dissimilarity", "inside", "density", "similarity")
    millions = size.cells / 1e6
    return {
        "fit_cpu_s": fit_cpu,
        "cpu_s_per_million": cpu / millions,
        "sklearn_cpu_s_per_million": plain_cpu / millions,
        "cpu_vs_sklearn": plain_cpu / cpu,
        "share_inside": float(found[1].mean()),
        "max_difference": dict(zip(names, worst.tolist(), strict=True)),
    }


def _compile_prediction(table: Table) -> None:
    """Compile, or load from the cache, what predicts, so that no clock sees it."""
    fit_forest(table.X[:20], table.y[:20], table.predictors, trees=2, mtry=1).predict(table.X[:20])


PARTS = {part.__name__: part for part in (search, plain_loso, our_loso, importance, applicability)}


def run_part(size: Size, data: str | None, resume: str | None, part: str, mtry: int = 0) -> Found:
    """What one part finds, its peak memory, and how much of it came on top of the rows."""
    table = take_table(data, size.sites)
    kept = f"{part}-{table.data}-{table.y.size}-{size.trees}-{size.loso_trees}.jsonl"
    if resume:
        Path(resume).mkdir(parents=True, exist_ok=True)
    before = peak_mb()
    found = PARTS[part](table, size, Ledger(Path(resume) / kept if resume else None, part), mtry)
    rows, predictors = table.X.shape
    about = {"data": table.data, "rows": rows, "sites": np.unique(table.sites).size}
    memory = {"peak_mb": peak_mb(), "growth_mb": peak_mb() - before}
    return {**about, "predictors": predictors, **memory, **found}
