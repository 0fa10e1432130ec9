import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from abz.errors import InputError
from abz.modelling.coverage import coverage_table, share_interval
from abz.modelling.intervals import calibrate
from abz.modelling.strata import label_strata


def held_out(sites, seed=0):
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), rng.integers(1, 20, sites))
    return pd.DataFrame(
        {
            "site": np.char.add("S", site.astype(str)),
            "biome": np.where(site % 4 == 0, "tundra", "boreal"),
            "month": rng.integers(1, 13, site.size),
            "predicted": 0.0,
            "observed": rng.normal(size=sites)[site] + rng.normal(size=site.size),
            "sd": rng.uniform(1, 2, site.size),
        }
    )


def naive_coverage(table, level, **options):
    """Calibrate on all sites but one, test on that one."""
    shares, widths = [], []
    for site in sorted(set(table["site"])):
        test = table["site"] == site
        found = calibrate(table[~test], level, **options)
        biome = table.loc[test, "biome"]
        scale = table.loc[test, "sd"] if found.scale else None
        low = found.lower(table.loc[test, "predicted"], biome, scale=scale)
        high = found.upper(table.loc[test, "predicted"], biome, scale=scale)
        observed = table.loc[test, "observed"]
        shares.append(((low <= observed) & (observed <= high)).mean())
        widths.append((high - low).mean())
    return np.mean(shares), np.mean(widths)


@pytest.mark.parametrize("form", ["symmetric", "asymmetric"])
@pytest.mark.parametrize("scale", [None, "sd"])
def test_equals_calibrating_anew_for_every_site(form, scale):
    table = held_out(30)
    options = {"strata": ("biome",), "form": form, "scale": scale, "minimum_sites": 7}
    found = coverage_table(table, (0.5, 0.8), **options)
    for level in (0.5, 0.8):
        share, width = naive_coverage(table, level, **options)
        row = found[(found["nominal"] == level) & (found["grouping"] == "all")].iloc[0]
        assert row["coverage"] == pytest.approx(share, abs=1e-12)
        assert row["mean_width"] == pytest.approx(width)


@pytest.mark.parametrize("minimum_sites", [12, 30, 33])
def test_combinations_fall_back_on_their_season_as_intervals_do(minimum_sites):
    table = held_out(40)
    table["observed"] *= np.where(table["month"].isin([6, 7, 8]), 10, 1)
    options = {"strata": ("biome", "season"), "minimum_sites": minimum_sites}
    found = coverage_table(table, (0.8,), **options).iloc[0]
    shares, widths = [], []
    for site in sorted(set(table["site"])):
        test = table["site"] == site
        intervals = calibrate(table[~test], 0.8, **options)
        labels = label_strata(table[test], ("biome", "season"))
        low, high = intervals.lower(np.zeros(test.sum()), labels), intervals.upper(0, labels)
        observed = table.loc[test, "observed"]
        shares.append(((low <= observed) & (observed <= high)).mean())
        widths.append((high - low).mean())
    assert found["coverage"] == pytest.approx(np.mean(shares), abs=1e-12)
    assert found["mean_width"] == pytest.approx(np.mean(widths))


def test_widened_rows_have_wider_intervals_and_a_group_of_their_own():
    table = held_out(50)
    table["area"] = np.where(table["month"] > 6, "outside", "inside")
    table["factor"] = np.where(table["area"] == "outside", 3.0, 0.2)
    plain = coverage_table(table, (0.5,), (), groups=["area"])
    wide = coverage_table(table, (0.5,), (), widening="factor", groups=["area"])
    plain, wide = (t[t["grouping"] == "area"].set_index("stratum") for t in (plain, wide))
    assert wide.loc["inside", "coverage"] == plain.loc["inside", "coverage"]
    assert wide.loc["inside", "mean_width"] == plain.loc["inside", "mean_width"]
    assert wide.loc["outside", "mean_width"] == pytest.approx(
        3 * plain.loc["outside", "mean_width"]
    )
    assert wide.loc["outside", "coverage"] > plain.loc["outside", "coverage"]


def test_exchangeable_sites_are_covered_at_the_nominal_level():
    found = pd.concat(
        coverage_table(held_out(80, seed), (0.5, 0.8, 0.9), strata=()) for seed in range(20)
    )
    gap = found.groupby("nominal")["coverage"].mean()
    assert (gap - gap.index > -0.02).all()
    assert (gap - gap.index < 0.03).all()


def test_groups_hold_the_rows_of_their_labels():
    table = held_out(60)
    table.loc[table["site"] == "S1", "biome"] = None
    found = coverage_table(table, (0.5,)).set_index(["grouping", "stratum"])
    assert found.loc[("all", "all"), "sites"] == 60
    assert found.loc[("all", "all"), "rows"] == len(table)
    assert found.loc["biome", "sites"].to_dict() == {"boreal": 44, "tundra": 15}
    assert found.loc["biome × season", "rows"].sum() == (table["site"] != "S1").sum()
    assert set(found.loc["season"].index) == {"DJF", "MAM", "JJA", "SON"}


def test_one_pair_of_offsets_fails_where_errors_differ():
    table = held_out(200)
    table.loc[table["biome"] == "tundra", "observed"] *= 5
    by_stratum = coverage_table(table, (0.8,), strata=("biome",))
    pooled = coverage_table(table, (0.8,), strata=("biome",), by_stratum=False)
    tundra = [t.set_index("stratum").loc["tundra"] for t in (by_stratum, pooled)]
    assert tundra[0]["coverage"] > 0.75 > 0.6 > tundra[1]["coverage"]
    assert (tundra[0]["pooled_share"], tundra[1]["pooled_share"]) == (0, 1)


def test_too_few_sites_are_told():
    found = coverage_table(held_out(12), (0.5, 0.95), strata=())
    assert found["reachable"].tolist() == [True, False]
    assert found["mean_width"].iloc[1] == np.inf


def test_order_of_rows_does_not_matter():
    table = held_out(50)
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        coverage_table(table), coverage_table(shuffled), check_exact=False, rtol=1e-12
    )


def test_options_are_checked():
    with pytest.raises(InputError, match="form is unknown"):
        coverage_table(held_out(20), form="both")
    with pytest.raises(InputError, match="nominal"):
        coverage_table(held_out(20), (1.0,))


@pytest.mark.parametrize(("share", "trials"), [(0.0, 10), (0.3, 7), (0.9, 151), (1.0, 4)])
def test_interval_of_a_share_equals_statsmodels(share, trials):
    expected = proportion_confint(share * trials, trials, method="wilson")
    assert np.allclose(share_interval(share, trials), expected, atol=1e-12)


@pytest.mark.parametrize(("minimum", "shared"), [(7, 0.0), (8, 1.0)])
def test_a_stratum_needs_its_sites_without_the_one_that_is_tested(minimum, shared):
    """Eight sites of tundra: seven calibrate the intervals of the eighth."""
    found = coverage_table(held_out(30), (0.5,), strata=("biome",), minimum_sites=minimum)
    assert found.set_index("stratum").loc["tundra", "sites"] == 8
    assert found.set_index("stratum").loc["tundra", "pooled_share"] == shared
