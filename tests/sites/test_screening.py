"""Screening drops what is named, merges duplicates, and never invents a row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.config import Sites
from abz.errors import InputError
from abz.sites import screen

SITES = (
    "Lund_Kobbefjord_Ch01", "Goulden_CA-NS2_tower2", "Goulden_CA-NS3_tower3",
    "McCaughey_CA-Man_tower1", "Humphreys_CA-CB_tower1", "Zona_US-Bes_tower1", "Vesala_FI-Hyy",
)  # fmt: skip


def row(**values) -> dict:
    return {
        "site": "Vesala_FI-Hyy", "latitude": 61.8, "longitude": 24.3, "country": "Finland",
        "biome": "boreal", "year": 2003, "month": 7, "nee": -60.0, "gpp": 240.0, "reco": 180.0,
        "flux_method": "EC", "disturbance": None, "partition_method": "Reichstein",
        "gap_fill_percent": 10.0,
    } | values  # fmt: skip


rows = st.builds(
    row,
    site=st.sampled_from(SITES),
    latitude=st.sampled_from([61.8, 68.0, np.nan]),
    year=st.sampled_from([1997, 2002, 2004, 2006]),
    month=st.sampled_from([1, 2, 7, 13]),
    nee=st.sampled_from([-60.0, 5.0, np.nan]),
    gpp=st.sampled_from([240.0, np.nan]),
    reco=st.sampled_from([180.0, np.nan]),
    flux_method=st.sampled_from(["EC", "Chamber"]),
    disturbance=st.sampled_from([None, "Fire"]),
)
options = st.builds(
    Sites,
    drop_larval_outbreak=st.booleans(),
    drop_named_rows=st.booleans(),
    apply_v2_errata=st.booleans(),
)
FIXED = ["site", "latitude", "longitude", "year", "month", "flux_method", "partition_method"]


def dropped(log: pd.DataFrame) -> dict[str, int]:
    return dict(log.loc[log["rows"] > 0, ["rule", "rows"]].itertuples(index=False))


@given(st.lists(rows, min_size=1, max_size=25), options)
def test_no_row_is_invented_and_each_loss_is_counted(table, chosen):
    table = pd.DataFrame(table)
    kept, log = screen(table, chosen)
    assert len(kept) == len(table) - log["rows"].sum()
    assert kept["site"].nunique() == table["site"].nunique() - log["sites"].sum()
    assert (log["rows"] >= 0).all() and (log["sites"] >= 0).all()
    before = set(table[FIXED].astype(str).itertuples(index=False))
    assert set(kept[FIXED].astype(str).itertuples(index=False)) <= before
    if chosen.apply_v2_errata:
        key = ["site", "year", "month", "flux_method", "partition_method"]
        assert not kept.duplicated(key).any()


@given(st.lists(rows, min_size=1, max_size=25), options)
def test_screening_twice_changes_nothing_more(table, chosen):
    once, _ = screen(pd.DataFrame(table), Sites(drop_larval_outbreak=chosen.drop_larval_outbreak))
    again, log = screen(once, Sites(drop_larval_outbreak=chosen.drop_larval_outbreak))
    pd.testing.assert_frame_equal(once, again)
    assert log["rows"].sum() == 0


def test_named_rows_go_and_their_neighbours_stay():
    table = pd.DataFrame(
        [
            row(site="Goulden_CA-NS2_tower2", year=2002, month=1),
            row(site="Goulden_CA-NS2_tower2", year=2002, month=2),
            row(site="McCaughey_CA-Man_tower1", year=1997, month=2),
            row(site="McCaughey_CA-Man_tower1", year=1997, month=3),
            row(site="McCaughey_CA-Man_tower1", year=2004),
            row(site="McCaughey_CA-Man_tower1", year=2005),
        ]
    )
    kept, log = screen(table, Sites())
    assert kept[["year", "month"]].values.tolist() == [[2002, 2], [1997, 3], [2004, 7]]
    assert sorted(dropped(log).values()) == [1, 2]


def test_rows_that_the_study_removed_are_a_switch():
    """The months that their owners withdrew later go with the errata alone."""
    places = [
        ("Goulden_CA-NS2_tower2", 2002, 1), ("McCaughey_CA-Man_tower1", 1997, 2),
        ("McCaughey_CA-Man_tower1", 2005, 7),
    ]  # fmt: skip
    table = pd.DataFrame([row(site=site, year=year, month=month) for site, year, month in places])
    assert dropped(screen(table, Sites(drop_named_rows=False))[1]) == {}
    kept, log = screen(table, Sites(drop_named_rows=False, apply_v2_errata=True))
    assert kept["year"].tolist() == [2005]
    assert dropped(log) == {
        "CA-NS2 and CA-NS3, January 2002": 1, "CA-Man, January to February 1997": 1
    }  # fmt: skip
    assert len(screen(table, Sites(apply_v2_errata=True))[0]) == 0


@pytest.mark.parametrize("drop", [True, False])
def test_the_moth_outbreak_is_a_switch(drop):
    table = pd.DataFrame([row(), row(site="Lund_Kobbefjord_Ch01", nee=-376.0)])
    kept, log = screen(table, Sites(drop_larval_outbreak=drop))
    assert len(kept) == 2 - drop
    assert dropped(log) == ({"Kobbefjord chambers, moth outbreak": 1} if drop else {})


def test_errata_of_version_2_are_a_switch():
    table = pd.DataFrame(
        [
            row(site="Humphreys_CA-CB_tower1", nee=np.nan, gpp=35.0),
            row(site="Zona_US-Bes_tower1", disturbance="Fire"),
            row(site="Kuder_RU-Murk"),
            row(site="X_NO-Adv", site_reference="NO-Adv"),
        ]
    )
    plain, _ = screen(table, Sites())
    assert len(plain) == 4 and plain["disturbance"].eq("Fire").sum() == 1
    kept, log = screen(table, Sites(apply_v2_errata=True))
    by_site = kept.set_index("site")
    assert by_site.loc["Humphreys_CA-CB_tower1", "nee"] == -35.0
    assert np.isnan(by_site.loc["Humphreys_CA-CB_tower1", "gpp"])
    assert by_site.loc["Zona_US-Bes_tower1", "disturbance"] == "No"
    assert by_site.loc["X_NO-Adv", "site_reference"] == "SJ-Adv"
    assert dropped(log) == {"RU-Murk": 1}


def test_duplicates_average_chambers_and_keep_the_fullest_tower_row():
    table = pd.DataFrame(
        [
            row(nee=-60.0, gpp=np.nan),
            row(nee=-50.0),
            row(nee=-40.0),
            row(flux_method="Chamber", nee=10.0, gpp=np.nan),
            row(flux_method="Chamber", nee=20.0, gpp=100.0),
        ]
    )
    assert len(screen(table, Sites())[0]) == 5
    kept, log = screen(table, Sites(apply_v2_errata=True))
    chamber, tower = kept.iloc[0], kept.iloc[1]
    assert tower["nee"] == -50.0
    assert (chamber["nee"], chamber["gpp"]) == (15.0, 100.0)
    assert dropped(log) == {
        "duplicate chamber rows, averaged": 1, "duplicate rows, fullest kept": 2
    }  # fmt: skip


def test_a_table_without_coordinates_is_refused():
    with pytest.raises(InputError, match="latitude"):
        screen(pd.DataFrame([row()]).drop(columns="latitude"), Sites())
