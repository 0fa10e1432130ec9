"""The comparison with R: its rows, encodings and folds, and that its runs are the package's."""

import json
from dataclasses import asdict, astuple, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abz.modelling import held_out_predictions, scores
from abz.modelling.training import canonical_columns


@pytest.fixture(scope="module")
def modules(repository):
    """The modules of rows and of runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("_ranger_rows"), import_module("_ranger_runs")


@pytest.fixture
def rows(modules):
    """Synthetic rows of four sites with two classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 4)).astype(np.float32)
    X[:, 1], X[:, 2] = rng.integers(1, 13, 80), rng.choice([0, 21, 70], 80)
    return modules[0].Rows(
        X, X[:, 0] + (X[:, 1] > 6), ["srad", "month", "vegetation", "lst"],
        np.repeat(["a", "b", "c", "d"], 20), np.repeat([1, 2], 40), classes=("month", "vegetation"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "columns", "classes"),
    [("mean order", 4, 2), ("code order", 4, 0), ("one column a level", 2 + 12 + 3, 0),
     ("left out", 2, 0)],
)  # fmt: skip
def test_encodings_keep_the_rows(modules, rows, encoding, columns, classes):
    found = modules[0].encoded(rows, encoding)
    assert found.X.shape == (80, columns) and len(found.names) == columns
    assert len(found.classes) == classes
    assert np.array_equal(found.X[:, found.names.index("lst")], rows.X[:, 3])
    if encoding == "one column a level":
        assert (found.X[:, 2:].sum(axis=1) == 2).all()


def test_columns_of_other_names_keep_their_order_in_a_forest(modules):
    names = modules[0].in_order(["month", "ndvi", "co2", *(f"month_{m}" for m in range(9, 13))])
    assert canonical_columns(names).tolist() == list(range(7))


def test_a_site_that_is_left_out_is_gone(modules, rows):
    kept = rows.without("b")
    assert set(kept.sites) == {"a", "c", "d"}
    assert kept.X.shape[0] == kept.y.size == kept.groups.size == 60


@pytest.mark.parametrize(("design", "folds"), [("sites", 4), ("groups", 2)])
def test_left_out_rows_are_the_packages(modules, rows, monkeypatch, design, folds):
    runs = modules[1]
    monkeypatch.setattr(runs, "rows_of", lambda *_: rows)
    run = runs.Run("nee", "study", design, "abz", "mean order", 2, 20, 5)
    parts = list(runs.folds(run, rows))
    assert len(parts) == folds
    held_out = held_out_predictions(
        rows.X, rows.y, rows.names, rows.sites, mtry=2, trees=20, seed=5, categories=rows.classes,
        folds=[(train, test) for _, train, test in parts],
    )  # fmt: skip
    found = runs.execute(run, None, workers=1)
    assert found["rmse"] == pytest.approx(scores(rows.y, held_out).rmse)
    assert len(found["parts"]) == runs.PARTS and np.mean(found["parts"]) > found["rmse"]


def test_no_run_is_planned_twice(modules):
    planned = list(modules[1].plan(quick=False))
    assert len(planned) == len(set(planned))
    seeds = {(r.flux, r.seed) for r in planned if (r.columns, r.engine) == ("oracle", "abz")}
    assert {("reco", 448), ("gpp", 448), ("nee", 448)} < seeds


def test_a_run_takes_the_place_of_its_equal(modules, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(modules[1].__file__).parent)
    ranger = import_module("ranger")
    monkeypatch.setattr(ranger, "digests", lambda _: {"a table": "ab"})
    monkeypatch.setattr(ranger, "about", dict)
    first, second, *_ = modules[1].plan(quick=False)
    path = tmp_path / "record.json"
    for run, rmse in ((first, 1.0), (second, 2.0), (first, 3.0)):
        ranger.add({**asdict(run), "rmse": rmse}, path, tmp_path)
    record = ranger.current(path, tmp_path)
    found = {ranger.key(run): run["rmse"] for run in record["runs"]}
    assert found == {astuple(first): 3.0, astuple(second): 2.0} and len(record["runs"]) == 2
    assert ranger.holds(record, first)
    assert not ranger.holds(record, replace(first, seed=-1))


def test_runs_that_a_record_holds_twice_are_read_once(modules, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(modules[1].__file__).parent)
    ranger = import_module("ranger")
    monkeypatch.setattr(ranger, "digests", lambda _: {"a table": "ab"})
    run = asdict(next(modules[1].plan(quick=False)))
    path = tmp_path / "record.json"
    path.write_text(
        json.dumps({"inputs": {"a table": "ab"}, "runs": [run, run, run | {"seed": -1}]})
    )
    assert ranger.current(path, tmp_path)["runs"] == [run]


def test_vegetation_is_put_together_again(modules, tmp_path):
    table = pd.DataFrame(
        {
            "site_uid": ["a", "a", "b"], "year": [2001, 2001, 2002], "month": [1, 2, 3],
            "veg_class_21": [1, 0, 0], "veg_class_70": [0, 0, 1],
            "veg_class_31_oldcoding": [0, 1, 0],
        }
    )  # fmt: skip
    table.to_parquet(tmp_path / "train.parquet")
    found = modules[0].vegetation(tmp_path / "train.parquet")
    assert found["vegetation"].tolist() == [21, modules[0].REST, 70]
    table.assign(veg_class_70=1).to_parquet(tmp_path / "train.parquet")
    with pytest.raises(SystemExit, match="two vegetation types"):
        modules[0].vegetation(tmp_path / "train.parquet")


def test_the_rows_are_the_oracles(modules, real_data):
    folder = real_data / "flux_training"
    if not (folder / "oracle").is_dir():
        pytest.skip("the oracle of R's ranger is not there")
    for flux, shape, sites in (
        ("nee", (4467, 35), 152),
        ("gpp", (3718, 20), 88),
        ("reco", (3705, 20), 87),
    ):
        rows = modules[0].oracle_rows(folder, flux)
        assert rows.X.shape == shape and np.unique(rows.sites).size == sites
        assert np.corrcoef(rows.y, rows.oracle["sites"])[0, 1] > 0.6
        study = modules[0].study_rows(folder, flux)
        assert {"month", "vegetation"} < set(study.names)
        assert study.y.size > 0.99 * rows.y.size
