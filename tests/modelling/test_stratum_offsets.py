"""Strata with too few sites borrow residuals; brought to their size, these still cover."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.modelling.strata import scored_rows
from abz.modelling.stratum_offsets import SCALED, SPREAD_SITES, ScaledPool, StratumOffsets

SIZE = {1: 1.0, 4: 4.0, 7: 20.0, 10: 6.0}
"""Size of the residuals by month, as different as winter and summer are."""


def site_months(sites, months, rng, *, name="s"):
    """Up to eight rows of each site in each of the months: an effect of the site, and noise."""
    site = np.repeat(np.arange(sites), 8 * len(months))
    month = np.tile(np.repeat(months, 8), sites)
    kept = rng.random(site.size) < rng.uniform(0.1, 1, sites)[site]
    site, month = site[kept], month[kept]
    size = np.array([SIZE[number] for number in month])
    residual = size * (rng.normal(size=sites)[site] + rng.normal(size=site.size))
    names = np.char.add(name, site.astype(str))
    return pd.DataFrame(
        {"site": names, "month": month, "biome": "tundra", "predicted": 0.0, "observed": residual}
    )


def offsets_of(table, strata=("season",), form="asymmetric", minimum_sites=20):
    return StratumOffsets(scored_rows(table, strata)[0], form, minimum_sites)


@pytest.mark.parametrize(("month", "season"), [(1, "DJF"), (7, "JJA")])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_a_season_of_few_sites_covers_those_to_come_at_the_nominal_level(month, season, level):
    """Sixteen of forty sites measured the season; offsets of all rows miss it on either side."""
    inside, naive, widths = [], [], []
    for run in range(40):
        rng = np.random.default_rng([run, month])
        others = [m for m in SIZE if m != month]
        known = pd.concat(
            [site_months(16, list(SIZE), rng), site_months(24, others, rng, name="t")]
        )
        future = site_months(60, [month], rng, name="u")
        offsets = offsets_of(known)
        low, high, source = offsets.of(season, level)
        assert source == SCALED
        own, site = future["observed"], future["site"]
        inside.append(own.between(low, high).groupby(site).mean().mean())
        all_low, all_high, _ = offsets.of("all", level)
        naive.append(own.between(all_low, all_high).groupby(site).mean().mean())
        widths.append((high - low) / SIZE[month])
    assert level - 0.02 < np.mean(inside) < level + 0.06
    wrong = np.mean(naive)
    assert wrong > 0.99 if season == "DJF" and level > 0.5 else abs(wrong - level) > 0.1
    ideal = 2 * np.sqrt(2) * {0.5: 0.674, 0.8: 1.282, 0.9: 1.645}[level]
    assert 0.9 < np.mean(widths) / ideal < 1.4


def test_a_label_goes_from_itself_over_its_season_to_all():
    rng = np.random.default_rng(0)
    table = pd.concat([site_months(16, list(SIZE), rng), site_months(24, [4, 7], rng, name="t")])
    table["biome"] = np.where(table["site"] < "s2", "boreal", "tundra")
    offsets = offsets_of(table, ("biome", "season"))
    sources = {name: offsets.of(name, 0.8)[2] for name in offsets.tails}
    assert sources["tundra MAM"] == "tundra MAM"
    assert sources["boreal MAM"] == "MAM"
    assert sources["tundra DJF"] == sources["DJF"] == sources["SON"] == SCALED
    assert offsets.of("tundra DJF", 0.8)[:2] == offsets.of("DJF", 0.8)[:2]
    assert offsets.of("DJF", 0.8)[1] < offsets.of("SON", 0.8)[1] < offsets.of("JJA", 0.8)[1]


def test_a_spread_needs_five_sites_and_the_pool_as_many_as_the_level():
    rng = np.random.default_rng(1)
    busy = site_months(30, [7], rng, name="t")
    for sites, source in ((SPREAD_SITES, SCALED), (SPREAD_SITES - 1, "all")):
        table = pd.concat([site_months(sites, [1], rng), busy])
        assert offsets_of(table).of("DJF", 0.8)[2] == source
    few = pd.concat([site_months(6, [1], rng), site_months(8, [7], rng)])
    assert offsets_of(few).of("DJF", 0.9) == (-np.inf, np.inf, "all")


def test_a_season_without_error_has_no_size():
    rng = np.random.default_rng(2)
    table = pd.concat([site_months(10, [1], rng), site_months(30, [7], rng)])
    perfect = table.assign(observed=table["observed"].where(table["month"] != 1, 0.0))
    assert offsets_of(perfect).of("DJF", 0.8)[2] == "all"
    assert offsets_of(table).of("DJF", 0.8)[2] == SCALED


def naive_scaled(table, level):
    """The same sites, one after the other, with nothing shared between them."""
    size = table["score"].abs().groupby([table["stratum"], table["site"]]).mean()
    scaled = []
    for _, row in table.iterrows():
        own = size[row["stratum"]]
        scaled.append(row["score"] / own.drop(row["site"]).mean())
    table = table.assign(scaled=scaled)
    weight = 1 / table.groupby("site")["site"].transform("size")
    order = np.argsort(table["scaled"].abs().to_numpy())
    sums = np.cumsum(weight.to_numpy()[order])
    place = np.searchsorted(sums, level * (table["site"].nunique() + 1) - 1e-9)
    quantile = table["scaled"].abs().to_numpy()[order][place]
    return {name: quantile * size[name].mean() for name in table["stratum"].unique()}


def test_scaled_offsets_are_those_of_the_definition():
    table = scored_rows(site_months(24, list(SIZE), np.random.default_rng(3)), ["season"])[0]
    columns = (table[name].to_numpy(dtype=str) for name in ("site", "stratum"))
    pool = ScaledPool(table["score"].to_numpy(), *columns, "symmetric")
    for season, expected in naive_scaled(table, 0.8).items():
        assert pool.offsets(season, 0.8) == pytest.approx((-expected, expected))


@given(st.integers(0, 999), st.sampled_from(["symmetric", "asymmetric"]), st.integers(0, 15))
def test_leaving_a_site_out_equals_never_having_had_it(seed, form, left):
    rng = np.random.default_rng(seed)
    table = pd.concat([site_months(16, list(SIZE), rng), site_months(9, [4, 7], rng, name="t")])
    table["biome"] = np.where(table["site"].str.endswith("1"), "boreal", "tundra")
    strata = ("biome", "season")
    found, site = offsets_of(table, strata, form), f"s{left}"
    anew = offsets_of(table[table["site"] != site], strata, form)
    for name in found.tails:
        known = name if name in anew.tails else found.wider[name]
        ours, theirs = found.of(name, 0.7, without=site), anew.of(known, 0.7)
        assert ours[:2] == pytest.approx(theirs[:2], rel=1e-12)
        assert ours[2] == theirs[2]


@given(st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(seed, random):
    rng = np.random.default_rng(seed)
    table = pd.concat([site_months(12, list(SIZE), rng), site_months(12, [7], rng, name="t")])
    order = list(range(len(table)))
    random.shuffle(order)
    one, two = offsets_of(table), offsets_of(table.iloc[order])
    assert [one.of(name, 0.8) for name in one.tails] == [two.of(name, 0.8) for name in one.tails]


@given(st.floats(0.01, 100))
def test_a_season_s_offsets_grow_with_its_residuals(factor):
    table = pd.concat(
        [site_months(12, list(SIZE), np.random.default_rng(s), name=f"{s}") for s in range(2)]
    )
    table = table[(table["month"] != 1) | table["site"].str.startswith("0")]
    winter = table["month"] == 1
    grown = table.assign(observed=table["observed"] * np.where(winter, factor, 1))
    before, after = offsets_of(table).of("DJF", 0.8), offsets_of(grown).of("DJF", 0.8)
    assert after[2] == SCALED
    assert np.allclose(after[:2], factor * np.array(before[:2]))
    assert offsets_of(grown).of("JJA", 0.8) == offsets_of(table).of("JJA", 0.8)


@pytest.mark.parametrize("flux", ["NEE", "GPP", "Reco"])
def test_real_winters_of_few_sites_are_covered_by_intervals_half_as_wide(real_data, flux):
    """Held-out residuals of the authors' own model: sixteen sites calibrate, the others test."""
    rows = pd.read_parquet(real_data / "flux_training" / f"train_{flux}_1km.parquet")
    rows = pd.DataFrame(
        {"site": rows["site_uid"], "month": rows["month"], "observed": rows["outcome_gC_m2_month"],
         "predicted": rows["svm_pred_loso"]}
    ).dropna()  # fmt: skip
    winter = rows["month"].isin([12, 1, 2])
    residual, inside, width = rows["observed"] - rows["predicted"], [], []
    for run in range(12):
        sites = np.random.default_rng(run).permutation(rows.loc[winter, "site"].unique())
        known = rows["site"].isin(sites[:16]) | (rows["site"].isin(sites[16:30]) & ~winter)
        offsets = offsets_of(rows[known])
        low, high, source = offsets.of("DJF", 0.9)
        assert source == SCALED
        future = winter & rows["site"].isin(sites[30:])
        covered = residual[future].between(low, high)
        inside.append(covered.groupby(rows.loc[future, "site"]).mean().mean())
        width.append((high - low) / np.diff(offsets.of("all", 0.9)[:2])[0])
    assert 0.9 < np.mean(inside) < 0.98
    assert np.median(width) < 0.6
