from abz.cli.stages import drivers
from abz.cli.storage import read_table
from abz.vocabulary import FLUXES, predictor_names


def test_writes_both_tables_for_every_model(fitted_run):
    config, layout = fitted_run
    importance, response = map(read_table, drivers.run(config, layout))
    assert len(importance) == len(FLUXES) * 17 * config.drivers.shuffles
    assert list(importance) == ["model_set", "flux", "predictor", "shuffle", "rmse_increase"]
    assert list(response) == ["model_set", "flux", "predictor", "value", "response", "density"]
    for table in (importance, response):
        assert set(table["model_set"]) == {"fine"}
        assert set(table["flux"]) == set(FLUXES)
        assert set(table["predictor"]) == set(predictor_names("fine"))
    curve = response[(response["flux"] == "nee") & (response["predictor"] == "month")]
    assert curve["value"].tolist() == list(range(1, 13))
