"""Tables of the comparison with R, from a made-up record whose answers are known."""

from math import isnan, sqrt

import numpy as np
import pytest

from abz.report.ranger_tables import ranger_numbers, ranger_tables


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
    runs += [run("gpp", 448, rmse=34.0)]
    runs += [run("nee", 0), run("nee", 0, without="S154", r2=0.6)]
    study = {"columns": "study", "mtry": 9, "encoding": "mean order"}
    runs.append(run("nee", 0, design="trees", **study))
    runs += [run("nee", 448, design="groups", distance=3.0, **study)]
    factors = study | {"design": "groups", "engine": "randomForest", "encoding": "each node"}
    runs += [run("nee", seed, distance=d, **factors) for seed, d in ((448, 0.0), (1, 2.5))]
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
    assert shown.loc["Reco", "difference"] == "−3.12\xa0%"
    assert list(shown.index) == ["NEE", "GPP", "Reco"]


def test_one_seed_takes_its_noise_from_the_parts(tables):
    noise = tables["ranger_noise"].bare.set_index(["flux", "engine"])
    assert noise.loc[("nee", "abz"), "sd"] == pytest.approx(np.std([30, 34], ddof=1) / sqrt(2))
    assert noise.loc[("reco", "ranger"), "sd"] == pytest.approx(sqrt(8))
    assert noise.loc[("reco", "ranger"), "highest"] == 34
    assert ("gpp", "ranger") not in noise.index


def test_the_outbreak_has_a_row_of_its_own(tables):
    rows = tables["ranger_outbreak"].bare
    assert rows["rows"].tolist() == ["all sites", "all sites", "without S154"]
    assert rows["r2"].tolist() == [0.5, 0.5, 0.6]
    assert isnan(rows["rmse_sd"][0])


def test_numbers_say_when_and_with_what():
    numbers = ranger_numbers(synthetic_record())
    assert numbers["ranger_date"] == "2026-01-02"
    assert numbers["ranger_r"] == "R 4.2.2, ranger 0.14.1"
    assert numbers["ranger_hours"] == f"{0.25 * len(synthetic_record()['runs']):.1f}"


def test_the_seed_of_the_stored_run_stands_beside_the_mean(tables):
    bare = tables["ranger_scores"].bare.set_index("flux")
    assert bare.loc["gpp", "rmse_stored_seed"] == 34 and isnan(bare.loc["reco", "rmse_stored_seed"])
    shown = tables["ranger_scores"].shown.set_index("flux")["difference, seed 448"]
    assert shown["GPP"] == "+6.25\xa0%" and shown["Reco"] == "—"


def test_each_forest_is_told_from_the_stored_run():
    numbers = ranger_numbers(synthetic_record())
    assert numbers["ranger_reco_mean_change"] == "−3.12\xa0%"
    assert (numbers["ranger_reco_ranger_low"], numbers["ranger_reco_ranger_high"]) == (
        "30.00", "34.00"
    )  # fmt: skip
    assert numbers["ranger_reco_ranger_high_change"] == "+6.25\xa0%"
    assert numbers["ranger_reco_gap"].startswith("−1.00\xa0±")
    assert numbers["ranger_gpp_seed_change"] == "+6.25\xa0%"
    assert numbers["ranger_gpp_ranger_low_change"] == "—"
