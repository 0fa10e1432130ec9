import pandas as pd

from abz.report import Results
from abz.report.skill_tables import SKILL_TABLES


def shown(results, name):
    return SKILL_TABLES[name](results).shown


def test_naive_predictions_stand_beside_the_forest_with_what_it_saves(tiny):
    table = shown(tiny.results, "skill")
    rows = table[(table["set"] == "fine") & (table["flux"] == "NEE")]
    assert rows["prediction"].tolist() == ["forest", "mean of month and vegetation"]
    saved = tiny.results.tables["relative_skill"].iloc[0]
    assert rows.iloc[0].iloc[-1] == ""
    assert rows.iloc[1].iloc[-1].startswith(f"{100 * saved['skill']:.0f}".replace("-", "−"))
    assert rows.iloc[0]["RMSE"].count("…") == 1


def test_parts_of_the_flux_share_out_variance_and_error(tiny):
    table = SKILL_TABLES["components"](tiny.results).bare
    parts = table[table["component"].isin(["site_mean", "seasonal", "anomaly"])]
    sums = parts.groupby(["model_set", "flux"])[["observed_share", "error_share"]].sum()
    assert (abs(sums - 1) < 1e-9).all(axis=None)


def test_groups_stand_in_rows_and_fluxes_in_columns(tiny):
    table = shown(tiny.results, "skill_groups_fine")
    assert table["group"].tolist() == ["all", "boreal", "tundra", "DJF", "MAM", "JJA", "SON"]
    assert {"NEE: RMSE", "GPP: R²", "Reco: MBE"} <= set(table)


def test_the_tuning_shows_the_search_and_the_confirmed_choice(tiny):
    table = shown(tiny.results, "tuning")
    rows = table[(table["set"] == "fine") & (table["flux"] == "NEE")]
    assert rows["how"].tolist() == ["search", "search", "one site left out at a time"]
    assert rows["chosen"].tolist() == ["", "●", "●"]


def test_what_a_run_lacks_has_no_table(tiny):
    assert all(make(Results(name="x")) is None for make in SKILL_TABLES.values())
    for name in ("skill_groups", "designs", "intervals"):
        assert SKILL_TABLES[f"{name}_climatology"](tiny.results) is None


def test_scores_of_one_flux_need_not_all_be_known():
    found = {"n": 3, "r2": None, "rmse": 2.0, "mtry": 2, "rows": 3, "sites": 1}
    table = SKILL_TABLES["scores"](Results(name="x", scores={("climatology", "nee"): found}))
    assert table.shown.iloc[0]["R², this run"] == "—"
    assert isinstance(table.bare, pd.DataFrame)
