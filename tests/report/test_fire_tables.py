"""Tables of fire: origin, arithmetic, order, what is missing."""

from __future__ import annotations

import pandas as pd

from abz.report import Results, make_tables
from abz.report.fire_tables import FIRE_TABLES

NB = "\N{NO-BREAK SPACE}"


def test_published_and_own_periods_stand_in_rows_of_their_own(tiny):
    shown = make_tables(tiny.results)["fire_periods"].shown
    assert shown.iloc[0].tolist() == [
        "ABZ, published (real)", "−548", "−556", "237", "−319", "229", "237", "−8",
    ]  # fmt: skip
    assert shown["zone"].iloc[1] == "ABZ, this run (synthetic)"
    assert shown["zone"].str.endswith(("(real)", "(synthetic)")).all()


def test_other_periods_have_no_published_row(tiny):
    tables = dict(tiny.results.tables)
    tables["fire_periods"] = tables["fire_periods"].assign(first_year=2005)
    shown = make_tables(Results(name="x", tables=tables))["fire_periods"].shown
    assert not shown["zone"].str.contains("published").any()
    assert "NEE + fire, 2005–2020" in shown


def test_zones_come_in_one_order_and_classes_stay_away(tiny):
    made = make_tables(tiny.results)
    for name in ("burned", "fire_extremes", "postfire_correction"):
        zones = made[name].shown["zone"].tolist()
        assert zones[:4] == ["ABZ", "permafrost", "boreal", "tundra"]
        assert "wetland" not in zones


def test_zones_of_a_runs_own_are_shown_and_files_hold_all(tiny):
    tables = dict(tiny.results.tables)
    for name in ("fire_periods", "fire_years", "postfire_burned", "postfire_correction"):
        rows = tables[name]
        abz = rows[rows["zone_set"] == "abz"]
        own = [
            abz.assign(zone_set=kind, zone=zone)
            for kind, zone in (("basins", "Lena"), ("union", "rivers"), ("permafrost", "none"))
        ]
        tables[name] = pd.concat([*own, rows], ignore_index=True)
    made = make_tables(Results(name="x", tables=tables))
    for name in ("fire_periods", "fire_extremes", "burned", "postfire_correction"):
        bare, zones = made[name].bare, made[name].shown["zone"].str.split(",").str[0].tolist()
        assert {"Lena", "rivers", "none"} <= set(bare["zone"]), name
        assert zones.index("Lena") > zones.index("ABZ")
        assert "rivers" in zones and "none" not in zones


def test_extreme_years_carry_the_share_of_members():
    years = pd.DataFrame(
        {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "year": [2003, 2004, 2005],
         "nee": [-10.0, -10.0, 5.0], "fire": 12.0, "nee_fire": [2.0, 2.0, 17.0],
         "exceeds": [True, True, False], "source": [False, False, True],
         "member_share": [0.75, None, 1.0]}
    )  # fmt: skip
    row = make_tables(Results(name="x", tables={"fire_years": years}))["fire_extremes"].shown.iloc[
        0
    ]
    assert row["these years (share of members)"] == f"2003{NB}(75), 2004"
    assert row[["sink without fire", "fire emits more", "source without fire"]].tolist() == [
        "2", "2", "1",
    ]  # fmt: skip


def test_the_ledger_of_the_whole_zone_states_every_part(tiny):
    shown = make_tables(tiny.results)["ledger"].shown.set_index("budget")
    assert shown.loc["NEE + fire, fine set", ["gpp", "fire", "lakes"]].tolist() == [
        "included", "included", "not included",
    ]  # fmt: skip
    assert shown.loc["NEE, coarse set", "fire"] == "not included"
    assert len(shown) == 8


def test_the_fits_say_what_is_corrected_and_what_the_study_found(tiny):
    shown = make_tables(tiny.results)["postfire_fits"].shown.set_index("month")
    assert shown.index[shown["corrected"] == "yes"].tolist() == ["Jul"]
    assert shown.loc[["May", "Jun", "Jul", "Aug"], "published (real)"].tolist() == [
        "10", "7", "9", "—",
    ]  # fmt: skip
    assert shown["model"].ne("").all()


def test_the_correction_is_judged_by_the_truth_where_there_is_one(tiny):
    table = make_tables(tiny.results)["postfire_correction"]
    assert {"error before", "error after"} <= set(table.shown)
    assert "against the truth" in table.caption
    real = Results(name="x", tables=tiny.results.tables)
    table = make_tables(real)["postfire_correction"]
    assert "error before" not in table.shown
    assert "against the truth" not in table.caption


def test_composites_give_numbers_of_site_years(tiny):
    shown = make_tables(tiny.results)["postfire_sites"].shown
    assert list(shown)[:3] == ["years since fire", "NEE, July", "NEE, annual"]
    assert shown["NDVI, July"].str.endswith("(9)").all()


def test_a_run_without_fire_has_none_of_them():
    assert all(make(Results(name="empty")) is None for make in FIRE_TABLES.values())
