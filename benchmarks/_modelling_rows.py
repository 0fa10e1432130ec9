"""Rows that the modelling benchmark runs on, and how much of everything it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

TABLE = Path("flux_training") / "train_NEE_1km.parquet"
NAMES = "column_name_map.json"
NOT_USED = "veg_class_31_oldcoding"


@dataclass(frozen=True)
class Size:
    """How much is run: trees, scikit-learn's folds (0: all), our trees a fold, shuffles, cells."""

    trees: int
    folds: int
    loso_trees: int
    shuffles: int
    cells: int
    sites: int = 152


FULL = Size(trees=500, folds=0, loso_trees=500, shuffles=10, cells=200_000)
QUICK = Size(trees=80, folds=2, loso_trees=3, shuffles=2, cells=20_000)
TINY = Size(trees=4, folds=2, loso_trees=2, shuffles=1, cells=200, sites=12)


@dataclass(frozen=True, eq=False)
class Table:
    """Training rows of one flux, and whether they are real."""

    X: np.ndarray
    y: np.ndarray
    predictors: tuple[str, ...]
    sites: np.ndarray
    data: str


def real_table(folder: Path) -> Table:
    """The authors' monthly rows of NEE with all predictors of their model."""
    rows = pd.read_parquet(folder / TABLE)
    named = json.loads((folder / TABLE).with_name(NAMES).read_text("utf-8"))
    predictors = tuple(name for name in named if name in rows and name != NOT_USED)
    return Table(
        rows[list(predictors)].to_numpy(np.float32),
        rows["outcome_gC_m2_month"].to_numpy(np.float64),
        predictors,
        rows["site_uid"].to_numpy(str),
        "real",
    )


def synthetic_table(sites: int) -> Table:
    """Rows of the real table's shape: 35 predictors, sites of 1 to 148 months, a known response."""
    rng = np.random.default_rng(0)
    months = np.round(np.geomspace(1, 148, sites)).astype(int)
    site = np.repeat(np.arange(sites), months)
    season = np.cos(2 * np.pi * (rng.integers(12, size=site.size) - 6) / 12)[:, None]
    monthly = rng.normal(size=(sites, 16))[site] + season * rng.uniform(0, 2, 16)
    monthly += rng.normal(0, 0.5, monthly.shape)
    standing = rng.normal(size=(sites, 9))[site]
    dummies = (rng.random((sites, 10)) < 0.2)[site]
    green = np.exp(0.5 * standing[:, 0] + 0.2 * monthly[:, 1])
    uptake = 12 * green * np.maximum(monthly[:, 0], 0)
    own = rng.normal(0, 8, sites)[site]
    return Table(
        np.column_stack([monthly, standing, dummies]).astype(np.float32),
        10 - uptake + own + rng.normal(0, 8, site.size),
        tuple(f"p{number:02d}" for number in range(35)),
        np.array([f"s{number:03d}" for number in range(sites)])[site],
        "synthetic",
    )


def take_table(folder: str | None, sites: int) -> Table:
    """The real table below a folder, or a synthetic one where none is named."""
    return real_table(Path(folder)) if folder else synthetic_table(sites)
