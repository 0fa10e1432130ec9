"""The forests beside R's ranger on the real tables: the record, and a few sites trained again."""

import json
from collections import Counter
from dataclasses import astuple

import numpy as np
import pytest

from abz.modelling import fit_forest
from abz.report.ranger_tables import ranger_numbers, ranger_tables

MTRY = {"nee": 12, "gpp": 2, "reco": 2}


@pytest.fixture(scope="module")
def record(repository):
    return json.loads((repository / "docs" / "records" / "ranger.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def tables(record):
    return {name: table.bare for name, table in ranger_tables(record).items()}


@pytest.fixture(scope="module")
def flux_training(real_data):
    folder = real_data / "flux_training"
    if not (folder / "oracle").is_dir():
        pytest.skip("the oracle of R's ranger is not there")
    return folder


@pytest.fixture
def modules(repository, monkeypatch):
    """The benchmark's modules, which lie outside the package."""
    monkeypatch.syspath_prepend(repository / "benchmarks")
    import _ranger_rows
    import _ranger_runs

    return _ranger_rows, _ranger_runs


def test_rows_are_predicted_as_ranger_does(tables):
    scores = tables["ranger_scores"].set_index("flux")
    assert set(scores.index) == set(MTRY)
    assert scores["mtry"].to_dict() == MTRY
    assert (scores["correlation"] > 0.998).all()
    assert (abs(scores["r2"] - scores["r2_ranger"]) < 0.01).all()
    assert (abs(scores["rmse_difference_percent"]) < 1).all()


def test_without_the_outbreak_nee_is_predicted_better(tables):
    rows = tables["ranger_outbreak"].set_index(["rows", "engine"])
    without = rows.loc[("without S154", "abz")]
    assert without["r2"] >= 0.54
    assert without["rmse"] < rows.loc[("all sites", "abz"), "rmse"] - 3


def test_the_record_holds_each_planned_run_once(record, modules):
    _, runs = modules
    names = list(runs.Run.__dataclass_fields__)
    held = Counter(tuple(run[name] for name in names) for run in record["runs"])
    planned = {astuple(run) for run in runs.plan(quick=False)}
    assert set(held.values()) == {1}
    assert set(held) == planned


def test_no_table_of_the_record_lacks_a_number(record):
    for name, table in ranger_tables(record).items():
        assert table.shown.notna().all(axis=None), name
        if name != "ranger_inputs":
            assert not table.shown.isin(["—"]).any(axis=None), name
    assert not [name for name, text in ranger_numbers(record).items()
                if "—" in text and "nee" not in name]  # fmt: skip


def test_the_record_is_of_these_tables(record, flux_training, modules):
    rows, _ = modules
    assert rows.digests(flux_training) == record["inputs"]


def test_a_recorded_run_can_be_repeated(record, flux_training, modules):
    _, runs = modules
    kept = next(
        run for run in record["runs"]
        if (run["design"], run["flux"], run["mtry"], run["seed"]) == ("trees", "reco", 2, 0)
        and run["encoding"] == "mean order"
    )  # fmt: skip
    run = runs.Run(**{name: kept[name] for name in runs.Run.__dataclass_fields__})
    found = runs.execute(run, flux_training, workers=1)
    assert found["rmse"] == pytest.approx(kept["rmse"], rel=0.002)
    assert found["n"] == kept["n"]


@pytest.mark.parametrize(("flux", "trees"), [("nee", 50), ("gpp", 120), ("reco", 120)])
def test_large_sites_are_predicted_as_ranger_does(flux, trees, flux_training, modules):
    rows = modules[0].oracle_rows(flux_training, flux)
    sites, counts = np.unique(rows.sites, return_counts=True)
    found, expected = [], []
    for site in sites[np.argsort(-counts)[:2]]:
        test = rows.sites == site
        forest = fit_forest(
            rows.X[~test], rows.y[~test], rows.names, trees=trees, mtry=MTRY[flux], categories=()
        )
        found.append(forest.predict(rows.X[test]))
        expected.append(rows.oracle["sites"][test])
    assert np.corrcoef(np.concatenate(found), np.concatenate(expected))[0, 1] > 0.99
