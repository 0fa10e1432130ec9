from abz.cli.stages import fit
from abz.cli.storage import read_json, read_table
from abz.digest import sha256_tree
from abz.modelling import load_forest, read_header


def test_writes_forests_tables_and_scores(fitted_run):
    _, layout = fitted_run
    folder = layout.models("fine", "nee")
    assert sorted(path.name for path in folder.iterdir()) == [
        "central.npz", "held_out.parquet", "member_01.npz", "member_02.npz", "scores.json",
        "tuning.parquet",
    ]  # fmt: skip
    assert len(load_forest(folder / "central.npz").predictors) == 17
    assert len(load_forest(folder / "member_01.npz").predictors) == 15
    assert read_header(folder / "central.npz")["about"]["rows"] == 114


def test_scores_are_those_of_the_held_out_table(fitted_run):
    _, layout = fitted_run
    folder = layout.models("fine", "nee")
    document, table = read_json(folder / "scores.json"), read_table(folder / "held_out.parquet")
    assert len(table) == document["rows"] == 114
    assert document["dropped"]["nee"] == 5
    assert document["dropped"]["soc"] == 4
    error = table["predicted"] - table["observed"]
    assert abs(document["held_out"]["mbe"] - error.mean()) < 1e-12
    assert document["fit"]["rmse"] < document["held_out"]["rmse"]


def test_the_tuning_keeps_the_search_and_the_confirmed_choice(fitted_run):
    _, layout = fitted_run
    folder = layout.models("fine", "nee")
    tuning, document = read_table(folder / "tuning.parquet"), read_json(folder / "scores.json")
    assert tuning["held_out"].tolist() == ["out_of_site"] * 2 + ["leave_one_site_out"]
    assert set(tuning.loc[tuning["chosen"], "mtry"]) == {document["mtry"]}
    confirmed = tuning.iloc[-1]
    assert confirmed["rmse"] == document["held_out"]["rmse"]
    assert confirmed["mean_site_rmse"] == document["mean_site_rmse"]


def test_members_may_resample_sites_with_all_predictors(make_run, tmp_path):
    forest = {"trees": 2, "tuning_trees": 2, "member_trees": 2, "members": 2, "mtry": [2]}
    config, layout = make_run(tmp_path, forest={**forest, "unit": "site"})
    fit.run(config, layout, model_set="fine", flux="reco")
    path = layout.models("fine", "reco") / "member_01.npz"
    assert len(load_forest(path).predictors) == 17
    assert read_header(path)["about"]["resampled"] == "site"


def test_same_inputs_same_bytes_for_any_workers(fitted_run, make_run, tmp_path):
    _, layout = fitted_run
    config, other = make_run(tmp_path, workers=9)
    fit.run(config, other, model_set="fine", flux="gpp")
    fit.run(config, other, model_set="fine", flux="gpp")
    assert sha256_tree(other.models("fine", "gpp")) == sha256_tree(layout.models("fine", "gpp"))
