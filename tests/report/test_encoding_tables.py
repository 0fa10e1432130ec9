"""Tables of the encodings, from made-up runs whose answers are known."""

from itertools import product
from math import comb, sqrt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.report.encoding_tables import (
    class_chance,
    encoding_numbers,
    encodings_table,
    factors_table,
)

WORSE = {"mean order": 0.0, "code order": -0.25, "left out": 1.5}


def run(seed, **changes):
    """One synthetic run with the study's columns."""
    return {
        "flux": "nee", "columns": "study", "engine": "abz", "mtry": 9, "seed": seed, "r2": 0.5,
        "correlation": 0.999, "distance": 1.0, "predictors": 16, **changes,
    }  # fmt: skip


def drawn_sites():
    """Runs of three seeds and three encodings; the code order gains 0.01 with each seed."""
    return [
        run(seed, design="trees", encoding=code, rmse=20 + seed + WORSE[code] + step)
        for code, seed in product(WORSE, (0, 1, 2))
        for step in (0.01 * seed if code == "code order" else 0.0,)
    ]


def groups(mtry=9):
    """R's forest with two seeds beside two encodings, the code order first as in a record."""
    factors = {"engine": "randomForest", "encoding": "each node"}
    runs = [
        run(448, encoding="code order", distance=4.0, rmse=21.0),
        run(448, encoding="mean order", distance=3.0, rmse=20.0),
        run(1, **factors, distance=2.5, rmse=22.0),
        run(448, **factors, distance=0.0, rmse=20.5),
    ]
    return [one | {"design": "groups", "mtry": mtry} for one in runs]


@pytest.fixture
def runs():
    return pd.DataFrame(drawn_sites() + groups())


def test_encodings_are_compared_seed_by_seed(runs):
    made = encodings_table(runs)
    found = made.bare.set_index("encoding")
    assert found.loc["mean order", "difference"] == 0
    assert found.loc["code order", "difference"] == pytest.approx(-0.24)
    assert found.loc["code order", "error"] == pytest.approx(0.01 / sqrt(3))
    shown = made.shown.iloc[0]
    assert shown["code order"].startswith("−0.24") and shown["left out"].startswith("+1.50")
    assert shown["seeds"] == "3" and "mean order" not in shown.index


def test_a_seed_that_one_encoding_lacks_is_left_to_none(runs):
    lacks = (runs["encoding"] == "left out") & (runs["seed"] == 2)
    made = encodings_table(runs[~lacks])
    assert made.bare["seeds"].tolist() == [2, 2, 2]
    assert made.shown.iloc[0]["RMSE, mean order"] == "20.50"
    assert made.shown.iloc[0]["code order"].startswith("−0.24")


def test_each_rmse_is_that_of_the_forest_it_names(runs):
    shown = factors_table(runs).shown.iloc[0]
    assert shown["another seed of R"] == "2.50"
    assert (shown["mean order"], shown["code order"]) == ("3.00", "4.00")
    assert (shown["RMSE, abz (mean order)"], shown["RMSE, randomForest"]) == ("20.00", "20.50")


def test_the_distance_is_told_in_seeds_of_r(runs):
    other = [one | {"distance": 1.0} if one["encoding"] == "code order" else one
             for one in groups(mtry=2)]  # fmt: skip
    numbers = encoding_numbers(pd.concat([runs, pd.DataFrame(other)]))
    assert (numbers["ranger_nearest"], numbers["ranger_nearest_of"]) == ("1", "2")
    assert numbers["ranger_nearest_low"] == numbers["ranger_nearest_high"] == "1.20"
    assert numbers["ranger_chance"] == "0.12" and numbers["ranger_mtry"] == "2"


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 12))
def test_the_chance_is_that_of_drawing_without_replacement(others, mtry, columns):
    chance = class_chance(others + 1, mtry, columns)
    missed = 1.0
    for drawn in range(min(mtry, others + columns)):
        missed *= max(others - drawn, 0) / (others + columns - drawn)
    if mtry <= others + columns:
        assert chance == pytest.approx(1 - missed)
    if columns == 1 and mtry <= others:
        assert chance == pytest.approx(mtry / (others + 1))
    assert comb(others, mtry) >= 0
