"""Tables of fluxes beside each other."""

from abz.report import Results
from abz.report.comparison_tables import closure_table, published_closure, resolutions_table


def test_a_run_without_comparisons_has_no_such_tables():
    empty = Results(name="x")
    assert closure_table(empty) is resolutions_table(empty) is None


def test_each_zone_and_set_has_a_row_with_all_three(tiny):
    table = closure_table(tiny.results)
    shown = table.shown
    assert not shown.duplicated(["zone", "set"]).any()
    assert {"ABZ", "boreal", "tundra", "permafrost", "Alaska"} <= set(shown["zone"])
    row = shown[(shown["zone"] == "tundra") & (shown["set"] == "fine, 2001–2020")].iloc[0]
    assert row["NEE, modelled directly"] == "−60.0\xa0±\xa02.0"
    assert row["Reco − GPP"] == "−64.0\xa0±\xa02.5"
    assert row["gap"] == "4.0\xa0±\xa01.0"
    assert set(table.bare["period"]) == {"mean", "year", "month"}


def test_published_gaps_stand_beside_the_fine_set_alone(tiny):
    shown = closure_table(tiny.results).shown
    coarse = shown["set"].str.startswith("coarse")
    assert (shown.loc[coarse, "published gap (real)"] == "—").all()
    fine = shown[~coarse].set_index("zone")["published gap (real)"]
    assert fine["ABZ"] == "−103"
    assert fine["Alaska"] == "—"
    assert published_closure()["zone"].tolist() == ["ABZ", "boreal", "tundra", "permafrost"]


def test_fluxes_of_both_sets_stand_in_one_row(tiny):
    table = resolutions_table(tiny.results)
    assert list(dict.fromkeys(table.shown["flux"])) == ["NEE", "GPP", "Reco"]
    assert not table.shown.duplicated(["flux", "zone"]).any()
    assert {"fine", "coarse"} <= set(table.shown)
    assert "2001–2016" in table.caption
    first = table.bare.iloc[0]
    assert first["bias_tg"] == first["fine_tg"] - first["coarse_tg"]
