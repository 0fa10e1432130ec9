"""Forests and predictors that are made up, to measure on where a run has none yet.

Forests are grown on random rows. Predictors come in two kinds: with the spectrum of a landscape, in
which neighbours are alike, and as white noise, in which they are not. Real fields lie between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from abz.modelling import FluxForest, fit_forest
from abz.upscaling.plan import MONTHS
from abz.vocabulary import PREDICTORS, ZONE_SETS

__all__ = ["first_trees", "made_up_block", "made_up_forest"]

ROWS = 4900
"""Site-months that a made-up forest is grown on, about as many as there are real ones."""
GROWN = 10
"""Trees that are really grown; the others repeat them, in memory of their own."""
LONGEST, SHORTEST = 512.0, 4.0
"""Wavelengths in a made-up landscape, cells."""
WAVES = 24


def made_up_forest(
    predictors: Sequence[str], *, trees: int, mtry: int, node_size: int = 5, seed: int = 0
) -> FluxForest:
    """A forest of noisy synthetic rows, of the size of a real one.

    Parameters
    ----------
    predictors : sequence of str (p,)
        Names; categories get codes of the vocabulary.
    trees, mtry, node_size, seed : int
        As in `fit_forest`; mtry is p at most.

    Returns
    -------
    FluxForest
        A few trees, again and again.

    Examples
    --------
    >>> made_up_forest(["month", "lst"], trees=41, mtry=2).trees
    41
    """
    rng = np.random.default_rng(seed)
    X = np.stack([_rows_of(name, ROWS, rng) for name in predictors], axis=1)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    y = np.sin(scaled @ rng.normal(size=len(predictors))) + rng.normal(size=ROWS) / 2
    few = fit_forest(
        X, y, predictors, trees=min(trees, GROWN), mtry=min(mtry, len(predictors)),
        node_size=node_size, seed=seed,
    )  # fmt: skip
    times = -(-trees // few.trees)
    return first_trees(_repeated(few, times), trees)


def _repeated(forest: FluxForest, times: int) -> FluxForest:
    """All trees of a forest, again and again."""
    inner, nodes, leaves = forest.feature >= 0, forest.feature.size, forest.leaf.size
    child = [forest.child + np.where(inner, nodes, leaves) * k for k in range(times)]
    roots = [forest.root[:-1] + nodes * k for k in range(times)]
    return replace(
        forest,
        feature=np.tile(forest.feature, times),
        threshold=np.tile(forest.threshold, times),
        child=np.concatenate(child).astype(forest.child.dtype),
        leaf=np.tile(forest.leaf, times),
        root=np.concatenate([*roots, [nodes * times]]).astype(forest.root.dtype),
    )


def first_trees(forest: FluxForest, trees: int) -> FluxForest:
    """The first trees of a forest.

    Examples
    --------
    >>> forest = made_up_forest(["month", "lst"], trees=4, mtry=1)
    >>> first_trees(forest, 3).trees
    3
    """
    nodes = forest.root[trees]
    leaves = np.count_nonzero(forest.feature[:nodes] < 0)
    return replace(
        forest,
        feature=forest.feature[:nodes],
        threshold=forest.threshold[:nodes],
        child=forest.child[:nodes],
        leaf=forest.leaf[:leaves],
        root=forest.root[: trees + 1],
    )


def made_up_block(
    predictors: Sequence[str], edge: int, *, smooth: bool, seed: int = 0
) -> np.ndarray:
    """A year of synthetic predictors.

    Parameters
    ----------
    predictors : sequence of str (p,)
        Names; each varies in time as often as the vocabulary says.
    edge : int
        Rows and columns.
    smooth : bool
        Whether neighbours are alike, as in a landscape, or independent.
    seed : int
        Of the draws.

    Returns
    -------
    numpy.ndarray of float32 (12, edge, edge, p)

    Examples
    --------
    >>> made_up_block(["month", "soc"], 3, smooth=True)[:, 0, 0, 0].tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
    """
    rng = np.random.default_rng(seed)
    block = np.empty((MONTHS, edge, edge, len(predictors)), np.float32)
    season = np.cos(2 * np.pi * (np.arange(MONTHS) - 6) / MONTHS)[:, None, None]
    for place, name in enumerate(predictors):
        cadence = PREDICTORS[name].cadence
        field = _landscape(edge, rng) if smooth else rng.normal(size=(edge, edge))
        if cadence == "calendar":
            block[..., place] = np.arange(1, MONTHS + 1)[:, None, None]
        elif cadence == "category":
            codes = np.array(_codes(name))
            share = np.argsort(np.argsort(field, axis=None)).reshape(edge, edge) / field.size
            block[..., place] = codes[(share * codes.size).astype(int)]
        elif cadence == "series":
            block[..., place] = season
        elif cadence == "monthly":
            noise = 0.0 if smooth else rng.normal(size=(MONTHS, edge, edge))
            block[..., place] = field / 2 + season + noise
        else:
            block[..., place] = field
    return block


def _landscape(edge: int, rng: np.random.Generator) -> np.ndarray:
    """A smooth field of unit variance: waves, the longer the higher."""
    y, x = np.mgrid[:edge, :edge]
    length = LONGEST * (SHORTEST / LONGEST) ** rng.random(WAVES)
    angle, phase = rng.random((2, WAVES)) * 2 * np.pi
    field = np.zeros((edge, edge))
    for k in range(WAVES):
        along = x * np.cos(angle[k]) + y * np.sin(angle[k])
        field += length[k] * np.cos(2 * np.pi * along / length[k] + phase[k])
    return field / (np.sqrt((length**2).sum() / 2))


def _rows_of(name: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Independent values of one predictor."""
    cadence = PREDICTORS[name].cadence
    if cadence == "calendar":
        return rng.integers(1, MONTHS + 1, n).astype(float)
    return (
        rng.choice(_codes(name), n).astype(float) if cadence == "category" else rng.normal(size=n)
    )


def _codes(name: str) -> list[int]:
    """Levels of a category."""
    return sorted(ZONE_SETS[name]) if name in ZONE_SETS else list(range(1, 9))
