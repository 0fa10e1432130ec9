"""The modelling benchmark compares like with like, and its short run is whole."""

import json
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from abz.modelling import held_out_predictions


@pytest.fixture(scope="module")
def parts(repository):
    """The module that holds the parts of the benchmark."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("_modelling_parts")


@pytest.fixture(scope="module")
def tiny(parts):
    """The smallest amount of everything."""
    return import_module("_modelling_rows").TINY


def test_the_synthetic_table_has_the_shape_of_the_real_one(parts):
    table = parts.take_table(None, parts.FULL.sites)
    assert table.data == "synthetic"
    assert table.X.shape == (table.y.size, 35)
    assert table.y.size == pytest.approx(4467, rel=0.02)
    assert np.unique(table.sites).size == 152


def test_the_real_table_has_all_predictors_of_the_study(parts, real_data):
    table = parts.take_table(real_data, 0)
    assert table.data == "real"
    assert table.X.shape == (4467, 35)
    assert np.unique(table.sites).size == 152


def test_sites_are_spread_over_the_sizes(parts):
    sites = np.repeat(list("abcdef"), [9, 1, 4, 2, 8, 3])
    assert parts.spread_sites(sites, 3) == ["d", "c", "a"]
    assert parts.spread_sites(sites, 0) == list("abcdef")


def test_few_trees_tell_the_skill_of_many(parts):
    rng = np.random.default_rng(0)
    y = rng.normal(size=20_000)
    trees = 0.7 * y + rng.normal(0, 1, (400, y.size))
    few = trees[:4]
    expected = parts.expected_skill(y, few.mean(0), few.var(0, ddof=1), 1 / 4 - 1 / 400)
    many = parts.skill(y, trees.mean(0))
    assert expected == pytest.approx(many, rel=0.05)
    assert parts.skill(y, few.mean(0))["r2"] < 0.8 * many["r2"]


def test_sites_are_left_out_as_the_tuning_does(parts, tiny):
    table = parts.take_table(None, tiny.sites)
    found = parts.our_loso(table, tiny, parts.Ledger(None, "test"), 2)
    held_out = held_out_predictions(
        table.X, table.y, table.predictors, table.sites,
        trees=tiny.loso_trees, mtry=2, categories=(),
    )  # fmt: skip
    assert found["as_grown"] == pytest.approx(parts.skill(table.y, held_out))


def test_what_was_done_is_not_done_again(parts, tmp_path):
    path = tmp_path / "kept.jsonl"
    first = parts.Ledger(path, "test").once("2 a", lambda: {"cpu_s": 1.5}, "site 1 of 1")
    assert first == {"cpu_s": 1.5}
    assert parts.Ledger(path, "test").once("2 a", pytest.fail, "site 1 of 1") == first


def test_the_printed_skill_says_how_many_trees_it_rests_on(parts):
    correction = import_module("modelling").correction
    grown = {"r2_loso_as_grown": 0.35, "rmse_loso_as_grown": 27.5}
    few = correction({"loso_trees": 3, "loso_corrected_to_trees": 500, **grown})
    assert few.endswith("corrected from 3 trees a site to 500; as grown R2 0.350, RMSE 27.50")
    assert "500 trees" in correction({"loso_trees": 500, "loso_corrected_to_trees": 500, **grown})


def test_a_short_run_ends_in_one_object(repository):
    command = [sys.executable, repository / "benchmarks", "modelling", "--tiny"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["data"] == "synthetic"
    assert {"search_cpu_vs_sklearn_loso", "r2_loso", "rmse_loso"} <= set(found)
    assert "corrected from 2 trees a site to 500; as grown R2" in done.stdout
    assert found["sklearn_folds_run"] < found["sklearn_folds_all"]
    assert found["sklearn_cpu_s_measured"] < found["sklearn_cpu_s_extrapolated"]
    assert found["importance_prediction_max_difference"] < 1e-9
    assert found["applicability_max_difference"]["dissimilarity"] < 1e-6
    assert found["applicability_max_difference"]["density"] == 0
