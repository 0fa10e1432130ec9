"""Tables of the run beside products of others."""

from abz.report import Results
from abz.report.product_tables import (
    PRODUCT_TABLES,
    ledger_table,
    likeness_table,
    notes_table,
    products_table,
    sites_table,
    trends_table,
    winter_table,
)


def test_a_run_without_products_has_no_such_tables():
    assert all(make(Results(name="x")) is None for make in PRODUCT_TABLES.values())


def test_budgets_stand_beside_those_of_the_run(tiny):
    shown = products_table(tiny.results).shown
    assert set(shown["zone"]) == {"ABZ", "boreal", "tundra"}
    row = shown[(shown["product"] == "inversions (GCB 2022)") & (shown["zone"] == "ABZ")].iloc[0]
    assert row["factor"] == "2.50"
    assert row["also holds"] == "lakes"
    assert row["members"] == "2"
    own = shown[(shown["product"] == "X-BASE") & (shown["flux"] == "GPP")].iloc[0]
    assert own["factor"] == "1.00"
    assert own["also holds"] == "nothing"


def test_maps_have_both_p(tiny):
    shown = likeness_table(tiny.results).shown
    assert shown["map"].tolist() == ["mean annual NEE", "trend of annual NEE"] * 3
    assert shown.loc[2, "ratio of SDs"] == "1.00"


def test_the_ledger_takes_fire_once(tiny):
    shown = ledger_table(tiny.results).shown
    assert shown["row"].tolist()[1] == "fire taken from inversions (GCB 2022)"
    assert shown["fire"].tolist()[:3] == ["included", "included", "not included"]
    assert shown["lakes"].tolist()[2] == "included"
    assert shown["period"].tolist()[0] == "2001–2020"
    assert shown["GPP"].tolist()[:2] == ["included", "not included"]


def test_trends_and_sites(tiny):
    assert set(trends_table(tiny.results).shown["zone"]) == {"ABZ", "boreal", "tundra"}
    assert sites_table(tiny.results).shown["sites"].tolist() == ["5"]


def test_winters_stand_beside_reco_and_nee(tiny):
    shown = winter_table(tiny.results).shown
    assert set(shown["months"]) == {"Oct-Apr", "Oct-Apr, one winter"}
    assert set(shown["zone"]) == {"ABZ", "boreal", "tundra"}
    assert set(shown["winters with more release"]) == {"5 of 5"}
    assert set(shown["land with a value, %"]) == {"80"}


def test_what_is_not_compared_is_named(tiny):
    shown = notes_table(tiny.results).shown
    assert shown["product"].tolist() == ["FLUXCOM", "winter soil fluxes (Natali 2019)"]
    assert shown["status"].tolist() == ["absent", "refused"]
