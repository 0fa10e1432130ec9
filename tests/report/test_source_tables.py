"""Tables of zones: sources, sites, seasons; published values beside the fine set alone."""

import pandas as pd
import pytest

from abz.published import published_record
from abz.report import Results, make_tables


def test_sources_of_area_and_sites_stand_beside_the_published_shares(tiny):
    table = make_tables(tiny.results)["sources"]
    shown = table.shown.set_index(["zone", "set"])
    first = shown.loc[("ABZ", "fine")]
    assert first["of the area"] == "34"
    assert first["of the area, with fire"] == "50"
    assert first["published, area (real)"] == published_record("source_area_abz").number().text
    assert first["published, sites (real)"] == "29"
    assert shown.loc[("Alaska", "fine"), "published, of all (real)"] == "44"
    printed = [name for name in shown if name.startswith("published")]
    assert (shown.xs("coarse", level="set")[printed] == "—").all(axis=None)
    bare = table.bare.query("zone == 'ABZ' and model_set == 'fine'").iloc[0]
    assert first["source sites"] == f"{bare['source_sites']:.0f}\xa0of\xa0{bare['sites']:.0f}"
    share, low, high = (f"{100 * bare[n]:.0f}" for n in
                        ("source_site_share", "share_low", "share_high"))  # fmt: skip
    assert first["of the sites"] == f"{share} ({low}–{high})"


def test_a_zone_without_sites_keeps_its_share_of_area(tiny):
    tables = dict(tiny.results.tables)
    tables["source_sites"] = tables["source_sites"].query("zone != 'Alaska'")
    shown = make_tables(Results(name="x", tables=tables))["sources"].shown.set_index("zone")
    row = shown.loc["Alaska"].iloc[0]
    assert (row["of the area"], row["source sites"], row["of the sites"]) == ("34", "—", "—")


def test_sites_are_shown_with_their_years_and_other_means(tiny):
    table = make_tables(tiny.results)["in_situ"]
    first = table.shown.iloc[0]
    assert (first["zone"], first["flux"], first["sites"]) == ("ABZ", "NEE", "30")
    assert first["set"] == "fine, coarse"
    assert len(table.shown) == 3 * 8
    assert (first["site-years"], first["years"]) == ("60", "2005–2006")
    assert set(table.shown["zone"]) == {
        "ABZ", "boreal", "tundra", "permafrost", "Alaska", "Canada", "Siberia", "Europe"
    }  # fmt: skip
    pd.testing.assert_frame_equal(table.bare, tiny.results.tables["in_situ"])


def test_seasons_that_part_the_year_add_up(tiny):
    table = make_tables(tiny.results)["seasons"]
    wide = table.bare.pivot_table(
        index=["model_set", "zone_set", "zone", "flux"], columns="season", values="budget"
    )
    annual = tiny.results.tables["annual"].query("member == 0")
    year = annual.groupby(list(wide.index.names))["tg"].mean()[wide.index]
    for parts in (["JJA", "non-summer"], ["May-Sep", "Oct-Apr"]):
        assert wide[parts].sum(axis=1).to_numpy() == pytest.approx(year.to_numpy())
    heads = list(table.shown)
    assert heads[2:] == ["JJA", "non-summer", "May–Sep", "Oct–Apr of a year", "Oct–Apr, one winter"]
    assert len(table.shown) == 2 * 4


def test_months_make_up_the_year(tiny):
    table = make_tables(tiny.results)["months"]
    assert list(table.shown)[2:5] == ["Jan", "Feb", "Mar"]
    assert len(table.shown) == 2 * 2
    keys = ["model_set", "zone_set", "zone", "flux"]
    monthly = tiny.results.tables["monthly"].query("member == 0")
    year = monthly.groupby([*keys, "year"])[["tg", "g_m2"]].sum().groupby(keys).mean()
    summed = table.bare.groupby(keys)[["budget", "per_area"]].sum()
    for ours, theirs in (("budget", "tg"), ("per_area", "g_m2")):
        assert summed[ours].to_numpy() == pytest.approx(year.loc[summed.index, theirs].to_numpy())


def test_a_run_without_sites_or_seasons_has_no_such_tables(tiny):
    names = ("source_sites", "in_situ", "seasonal")
    tables = {k: v for k, v in tiny.results.tables.items() if k not in names}
    assert not {"sources", "in_situ", "seasons"} & set(
        make_tables(Results(name="x", tables=tables))
    )
