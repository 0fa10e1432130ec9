"""Tables of budgets: published and synthetic numbers stay apart, nothing is left unsaid."""

import pandas as pd

from abz.report import Results, make_tables


def test_published_values_stand_only_beside_the_fine_set(tiny):
    tables = make_tables(tiny.results)
    shown = tables["table1"].shown.join(tables["table1_area"].shown, rsuffix=" 2")
    published = [name for name in shown if "published" in name]
    own = [name for name in shown if "this run" in name]
    assert all(name.endswith("(real)") for name in published)
    assert all(name.endswith("(synthetic)") for name in own)
    coarse = shown[shown["set"].str.startswith("coarse")]
    assert (coarse[published] == "—").all(axis=None)
    first = shown.iloc[0]
    assert first["published budget (real)"] == "−548\xa0±\xa0140"


def test_bare_tables_are_the_inputs(tiny):
    bare = make_tables(tiny.results)["table1"].bare
    pd.testing.assert_frame_equal(bare.drop(columns="members_mean"), tiny.results.tables["table1"])


def test_table1_states_coverage_members_mean_and_what_is_left_out(tiny):
    table = make_tables(tiny.results)["table1"]
    first = table.shown.iloc[0]
    assert first["area with a value,\N{NO-BREAK SPACE}%"] == "95.2"
    annual = tiny.results.tables["annual"].query(
        "model_set == 'fine' and zone == 'ABZ' and flux == 'nee' and member > 0"
    )
    assert abs(table.bare["members_mean"].iloc[0] - annual["tg"].mean()) < 1e-9
    assert "sparse boreal vegetation (fine set)" in table.caption


def test_a_run_that_maps_all_land_names_no_omitted_class(tiny):
    tables = dict(tiny.results.tables)
    tables["annual"] = tables["annual"].assign(valid_share=1.0)
    assert "left out" not in make_tables(Results(name="x", tables=tables))["table1"].caption


def test_sites_are_counted_beside_their_means(tiny):
    shown = make_tables(tiny.results)["table1_area"].shown
    assert shown["sites"].iloc[0] == "55"


def test_the_truth_table_has_sets_zones_and_fluxes(tiny):
    shown = make_tables(tiny.results)["truth"].shown
    assert len(shown) == 2 * 3 * 3
    assert {"true, all cells", "error / SD", "true trend", "found trend"} <= set(shown)


def test_nee_of_the_years_with_fire_is_shown(tiny):
    tables = dict(tiny.results.tables)
    tables["table1"] = tables["table1"].assign(same_years_nee=-556.0)
    shown = make_tables(Results(name="x", tables=tables))["table1"].shown
    assert shown["NEE of the same years"].iloc[0] == "−556"


def test_areas_and_ratios_stand_beside_the_published_ones(tiny):
    shown = make_tables(tiny.results)["zones"].shown.set_index(["zone", "set"])
    row = shown.loc[("ABZ", "fine")]
    assert (row["area, 10⁶ km²"], row["published area (real)"]) == ("20.70", "20.79")
    assert (row["summer uptake / non-summer release"], row["published ratio (real)"]) == (
        "1.4", "1.4"
    )  # fmt: skip
    assert shown.loc[("ABZ", "coarse"), "published area (real)"] == "—"
