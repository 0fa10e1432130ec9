import pandas as pd

from abz.cli.tables import labelled


def test_model_set_and_flux_stand_in_front_of_an_untouched_table():
    table = pd.DataFrame({"rmse": [1.0, 2.0], "flux": ["nee", "gpp"], "n": [3, 4]})
    found = labelled(table, "fine")
    assert list(found) == ["model_set", "flux", "rmse", "n"]
    assert found["flux"].tolist() == ["nee", "gpp"]
    assert list(table) == ["rmse", "flux", "n"]
    assert list(labelled(table.drop(columns="flux"), "fine")) == ["model_set", "rmse", "n"]
    assert labelled(table[["n"]], "coarse", "nee").values.tolist() == [
        ["coarse", "nee", 3], ["coarse", "nee", 4]
    ]  # fmt: skip


def test_a_table_without_rows_keeps_its_columns():
    found = labelled(pd.DataFrame(columns=["first", "second"]), "fine", "nee")
    assert list(found) == ["model_set", "flux", "first", "second"]
    assert found.empty
