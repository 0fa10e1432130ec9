import pandas as pd

from abz.cli.layout import Layout
from abz.cli.storage import write_json, write_table
from abz.cli.validation import VALIDATION, validation_tables
from abz.config import Config
from abz.modelling import calibrate

SETS = {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}


def test_tables_of_all_forests_come_in_one_piece(tmp_path):
    config, layout = Config(name="a", sets=SETS), Layout(tmp_path)
    rows = pd.DataFrame({"site": list("abc"), "observed": [1.0, 2.0, 3.0], "predicted": 0.0})
    for flux in ("nee", "gpp"):
        folder = layout.validation("fine", flux)
        for name in VALIDATION:
            write_table(pd.DataFrame({"value": [1, 2]}), folder / f"{name}.parquet")
        write_json(calibrate(rows, 0.9, strata=()).as_dict(), folder / "intervals.json")
    found = validation_tables(config, layout)
    assert set(found) == {*VALIDATION, "intervals"}
    assert found["skill"]["flux"].tolist() == ["nee"] * 2 + ["gpp"] * 2
    assert list(found["designs"])[:2] == ["model_set", "flux"]
    assert found["intervals"]["message"].str.contains("3 sites, 19 needed").all()
    assert found["intervals"]["level"].tolist() == [0.9, 0.9]


def test_a_run_without_validation_has_no_tables(tmp_path):
    assert validation_tables(Config(name="a", sets=SETS), Layout(tmp_path)) == {}
