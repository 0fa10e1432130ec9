"""Tables of the comparison with R, from a made-up record whose answers are known."""

from itertools import product
from math import comb, isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.report.ranger_tables import class_chance, ranger_numbers, ranger_tables, summarise


def run(flux, seed, **changes):
    """One synthetic run; its RMSE is 30 + its seed."""
    return {
        "flux": flux, "columns": "oracle", "design": "sites", "engine": "abz",
        "encoding": "as given", "mtry": 2, "trees": 500, "seed": seed, "without": "",
        "n": 4467, "unpredicted": 0, "sites": 152, "predictors": 16, "r2": 0.5 + seed / 100,
        "r2_sse": 0.5, "rmse": 30.0 + seed, "mae": 14.0, "mbe": 0.1, "parts": [30.0, 34.0],
        "correlation": 0.999 - seed / 1000, "distance": 1.0, "seconds": 1800.0,
        "cpu_seconds": 900.0, **changes,
    }  # fmt: skip


def synthetic_record():
    runs = [run(flux, seed) for flux in ("gpp", "reco") for seed in (0, 1, 2)]
    runs += [run("reco", seed, engine="ranger", parts=[]) for seed in (0, 4)]
    runs += [run("nee", 0), run("nee", 0, without="S154", r2=0.6)]
    for encoding, seed in product(("mean order", "code order", "left out"), (0, 1, 2)):
        worse = {"mean order": 0.0, "code order": -0.25 + 0.01 * seed, "left out": 1.5}[encoding]
        study = {"columns": "study", "design": "trees", "encoding": encoding}
        runs.append(run("nee", seed, rmse=20 + seed + worse, mtry=9, **study))
    study = {"columns": "study", "design": "groups", "mtry": 9, "flux": "nee", "seed": 448}
    factors = {"engine": "randomForest", "encoding": "each node", "rmse": 20.5, "distance": 0.0}
    runs.append(run(**study, **factors))
    runs.append(run(**study | {"seed": 1}, **factors | {"distance": 2.5}))
    for encoding, distance in (("mean order", 3.0), ("code order", 4.0)):
        runs.append(run(**study, rmse=20.0, encoding=encoding, distance=distance))
    oracle = {"n": 4467, "r2": 0.5, "rmse": 32.0, "mae": 14.0, "mbe": 0.9}
    return {
        "inputs": {"train_NEE_1km.parquet": "ab" * 32},
        "oracle": dict.fromkeys(("nee", "gpp", "reco"), oracle),
        "about": {
            "date": "2026-01-02", "python": "3.13.0", "cpu": "a processor",
            "libraries": {"numpy": "2.4.0"}, "r": {"R": "4.2.2", "ranger": "0.14.1"},
        },
        "runs": runs,
    }  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return ranger_tables(synthetic_record())


def test_the_scores_are_the_means_over_the_seeds(tables):
    row = tables["ranger_scores"].bare.set_index("flux").loc["reco"]
    assert row["rmse"] == 31 and row["rmse_sd"] == 1 and row["seeds"] == 3
    assert row["rmse_difference_percent"] == pytest.approx(100 * (31 / 32 - 1))
    assert row["correlation"] == pytest.approx(0.997)
    assert (row["rmse_published"], row["r2_published"]) == (33.0, 0.63)
    shown = tables["ranger_scores"].shown.set_index("flux")
    assert shown.loc["Reco", "RMSE, abz"] == "31.00\xa0±\xa01.00"
    assert shown.loc["Reco", "difference"] == "−3.1 %"
    assert list(shown.index) == ["NEE", "GPP", "Reco"]


def test_one_seed_takes_its_noise_from_the_parts(tables):
    noise = tables["ranger_noise"].bare.set_index(["flux", "engine"])
    assert noise.loc[("nee", "abz"), "sd"] == pytest.approx(np.std([30, 34], ddof=1) / sqrt(2))
    assert noise.loc[("reco", "ranger"), "sd"] == pytest.approx(sqrt(8))
    assert noise.loc[("reco", "ranger"), "highest"] == 34
    assert ("gpp", "ranger") not in noise.index


def test_parts_tell_the_noise_of_the_whole():
    rng = np.random.default_rng(0)
    trees = rng.normal(30, 5, (4000, 10, 50))
    runs = [
        summarise(pd.DataFrame({"rmse": [t.mean()], "parts": [t.mean(axis=1)]}), "rmse")[1]
        for t in trees
    ]
    assert np.sqrt(np.mean(np.square(runs))) == pytest.approx(5 / sqrt(500), rel=0.02)


def test_the_outbreak_has_a_row_of_its_own(tables):
    rows = tables["ranger_outbreak"].bare
    assert rows["rows"].tolist() == ["all sites", "all sites", "without S154"]
    assert rows["r2"].tolist() == [0.5, 0.5, 0.6]
    assert isnan(rows["rmse_sd"][0])


def test_encodings_are_compared_seed_by_seed(tables):
    found = tables["ranger_encodings"].bare.set_index("encoding")
    assert found.loc["mean order", "difference"] == 0
    assert found.loc["code order", "difference"] == pytest.approx(-0.24)
    assert found.loc["code order", "error"] == pytest.approx(0.01 / sqrt(3))
    shown = tables["ranger_encodings"].shown.iloc[0]
    assert shown["code order"].startswith("−0.24") and shown["left out"].startswith("+1.50")
    assert "mean order" not in shown.index


def test_encodings_are_compared_with_rs_factors(tables):
    shown = tables["ranger_factors"].shown.iloc[0]
    assert shown["another seed of R"] == "2.50"
    assert (shown["mean order"], shown["code order"]) == ("3.00", "4.00")
    assert (shown["RMSE, abz"], shown["RMSE, randomForest"]) == ("20.00", "20.50")
    assert len(tables["ranger_factors"].bare) == 4


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


def test_numbers_say_when_and_with_what():
    numbers = ranger_numbers(synthetic_record())
    assert numbers["ranger_date"] == "2026-01-02"
    assert numbers["ranger_r"] == "R 4.2.2, ranger 0.14.1"
    assert numbers["ranger_chance"] == "0.56" and numbers["ranger_chance_columns"] == "1.00"
    assert numbers["ranger_hours"] == "5.8"
