"""Small forests and rows that the tests of this room share."""

from dataclasses import replace

import numpy as np
import pytest

from abz.modelling import fit_forest

NAMES = ("vegetation", "lst", "ndvi", "month")


def make_rows(n=150, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)).astype(np.float32)
    X[:, 0] = rng.choice([21, 30, 70], n)
    X[:, 2] = 0.8 * X[:, 1] + 0.6 * X[:, 2]
    X[:, 3] = np.arange(n) % 12 + 1
    y = 8 * X[:, 1] + 3 * (X[:, 0] == 30) + 2 * X[:, 2] + np.cos(X[:, 3] / 2)
    return X, y


@pytest.fixture(scope="session")
def other_order():
    """A function that gives the same forest with its columns in another order."""

    def reorder(forest, order):
        back = np.append(np.argsort(order), -1).astype(np.int16)
        names = tuple(forest.predictors[column] for column in order)
        return replace(forest, predictors=names, feature=back[forest.feature])

    return reorder


@pytest.fixture(scope="session")
def fitted():
    """A forest, its rows and their flux."""
    X, y = make_rows()
    return fit_forest(X, y, NAMES, trees=12, mtry=3, seed=1), X, y
