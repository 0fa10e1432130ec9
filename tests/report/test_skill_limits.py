import numpy as np

from abz.report.results import Results
from abz.report.skill_limits import (
    coverage_table,
    designs_table,
    ensemble_table,
    intervals_table,
)


def test_designs_show_their_change_or_why_there_is_none(tiny):
    table = designs_table(tiny.results, "fine").shown
    rows = table[table["flux"] == "NEE"].set_index("left out at once")
    assert rows.loc["one site", "change of RMSE"] == ""
    bare = tiny.results.tables["designs"].iloc[1]
    text = f"{bare['rmse_change']:.1f}".replace("-", "−")
    assert rows.loc["sites at random", "change of RMSE"].startswith(text)
    assert rows.loc["kNNDM on the ground", "RMSE"] == "—"
    assert rows.loc["kNNDM on the ground", "note"] == "fewer than two sites have coordinates"


def test_coverage_has_a_column_a_level(tiny):
    table = coverage_table(tiny.results).shown
    assert [name.replace("\xa0", " ") for name in table][-2:] == ["50 %", "90 %"]
    places = table["site-months"].unique().tolist()
    assert places == [
        "all", "boreal", "tundra", "inside the area of applicability",
        "outside the area of applicability",
    ]  # fmt: skip


def test_infinite_intervals_are_no_coverage(tiny):
    table = tiny.results.tables["coverage"]
    table = table.assign(reachable=table["nominal"] < 0.9)
    made = coverage_table(Results(name="x", tables={"coverage": table}))
    finite, infinite = made.shown.iloc[:, -2], made.shown.iloc[:, -1]
    assert set(infinite) == {"∞"} and "∞" not in set(finite)
    assert "∞: the 90\xa0% interval" in made.caption and "needs 19 sites" in made.caption
    assert "∞" not in coverage_table(tiny.results).caption


def test_offsets_stand_beside_the_coverage_of_their_level(tiny):
    made = intervals_table(tiny.results, "fine")
    rows = made.shown[made.shown["flux"] == "NEE"]
    bare = tiny.results.tables["coverage"]
    chosen = bare[
        (bare["flux"] == "nee") & (bare["model_set"] == "fine") & (bare["nominal"] == 0.9)
    ]
    expected = 100 * chosen[chosen["grouping"] == "all"]["coverage"].iloc[0]
    assert rows.iloc[0, -1].startswith(f"{expected:.0f} (")
    assert {"all", "DJF", "boreal JJA"} <= set(rows["stratum"])
    assert "10 sites" in made.caption


def test_unreachable_levels_are_infinite_and_named(tiny):
    table = tiny.results.tables["intervals"].assign(
        reachable=False, lower=-np.inf, upper=np.inf, message="all: 3 sites, 19 needed"
    )  # fmt: skip
    results = Results(name="x", tables={**tiny.results.tables, "intervals": table})
    made = intervals_table(results, "fine")
    assert set(made.shown["lower"]) == {"−∞"}
    assert made.caption.endswith("all: 3 sites, 19 needed.")


def test_the_spread_comes_with_its_error_and_says_what_is_mapped(tiny):
    table = ensemble_table(tiny.results).shown
    assert table["resampled"].tolist()[:2] == ["rows, as mapped", "sites"]
    assert table["SD of the annual mean, map"].iloc[0].replace("\xa0", " ") == "2.00 ± 0.70"


def test_sites_are_alone_where_sites_are_drawn(tiny):
    table = ensemble_table(tiny.results).shown
    assert table["sites alone in their stratum"].tolist()[:2] == ["—", "1"]


def test_what_is_cut_off_at_zero_is_below_noise(tiny):
    table = tiny.results.tables["ensemble"].assign(sd_corrected=0.0)
    made = ensemble_table(Results(name="x", tables={"ensemble": table}))
    assert set(made.shown["the same for endless trees"]) == {"below noise"}
    assert "Below noise: " in made.caption
