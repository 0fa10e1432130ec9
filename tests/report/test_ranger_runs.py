"""Runs of the record: which are chosen, and what their seeds come to."""

from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest

from abz.report.ranger_runs import choose, left_out, plus, summarise


def test_runs_are_chosen_by_all_their_values():
    runs = pd.DataFrame({"flux": ["nee", "nee", "gpp"], "seed": [1, 2, 1]})
    assert choose(runs, flux="nee", seed=1).index.tolist() == [0]
    assert choose(runs).index.tolist() == [0, 1, 2]


def test_runs_without_a_site_stand_apart():
    runs = pd.DataFrame({"without": ["", "S154"], "seed": [448, 448]}).assign(
        columns="oracle", design="sites", flux="nee", engine="abz"
    )
    assert left_out(runs, "nee").index.tolist() == [0]
    assert left_out(runs, "nee", without="S154").index.tolist() == [1]


def test_seeds_are_summed_up():
    runs = pd.DataFrame({"rmse": [30.0, 34.0], "parts": [[], []], "r2": [0.5, 0.5]})
    assert summarise(runs, "rmse") == (32, pytest.approx(sqrt(8)))
    mean, spread = summarise(runs.iloc[:1], "r2")
    assert mean == 0.5 and isnan(spread)


def test_parts_tell_the_noise_of_the_whole():
    rng = np.random.default_rng(0)
    trees = rng.normal(30, 5, (4000, 10, 50))
    runs = [
        summarise(pd.DataFrame({"rmse": [t.mean()], "parts": [t.mean(axis=1)]}), "rmse")[1]
        for t in trees
    ]
    assert np.sqrt(np.mean(np.square(runs))) == pytest.approx(5 / sqrt(500), rel=0.02)


def test_without_a_value_there_is_no_spread():
    assert plus(float("nan"), float("nan"), 2) == "—"
