import numpy as np
import pytest
from pydantic import ValidationError

from abz.cli.stages import drivers
from abz.cli.storage import read_table
from abz.config import Drivers
from abz.vocabulary import FLUXES, predictor_names

COLUMNS = {
    "importance": "predictor shuffle rmse_increase",
    "held_out_importance": "predictor rmse_increase lower upper",
    "grouped_importance": "sample group rmse_increase lower upper",
    "groups": "group predictor partner association",
    "response": "predictor value response density rows",
    "effects": "predictor value effect rows",
    "pairs": "first second first_value second_value response rows",
}


@pytest.fixture(scope="module")
def tables(fitted_run):
    config, layout = fitted_run
    return {path.stem: read_table(path) for path in drivers.run(config, layout)}


def test_writes_a_table_of_each_kind_for_every_model(tables):
    assert set(tables) == set(COLUMNS)
    for name, table in tables.items():
        assert list(table) == ["model_set", "flux", *COLUMNS[name].split()]
        assert set(table["model_set"]) == {"fine"}
        assert set(table["flux"]) == set(FLUXES)


def test_every_predictor_is_looked_at(tables, fitted_run):
    shuffles = fitted_run[0].drivers.shuffles
    assert len(tables["importance"]) == len(FLUXES) * 17 * shuffles
    for name in ("importance", "held_out_importance", "groups", "response", "effects"):
        assert set(tables[name]["predictor"]) == set(predictor_names("fine"))
    curve = tables["response"].query("flux == 'nee' and predictor == 'month'")
    assert curve["value"].tolist() == list(range(1, 13))


def test_groups_share_out_the_predictors_and_a_single_one_keeps_its_importance(tables):
    groups, grouped = tables["groups"], tables["grouped_importance"]
    held_out = grouped[grouped["sample"] == "held_out"].drop(columns="sample")
    for flux in FLUXES:
        names = groups.loc[groups["flux"] == flux, "group"]
        own = held_out[held_out["flux"] == flux]
        assert own["group"].tolist() == names.drop_duplicates().tolist()
    both = held_out.merge(
        tables["held_out_importance"], left_on=["flux", "group"], right_on=["flux", "predictor"]
    )
    assert len(both) > 0
    assert (both["rmse_increase_x"] == both["rmse_increase_y"]).all()


def test_pairs_are_those_that_the_forests_have(tables):
    pairs = tables["pairs"][["first", "second"]].drop_duplicates().values.tolist()
    assert pairs == [["soil_temperature", "soil_moisture"], ["lst", "vpd"]]


def test_intervals_hold_the_estimate_and_importance_is_of_the_planted_predictor(tables):
    table = tables["held_out_importance"]
    assert (table["lower"] <= table["upper"]).all()
    best = table.loc[table.groupby("flux")["rmse_increase"].idxmax(), "predictor"]
    assert set(best) == {"lst"}
    assert np.isfinite(table[["rmse_increase", "lower", "upper"]].to_numpy()).all()


def test_a_run_without_pairs_has_an_empty_table_of_them(fitted_run):
    config, layout = fitted_run
    without = config.model_copy(update={"drivers": config.drivers.model_copy(update={"pairs": []})})
    made = {path.stem: read_table(path) for path in drivers.run(without, layout)}
    assert list(made["pairs"]) == ["model_set", "flux", *COLUMNS["pairs"].split()]
    assert made["pairs"].empty


@pytest.mark.parametrize(
    "settings",
    [
        {"pairs": [["lst", "lst"]]},
        {"pairs": [["lst"]]},
        {"pairs": [["lst", "elevation"]]},
        {"groups": {"heat": ["lst"], "warmth": ["lst"]}},
        {"groups": {"heat": []}},
        {"groups": {"lst": ["lst", "ndvi"]}},
        {"group_threshold": 1.5},
        {"held_out_folds": 1},
        {"held_out_folds": 101},
        {"effect_bins": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError):
        Drivers(**settings)
