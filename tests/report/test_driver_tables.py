"""Tables of drivers: their numbers and what they leave out."""

from dataclasses import replace

from abz.report import Results
from abz.report.driver_tables import importance_table, predictor_groups_table


def test_importance_has_both_kinds_for_every_flux(tiny):
    table = importance_table(tiny.results)
    assert len(table.bare) == 2 * 3 * 17
    assert len(table.shown) == 2 * 17
    row = table.shown[(table.shown["set"] == "fine") & (table.shown["predictor"] == "snow cover")]
    assert row["NEE, left out"].item() == "2.5 (1.0…4.0)"
    bare = table.bare.query("model_set == 'fine' and flux == 'gpp' and predictor == 'snow_cover'")
    assert row["GPP, training"].item() == f"{bare['training_median'].item():.1f}"


def test_a_predictor_that_a_forest_lacks_has_a_dash(tiny):
    tables = dict(tiny.results.tables)
    for name in ("importance", "driver_held_out_importance"):
        table = tables[name]
        tables[name] = table[(table["flux"] != "nee") | (table["predictor"] != "soc")]
    shown = importance_table(replace(tiny.results, tables=tables)).shown
    row = shown[(shown["set"] == "fine") & (shown["predictor"] == "soil organic carbon stock")]
    assert row["NEE, left out"].item() == "—"
    assert row["GPP, left out"].item() != "—"


def test_only_groups_of_several_are_listed(tiny):
    table = predictor_groups_table(tiny.results)
    assert len(table.shown) == 2 * 3 * 2
    assert set(table.shown["group"]) == {"1"}
    assert set(table.shown["predictor"]) == {
        "downward shortwave radiation",
        "vapour pressure deficit",
    }
    assert len(table.bare) == 2 * 3 * 17


def test_a_run_without_drivers_has_no_such_tables():
    assert importance_table(Results(name="x")) is None
    assert predictor_groups_table(Results(name="x")) is None
