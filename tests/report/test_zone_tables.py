"""Tables of zones of one's own and of the land that no budget holds."""

import pandas as pd

from abz.budgets.land_account import HELD, NO_ZONE, OUTSIDE, WITHOUT_LAND
from abz.report import Results, make_tables
from abz.report.results import zone_key
from abz.vocabulary import LEFT_OUT

LAND = [
    ("abz", HELD, "", 8, 8e12, 0.0),
    ("abz", OUTSIDE, "no biome", 2, 2e12, 0.0),
    ("biome", HELD, "", 8, 8e12, 0.0),
    ("biome", OUTSIDE, "no biome", 2, 2e12, 0.0),
    ("parks", HELD, "", 5, 5e12, 3e6),
    ("parks", NO_ZONE, "no zone holds it", 3, 3e12, 0.0),
    ("parks", OUTSIDE, "no biome", 2, 2e12, 0.0),
    ("parks", WITHOUT_LAND, "Atlantis", 0, 0.0, 0.0),
]


def made(**tables):
    return make_tables(Results(name="x", tables=tables))


def test_the_account_of_land_shows_the_whole_and_what_sets_leave_out():
    columns = ["zone_set", "part", "reason", "cells", "area_m2", "overlap_m2"]
    bare = pd.DataFrame(LAND, columns=columns).assign(model_set="fine")
    table = made(left_out=bare)["left_out"]
    assert table.bare is bare
    assert table.shown.iloc[:, 1:4].to_numpy().tolist() == [
        ["all", "the domain", "8"],
        ["all", "outside the domain: no biome", "2"],
        ["parks", "in a zone; 3 km² claimed by two zones", "5"],
        ["parks", "no zone holds it", "3"],
        ["parks", "zone without a cell of the domain: Atlantis", "0"],
    ]
    assert table.shown.iloc[:, -1].tolist() == ["80.00", "20.00", "50.00", "30.00", "0.00"]


def annual():
    rows = [
        ("fine", "nee", kind, zone, member, tg + member, area)
        for kind, zone, tg, area in (
            ("abz", "ABZ", 9.0, 3e12), ("parks", "Lena", 5.0, 1e12), ("parks", LEFT_OUT, 4.0, 2e12),
            ("basins", "Lena", 5.0, 1.5e12),
        )
        for member in range(3)
    ]  # fmt: skip
    columns = ["model_set", "flux", "zone_set", "zone", "member", "tg", "area_m2"]
    return pd.DataFrame(rows, columns=columns).assign(year=2001, g_m2=5.0, valid_share=1.0)


def test_budgets_of_own_zones_have_their_set_and_area():
    table = made(annual=annual())["budgets_own"]
    assert table.shown["zone set"].tolist() == ["parks", "parks", "basins"]
    assert table.shown["zone"].tolist() == ["Lena", LEFT_OUT, "Lena"]
    assert table.shown["area, km²"].str.replace(r"\D", "", regex=True).tolist() == [
        "1000000", "2000000", "1500000",
    ]  # fmt: skip
    assert table.bare["budget"].tolist() == [5.0, 4.0, 5.0]
    assert "budgets_own" not in made(annual=annual().query("zone_set == 'abz'"))


def test_keys_of_own_zones_meet_no_other():
    assert zone_key("alaska", "boreal") != zone_key("region_biome", "Alaska boreal")
    assert len({zone_key("basins", name) for name in ("Лена", "Обь", "Québec", "Qubec")}) == 4
    assert zone_key("basins", "Лена").isascii()
