from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.modelling.comparison import Design
from abz.modelling.design_skill import compare_designs, predict_designs
from abz.modelling.designs import leave_one_group_out
from abz.modelling.folds import leave_one_site_out
from abz.modelling.scores import scores
from abz.modelling.tuning import held_out_predictions, nested

NAMES = ["srad", "lst"]
FOREST = {"trees": 3, "seed": 4, "node_size": 2}


def rows_of_sites(n=90, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)).astype(np.float32)
    return X, 5 * X[:, 0] + rng.normal(size=n), rng.choice(list("abcdef"), n)


def predicted(designs, **options):
    X, y, sites = rows_of_sites()
    lone = held_out_predictions(X, y, NAMES, sites, mtry=1, **FOREST)
    return lone, predict_designs(
        X, y, NAMES, sites, designs=designs, leave_one_out=lone, mtry=1,
        search={"grid": (1, 2), "criterion": "site"}, **FOREST, **options,
    )  # fmt: skip


def test_folds_of_one_site_are_taken_over_and_equal_those_computed_anew():
    X, y, sites = rows_of_sites()
    groups = np.where(sites == "b", "a", sites)
    folds = leave_one_group_out(groups, sites)
    lone, found = predicted([Design("colocated", folds)])
    anew = held_out_predictions(X, y, NAMES, sites, folds=folds, mtry=1, **FOREST)
    assert np.array_equal(found["colocated"], anew)
    joined = np.isin(sites, ["a", "b"])
    assert np.array_equal(found["colocated"][~joined], lone[~joined])
    assert (found["colocated"][joined] != lone[joined]).any()


def test_a_fold_that_trains_on_less_is_not_taken_over():
    _, _, sites = rows_of_sites()
    test = np.flatnonzero(sites == "a")
    train = np.flatnonzero(sites == "b")
    lone, found = predicted([Design("leave_year_out", [(train, test)])])
    assert (found["leave_year_out"][test] != lone[test]).any()
    assert np.isnan(found["leave_year_out"][sites == "b"]).all()


def test_nested_chooses_mtry_without_the_site():
    X, y, sites = rows_of_sites()
    design = Design("nested", list(leave_one_site_out(sites)))
    _, found = predicted([design, Design("colocated", [])])
    expected, _ = nested(X, y, NAMES, sites, grid=(1, 2), **FOREST)
    assert np.array_equal(found["nested"], expected)
    assert "colocated" not in found


def test_a_site_on_both_sides_stops_everything():
    _, _, sites = rows_of_sites()
    split = [(np.flatnonzero(sites == "a")[:3], np.flatnonzero(sites == "a")[3:])]
    with pytest.raises(InputError, match="trained on and tested"):
        predicted([Design("random_sites", split)])


def held_out(seed=0, rows=150):
    rng = np.random.default_rng(seed)
    observed = rng.normal(-10, 20, rows)
    return pd.DataFrame(
        {
            "site": rng.choice(list("abcdefgh"), rows),
            "observed": observed,
            "predicted": np.where(
                rng.random(rows) < 0.1, np.nan, observed + rng.normal(0, 5, rows)
            ),
        }
    )


def test_scores_and_changes_are_those_of_the_rows_of_both():
    rows = held_out()
    own = rows["observed"].to_numpy() + np.random.default_rng(1).normal(0, 9, len(rows))
    own[:20] = np.nan
    folds = leave_one_group_out(rows["site"].to_numpy(), rows["site"].to_numpy())
    found = compare_designs(rows, [Design("random_sites", folds, "a note", 3.0)],
                            {"random_sites": own}).iloc[0]  # fmt: skip
    for name, value in asdict(scores(rows["observed"].to_numpy(), own)).items():
        assert found[name] == pytest.approx(value)
    both = rows["predicted"].notna() & ~np.isnan(own)
    o = rows.loc[both, "observed"].to_numpy()
    lone = scores(o, rows.loc[both, "predicted"].to_numpy())
    design = scores(o, own[both.to_numpy()])
    assert found["rmse_change"] == pytest.approx(design.rmse - lone.rmse)
    assert found["r2_change"] == pytest.approx(design.r2 - lone.r2)
    assert 0 < found["rmse_change_low"] < found["rmse_change"] < found["rmse_change_high"]
    sizes = rows["site"].value_counts()
    assert (found["folds"], found["largest_fold"], found["smallest_fold"]) == (
        8, sizes.max(), sizes.min()
    )  # fmt: skip
    assert found["training_share"] == pytest.approx(7 / 8)
    assert (found["note"], found["w_km"]) == ("a note", 3.0)


def test_the_interval_of_the_change_is_that_of_a_bootstrap_that_copies_rows():
    rows = held_out(2).dropna().reset_index(drop=True)
    own = rows["observed"].to_numpy() + np.random.default_rng(3).normal(0, 9, len(rows))
    design = Design("random_sites", list(leave_one_site_out(rows["site"].to_numpy())))
    found = compare_designs(rows, [design], {"random_sites": own}, draws=4000).iloc[0]
    rng = np.random.default_rng(0)
    names = sorted(set(rows["site"]))
    errors = {
        site: ((own - rows["observed"])[rows["site"] == site].to_numpy() ** 2,
               (rows["predicted"] - rows["observed"])[rows["site"] == site].to_numpy() ** 2)
        for site in names
    }  # fmt: skip
    changes = []
    for _ in range(4000):
        drawn = rng.choice(names, len(names))
        first, second = (np.concatenate([errors[s][side] for s in drawn]) for side in (0, 1))
        changes.append(np.sqrt(first.mean()) - np.sqrt(second.mean()))
    expected = np.quantile(changes, [0.025, 0.975])
    assert [found["rmse_change_low"], found["rmse_change_high"]] == pytest.approx(
        expected, abs=0.15
    )


def test_a_design_without_folds_has_a_row_without_scores():
    rows = held_out()
    found = compare_designs(rows, [Design("knndm_feature", [], "why not")], {}).iloc[0]
    assert (found["folds"], found["n"], found["sites"]) == (0, 0, 0)
    assert found[["rmse", "rmse_change", "rmse_change_low"]].isna().all()
    assert found["note"] == "why not"


def test_leaving_one_site_out_does_not_change():
    rows = held_out().dropna()
    design = Design("leave_one_site_out", list(leave_one_site_out(rows["site"].to_numpy())))
    found = compare_designs(rows, [design], {"leave_one_site_out": rows["predicted"].to_numpy()})
    assert found[["rmse_change", "rmse_change_low", "rmse_change_high"]].eq(0).all(axis=None)
